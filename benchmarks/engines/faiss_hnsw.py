"""faiss, a graph over half-precision vectors, with its own selector as the filter."""

import os

import numpy as np
from tqdm import tqdm

from benchmarks.engines.engine import Needs, Problem, Setting, best_rows, wanted
from benchmarks.engines.mask import eligible
from benchmarks.memory import bytes_of
from matcher.ranking import Query

LINKS = 32
EF_CONSTRUCTION = 200
EF = 256
EF_FOR_FILTER = 2  # times the people wanted, over the share that passes
MOST_EF = 20_000
BLOCK = 10_000  # vectors added between two steps of the progress bar


class FaissHnsw:
    """IndexHNSWSQ, fp16, cosine."""

    name = "faiss-hnsw"
    package = "faiss"
    needs_vectors = True
    build_words = f"IndexHNSWSQ QT_fp16 by cosine, M {LINKS}, efConstruction {EF_CONSTRUCTION}"
    settings = (
        Setting("ef fixed", f"efSearch {EF}, IDSelectorBitmap"),
        Setting(
            "ef by filter",
            f"efSearch {EF_FOR_FILTER} x people wanted / share that passes, {EF} to {MOST_EF:,}",
        ),
        Setting("re-ranked", "ef by filter, the best 500 in exact order", 500),
    )

    @staticmethod
    def needs(people: int, dim: int) -> Needs:
        return Needs(
            bytes=(2 * dim + 8 * LINKS + 60) * people,
            build_seconds=600e-6 * people,
            search_seconds=0.1,
        )

    def build(self, problem: Problem) -> None:
        import faiss

        self._problem = problem
        self._vectors = problem.vectors.normalised()
        faiss.omp_set_num_threads(os.cpu_count() or 1)
        self._index = faiss.IndexHNSWSQ(
            self._vectors.dim,
            faiss.ScalarQuantizer.QT_fp16,
            LINKS,
            faiss.METRIC_INNER_PRODUCT,
        )
        self._index.hnsw.efConstruction = EF_CONSTRUCTION
        with tqdm(
            total=len(problem.people), desc=self.name, disable=not problem.show_progress
        ) as bar:
            for block in self._vectors.blocks(problem.people):
                if not self._index.is_trained:
                    self._index.train(block)
                for start in range(0, len(block), BLOCK):
                    part = block[start : start + BLOCK]
                    self._index.add(part)
                    bar.update(len(part))
        faiss.omp_set_num_threads(1)  # as in faiss_flat

    def search(self, query: Query, k: int, setting: Setting) -> np.ndarray:
        import faiss

        problem = self._problem
        vector = self._vectors.of_query(query)[None]
        allowed = eligible(problem.people.circumstances, query.conditions, problem.places)
        count = wanted(k, setting)
        ef = max(EF, count)
        if setting.name != "ef fixed":
            share = max(float(allowed.mean()), 1e-6)
            ef = min(max(ef, int(EF_FOR_FILTER * count / share)), MOST_EF)
        passing = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        options = faiss.SearchParametersHNSW(sel=passing, efSearch=ef)
        rows = self._index.search(vector, count, params=options)[1][0]
        return best_rows(problem, query, rows[rows >= 0], k, setting)

    def bytes_held(self) -> int:
        import faiss

        codes = faiss.downcast_index(self._index.storage)
        graph = self._index.hnsw
        links = 4 * graph.neighbors.size() + 8 * graph.offsets.size() + 4 * graph.levels.size()
        vectors = codes.ntotal * codes.sa_code_size()
        return vectors + links + bytes_of(self._problem.people.circumstances)

    def close(self) -> None:
        del self._index
