"""faiss, exact over half-precision vectors, with its own selector as the filter."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.engines.engine import Needs, Problem, Setting, best_rows, wanted
from benchmarks.engines.mask import eligible
from benchmarks.memory import bytes_of
from matcher.ranking import Query


class FaissFlat:
    """IndexScalarQuantizer, fp16, inner product."""

    name = "faiss-flat"
    package = "faiss"
    needs_vectors = True
    build_words = "IndexScalarQuantizer QT_fp16, inner product"
    settings = (
        Setting("1 thread", "IDSelectorBitmap from a NumPy mask"),
        Setting("2 threads", "the same, each thread half of the people by IDSelectorRange"),
        Setting("re-ranked", "2 threads, the best 500 in exact order", 500),
    )

    @staticmethod
    def needs(people: int, dim: int) -> Needs:
        return Needs(
            bytes=(2 * dim + 10) * people,
            build_seconds=9e-6 * people,
            search_seconds=0.2e-9 * dim * people,
        )

    def build(self, problem: Problem) -> None:
        import faiss

        self._problem = problem
        faiss.omp_set_num_threads(os.cpu_count() or 1)
        self._index = faiss.IndexScalarQuantizer(
            problem.vectors.dim,
            faiss.ScalarQuantizer.QT_fp16,
            faiss.METRIC_INNER_PRODUCT,
        )
        for block in problem.vectors.blocks(problem.people):
            if not self._index.is_trained:
                self._index.train(block)
            self._index.add(block)
        # one vacancy gains nothing from faiss's own threads, and those that wait take a core
        faiss.omp_set_num_threads(1)
        self._threads = ThreadPoolExecutor(2, "", faiss.omp_set_num_threads, (1,))

    def search(self, query: Query, k: int, setting: Setting) -> np.ndarray:
        import faiss

        problem = self._problem
        vector = problem.vectors.of_query(query)[None]
        allowed = eligible(problem.people.circumstances, query.conditions, problem.places)
        passing = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        count = wanted(k, setting)

        def part(start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
            within = faiss.IDSelectorRange(start, end)
            chosen = faiss.IDSelectorAnd(within, passing)
            options = faiss.SearchParameters(sel=chosen)
            scores, rows = self._index.search(vector, count, params=options)
            return scores[0], rows[0]

        if setting.name == "1 thread":
            options = faiss.SearchParameters(sel=passing)
            rows = self._index.search(vector, count, params=options)[1][0]
        else:
            middle = len(allowed) // 2
            parts = list(self._threads.map(part, (0, middle), (middle, len(allowed))))
            scores = np.concatenate([entry[0] for entry in parts])
            rows = np.concatenate([entry[1] for entry in parts])
            rows = rows[np.argsort(-scores, kind="stable")]
        return best_rows(problem, query, rows[rows >= 0][:count], k, setting)

    def bytes_held(self) -> int:
        codes = self._index.ntotal * self._index.sa_code_size()
        return codes + bytes_of(self._problem.people.circumstances)

    def close(self) -> None:
        self._threads.shutdown()
        del self._index
