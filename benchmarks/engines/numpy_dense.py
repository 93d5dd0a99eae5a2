"""A matrix of people's vectors and one product by NumPy: no index at all."""

import numpy as np
from threadpoolctl import ThreadpoolController

from benchmarks.engines.engine import Needs, Problem, Setting, best_rows, greatest, wanted
from benchmarks.engines.mask import eligible
from benchmarks.memory import bytes_of
from matcher.ranking import Query

FEW = 1 / 20  # below this share of people, copying their rows out is cheaper than the whole product


class NumpyDense:
    """float32 vectors, scanned whole or, where few people pass, only theirs."""

    name = "numpy-dense"
    package = "numpy"
    needs_vectors = True
    build_words = "float32 matrix, people x dimensions"
    settings = (
        Setting("1 thread", f"mask first; only the rows that pass where under {FEW:.0%} do"),
        Setting("all threads", "the same with every thread of OpenBLAS"),
        Setting("re-ranked", "1 thread, the best 500 in exact order", 500),
    )

    @staticmethod
    def needs(people: int, dim: int) -> Needs:
        return Needs(
            bytes=(4 * dim + 60) * people,
            build_seconds=8e-6 * people,
            search_seconds=0.4e-9 * dim * people,
        )

    def build(self, problem: Problem) -> None:
        self._problem = problem
        self._threads = ThreadpoolController()
        self._matrix = np.empty((len(problem.people), problem.vectors.dim), dtype=np.float32)
        start = 0
        for block in problem.vectors.blocks(problem.people):
            self._matrix[start : start + len(block)] = block
            start += len(block)

    def search(self, query: Query, k: int, setting: Setting) -> np.ndarray:
        problem = self._problem
        vector = problem.vectors.of_query(query)
        allowed = eligible(problem.people.circumstances, query.conditions, problem.places)
        passing = np.flatnonzero(allowed)
        with self._threads.limit(limits=None if setting.name == "all threads" else 1):
            if len(passing) < FEW * len(allowed):
                scores = self._matrix[passing] @ vector
            else:
                scores = (self._matrix @ vector)[passing]
        rows = passing[greatest(scores, wanted(k, setting))]
        return best_rows(problem, query, rows, k, setting)

    def bytes_held(self) -> int:
        return self._matrix.nbytes + bytes_of(self._problem.people.circumstances)

    def close(self) -> None:
        del self._matrix
