"""Exact ranking by late interaction over units of competency.

    score(p, v) = sum_r w_r * max_u( a_r[u] * e[p, u] ) / sum_r w_r

after ColBERT's MaxSim (Khattab and Zaharia 2020), with units of competency for tokens. Affinities
a and strengths e are whole thousandths, level factors whole quarters, weights whole hundredths:
a total is a sum of integers, the same whatever the order, and equal people are truly equal. Ties
are broken by a hash of vacancy, person and day, so that equal people share the exposure.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from matcher import kernels
from matcher.affinity import AFFINITY_SCALE, Affinity
from matcher.eligibility import Conditions, reason_list, reasons
from matcher.evidence import STRENGTH_SCALE
from matcher.geography import Geography
from matcher.people_index import Segment
from models.enums import Importance, IneligibilityReason

LEVEL_SCALE = 4  # a level factor is a whole number of quarters
WEIGHT_SCALE = 100
FULL_MARKS = AFFINITY_SCALE * STRENGTH_SCALE * LEVEL_SCALE
HEAVIEST = (2**31 - 1) // FULL_MARKS  # weight: points times weight fit into 32 bits
MET = 0.6  # a requirement counts as met from this share of full marks
NO_DAY = 2**31 - 2  # a start that nobody is free after
THREADS_FROM = 300_000  # reachable people from which two threads are quicker than one


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a vacancy asks for, ready for ranking. weight: hundredths, above 0."""

    affinity: Affinity
    weight: int = WEIGHT_SCALE
    least_level: int = 0
    importance: Importance = Importance.MUST

    def level_factors(self) -> np.ndarray:
        """int32[10]: quarters by KKNI level held; each level short of the least costs a quarter."""
        short = np.clip(self.least_level - np.arange(10), 0, LEVEL_SCALE - 1)
        return (LEVEL_SCALE - short).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Query:
    """A vacancy as ranking sees it. key: any stable 64-bit number of the vacancy."""

    key: int
    requirements: tuple[Requirement, ...]
    conditions: Conditions = field(default_factory=Conditions)

    @property
    def total_weight(self) -> int:
        return sum(requirement.weight for requirement in self.requirements)


class Term(NamedTuple):
    """One requirement's part in a score. `concept` is -1 where nothing was held that counts.

    points: 0 to FULL_MARKS; share: points / FULL_MARKS; the score is the weighted mean of shares.
    """

    requirement: int
    concept: int
    affinity: int
    strength: int
    level: int
    points: int
    weight: int

    @property
    def share(self) -> float:
        return self.points / FULL_MARKS

    @property
    def is_met(self) -> bool:
        return self.points >= MET * FULL_MARKS


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place in a ranking: a person's id, score in [0, 1], the terms it is the sum of."""

    id: int
    total: int
    score: float
    terms: tuple[Term, ...]
    ineligible: tuple[IneligibilityReason, ...] = ()

    @property
    def met(self) -> int:
        return sum(term.is_met for term in self.terms)


class People(Protocol):
    """People to rank: an index, or an index with newer entries beside it."""

    concept_count: int

    @property
    def segments(self) -> Sequence[Segment]: ...


class _Best(NamedTuple):
    """Candidates of one segment: rows int32[m], totals int64[m], ties uint64[m]."""

    segment: Segment
    rows: np.ndarray
    totals: np.ndarray
    ties: np.ndarray


def rank_people(
    people: People,
    query: Query,
    geography: Geography,
    day: int,
    k: int = 50,
    only: np.ndarray | None = None,
    include_ineligible: bool = False,
) -> list[Ranked]:
    """The exact top k eligible people with a score above 0, best first, each with its terms.

    day: days since 1970, for the tie-break. only: int64[m], ids of the people to look at. With
    include_ineligible those left out are ranked too and carry their reasons.
    """
    if k <= 0 or not query.requirements:
        return []
    asked = compile_requirements(query, people.concept_count)
    mixed = mixed_key(query.key, day)
    found = []
    for segment in people.segments:
        if only is not None:
            best = _best_among(segment, query, asked, geography, mixed, only, include_ineligible)
        else:
            best = _best_of_all(segment, query, asked, geography, mixed, k, include_ineligible)
        found.append(best)
    return _merged(found, query, asked, geography, k, include_ineligible)


def compile_requirements(query: Query, concept_count: int) -> kernels.Asked:
    """A query's requirements as the kernels read them. Raises ValueError for a weight too great."""
    affinities = [requirement.affinity for requirement in query.requirements]
    concepts = np.unique(np.concatenate([affinity.concepts for affinity in affinities]))
    slot = np.full(concept_count, -1, dtype=np.int16)
    slot[concepts] = np.arange(len(concepts))
    values = np.zeros((len(concepts), len(affinities)), dtype=np.int64)
    factors = np.zeros((len(affinities), 16), dtype=np.int64)
    for number, requirement in enumerate(query.requirements):
        values[slot[affinities[number].concepts], number] = affinities[number].values
        factors[number, :10] = requirement.level_factors()
    weights = np.array([requirement.weight for requirement in query.requirements], dtype=np.int32)
    if weights.max() > HEAVIEST:
        raise ValueError(f"a weight of {weights.max()} is above {HEAVIEST}")
    padded = len(weights) + -len(weights) % kernels.LANES
    weighted = np.zeros((len(concepts), padded), dtype=np.int32)
    weighted[:, : len(weights)] = values * weights
    by_level = np.zeros((16, padded), dtype=np.int32)
    by_level[:, : len(weights)] = factors.T
    return kernels.Asked(
        slot, concepts.astype(np.int32), values, factors, weighted, by_level, weights
    )


def compile_place(conditions: Conditions, geography: Geography) -> kernels.Place:
    """Where a vacancy is, as the kernels read it."""
    km, same_province = geography.reach(conditions.region, conditions.province)
    matters = conditions.region >= 0 or conditions.province >= 0
    return kernels.Place(matters, conditions.region, km, same_province)


def compile_limits(conditions: Conditions) -> kernels.Limits:
    """A vacancy's other conditions, as the kernels read them."""
    return kernels.Limits(
        NO_DAY if conditions.start_day is None else conditions.start_day,
        conditions.education,
        conditions.hours,
        conditions.traits,
        np.uint64(conditions.licences),
    )


def _best_of_all(
    segment: Segment,
    query: Query,
    asked: kernels.Asked,
    geography: Geography,
    mixed: np.uint64,
    k: int,
    include_ineligible: bool,
) -> _Best:
    """The best k of a segment."""
    index = segment.index
    conditions = Conditions() if include_ineligible else query.conditions
    place = compile_place(conditions, geography)
    limits = compile_limits(conditions)
    if include_ineligible:
        runs = np.array([[0, len(index)]], dtype=np.int64)
    else:
        runs = kernels.reachable_runs(
            index.cell_starts,
            index.cell_commute,
            index.regions,
            index.sections,
            index.circumstances.available_day,
            place,
            limits.start_day,
        )
    columns = segment.everybody if include_ineligible else segment.listed
    shared = np.ones(1, dtype=np.int64)

    def walk(part: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return kernels.top_people(
            index.lists, index.held_by_row, columns, asked, limits, place, part, index.ids, mixed,
            min(k, len(index)), shared,
        )  # fmt: skip

    parts = _shared_out(runs)
    if len(parts) == 1:
        return _Best(segment, *walk(parts[0]))
    other = _helper().submit(walk, parts[1])
    here, there = walk(parts[0]), other.result()
    return _Best(segment, *(np.concatenate(pair) for pair in zip(here, there, strict=True)))


def _shared_out(runs: np.ndarray) -> list[np.ndarray]:
    """The runs in one part, or where they hold many people in two of equal size."""
    sizes = runs[:, 1] - runs[:, 0]
    whole = int(sizes.sum())
    if whole < THREADS_FROM or (os.cpu_count() or 1) < 2:
        return [runs]
    ends = np.cumsum(sizes)
    cut = int(np.searchsorted(ends, whole // 2, side="right"))
    at = int(runs[cut, 1] - (ends[cut] - whole // 2))
    first, second = runs[: cut + 1].copy(), runs[cut:].copy()
    first[-1, 1] = second[0, 0] = at
    return [first, second]


_helpers: dict[int, ThreadPoolExecutor] = {}


def _helper() -> ThreadPoolExecutor:
    """This process's second thread; one from before a fork would never answer."""
    pid = os.getpid()
    if pid not in _helpers:
        _helpers[pid] = ThreadPoolExecutor(1, thread_name_prefix="ranking")
    return _helpers[pid]


def _best_among(
    segment: Segment,
    query: Query,
    asked: kernels.Asked,
    geography: Geography,
    mixed: np.uint64,
    ids: np.ndarray,
    include_ineligible: bool,
) -> _Best:
    """Those of some people who have a score above 0 and, if asked, are eligible."""
    index = segment.index
    rows = index.rows_of(np.unique(ids))
    rows = rows[~segment.everybody.barred[rows]]
    totals = kernels.score_rows(rows, index.held_by_row, asked)
    kept = totals > 0
    if not include_ineligible:
        kept &= reasons(index.circumstances.take(rows), query.conditions, geography) == 0
    rows, totals = rows[kept], totals[kept]
    return _Best(segment, rows, totals, _ties(index.ids[rows], mixed))


def _merged(
    found: list[_Best],
    query: Query,
    asked: kernels.Asked,
    geography: Geography,
    k: int,
    include_ineligible: bool,
) -> list[Ranked]:
    """The best k of all segments, with terms and reasons."""
    totals = np.concatenate([best.totals for best in found])
    ties = np.concatenate([best.ties for best in found])
    source = np.repeat(np.arange(len(found)), [len(best.rows) for best in found])
    rows = np.concatenate([best.rows for best in found])
    order = np.lexsort((ties, -totals))[:k]
    full = query.total_weight * FULL_MARKS
    ranked: list[Ranked | None] = [None] * len(order)
    make = Term._make
    for number, best in enumerate(found):
        places = np.flatnonzero(source[order] == number)
        chosen = order[places]
        index = best.segment.index
        terms = kernels.explain_rows(rows[chosen], index.held_by_row, asked).tolist()
        against = [0] * len(places)
        if include_ineligible:
            people = index.circumstances.take(rows[chosen])
            against = reasons(people, query.conditions, geography).tolist()
        for place, person, total, parts, bits in zip(
            places.tolist(),
            index.ids[rows[chosen]].tolist(),
            totals[chosen].tolist(),
            terms,
            against,
            strict=True,
        ):
            barred = tuple(reason_list(bits)) if bits else ()
            ranked[place] = Ranked(person, total, total / full, tuple(map(make, parts)), barred)
    return [place for place in ranked if place is not None]


class Holders(Protocol):
    """Posting lists of some number of people, as PeopleIndex has them."""

    def __len__(self) -> int: ...

    def holders(self, concept: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows rising, strengths in thousandths and levels of those who hold a concept."""
        ...


def totals(index: Holders, query: Query) -> np.ndarray:
    """int64[n]: every person's total, sum_r weight_r * points_r, by NumPy list by list.

    The plain way, for evaluation and to test the compiled one against.
    """
    total = np.zeros(len(index), dtype=np.int64)
    best = np.zeros(len(index), dtype=np.int32)
    for requirement in query.requirements:
        factors = requirement.level_factors()
        touched = []
        for concept, value in zip(
            requirement.affinity.concepts, requirement.affinity.values, strict=True
        ):
            rows, strengths, levels = index.holders(int(concept))
            points = strengths * (int(value) * factors)[levels]
            best[rows] = np.maximum(best[rows], points)
            touched.append(rows)
        if touched:
            # a row may stand here several times; each time the same sum is written
            rows = np.concatenate(touched)
            total[rows] = total[rows] + requirement.weight * best[rows].astype(np.int64)
            best[rows] = 0
    return total


def tie_hash(query_key: int, ids: np.ndarray, day: int) -> np.ndarray:
    """uint64[n] from vacancy, people and day; equal people are ordered by it, smaller first."""
    return _ties(ids, mixed_key(query_key, day))


def mixed_key(query_key: int, day: int) -> np.uint64:
    """The part of the tie-break that is the same for everybody, from vacancy and day."""
    mixed = _mix(np.array([query_key & 0xFFFFFFFFFFFFFFFF], dtype=np.uint64))
    return _mix(mixed ^ np.uint64(day & 0xFFFFFFFF))[0]


def _ties(ids: np.ndarray, mixed: np.uint64) -> np.ndarray:
    return _mix(ids.astype(np.uint64) ^ mixed)


_mix = getattr(kernels.mix, "py_func", kernels.mix)  # for arrays, by NumPy


def explain(
    query: Query, concepts: np.ndarray, strengths: np.ndarray, levels: np.ndarray
) -> tuple[Term, ...]:
    """One term for each requirement, for what a person holds; their weighted sum is the total.

    This is the definition of the score, one person at a time.
    """
    return Explainer(query)(concepts, strengths, levels)


class Explainer:
    """`explain` for many people and one query."""

    def __init__(self, query: Query) -> None:
        self._requirements = [
            (
                requirement.weight,
                requirement.level_factors().tolist(),
                # concept -> (place, affinity); at equal points the earlier place wins
                {
                    concept: (place, value)
                    for place, (concept, value) in enumerate(
                        zip(
                            requirement.affinity.concepts.tolist(),
                            requirement.affinity.values.tolist(),
                            strict=True,
                        )
                    )
                },
            )
            for requirement in query.requirements
        ]

    def __call__(
        self, concepts: np.ndarray, strengths: np.ndarray, levels: np.ndarray
    ) -> tuple[Term, ...]:
        held = list(zip(concepts.tolist(), strengths.tolist(), levels.tolist(), strict=True))
        terms = []
        for number, (weight, factors, places) in enumerate(self._requirements):
            best, best_place = Term(number, -1, 0, 0, 0, 0, weight), len(places)
            for concept, strength, level in held:
                place, value = places.get(concept, (0, 0))
                points = value * strength * factors[level]
                if points > best.points or (
                    points and points == best.points and place < best_place
                ):
                    best = Term(number, concept, value, strength, level, points, weight)
                    best_place = place
            terms.append(best)
        return tuple(terms)
