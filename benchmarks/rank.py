"""How long an exact ranking with explanations takes."""

import statistics
import time
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from benchmarks import population
from matcher.ranking import PeopleIndex, rank_people
from seed_data.taxonomy_files import read_taxonomy

WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """Times in ms; build in s; size in MB."""

    people: int
    postings: int
    queries: int
    p50: float
    p95: float
    p99: float
    build: float
    megabytes: float
    touched: int  # median people with a score above 0
    found: int  # median people in the answer


def measure(people: int, queries: int, k: int, seed: int) -> Figures:
    """Rank `queries` synthetic vacancies, all filters on, exact top k with terms."""
    taxonomy = read_taxonomy()
    places = population.geography()
    started = time.perf_counter()
    index = population.people(taxonomy, places, people, seed)
    build = time.perf_counter() - started
    wanted = population.queries(taxonomy, places, queries + WARM_UP, seed + 1)
    times, found = [], []
    for number, query in enumerate(tqdm(wanted, desc="Ranking", leave=False)):
        began = time.perf_counter()
        ranked = rank_people(index, query, places, population.TODAY, k)
        took = 1000 * (time.perf_counter() - began)
        if number >= WARM_UP:
            times.append(took)
            found.append(len(ranked))
    p50, p95, p99 = (float(value) for value in np.percentile(times, [50, 95, 99]))
    return Figures(
        people=people,
        postings=len(index.rows),
        queries=queries,
        p50=p50,
        p95=p95,
        p99=p99,
        build=build,
        megabytes=_size(index) / 1e6,
        touched=int(statistics.median(_touched(index, wanted[:20]))),
        found=int(statistics.median(found)),
    )


def _touched(index: PeopleIndex, queries: list) -> list[int]:
    from matcher.ranking import totals

    return [int((totals(index, query) > 0).sum()) for query in queries]


def _size(index: PeopleIndex) -> int:
    arrays = [value for value in vars(index).values() if isinstance(value, np.ndarray)]
    columns = [getattr(index.circumstances, name) for name in index.circumstances.__slots__]
    return sum(array.nbytes for array in [*arrays, *columns])
