"""Titian's own taxonomy: one folder a sector under taxonomy/, five CSV files in each; beside them what
is of no sector, and outside.csv, the words of work that the taxonomy does not hold."""

from functools import cache
from pathlib import Path

from matcher.taxonomy import (
    Alias,
    Licence,
    Neighbour,
    Occupation,
    Scheme,
    Taxonomy,
    TaxonomyError,
    Unit,
)
from models.enums import AliasKind
from seed_data.files import FOLDER, SeedDataError, rows

TAXONOMY_FOLDER = FOLDER / "taxonomy"
OUTSIDE = "outside"


@cache
def read_taxonomy(folder: Path = TAXONOMY_FOLDER) -> Taxonomy:
    """The taxonomy of a folder. Raises SeedDataError or TaxonomyError, naming what is wrong."""
    occupations, units, schemes, aliases, neighbours = [], [], [], [], []
    for sector in sorted(path for path in folder.iterdir() if path.is_dir()):
        occupations += _occupations(sector)
        units += _units(sector)
        schemes += _schemes(sector)
        aliases += _aliases(sector)
        neighbours += _neighbours(sector / "neighbours.csv")
    across = folder / "neighbours.csv"
    if across.exists():
        neighbours += _neighbours(across)
    licences = [
        Licence(row["code"], row["title_id"], row["title_en"])
        for _, row in rows(folder / "licences.csv", ("code", "title_id", "title_en"))
    ]
    return Taxonomy(
        occupations, units, schemes, licences, aliases, neighbours, read_outside(folder)
    )


def read_outside(folder: Path = TAXONOMY_FOLDER) -> list[Alias]:
    """Wordings of work that has no occupation in the taxonomy; none where the folder names none."""
    path = folder / "outside.csv"
    if not path.exists():
        return []
    return [
        Alias(f"{OUTSIDE}/{row['work']}", row["wording"])
        for _, row in rows(path, ("work", "wording"))
    ]


def _occupations(sector: Path) -> list[Occupation]:
    columns = ("code", "title_id", "title_en", "isco", "duties_id", "licences")
    return [
        Occupation(
            row["code"],
            row["title_id"],
            row["title_en"],
            row["isco"],
            _split(row["duties_id"], ";"),
            tuple(sorted(_split(row["licences"], "|"))),
            sector.name,
        )
        for _, row in rows(sector / "occupations.csv", columns)
    ]


def _units(sector: Path) -> list[Unit]:
    columns = ("code", "occupation", "title_id", "title_en", "level", "skkni_code")
    return [
        Unit(
            row["code"],
            row["occupation"],
            row["title_id"],
            row["title_en"],
            _level(row["level"], place),
            row["skkni_code"] or None,
        )
        for place, row in rows(sector / "units.csv", columns)
    ]


def _schemes(sector: Path) -> list[Scheme]:
    columns = ("code", "occupation", "title_id", "title_en", "kkni_level", "units")
    return [
        Scheme(
            row["code"],
            row["occupation"],
            row["title_id"],
            row["title_en"],
            _level(row["kkni_level"], place) if row["kkni_level"] else None,
            tuple(sorted(set(_split(row["units"], "|")))),
        )
        for place, row in rows(sector / "schemes.csv", columns)
    ]


def _aliases(sector: Path) -> list[Alias]:
    kinds = {kind.value for kind in AliasKind}
    found = []
    for place, row in rows(sector / "aliases.csv", ("target", "alias", "language", "kind")):
        if row["kind"] not in kinds:
            raise SeedDataError(f"{place}: column kind: unknown kind {row['kind']!r}")
        found.append(Alias(row["target"], row["alias"], row["language"], row["kind"]))
    return found


def _neighbours(path: Path) -> list[Neighbour]:
    found = []
    for place, row in rows(path, ("occupation", "neighbour", "closeness")):
        try:
            closeness = float(row["closeness"])
        except ValueError:
            closeness = 0.0
        if not 0 < closeness < 1:
            raise SeedDataError(f"{place}: column closeness: must lie between 0 and 1")
        found.append(Neighbour(row["occupation"], row["neighbour"], closeness))
    return found


def _level(text: str, place: str) -> int:
    if text not in set("123456789"):
        raise SeedDataError(f"{place}: level must be 1 to 9, not {text!r}")
    return int(text)


def _split(text: str, sign: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(sign) if part.strip())


__all__ = ["TAXONOMY_FOLDER", "TaxonomyError", "read_outside", "read_taxonomy"]
