"""Titian itself: exact, every filter on, with the terms of every score."""

import numpy as np

from benchmarks import population
from benchmarks.engines.engine import Needs, Problem, Setting
from benchmarks.memory import bytes_of
from matcher.ranking import Query, rank_people


class Titian:
    """The whole of `rank_people`: filters, exact top k, and why each person stands there."""

    name = "titian"
    package = "matcher"
    needs_vectors = False
    build_words = "PeopleIndex from the drawn arrays"
    settings = (Setting("exact", "rank_people, with the terms of every score"),)

    @staticmethod
    def needs(people: int, dim: int) -> Needs:
        return Needs(
            bytes=400 * people, build_seconds=10e-6 * people, search_seconds=20e-9 * people
        )

    def build(self, problem: Problem) -> None:
        self._problem = problem
        self._index = problem.people.index()

    def search(self, query: Query, k: int, setting: Setting) -> np.ndarray:
        ranked = rank_people(self._index, query, self._problem.places, population.TODAY, k)
        return np.array([entry.id for entry in ranked], dtype=np.int64)

    def bytes_held(self) -> int:
        return bytes_of(self._index)

    def close(self) -> None:
        del self._index
