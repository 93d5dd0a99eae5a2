"""Exact ranking by late interaction over units of competency.

    score(p, v) = sum_r w_r * max_u( a_r[u] * e[p, u] ) / sum_r w_r

after ColBERT's MaxSim (Khattab and Zaharia 2020), with units of competency for tokens. Affinities
a and strengths e are whole thousandths, level factors whole quarters, weights whole hundredths:
a total is a sum of integers, the same whatever the order, and equal people are truly equal. Ties
are broken by a hash of vacancy, person and day, so that equal people share the exposure.
"""

from dataclasses import dataclass, field, fields

import numpy as np

from matcher.affinity import AFFINITY_SCALE, Affinity
from matcher.eligibility import (
    Circumstances,
    CircumstancesColumns,
    Conditions,
    reason_list,
    reasons,
)
from matcher.evidence import STRENGTH_SCALE
from matcher.geography import Geography
from models.enums import Importance, IneligibilityReason

LEVEL_SCALE = 4  # a level factor is a whole number of quarters
WEIGHT_SCALE = 100
FULL_MARKS = AFFINITY_SCALE * STRENGTH_SCALE * LEVEL_SCALE
MET = 0.6  # a requirement counts as met from this share of full marks


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


@dataclass(frozen=True, slots=True)
class Term:
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
    """One place in a ranking: row in the index, person or vacancy id, score in [0, 1], terms."""

    row: int
    id: int
    total: int
    score: float
    terms: tuple[Term, ...]
    ineligible: tuple[IneligibilityReason, ...] = ()

    @property
    def met(self) -> int:
        return sum(term.is_met for term in self.terms)


class PeopleIndex:
    """People as columns of a sparse matrix of units x people.

    ids: int64[n] ascending database ids; circumstances: n rows; evidence as parallel arrays of
    (row, concept, strength in thousandths, level), in any order, each (row, concept) once.
    """

    def __init__(
        self,
        ids: np.ndarray,
        circumstances: CircumstancesColumns,
        concept_count: int,
        rows: np.ndarray,
        concepts: np.ndarray,
        strengths: np.ndarray,
        levels: np.ndarray,
    ) -> None:
        self.ids = np.asarray(ids, dtype=np.int64)
        self.circumstances = circumstances
        self.concept_count = concept_count
        order = np.lexsort((rows, concepts))
        self.rows = np.asarray(rows, dtype=np.int32)[order]
        self.strengths = np.asarray(strengths, dtype=np.int32)[order]
        self.levels = np.asarray(levels, dtype=np.uint8)[order]
        self.starts = _starts(np.asarray(concepts)[order], concept_count)
        order = np.lexsort((concepts, rows))
        self.held_concepts = np.asarray(concepts, dtype=np.int32)[order]
        self.held_strengths = np.asarray(strengths, dtype=np.int32)[order]
        self.held_levels = np.asarray(levels, dtype=np.uint8)[order]
        self.held_starts = _starts(np.asarray(rows)[order], len(self.ids))

    def __len__(self) -> int:
        return len(self.ids)

    def row_of(self, person_id: int) -> int | None:
        """The row of a person, or None."""
        row = int(np.searchsorted(self.ids, person_id))
        return row if row < len(self.ids) and self.ids[row] == person_id else None

    def replaced(self, ids: np.ndarray, newer: "PeopleIndex") -> "PeopleIndex":
        """This index with some people taken out and those of a newer one put in.

        ids: int64, every person that may have changed; those missing from `newer` are gone.
        """
        stays = ~np.isin(self.ids, ids)
        all_ids = np.concatenate([self.ids[stays], newer.ids])
        order = np.argsort(all_ids, kind="stable")
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        own_place = np.full(len(self.ids), -1, dtype=np.int32)
        own_place[stays] = place[: int(stays.sum())]
        newer_place = place[int(stays.sum()) :]
        columns = {
            field.name: np.concatenate(
                [
                    getattr(self.circumstances, field.name)[stays],
                    getattr(newer.circumstances, field.name),
                ]
            )[order]
            for field in fields(CircumstancesColumns)
        }
        own_rows = np.repeat(own_place, np.diff(self.held_starts))
        kept = own_rows >= 0
        return PeopleIndex(
            ids=all_ids[order],
            circumstances=CircumstancesColumns(**columns),
            concept_count=self.concept_count,
            rows=np.concatenate(
                [own_rows[kept], np.repeat(newer_place, np.diff(newer.held_starts))]
            ),
            concepts=np.concatenate([self.held_concepts[kept], newer.held_concepts]),
            strengths=np.concatenate([self.held_strengths[kept], newer.held_strengths]),
            levels=np.concatenate([self.held_levels[kept], newer.held_levels]),
        )

    def held(self, row: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Concepts int32[m], strengths int32[m], levels uint8[m] that a person holds."""
        part = slice(self.held_starts[row], self.held_starts[row + 1])
        return self.held_concepts[part], self.held_strengths[part], self.held_levels[part]


def _starts(sorted_keys: np.ndarray, count: int) -> np.ndarray:
    return np.searchsorted(sorted_keys, np.arange(count + 1)).astype(np.int64)


def totals(index: PeopleIndex, query: Query) -> np.ndarray:
    """int64[n]: every person's total, sum_r weight_r * points_r."""
    total = np.zeros(len(index), dtype=np.int64)
    best = np.zeros(len(index), dtype=np.int32)
    for requirement in query.requirements:
        factors = requirement.level_factors()
        touched = []
        for concept, value in zip(
            requirement.affinity.concepts, requirement.affinity.values, strict=True
        ):
            part = slice(index.starts[concept], index.starts[concept + 1])
            rows = index.rows[part]
            points = index.strengths[part] * (int(value) * factors)[index.levels[part]]
            best[rows] = np.maximum(best[rows], points)
            touched.append(rows)
        if touched:
            # a row may stand here several times; each time the same sum is written
            rows = np.concatenate(touched)
            total[rows] = total[rows] + requirement.weight * best[rows].astype(np.int64)
            best[rows] = 0
    return total


def tie_hash(query_key: int, ids: np.ndarray, day: int) -> np.ndarray:
    """uint64[n] from vacancy, people and day; equal people are ordered by it, smaller first.

    SplitMix64 finaliser (Steele, Lea and Flood 2014).
    """
    mixed = _mix(np.array([query_key & 0xFFFFFFFFFFFFFFFF], dtype=np.uint64))
    mixed = _mix(mixed ^ np.uint64(day & 0xFFFFFFFF))
    return _mix(ids.astype(np.uint64) ^ mixed)


def _mix(value: np.ndarray) -> np.ndarray:
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def rank_people(
    index: PeopleIndex,
    query: Query,
    geography: Geography,
    day: int,
    k: int = 50,
    only: np.ndarray | None = None,
    include_ineligible: bool = False,
) -> list[Ranked]:
    """The exact top k eligible people with a score above 0, best first, each with its terms.

    day: days since 1970, for the tie-break. only: bool[n], people to look at. With
    include_ineligible those left out are ranked too and carry their reasons.
    """
    total = totals(index, query)
    rows = np.flatnonzero(total if only is None else (total * only))
    against = reasons(index.circumstances.take(rows), query.conditions, geography)
    if not include_ineligible:
        rows, against = rows[against == 0], against[against == 0]
    chosen = _best(total[rows], index.ids[rows], query.key, day, k)
    explainer = Explainer(query)
    full = query.total_weight * FULL_MARKS
    return [
        _ranked(index, explainer, full, int(rows[place]), int(total[rows[place]]), against[place])
        for place in chosen
    ]


def count_eligible(index: PeopleIndex, query: Query, geography: Geography) -> int:
    """How many people have a score above 0 and are eligible."""
    rows = np.flatnonzero(totals(index, query))
    against = reasons(index.circumstances.take(rows), query.conditions, geography)
    return int((against == 0).sum())


def _best(total: np.ndarray, ids: np.ndarray, key: int, day: int, k: int) -> np.ndarray:
    """Places of the k greatest totals, ties by hash."""
    if k <= 0 or not len(total):
        return np.zeros(0, dtype=np.int64)
    places = np.arange(len(total))
    if len(total) > k:
        least = np.partition(total, len(total) - k)[len(total) - k]
        places = np.flatnonzero(total >= least)
    hashes = tie_hash(key, ids[places], day)
    return places[np.lexsort((hashes, -total[places]))][:k]


def _ranked(
    index: PeopleIndex, explainer: "Explainer", full: int, row: int, total: int, against: int
) -> Ranked:
    return Ranked(
        row=row,
        id=int(index.ids[row]),
        total=total,
        score=total / full,
        terms=explainer(*index.held(row)),
        ineligible=tuple(reason_list(against)),
    )


def explain(
    query: Query, concepts: np.ndarray, strengths: np.ndarray, levels: np.ndarray
) -> tuple[Term, ...]:
    """One term for each requirement, for what a person holds; their weighted sum is the total.

    This is the definition of the score, one person at a time; `totals` is the same for everybody.
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


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person wants. occupations: codes numbered by the caller; least_wage: rupiah a month."""

    occupations: frozenset[int] = frozenset()
    least_wage: int = 0


@dataclass(frozen=True, slots=True)
class WishTerms:
    """How well a vacancy meets a person's wishes, each 0 to 1000; None where nothing is wished."""

    trade: int | None
    wage: int | None
    distance: int | None

    @property
    def total(self) -> int:
        """The mean in thousandths, 1000 where nothing is wished."""
        given = [part for part in (self.trade, self.wage, self.distance) if part is not None]
        return sum(given) // len(given) if given else 1000


@dataclass(frozen=True, slots=True)
class RankedVacancy:
    """A vacancy for a person: `fit` is the competency score, `wish` the share of wishes met, both
    in [0, 1] and shown apart; `worth`, their weighted mean, orders the list."""

    row: int
    id: int
    fit: float
    wish: float
    worth: float
    terms: tuple[Term, ...]
    wishes: WishTerms
    km: int | None
    ineligible: tuple[IneligibilityReason, ...] = ()

    @property
    def met(self) -> int:
        return sum(term.is_met for term in self.terms)


FIT_PARTS, WISH_PARTS = 4, 1  # of five


@dataclass(frozen=True, slots=True)
class VacancyEntry:
    """A vacancy for the reverse direction. occupation: the caller's number or -1."""

    id: int
    query: Query
    occupation: int = -1
    wage: int = 0


class VacancyIndex:
    """Vacancies laid end to end: requirements of each, and concepts of each requirement."""

    def __init__(self, vacancies: list[VacancyEntry]) -> None:
        self.vacancies = [entry for entry in vacancies if entry.query.requirements]
        self.ids = np.array([entry.id for entry in self.vacancies], dtype=np.int64)
        concepts, values, factors = [], [], []
        weights: list[int] = []
        requirement_starts, vacancy_starts, full = [], [], []
        position = 0
        for entry in self.vacancies:
            vacancy_starts.append(len(weights))
            full.append(entry.query.total_weight * FULL_MARKS)
            for requirement in entry.query.requirements:
                requirement_starts.append(position)
                weights.append(requirement.weight)
                # a stop of no value keeps an empty requirement in its place for reduceat
                concepts.append(np.append(requirement.affinity.concepts, 0))
                values.append(np.append(requirement.affinity.values, 0))
                size = len(requirement.affinity.concepts) + 1
                factors.append(np.tile(requirement.level_factors().astype(np.uint8), (size, 1)))
                position += size
        self.concepts = np.concatenate(concepts).astype(np.int32) if concepts else np.zeros(0, int)
        self.values = np.concatenate(values).astype(np.int64) if values else np.zeros(0, int)
        self.factors = np.concatenate(factors) if factors else np.zeros((0, 10), np.uint8)
        self.weights = np.array(weights, dtype=np.int64)
        self.requirement_starts = np.array(requirement_starts, dtype=np.int64)
        self.vacancy_starts = np.array(vacancy_starts, dtype=np.int64)
        self.full = np.array(full, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.vacancies)

    def totals(self, strengths: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """int64[vacancies] for one person. strengths, levels: [concepts], 0 where not held."""
        if not len(self):
            return np.zeros(0, dtype=np.int64)
        factor = self.factors[np.arange(len(self.concepts)), levels[self.concepts]]
        points = self.values * strengths[self.concepts].astype(np.int64) * factor
        best = np.maximum.reduceat(points, self.requirement_starts)
        return np.add.reduceat(best * self.weights, self.vacancy_starts)


def rank_vacancies(
    index: VacancyIndex,
    concept_count: int,
    held: tuple[np.ndarray, np.ndarray, np.ndarray],
    circumstances: Circumstances,
    wishes: Wishes,
    geography: Geography,
    day: int,
    person_key: int,
    k: int = 50,
    include_ineligible: bool = False,
) -> list[RankedVacancy]:
    """The k vacancies worth most to one person, best first; only those with a fit above 0.

    held: concepts, strengths and levels as PeopleIndex.held gives them.
    """
    concepts, strength_values, level_values = held
    strengths = np.zeros(concept_count, dtype=np.int64)
    levels = np.zeros(concept_count, dtype=np.uint8)
    strengths[concepts] = strength_values
    levels[concepts] = level_values
    total = index.totals(strengths, levels)
    one = CircumstancesColumns.of([circumstances])
    found = []
    for row in np.flatnonzero(total):
        entry = index.vacancies[row]
        against = int(reasons(one, entry.query.conditions, geography)[0])
        if against and not include_ineligible:
            continue
        km = _km(circumstances, entry.query.conditions, geography)
        wish = _wish_terms(wishes, entry, km, circumstances)
        # thousandths of thousandths, whole numbers all the way
        worth = FIT_PARTS * (int(total[row]) * 1_000_000 // int(index.full[row])) + (
            WISH_PARTS * wish.total * 1000
        )
        found.append((worth, int(row), wish, km, against))
    ties = tie_hash(person_key, index.ids, day)
    found.sort(key=lambda item: (-item[0], int(ties[item[1]])))
    return [
        RankedVacancy(
            row=row,
            id=int(index.ids[row]),
            fit=int(total[row]) / int(index.full[row]),
            wish=wish.total / 1000,
            worth=worth / (1_000_000 * (FIT_PARTS + WISH_PARTS)),
            terms=explain(index.vacancies[row].query, *held),
            wishes=wish,
            km=km,
            ineligible=tuple(reason_list(against)),
        )
        for worth, row, wish, km, against in found[:k]
    ]


def _km(circumstances: Circumstances, conditions: Conditions, geography: Geography) -> int | None:
    if conditions.region < 0:
        return None
    return int(geography.km[circumstances.region, conditions.region])


def _wish_terms(
    wishes: Wishes, entry: VacancyEntry, km: int | None, circumstances: Circumstances
) -> WishTerms:
    trade = None
    if wishes.occupations:
        trade = 1000 if entry.occupation in wishes.occupations else 0
    wage = None
    if wishes.least_wage and entry.wage:
        wage = min(1000, 1000 * entry.wage // wishes.least_wage)
    distance = None
    if km is not None:
        distance = max(0, 1000 - 1000 * km // max(2 * circumstances.commute_km, 20))
    return WishTerms(trade, wage, distance)
