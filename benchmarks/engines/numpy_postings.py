"""Posting lists walked by plain NumPy: exact, and without explanations."""

import numpy as np

from benchmarks.engines.engine import Needs, Problem, Setting, best_rows, greatest
from benchmarks.engines.exact import PostingLists
from benchmarks.engines.mask import eligible
from benchmarks.memory import bytes_of
from matcher.ranking import Query


class NumpyPostings:
    """What a person would write who knows the score's definition."""

    name = "numpy-postings"
    package = "numpy"
    needs_vectors = False
    build_words = "evidence sorted by unit"
    settings = (Setting("exact", "one NumPy call for each unit of a requirement, then the mask"),)

    @staticmethod
    def needs(people: int, dim: int) -> Needs:
        return Needs(bytes=230 * people, build_seconds=2e-6 * people, search_seconds=60e-9 * people)

    def build(self, problem: Problem) -> None:
        self._problem = problem
        self._lists = PostingLists(problem.people)

    def search(self, query: Query, k: int, setting: Setting) -> np.ndarray:
        problem = self._problem
        total = self._lists.totals(query)
        total *= eligible(problem.people.circumstances, query.conditions, problem.places)
        scored = np.flatnonzero(total)
        rows = scored[greatest(total[scored], k)]
        return best_rows(problem, query, rows, k, setting)

    def bytes_held(self) -> int:
        return self._lists.nbytes + bytes_of(self._problem.people.circumstances)

    def close(self) -> None:
        del self._lists
