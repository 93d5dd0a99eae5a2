"""Candidates from an engine that holds more people than one machine, and their exact ranking.

A sparse inner product adds up where the score takes the greatest. `Encoding` makes vectors whose
inner product is never below a person's total and seldom far above it. So whoever is not among the
candidates has a total of at most the least bound returned: once that lies under the k-th exact
total, the ranking is proved to be the exact one, ties and all (the threshold test of Fagin, Lotem
and Naor 2003); until then more candidates are asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Protocol

import numpy as np
from scipy import sparse

from matcher.eligibility import CircumstancesColumns
from matcher.geography import Geography
from matcher.people_index import PeopleIndex
from matcher.ranking import Query, Ranked, Requirement, rank_people
from matcher.taxonomy import Taxonomy

AT_MOST = 500  # candidates of the first round
LEVELS = 10  # KKNI levels 0 to 9
ROUNDING = 1e-4  # relative; more than float32 loses in a sum of a thousand products


class RetrievalError(Exception):
    """The engine does not answer, or refuses; the message is one line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far an engine has followed the database.

    change: the last change taken in; day: days since 1970 of which the evidence is; digest: names
    the taxonomy and the encoding.
    """

    change: int
    day: int
    digest: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """What an engine returned. people: with all that is stored of each; beyond: no eligible person
    left out has a total above it, 0 where nobody with a score was left out."""

    people: PeopleIndex
    beyond: float

    @property
    def ids(self) -> np.ndarray:
        """int64[n] person ids, in any order."""
        return self.people.ids


class Retrieval(Protocol):
    """An engine that keeps people and finds candidates for a query.

    Every method raises RetrievalError where the engine does not answer.
    """

    @property
    def most(self) -> int:
        """The most candidates one call returns."""

    def upsert(self, people: PeopleIndex) -> None:
        """Put people in, in place of what was known of them; only those who hold something."""

    def remove(self, ids: np.ndarray) -> None:
        """Take people out. ids: int64[n]; those not in it count for nothing."""

    def stored(self) -> tuple[np.ndarray, np.ndarray]:
        """int64[n] ids, in any order, and int64[n] fingerprints of what is stored of each."""

    def fingerprints(self, people: PeopleIndex) -> np.ndarray:
        """int64[n]: the fingerprints that `stored` would give once these people are put in."""

    def candidates(self, query: Query, geography: Geography, at_most: int) -> Candidates:
        """Up to `at_most` eligible people with a score above 0, the greatest bounds first."""

    def mark(self) -> Mark | None:
        """How far the engine has followed, or None where nobody has said."""

    def set_mark(self, mark: Mark) -> None:
        """Say how far the engine has followed."""


# Exact ranking of candidates


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranking from candidates. proved: it is the exact one; fetched: candidates of the last
    round; totals_proved: at least the totals are the exact ones, whoever of equals is shown."""

    ranked: list[Ranked]
    proved: bool
    totals_proved: bool
    fetched: int
    rounds: int


def rank_candidates(
    retrieval: Retrieval,
    query: Query,
    geography: Geography,
    day: int,
    k: int = 50,
    at_most: int = AT_MOST,
    changed: np.ndarray | None = None,
    newer: PeopleIndex | None = None,
    rounds: int = 8,
) -> Answer:
    """The top k eligible people with a score above 0, as `rank_people` gives them.

    Candidates are scored, checked by `matcher.eligibility.reasons` and ordered, equals by their
    hash, with what the engine stores of them. Where the answer is not proved exact, four times as many are asked for, up to the engine's most and for at most
    `rounds` rounds. changed: int64[n] ids whom the engine may know wrongly; they count as `newer`
    has them. Raises RetrievalError.
    """
    asked = min(max(at_most, k), retrieval.most)
    for turn in range(1, rounds + 1):  # noqa: B007  (told in the answer)
        found = retrieval.candidates(query, geography, asked)
        people = found.people
        if changed is not None and len(changed):
            people = subset(people, np.flatnonzero(~np.isin(people.ids, changed)))
        if newer is not None and len(newer):
            people = joined(people, newer)
        ranked = rank_people(people, query, geography, day, k)
        least = ranked[-1].total if len(ranked) == k and k else 0
        beyond = found.beyond * (1 + ROUNDING)
        proved = found.beyond == 0 or beyond < least or k == 0
        if proved or asked == retrieval.most:
            break
        asked = min(4 * asked, retrieval.most)
    # totals are whole numbers, so a bound that rounding alone lifts above one is that one
    totals_proved = proved or found.beyond * (1 - ROUNDING) <= least
    return Answer(ranked, proved, totals_proved, len(found.people), turn)


# Sets of people


def subset(people: PeopleIndex, rows: np.ndarray) -> PeopleIndex:
    """Some people of an index. rows: int64[m]."""
    return _index(
        people.ids[rows],
        people.circumstances.take(rows),
        people.concept_count,
        *evidence(people, rows),
    )


def joined(one: PeopleIndex, other: PeopleIndex) -> PeopleIndex:
    """The people of two indexes that have nobody in common."""
    circumstances = CircumstancesColumns(
        **{
            field.name: np.concatenate(
                [getattr(one.circumstances, field.name), getattr(other.circumstances, field.name)]
            )
            for field in fields(CircumstancesColumns)
        }
    )
    (rows, *held), (other_rows, *other_held) = evidence(one), evidence(other)
    return _index(
        np.concatenate([one.ids, other.ids]),
        circumstances,
        one.concept_count,
        np.concatenate([rows, len(one) + other_rows]),
        *(np.concatenate(pair) for pair in zip(held, other_held, strict=True)),
    )


def evidence(
    people: PeopleIndex, rows: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Parallel arrays of all that people hold: place among `rows` int64, concept int32, strength
    int32, level uint8."""
    chosen: Iterable[int] = range(len(people)) if rows is None else rows.tolist()
    held = [people.held(row) for row in chosen]
    if not held:
        empty = np.zeros(0, dtype=np.int32)
        return empty.astype(np.int64), empty, empty, empty.astype(np.uint8)
    places = np.repeat(np.arange(len(held)), [len(concepts) for concepts, _, _ in held])
    concepts, strengths, levels = (np.concatenate(part) for part in zip(*held, strict=True))
    return places, concepts, strengths, levels


def _index(
    ids: np.ndarray,
    circumstances: CircumstancesColumns,
    concept_count: int,
    rows: np.ndarray,
    concepts: np.ndarray,
    strengths: np.ndarray,
    levels: np.ndarray,
) -> PeopleIndex:
    return PeopleIndex(
        ids=ids,
        circumstances=circumstances,
        concept_count=concept_count,
        rows=rows,
        concepts=concepts,
        strengths=strengths,
        levels=levels,
    )


# Vectors


def groups_of(taxonomy: Taxonomy) -> np.ndarray:
    """int32[concepts]: the units of one occupation share a group, any other concept is alone."""
    occupations = {code: number for number, code in enumerate(taxonomy.occupations)}
    alone = len(occupations)
    return np.array(
        [
            occupations[taxonomy.units[code].occupation]
            if code in taxonomy.units
            else alone + number
            for number, code in enumerate(taxonomy.concepts)
        ],
        dtype=np.int32,
    )


class Encoding:
    """Sparse vectors of people and queries whose inner product is never below the total.

    groups: int32[concepts], any partition of the concepts; the better it follows what people hold
    together and vacancies ask together, the closer the bound.

    A person's vector has the strength of each concept held, in a dimension for concept and level
    (so nothing stored is lost), and, for each group and level, the greatest strength held in the
    group at that level or above. Of a requirement's affinities within a group let a be the
    greatest, at concept c, and b the next. Then with M the greatest strength in the group and s
    that of c

        max_u a_u * s_u  <=  b * M + (a - b) * s

    with equality where c is held as strongly as anything in the group, where nothing as near as c
    is held and b is, and where one of the two is 0. The level factor is a sum of quarters, one at
    every level and one from each of the three levels up to the least asked, so the same holds
    quarter by quarter.
    """

    def __init__(self, groups: np.ndarray) -> None:
        self.groups = np.asarray(groups, dtype=np.int64)
        self.concept_count = len(self.groups)
        sizes = np.bincount(self.groups) if self.concept_count else np.zeros(0, dtype=np.int64)
        self._shared = sizes > 1  # a concept alone needs no dimensions of its group
        self.dimensions = LEVELS * (self.concept_count + len(sizes))

    def of_people(self, people: PeopleIndex) -> sparse.csr_matrix:
        """float32[people, dimensions]: a row for each person."""
        rows, concepts, strengths, levels = (part.astype(np.int64) for part in evidence(people))
        own = rows * self.dimensions + concepts * LEVELS + levels
        groups = self.groups[concepts]
        keys, values = [own], [strengths]
        for level in range(LEVELS):
            counts = (levels >= level) & self._shared[groups]
            dimension = LEVELS * (self.concept_count + groups[counts]) + level
            keys.append(rows[counts] * self.dimensions + dimension)
            values.append(strengths[counts])
        key, value = np.concatenate(keys), np.concatenate(values)
        order = np.lexsort((-value, key))
        key, value = key[order], value[order]
        first = np.ones(len(key), dtype=bool)
        first[1:] = key[1:] != key[:-1]
        key, value = key[first], value[first]
        starts = np.searchsorted(key, np.arange(len(people) + 1) * self.dimensions)
        return sparse.csr_matrix(
            (value.astype(np.float32), key % self.dimensions, starts),
            shape=(len(people), self.dimensions),
        )

    def of_query(self, query: Query) -> dict[int, float]:
        """Dimension -> weight; the inner product with a person's vector is in units of totals."""
        vector: dict[int, float] = {}
        for requirement in query.requirements:
            for dimension, weight in self._of_requirement(requirement):
                vector[dimension] = vector.get(dimension, 0.0) + weight
        return vector

    def _of_requirement(self, requirement: Requirement) -> list[tuple[int, float]]:
        affinities: dict[int, list[tuple[int, int]]] = {}
        for concept, value in zip(
            requirement.affinity.concepts.tolist(),
            requirement.affinity.values.tolist(),
            strict=True,
        ):
            affinities.setdefault(int(self.groups[concept]), []).append((value, concept))
        # the levels at which a quarter is gained
        steps = [0] + [max(requirement.least_level - short, 0) for short in (2, 1, 0)]
        factors = requirement.level_factors().tolist()
        found = []
        for group, members in affinities.items():
            (greatest, concept), (second, _) = [*sorted(members, reverse=True), (0, -1)][:2]
            start = LEVELS * (self.concept_count + group)
            if second:
                found += [(start + step, float(requirement.weight * second)) for step in steps]
            if greatest > second:
                rest = requirement.weight * (greatest - second)
                found += [
                    (LEVELS * concept + level, float(rest * factor))
                    for level, factor in enumerate(factors)
                ]
        return found

    def is_of_concept(self, dimensions: np.ndarray) -> np.ndarray:
        """bool[m]: whether a dimension is one of a concept and not one of a group."""
        return dimensions < LEVELS * self.concept_count

    def held_in(self, dimensions: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """The concepts int32[m], strengths int32[m] and levels uint8[m] behind the dimensions
        int64[m] of concepts in a person's vector and their values float[m]."""
        return (
            (dimensions // LEVELS).astype(np.int32),
            np.rint(values).astype(np.int32),
            (dimensions % LEVELS).astype(np.uint8),
        )


# The same interface without another engine


class InProcess:
    """`Retrieval` over a PeopleIndex in this process: exact, and nothing is estimated."""

    most = 1 << 31

    def __init__(self, people: PeopleIndex) -> None:
        self.people = people
        self._mark: Mark | None = None

    def upsert(self, people: PeopleIndex) -> None:
        self.remove(people.ids)
        holding = [row for row in range(len(people)) if len(people.held(row)[0])]
        self.people = joined(self.people, subset(people, np.array(holding, dtype=np.int64)))

    def remove(self, ids: np.ndarray) -> None:
        self.people = subset(self.people, np.flatnonzero(~np.isin(self.people.ids, ids)))

    def stored(self) -> tuple[np.ndarray, np.ndarray]:
        return self.people.ids, self.fingerprints(self.people)

    def fingerprints(self, people: PeopleIndex) -> np.ndarray:
        return fingerprints(people)

    def candidates(self, query: Query, geography: Geography, at_most: int) -> Candidates:
        best = rank_people(self.people, query, geography, day=0, k=at_most)
        rows = np.array([self.people.row_of(place.id) for place in best], dtype=np.int64)
        beyond = float(best[-1].total) if best and len(best) == at_most else 0.0
        return Candidates(subset(self.people, rows), beyond)

    def mark(self) -> Mark | None:
        return self._mark

    def set_mark(self, mark: Mark) -> None:
        self._mark = mark


def fingerprints(people: PeopleIndex, key: bytes = b"") -> np.ndarray:
    """int64[n]: a number for each person that changes with anything known of that person.

    key: at most 64 bytes that count too, the same for all.
    """
    columns = [getattr(people.circumstances, field.name) for field in fields(CircumstancesColumns)]
    found = np.zeros(len(people), dtype=np.int64)
    for row in range(len(people)):
        concepts, strengths, levels = people.held(row)
        order = np.argsort(concepts, kind="stable")
        digest = blake2b(digest_size=8, key=key)
        for part in (concepts, strengths, levels):
            digest.update(part[order].tobytes())
        digest.update(b"".join(column[row].tobytes() for column in columns))
        found[row] = int.from_bytes(digest.digest(), "little", signed=True)
    return found
