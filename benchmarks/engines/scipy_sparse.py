"""People as rows of a sparse matrix, a vacancy as a vector over units, one product by SciPy."""

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.engines.engine import Needs, Problem, Setting, best_rows, greatest, wanted
from benchmarks.engines.mask import eligible
from benchmarks.engines.vectors import concept_weights
from benchmarks.memory import bytes_of
from matcher.evidence import STRENGTH_SCALE
from matcher.ranking import Query


class ScipySparse:
    """The score's maximum becomes a sum: the nearest that one matrix product comes to it."""

    name = "scipy-sparse"
    package = "scipy"
    needs_vectors = False
    build_words = "csr_matrix float32, people x units"
    settings = (
        Setting("sum", "sparse product, then the mask"),
        Setting("re-ranked", "the best 500 of the sparse product in exact order", 500),
    )

    @staticmethod
    def needs(people: int, dim: int) -> Needs:
        return Needs(bytes=120 * people, build_seconds=1e-6 * people, search_seconds=40e-9 * people)

    def build(self, problem: Problem) -> None:
        self._problem = problem
        people = problem.people
        strengths = people.strengths.astype(np.float32) / STRENGTH_SCALE
        shape = (len(people), people.concept_count)
        self._matrix = csr_matrix((strengths, people.concepts, people.starts), shape=shape)

    def search(self, query: Query, k: int, setting: Setting) -> np.ndarray:
        problem = self._problem
        scores = self._matrix @ concept_weights(query, problem.people.concept_count)
        scores *= eligible(problem.people.circumstances, query.conditions, problem.places)
        scored = np.flatnonzero(scores)
        rows = scored[greatest(scores[scored], wanted(k, setting))]
        return best_rows(problem, query, rows, k, setting)

    def bytes_held(self) -> int:
        return bytes_of(self._matrix) + bytes_of(self._problem.people.circumstances)

    def close(self) -> None:
        del self._matrix
