"""The taxonomy as the engine sees it: occupations, units, schemes, licences, aliases, neighbours.

The concepts that people hold and vacancies ask for are the units of competency followed by the
licences; a concept's number is its place in `Taxonomy.concepts`, and the order is by code, so
that equal taxonomies give equal numbers.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Occupation:
    code: str
    title_id: str
    title_en: str
    isco: str
    duties: tuple[str, ...]
    licences: tuple[str, ...]
    sector: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    occupation: str
    title_id: str
    title_en: str
    level: int
    skkni_code: str | None = None


@dataclass(frozen=True, slots=True)
class Scheme:
    code: str
    occupation: str
    title_id: str
    title_en: str
    kkni_level: int | None
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Licence:
    code: str
    title_id: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A wording and the code of the occupation or unit it means."""

    target: str
    text: str
    language: str = "id"
    kind: str = "colloquial"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Two occupations and how close they are, in (0, 1)."""

    occupation: str
    neighbour: str
    closeness: float


class TaxonomyError(ValueError):
    """The taxonomy contradicts itself; the message names what and where."""


class Taxonomy:
    """An immutable taxonomy with its look-ups.

    outside: wordings of work that the taxonomy holds no occupation for, so that a text which means
    such work is not taken for what it holds; their targets are names of that work, no codes.
    Raises TaxonomyError when a code stands twice or points at nothing.
    """

    def __init__(
        self,
        occupations: Iterable[Occupation],
        units: Iterable[Unit],
        schemes: Iterable[Scheme],
        licences: Iterable[Licence],
        aliases: Iterable[Alias],
        neighbours: Iterable[Neighbour],
        outside: Iterable[Alias] = (),
    ) -> None:
        self.occupations = _by_code(occupations, "occupation")
        self.units = _by_code(units, "unit")
        self.schemes = _by_code(schemes, "scheme")
        self.licences = _by_code(licences, "licence")
        self.aliases = tuple(sorted(aliases, key=astuple))
        self.neighbours = tuple(sorted(neighbours, key=astuple))
        self.outside = tuple(sorted(outside, key=astuple))
        self._check_references()
        self.concepts: tuple[str, ...] = (*self.units, *self.licences)
        self.concept_number = {code: number for number, code in enumerate(self.concepts)}
        self.unit_count = len(self.units)

    def _check_references(self) -> None:
        for unit in self.units.values():
            self._require(self.occupations, unit.occupation, f"unit {unit.code}")
        for scheme in self.schemes.values():
            self._require(self.occupations, scheme.occupation, f"scheme {scheme.code}")
            for code in scheme.units:
                self._require(self.units, code, f"scheme {scheme.code}")
        for occupation in self.occupations.values():
            for code in occupation.licences:
                self._require(self.licences, code, f"occupation {occupation.code}")
        for alias in self.aliases:
            if alias.target not in self.units and alias.target not in self.occupations:
                raise TaxonomyError(f"alias {alias.text!r}: unknown target {alias.target!r}")
        for pair in self.neighbours:
            for code in (pair.occupation, pair.neighbour):
                self._require(self.occupations, code, f"neighbours of {pair.occupation}")
        for wording in self.outside:
            if wording.target in self.occupations or wording.target in self.units:
                raise TaxonomyError(f"{wording.target!r} is said to be outside and stands inside")

    @staticmethod
    def _require(known: dict, code: str, where: str) -> None:
        if code not in known:
            raise TaxonomyError(f"{where}: unknown code {code!r}")

    @cached_property
    def units_of_occupation(self) -> dict[str, tuple[str, ...]]:
        """Unit codes by their own occupation."""
        found = defaultdict(list)
        for unit in self.units.values():
            found[unit.occupation].append(unit.code)
        return {code: tuple(units) for code, units in found.items()}

    @cached_property
    def schemes_of_unit(self) -> dict[str, tuple[str, ...]]:
        """Scheme codes that contain a unit."""
        found = defaultdict(list)
        for scheme in self.schemes.values():
            for unit in scheme.units:
                found[unit].append(scheme.code)
        return {code: tuple(schemes) for code, schemes in found.items()}

    @cached_property
    def schemes_of_occupation(self) -> dict[str, tuple[str, ...]]:
        found = defaultdict(list)
        for scheme in self.schemes.values():
            found[scheme.occupation].append(scheme.code)
        return {code: tuple(schemes) for code, schemes in found.items()}

    @cached_property
    def closeness(self) -> dict[str, dict[str, float]]:
        """occupation -> neighbour -> closeness, both ways, the greater where a pair stands twice."""
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for pair in self.neighbours:
            for one, other in (
                (pair.occupation, pair.neighbour),
                (pair.neighbour, pair.occupation),
            ):
                found[one][other] = max(pair.closeness, found[one].get(other, 0.0))
        return dict(found)

    @cached_property
    def aliases_of(self) -> dict[str, tuple[str, ...]]:
        """Alias texts by target code."""
        found = defaultdict(list)
        for alias in self.aliases:
            found[alias.target].append(alias.text)
        return {code: tuple(texts) for code, texts in found.items()}

    @cached_property
    def digest(self) -> str:
        """16 hex digits that change with any word of the taxonomy."""
        parts = (
            self.occupations.values(),
            self.units.values(),
            self.schemes.values(),
            self.licences.values(),
            self.aliases,
            self.neighbours,
            self.outside,
        )
        state = hashlib.sha256()
        for part in parts:
            for entry in part:
                state.update(repr(entry).encode())
        return state.hexdigest()[:16]


def _by_code(entries: Iterable, what: str) -> dict:
    found: dict = {}
    for entry in sorted(entries, key=lambda entry: entry.code):
        if entry.code in found:
            raise TaxonomyError(f"{what} code {entry.code!r} stands twice")
        found[entry.code] = entry
    return found
