"""The same engine turned round: vacancies for one person.

Vacancies ask much the same things, so each (affinity, least level) is laid out once, as an ask; a
person's best points for every ask are found from the few units they hold, and a vacancy's total is
the weighted sum over its asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher import kernels
from matcher.affinity import Affinity
from matcher.eligibility import Circumstances, CircumstancesColumns, reason_list, reasons
from matcher.geography import Geography
from matcher.ranking import FULL_MARKS, NO_DAY, Query, Requirement, Term, mixed_key
from models.enums import IneligibilityReason

FIT_PARTS, WISH_PARTS = 4, 1  # of five


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


@dataclass(frozen=True, slots=True)
class VacancyEntry:
    """A vacancy for the reverse direction. occupation: the caller's number or -1."""

    id: int
    query: Query
    occupation: int = -1
    wage: int = 0


class VacancyIndex:
    """Vacancies laid side by side. Those that ask nothing are left out."""

    def __init__(self, vacancies: Sequence[VacancyEntry], concept_count: int) -> None:
        self.vacancies = [entry for entry in vacancies if entry.query.requirements]
        self.concept_count = concept_count
        self.ids = np.array([entry.id for entry in self.vacancies], dtype=np.int64)
        self.row_of = {entry.id: row for row, entry in enumerate(self.vacancies)}
        numbers: dict[tuple[int, int], int] = {}
        asked: list[Requirement] = []
        asks, weights, sizes = [], [], []
        for entry in self.vacancies:
            sizes.append(len(entry.query.requirements))
            for requirement in entry.query.requirements:
                # the entry keeps the affinity alive, so its identity stands for it
                key = (id(requirement.affinity), requirement.least_level)
                if key not in numbers:
                    numbers[key] = len(asked)
                    asked.append(requirement)
                asks.append(numbers[key])
                weights.append(requirement.weight)
        self.asks = _asks(asked, concept_count)
        starts = np.zeros(len(sizes) + 1, dtype=np.int64)
        np.cumsum(sizes, out=starts[1:])
        conditions = [entry.query.conditions for entry in self.vacancies]
        start_days = [NO_DAY if each.start_day is None else each.start_day for each in conditions]
        self.columns = kernels.VacancyColumns(
            starts=starts,
            asks=np.array(asks, dtype=np.int32),
            weights=np.array(weights, dtype=np.int32),
            full=np.array(
                [entry.query.total_weight * FULL_MARKS for entry in self.vacancies], dtype=np.int64
            ),
            region=np.array([each.region for each in conditions], dtype=np.int16),
            province=np.array([each.province for each in conditions], dtype=np.int16),
            start_day=np.array(start_days, dtype=np.int32),
            education=np.array([each.education for each in conditions], dtype=np.uint8),
            hours=np.array([each.hours for each in conditions], dtype=np.uint8),
            traits=np.array([each.traits for each in conditions], dtype=np.uint16),
            licences=np.array([each.licences for each in conditions], dtype=np.uint64),
            occupation=np.array([entry.occupation for entry in self.vacancies], dtype=np.int32),
            wage=np.array([entry.wage for entry in self.vacancies], dtype=np.int64),
            barred=np.zeros(len(self.vacancies), dtype=np.bool_),
        )

    def __len__(self) -> int:
        return len(self.vacancies)

    @cached_property
    def segments(self) -> tuple[tuple["VacancyIndex", kernels.VacancyColumns], ...]:
        """This index alone, as ranking takes vacancies."""
        return ((self, self.columns),)


COMPACT_FROM = 200  # newer entries from which all are laid out anew


class LiveVacancies:
    """A VacancyIndex with newer entries beside it, so that a change costs next to nothing."""

    def __init__(self, base: VacancyIndex) -> None:
        self._base = base
        self._changed: dict[int, VacancyEntry | None] = {}
        self.segments = base.segments

    def changed(self, ids: Sequence[int], entries: Sequence[VacancyEntry]) -> "LiveVacancies":
        """With some vacancies taken out and their newer entries put in; this one stays as it is."""
        changes = self._changed | dict.fromkeys(ids) | {entry.id: entry for entry in entries}
        if len(changes) >= COMPACT_FROM:
            kept = [entry for entry in self._base.vacancies if entry.id not in changes]
            newer = [entry for entry in changes.values() if entry is not None]
            whole = sorted(kept + newer, key=lambda entry: entry.id)
            return LiveVacancies(VacancyIndex(whole, self._base.concept_count))
        live = LiveVacancies(self._base)
        live._changed = changes
        barred = np.zeros(len(self._base), dtype=np.bool_)
        barred[[self._base.row_of[number] for number in changes if number in self._base.row_of]] = (
            True
        )
        newer_index = VacancyIndex(
            [entry for entry in changes.values() if entry is not None], self._base.concept_count
        )
        live.segments = (
            (self._base, self._base.columns._replace(barred=barred)),
            *newer_index.segments,
        )
        return live

    def alone(self, vacancy_id: int) -> VacancyIndex:
        """An index of one vacancy; of none where it is not here."""
        if vacancy_id in self._changed:
            entry = self._changed[vacancy_id]
        elif vacancy_id in self._base.row_of:
            entry = self._base.vacancies[self._base.row_of[vacancy_id]]
        else:
            entry = None
        return VacancyIndex([] if entry is None else [entry], self._base.concept_count)

    @property
    def vacancies(self) -> list[VacancyEntry]:
        """Every entry that counts, by id."""
        return sorted(
            (
                entry
                for index, columns in self.segments
                for entry, barred in zip(index.vacancies, columns.barred, strict=True)
                if not barred
            ),
            key=lambda entry: entry.id,
        )

    def __len__(self) -> int:
        return sum(int((~columns.barred).sum()) for _, columns in self.segments)


def rank_vacancies(
    vacancies: VacancyIndex | LiveVacancies,
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

    held: concepts, strengths and levels as PeopleIndex.held gives them. With include_ineligible
    those the person may not take are ranked too and carry their reasons.
    """
    if k <= 0 or (not circumstances.listed and not include_ineligible):
        return []
    seeker = _seeker(circumstances, wishes, geography)
    mixed = mixed_key(person_key, day)
    found = []
    for index, columns in vacancies.segments:
        terms = kernels.best_asks(*held, index.asks)
        rows, *columns_found = kernels.top_vacancies(
            terms, columns, seeker, index.ids, mixed, min(k, len(index)), FIT_PARTS, WISH_PARTS,
            include_ineligible,
        )  # fmt: skip
        totals, worths, ties, wished = (column.tolist() for column in columns_found)
        found += [
            (-worth, tie, row, total, wish, index, columns, terms)
            for row, total, worth, tie, wish in zip(
                rows.tolist(), totals, worths, ties, wished, strict=True
            )
        ]
    found.sort(key=lambda item: item[:2])
    one = CircumstancesColumns.of([circumstances]) if include_ineligible else None
    return [
        _ranked(row, total, -worth, wish, index, columns, terms, seeker, one, geography)
        for worth, _, row, total, wish, index, columns, terms in found[:k]
    ]


def _ranked(
    row: int,
    total: int,
    worth: int,
    wish: list[int],
    index: VacancyIndex,
    columns: kernels.VacancyColumns,
    terms: np.ndarray,
    seeker: kernels.Seeker,
    one: CircumstancesColumns | None,
    geography: Geography,
) -> RankedVacancy:
    part = slice(columns.starts[row], columns.starts[row + 1])
    asks, weights = columns.asks[part], columns.weights[part].tolist()
    wishes = WishTerms(*(None if value < 0 else value for value in wish))
    region = int(columns.region[row])
    against = 0
    if one is not None:
        against = int(reasons(one, index.vacancies[row].query.conditions, geography)[0])
    return RankedVacancy(
        id=int(index.ids[row]),
        fit=total / int(columns.full[row]),
        wish=wishes.total / 1000,
        worth=worth / (1_000_000 * (FIT_PARTS + WISH_PARTS)),
        terms=tuple(
            Term._make((number, *term, weights[number]))
            for number, term in enumerate(terms[asks].tolist())
        ),
        wishes=wishes,
        km=int(seeker.km[region]) if region >= 0 else None,
        ineligible=tuple(reason_list(against)) if against else (),
    )


def _asks(asked: Sequence[Requirement], concept_count: int) -> kernels.Asks:
    affinities: list[Affinity] = [requirement.affinity for requirement in asked]
    factors = np.zeros((len(asked), 16), dtype=np.int32)
    for number, requirement in enumerate(asked):
        factors[number, :10] = requirement.level_factors()
    nothing = [np.zeros(0, dtype=np.int32)]
    concepts = np.concatenate([affinity.concepts for affinity in affinities] + nothing)
    values = np.concatenate([affinity.values for affinity in affinities] + nothing)
    numbers = np.repeat(np.arange(len(asked)), [len(each.concepts) for each in affinities])
    order = np.argsort(concepts, kind="stable")
    starts = np.zeros(concept_count + 1, dtype=np.int64)
    np.cumsum(np.bincount(concepts, minlength=concept_count), out=starts[1:])
    return kernels.Asks(
        starts,
        numbers[order].astype(np.int32),
        values[order].astype(np.int32),
        factors,
    )


def _seeker(person: Circumstances, wishes: Wishes, geography: Geography) -> kernels.Seeker:
    wished = np.zeros(max(wishes.occupations, default=-1) + 1, dtype=np.bool_)
    wished[list(wishes.occupations)] = True
    return kernels.Seeker(
        region=person.region,
        province=int(geography.province_of[person.region]),
        available_day=person.available_day,
        education=person.education,
        mobility=person.mobility,
        commute_km=person.commute_km,
        hours=person.hours,
        stay=int(person.stay),
        barred_traits=person.restricted_traits | person.excluded_traits,
        licences=np.uint64(person.licences),
        km=geography.km[person.region],
        km_to_province=geography.km_to_province[person.region],
        province_of=geography.province_of,
        wished=wished,
        least_wage=wishes.least_wage,
    )
