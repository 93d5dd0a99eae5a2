"""People laid out for ranking: posting lists of units, people ordered by where and when they can work.

Rows are ordered by reach (home-bound people by region; people bound to their province by region;
people who go anywhere; people who are not listed) and within each by the day they are free, so that
a vacancy's place and start pick out a few runs of rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self

import numpy as np

from matcher.eligibility import MOBILITY_NUMBER, CircumstancesColumns, Stay
from matcher.evidence import STRENGTH_SCALE
from matcher.kernels import LEVEL_MASK, STRENGTH_BITS, Columns, Holdings, Lists
from models.enums import Mobility

HIGHEST_LEVEL = 9
ROW_BITS, CONCEPT_BITS, GRADE_BITS = 28, 16, 16
HOME, PROVINCE, ANYWHERE, UNLISTED = range(4)  # how far a person can be reached from


class PeopleIndex:
    """People as a sparse matrix of units x people, by lists of units and by person.

    ids: int64[n] distinct database ids, in any order; circumstances: n rows in the same order;
    evidence as parallel arrays of (row, concept, strength in thousandths, level), in any order,
    each (row, concept) once. Rows are renumbered: `ids` and `circumstances` of the index are in
    the index's own order. Raises ValueError for a strength, level or number beyond its range.
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
        _check(len(ids), concept_count, concepts, strengths, levels)
        ids = np.asarray(ids, dtype=np.int64)
        order = _order(ids, circumstances)
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        keys = place[np.asarray(rows)].astype(np.uint64) << np.uint64(CONCEPT_BITS + GRADE_BITS)
        keys |= np.asarray(concepts).astype(np.uint64) << np.uint64(GRADE_BITS)
        keys |= np.asarray(strengths).astype(np.uint64) << np.uint64(STRENGTH_BITS)
        keys |= np.asarray(levels).astype(np.uint64)
        keys.sort()
        held_rows = (keys >> np.uint64(CONCEPT_BITS + GRADE_BITS)).astype(np.int64)
        held_starts = np.zeros(len(ids) + 1, dtype=np.int64)
        np.cumsum(np.bincount(held_rows, minlength=len(ids)), out=held_starts[1:])
        held = Holdings(
            held_starts,
            (keys >> np.uint64(GRADE_BITS)).astype(np.uint16),
            keys.astype(np.uint16),
        )
        self._lay_out(ids[order], circumstances.take(order), concept_count, held)
        # the same keys by concept: concept | row | grade
        grades = keys & np.uint64(0xFFFF)
        keys >>= np.uint64(GRADE_BITS)
        by_concept = (keys & np.uint64(0xFFFF)) << np.uint64(ROW_BITS + GRADE_BITS)
        by_concept |= (keys >> np.uint64(CONCEPT_BITS)) << np.uint64(GRADE_BITS)
        by_concept |= grades
        del keys, grades
        by_concept.sort()
        sizes = np.bincount(held.concepts, minlength=concept_count)
        starts = np.zeros(concept_count + 1, dtype=np.int64)
        np.cumsum(sizes, out=starts[1:])
        rows_by_concept = (by_concept >> np.uint64(GRADE_BITS)) & np.uint64((1 << ROW_BITS) - 1)
        self.lists = Lists(starts, rows_by_concept.astype(np.int32), by_concept.astype(np.uint16))
        for array in self.arrays().values():
            array.flags.writeable = False  # as those of a snapshot are, also to the compiler

    def _lay_out(
        self,
        ids: np.ndarray,
        circumstances: CircumstancesColumns,
        concept_count: int,
        held: Holdings,
    ) -> None:
        self.ids = ids
        self.circumstances = circumstances
        self.concept_count = concept_count
        self.held_by_row = held
        self.rows_by_id = np.argsort(ids, kind="stable").astype(np.int32)
        self._find_cells()

    def _find_cells(self) -> None:
        """Where each reach and region begins, and the longest commute in each."""
        reach = _reach(self.circumstances)
        self.regions = int(self.circumstances.region.max()) + 1 if len(self) else 1
        home_bound = np.searchsorted(reach, ANYWHERE)
        cell = reach[:home_bound] * self.regions + self.circumstances.region[:home_bound]
        self.cell_starts = np.searchsorted(cell, np.arange(2 * self.regions + 1)).astype(np.int64)
        self.cell_commute = np.zeros(2 * self.regions, dtype=np.uint16)
        np.maximum.at(self.cell_commute, cell, self.circumstances.commute_km[:home_bound])
        self.sections = np.searchsorted(reach, [ANYWHERE, UNLISTED]).astype(np.int64)

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """The index of what `arrays` gave; the arrays are used as they are, and may be read-only."""
        index = cls.__new__(cls)
        index.ids = arrays["ids"]
        index.circumstances = CircumstancesColumns(
            **{field.name: arrays[field.name] for field in fields(CircumstancesColumns)}
        )
        index.concept_count = len(arrays["list_starts"]) - 1
        index.held_by_row = Holdings(
            arrays["held_starts"], arrays["held_concepts"], arrays["held_grades"]
        )
        index.lists = Lists(arrays["list_starts"], arrays["list_rows"], arrays["list_grades"])
        index.rows_by_id = arrays["rows_by_id"]
        index._find_cells()
        return index

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything the index is made of, by name."""
        return {
            "ids": self.ids,
            "rows_by_id": self.rows_by_id,
            "list_starts": self.lists.starts,
            "list_rows": self.lists.rows,
            "list_grades": self.lists.grades,
            "held_starts": self.held_by_row.starts,
            "held_concepts": self.held_by_row.concepts,
            "held_grades": self.held_by_row.grades,
        } | {
            field.name: getattr(self.circumstances, field.name)
            for field in fields(CircumstancesColumns)
        }

    @property
    def megabytes(self) -> float:
        return sum(array.nbytes for array in self.arrays().values()) / 1e6

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def segments(self) -> tuple["Segment", ...]:
        """This index alone, as ranking takes people."""
        return (Segment.of(self, np.zeros(len(self), dtype=np.bool_)),)

    def holders(self, concept: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows int32[m] rising, strengths int32[m], levels uint8[m] of those who hold a concept."""
        part = slice(self.lists.starts[concept], self.lists.starts[concept + 1])
        return self.lists.rows[part], *_grades(self.lists.grades[part])

    def columns(self, barred: np.ndarray) -> Columns:
        """What the kernels read of people. barred: bool[n], rows that do not count."""
        people = self.circumstances
        return Columns(
            people.region,
            people.available_day,
            people.education,
            people.mobility,
            people.commute_km,
            people.hours,
            people.stay,
            people.restricted_traits,
            people.excluded_traits,
            people.licences,
            barred,
        )

    def row_of(self, person_id: int) -> int | None:
        """The row of a person, or None."""
        rows = self.rows_of(np.array([person_id], dtype=np.int64))
        return int(rows[0]) if len(rows) else None

    def rows_of(self, ids: np.ndarray) -> np.ndarray:
        """int32[found]: the rows of those of the ids, int64[m], that are here."""
        if not len(self):
            return np.zeros(0, dtype=np.int32)
        places = np.searchsorted(self.ids, ids, sorter=self.rows_by_id)
        rows = self.rows_by_id[np.minimum(places, len(self) - 1)]
        return rows[self.ids[rows] == ids]

    def held(self, row: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Concepts int32[m] rising, strengths int32[m], levels uint8[m] that a person holds."""
        part = slice(self.held_by_row.starts[row], self.held_by_row.starts[row + 1])
        return (
            self.held_by_row.concepts[part].astype(np.int32),
            *_grades(self.held_by_row.grades[part]),
        )

    def replaced(self, ids: np.ndarray, newer: "PeopleIndex") -> "PeopleIndex":
        """This index with some people taken out and those of a newer one put in.

        ids: int64, every person that may have changed; those missing from `newer` are gone.
        """
        stays = ~np.isin(self.ids, ids)
        columns = {
            field.name: np.concatenate(
                [
                    getattr(self.circumstances, field.name)[stays],
                    getattr(newer.circumstances, field.name),
                ]
            )
            for field in fields(CircumstancesColumns)
        }
        new_row = np.cumsum(stays) - 1
        own_rows = np.repeat(np.arange(len(self)), np.diff(self.held_by_row.starts))
        kept = stays[own_rows]
        newer_rows = np.repeat(np.arange(len(newer)), np.diff(newer.held_by_row.starts))
        grades = np.concatenate([self.held_by_row.grades[kept], newer.held_by_row.grades])
        return PeopleIndex(
            ids=np.concatenate([self.ids[stays], newer.ids]),
            circumstances=CircumstancesColumns(**columns),
            concept_count=self.concept_count,
            rows=np.concatenate([new_row[own_rows[kept]], newer_rows + int(stays.sum())]),
            concepts=np.concatenate([self.held_by_row.concepts[kept], newer.held_by_row.concepts]),
            strengths=grades >> STRENGTH_BITS,
            levels=grades & LEVEL_MASK,
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """An index, and who of it counts."""

    index: PeopleIndex
    listed: Columns  # bars who is not listed or was replaced
    everybody: Columns  # bars who was replaced

    @classmethod
    def of(cls, index: PeopleIndex, replaced: np.ndarray) -> "Segment":
        """replaced: bool[n], rows for which a newer entry stands elsewhere."""
        barred = replaced | ~index.circumstances.listed
        return cls(index, index.columns(barred), index.columns(replaced))


PATCH_UNTIL = 20_000  # people up to which an index is laid out anew at every change


class LivePeople:
    """A PeopleIndex with the newest entries beside it, so that a change costs next to nothing."""

    def __init__(self, base: PeopleIndex) -> None:
        self._base = base
        self._newer: PeopleIndex | None = None
        self._changed = np.zeros(0, dtype=np.int64)
        self.concept_count = base.concept_count
        self.segments = base.segments

    def changed(self, ids: np.ndarray, newer: PeopleIndex) -> "LivePeople":
        """With some people taken out and those of a newer index put in; this one stays as it is.

        ids: int64, every person that may have changed; those missing from `newer` are gone.
        """
        if self._newer is None and len(self._base) <= PATCH_UNTIL:
            return LivePeople(self._base.replaced(ids, newer))
        live = LivePeople(self._base)
        live._changed = np.union1d(self._changed, ids)
        live._newer = newer if self._newer is None else self._newer.replaced(ids, newer)
        replaced = np.zeros(len(self._base), dtype=np.bool_)
        replaced[self._base.rows_of(live._changed)] = True
        live.segments = (Segment.of(self._base, replaced), *live._newer.segments)
        return live

    @property
    def changes(self) -> int:
        """How many people are held beside the base."""
        return len(self._changed)

    def held_by(self, person_id: int) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Concepts, strengths and levels as PeopleIndex.held gives them; None for a stranger."""
        for segment in self.segments:
            row = segment.index.row_of(person_id)
            if row is not None and not segment.everybody.barred[row]:
                return segment.index.held(row)
        return None

    def merged(self) -> PeopleIndex:
        """Everybody in one index."""
        if self._newer is None:
            return self._base
        return self._base.replaced(self._changed, self._newer)

    def __len__(self) -> int:
        return sum(int((~segment.everybody.barred).sum()) for segment in self.segments)


def _grades(grades: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Strengths int32[m] in thousandths and levels uint8[m]."""
    return (grades >> STRENGTH_BITS).astype(np.int32), (grades & LEVEL_MASK).astype(np.uint8)


def _check(
    people: int,
    concept_count: int,
    concepts: np.ndarray,
    strengths: np.ndarray,
    levels: np.ndarray,
) -> None:
    if people >= 1 << ROW_BITS:
        raise ValueError(f"{people} people are more than the {1 << ROW_BITS} an index can hold")
    if concept_count >= 1 << CONCEPT_BITS:
        raise ValueError(f"{concept_count} concepts are more than {(1 << CONCEPT_BITS) - 1}")
    for name, values, most in (
        ("concept", concepts, concept_count - 1),
        ("strength", strengths, STRENGTH_SCALE),
        ("level", levels, HIGHEST_LEVEL),
    ):
        if len(values) and not (np.min(values) >= 0 and np.max(values) <= most):
            raise ValueError(f"a {name} lies outside 0 to {most}")


def _reach(people: CircumstancesColumns) -> np.ndarray:
    """int64[n]: how far a person can be reached from, conditions of guidance counted in."""
    reach = np.full(len(people), HOME, dtype=np.int64)
    in_province = people.stay != Stay.REGION
    reach[in_province & (people.mobility == MOBILITY_NUMBER[Mobility.PROVINCE])] = PROVINCE
    anywhere = people.mobility == MOBILITY_NUMBER[Mobility.ANYWHERE]
    reach[anywhere & (people.stay == Stay.PROVINCE)] = PROVINCE
    reach[anywhere & (people.stay == Stay.FREE)] = ANYWHERE
    reach[~people.listed] = UNLISTED
    return reach


def _order(ids: np.ndarray, people: CircumstancesColumns) -> np.ndarray:
    """int64[n]: the rows in the index's order; those alike in everything stand by id."""
    by_id = np.argsort(ids, kind="stable")
    reach = _reach(people)
    key = (reach << 16 | np.where(reach < ANYWHERE, people.region, 0)) << 32
    key += people.available_day.astype(np.int64) + (1 << 31)
    return by_id[np.argsort(key[by_id], kind="stable")]
