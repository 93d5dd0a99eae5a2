"""usearch: a graph over half-precision vectors. Its Python index takes no filter, so more is
fetched than is wanted and the mask is laid over it."""

import numpy as np
from tqdm import tqdm

from benchmarks.engines.engine import Needs, Problem, Setting, best_rows, wanted
from benchmarks.engines.mask import eligible
from benchmarks.memory import bytes_of
from matcher.ranking import Query

LINKS = 32
EXPANSION_ADD = 200
EXPANSION_SEARCH = 256
SPARE = 1.5  # times the people wanted, over the share that passes
MOST_SHARE = 1 / 4  # of all people fetched for one vacancy
BLOCK = 10_000


class UsearchHnsw:
    """usearch.index.Index, f16, cosine."""

    name = "usearch"
    package = "usearch"
    needs_vectors = True
    build_words = f"Index f16 by cosine, connectivity {LINKS}, expansion_add {EXPANSION_ADD}"
    settings = (
        Setting(
            "over-fetch",
            f"{SPARE} x people wanted / share that passes, doubled until enough pass or "
            f"{MOST_SHARE:.0%} of all people are fetched; expansion_search {EXPANSION_SEARCH} "
            "or what is fetched",
        ),
        Setting("re-ranked", "the same for the best 500, in exact order", 500),
    )

    @staticmethod
    def needs(people: int, dim: int) -> Needs:
        return Needs(
            bytes=(2.2 * dim + 12 * LINKS + 60) * people,
            build_seconds=900e-6 * people,
            search_seconds=0.2,
        )

    def build(self, problem: Problem) -> None:
        from usearch.index import Index

        self._problem = problem
        self._vectors = problem.vectors.normalised()
        self._index = Index(
            ndim=self._vectors.dim,
            metric="ip",
            dtype="f16",
            connectivity=LINKS,
            expansion_add=EXPANSION_ADD,
            expansion_search=EXPANSION_SEARCH,
        )
        row = 0
        with tqdm(
            total=len(problem.people), desc=self.name, disable=not problem.show_progress
        ) as bar:
            for block in self._vectors.blocks(problem.people):
                for start in range(0, len(block), BLOCK):
                    part = block[start : start + BLOCK]
                    self._index.add(np.arange(row, row + len(part), dtype=np.uint64), part)
                    row += len(part)
                    bar.update(len(part))

    def search(self, query: Query, k: int, setting: Setting) -> np.ndarray:
        problem = self._problem
        vector = self._vectors.of_query(query)
        allowed = eligible(problem.people.circumstances, query.conditions, problem.places)
        count = wanted(k, setting)
        share = max(float(allowed.mean()), 1e-6)
        most = max(count, int(MOST_SHARE * len(allowed)))
        fetched = min(max(count, int(SPARE * count / share)), most)
        while True:
            self._index.expansion_search = max(EXPANSION_SEARCH, fetched)
            rows = self._index.search(vector, fetched).keys.astype(np.int64)
            rows = rows[allowed[rows]]
            if len(rows) >= count or fetched >= most:
                return best_rows(problem, query, rows[:count], k, setting)
            fetched = min(2 * fetched, most)

    def bytes_held(self) -> int:
        return self._index.memory_usage + bytes_of(self._problem.people.circumstances)

    def close(self) -> None:
        self._index.reset()
