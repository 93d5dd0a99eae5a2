"""How often candidates of another engine, ranked again, give the exact ranking; and how fast."""

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import population
from matcher.affinity import sparse
from matcher.eligibility import Conditions
from matcher.geography import Geography
from matcher.people_index import PeopleIndex
from matcher.ranking import Query, Ranked, rank_people
from matcher.retrieval import AT_MOST, Answer, Encoding, Mark, groups_of, rank_candidates
from seed_data.taxonomy_files import read_taxonomy

WARM_UP = 3


@dataclass(frozen=True, slots=True)
class Round:
    """Shares of queries in [0, 1] and times in ms for one number of candidates.

    people: the same people in the same order; totals: the same totals, whoever of equals is shown;
    proved: the engine's own bound proves it.
    """

    at_most: int
    people: float
    totals: float
    proved: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Times in ms; load in s. asked_again: the ranking that asks for more until it is proved."""

    engine: str
    people: int
    stored: int
    queries: int
    found: int  # median people in the answer
    eligible: int  # median people eligible with a score above 0, of the first queries
    load: float
    exact_p50: float
    exact_p95: float
    rounds: tuple[Round, ...]
    asked_again: Round


def measure(
    people: int,
    queries: int,
    k: int,
    at_most: tuple[int, ...],
    seed: int,
    uri: str = "",
    token: str = "",
) -> Figures:
    """Rank synthetic vacancies in this process and through Milvus (empty uri: Milvus Lite in a
    folder that is deleted afterwards), every filter on. Raises RetrievalError."""
    taxonomy = read_taxonomy()
    places = population.geography()
    index = population.people(taxonomy, places, people, seed)
    wanted = vacancies(
        population.queries(taxonomy, places, queries + WARM_UP, seed + 1),
        len(taxonomy.concepts),
        places,
        seed + 2,
    )
    with tempfile.TemporaryDirectory() as folder:
        return _measure(
            index, wanted, k, at_most, places, groups_of(taxonomy), uri, token, Path(folder)
        )


def vacancies(queries: list[Query], concepts: int, places: Geography, seed: int) -> list[Query]:
    """The queries with what makes retrieval harder: every second one has a dozen scattered units
    more in each requirement, as likeness of words gives them; of every ten, two know only their
    province and one is for the whole country."""
    random = np.random.default_rng(seed)
    found = []
    for number, query in enumerate(queries):
        if number % 2:
            query = replace(
                query,
                requirements=tuple(
                    replace(
                        requirement,
                        affinity=sparse(
                            dict(
                                zip(
                                    random.integers(concepts, size=12).tolist(),
                                    random.integers(200, 700, size=12).tolist(),
                                    strict=True,
                                )
                            )
                            | dict(
                                zip(
                                    requirement.affinity.concepts.tolist(),
                                    requirement.affinity.values.tolist(),
                                    strict=True,
                                )
                            )
                        ),
                    )
                    for requirement in query.requirements
                ),
            )
        if number % 10 in (3, 4):
            province = int(places.province_of[query.conditions.region])
            query = replace(
                query, conditions=replace(query.conditions, region=-1, province=province)
            )
        elif number % 10 == 7:
            query = replace(query, conditions=Conditions(start_day=query.conditions.start_day))
        found.append(query)
    return found


def _measure(
    index: PeopleIndex,
    wanted: list[Query],
    k: int,
    at_most: tuple[int, ...],
    places: Geography,
    groups: np.ndarray,
    uri: str,
    token: str,
    folder: Path,
) -> Figures:
    from matcher.milvus import MilvusPeople

    engine = MilvusPeople(
        uri or str(folder / "people.db"),
        Encoding(groups),
        places,
        token=token,
        collection="titian_bench",
        timeout=60,
    )
    try:
        began = time.perf_counter()
        engine.upsert(index)
        engine.set_mark(Mark(0, population.TODAY, "bench"))
        load = time.perf_counter() - began
        exact, exact_times = _timed(
            wanted,
            "Exact",
            lambda query: rank_people(index, query, places, population.TODAY, k),
        )

        def one_round(size: int, rounds: int) -> Round:
            answers, times = _timed(
                wanted,
                f"At most {size}",
                lambda query: rank_candidates(
                    engine, query, places, population.TODAY, k, size, rounds=rounds
                ),
            )
            return _round(size, answers, exact, times)

        return Figures(
            engine="Milvus" if uri else "Milvus Lite",
            people=len(index),
            stored=len(engine.stored()[0]),
            queries=len(exact),
            found=int(np.median([len(ranked) for ranked in exact])),
            eligible=int(
                np.median(
                    [
                        len(rank_people(index, query, places, population.TODAY, len(index)))
                        for query in wanted[:20]
                    ]
                )
            ),
            load=load,
            exact_p50=float(np.percentile(exact_times, 50)),
            exact_p95=float(np.percentile(exact_times, 95)),
            rounds=tuple(one_round(size, 1) for size in at_most),
            asked_again=one_round(AT_MOST, 8),
        )
    finally:
        engine.drop()
        engine.close()


def _timed(wanted: list[Query], what: str, rank) -> tuple[list, list[float]]:
    """What `rank` gives for every query, and times in ms; the first ones only warm up."""
    found, times = [], []
    for number, query in enumerate(tqdm(wanted, desc=what, leave=False)):
        began = time.perf_counter()
        ranked = rank(query)
        if number >= WARM_UP:
            times.append(1000 * (time.perf_counter() - began))
            found.append(ranked)
    return found, times


def _round(
    size: int, answers: list[Answer], exact: list[list[Ranked]], times: list[float]
) -> Round:
    pairs = list(zip(answers, exact, strict=True))
    for answer, ranked in pairs:
        if answer.proved and answer.ranked != ranked:
            raise AssertionError("an answer called proved is not the exact one")
    return Round(
        at_most=size,
        people=float(np.mean([answer.ranked == ranked for answer, ranked in pairs])),
        totals=float(
            np.mean(
                [
                    [place.total for place in answer.ranked] == [place.total for place in ranked]
                    for answer, ranked in pairs
                ]
            )
        ),
        proved=float(np.mean([answer.proved for answer in answers])),
        p50=float(np.percentile(times, 50)),
        p95=float(np.percentile(times, 95)),
    )
