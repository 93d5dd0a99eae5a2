"""The two whole-nation tasks: one person's vacancies, and every vacancy's shortlist."""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from tqdm import tqdm

from benchmarks import population
from benchmarks.memory import bytes_of
from benchmarks.population import Population
from matcher.eligibility import Circumstances, CircumstancesColumns
from matcher.geography import Geography
from matcher.ranking import Query, rank_people
from matcher.taxonomy import Taxonomy
from matcher.vacancy_index import VacancyEntry, VacancyIndex, Wishes, rank_vacancies

WARM_UP = 5
PER_SEEKER = 5  # people drawn for one who is listed and free to begin
CHUNK = 50  # vacancies that a process takes at a time
WAGES = (2_000_000, 8_000_000)  # rupiah a month


@dataclass(frozen=True, slots=True)
class VacanciesFigures:
    """People's vacancies. Times in ms, build in s; requirements: different ones among them all;
    found: median vacancies in an answer."""

    vacancies: int
    requirements: int
    people: int
    k: int
    p50: float
    p95: float
    p99: float
    build: float
    bytes: int
    found: int


def measure_vacancies(
    taxonomy: Taxonomy, vacancies: int, people: int, k: int, seed: int
) -> VacanciesFigures:
    """Rank synthetic vacancies for synthetic people who look for work today and have wishes, every
    filter on, with terms."""
    places = population.geography()
    entries = _entries(taxonomy, places, vacancies, seed + 1)
    began = time.perf_counter()
    index = VacancyIndex(entries, len(taxonomy.concepts))
    build = time.perf_counter() - began
    drawn = population.draw(taxonomy, places, PER_SEEKER * (people + WARM_UP), seed)
    seekers = _seekers(drawn)[: people + WARM_UP]
    random = np.random.default_rng(seed + 2)
    times, found = [], []
    bar = tqdm(seekers.tolist(), desc="Vacancies of a person", leave=False)
    for number, row in enumerate(bar):
        held, circumstances = _person(drawn, row)
        wishes = _wishes(taxonomy, random)
        began = time.perf_counter()
        ranked = rank_vacancies(
            index, held, circumstances, wishes, places, population.TODAY, row, k
        )
        took = 1000 * (time.perf_counter() - began)
        if number >= WARM_UP:
            times.append(took)
            found.append(len(ranked))
    p50, p95, p99 = (float(value) for value in np.percentile(times, [50, 95, 99]))
    return VacanciesFigures(
        vacancies=len(index),
        requirements=len(
            {
                (id(requirement.affinity), requirement.least_level)
                for entry in entries
                for requirement in entry.query.requirements
            }
        ),
        people=people,
        k=k,
        p50=p50,
        p95=p95,
        p99=p99,
        build=build,
        bytes=bytes_of(index),
        found=int(statistics.median(found)),
    )


def _entries(taxonomy: Taxonomy, places: Geography, count: int, seed: int) -> list[VacancyEntry]:
    random = np.random.default_rng(seed)
    wages = random.integers(*WAGES, count)
    trades = random.integers(len(taxonomy.occupations), size=count)
    return [
        VacancyEntry(number + 1, query, int(trade), int(wage))
        for number, (query, trade, wage) in enumerate(
            zip(
                population.queries(taxonomy, places, count, seed, show_progress=True),
                trades,
                wages,
                strict=True,
            )
        )
    ]


def _person(
    people: Population, row: int
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], Circumstances]:
    """What a drawn person holds, and their circumstances."""
    part = slice(people.starts[row], people.starts[row + 1])
    held = (people.concepts[part], people.strengths[part], people.levels[part])
    values = {
        entry.name: getattr(people.circumstances, entry.name)[row].item()
        for entry in fields(CircumstancesColumns)
    }
    return held, Circumstances(**values)


def _seekers(people: Population) -> np.ndarray:
    """int64[m]: rows of those who are listed and can begin today."""
    columns = people.circumstances
    return np.flatnonzero(columns.listed & (columns.available_day <= population.TODAY))


def _wishes(taxonomy: Taxonomy, random: np.random.Generator) -> Wishes:
    trades = random.integers(len(taxonomy.occupations), size=random.integers(0, 4))
    return Wishes(frozenset(trades.tolist()), int(random.choice([0, 3_000_000, 5_000_000])))


@dataclass(frozen=True, slots=True)
class ShortlistsFigures:
    """Every vacancy's shortlist. seconds: for all of them; build: of the index, in s; found: people
    on all shortlists together."""

    vacancies: int
    people: int
    k: int
    processes: int
    seconds: float
    build: float
    bytes: int
    found: int


def measure_shortlists(
    taxonomy: Taxonomy, vacancies: int, people: int, k: int, processes: int, seed: int
) -> ShortlistsFigures:
    """The exact top k people of every synthetic vacancy, every filter on, with terms.

    processes: over how many, forked after the index is built, the vacancies are spread.
    """
    places = population.geography()
    drawn = population.draw(taxonomy, places, people, seed, show_progress=True)
    began = time.perf_counter()
    index = drawn.index()
    build = time.perf_counter() - began
    wanted = population.queries(taxonomy, places, vacancies + WARM_UP, seed + 1, show_progress=True)

    def shortlist(query: Query) -> int:
        return len(rank_people(index, query, places, population.TODAY, k))

    for query in wanted[:WARM_UP]:
        shortlist(query)
    began = time.perf_counter()
    found = _spread(shortlist, wanted[WARM_UP:], processes)
    return ShortlistsFigures(
        vacancies=vacancies,
        people=people,
        k=k,
        processes=processes,
        seconds=time.perf_counter() - began,
        build=build,
        bytes=bytes_of(index),
        found=found,
    )


_shortlist: list[Callable[[int], int]] = []  # what forked processes inherit


def _spread(shortlist: Callable[[Query], int], wanted: Sequence[Query], processes: int) -> int:
    bar = tqdm(total=len(wanted), desc="Shortlists", leave=False)
    if processes == 1:
        found = 0
        for query in wanted:
            found += shortlist(query)
            bar.update()
        return found
    _shortlist[:] = [lambda number: shortlist(wanted[number])]
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        found = 0
        for one in pool.imap_unordered(_shortlist_of, range(len(wanted)), CHUNK):
            found += one
            bar.update()
    return found


def _shortlist_of(number: int) -> int:
    return _shortlist[0](number)
