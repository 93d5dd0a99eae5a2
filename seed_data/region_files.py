"""Provinces, kabupaten and kota, facilities and Bapas, as rows ready for the database."""

import math

from models.enums import FacilityKind, RegionKind
from seed_data.files import FOLDER, SeedDataError, rows

REGION_FOLDER = FOLDER / "regions"

FILES: dict[str, tuple[str, ...]] = {
    "provinces": ("code", "name", "name_en", "timezone"),
    "regencies": ("code", "province", "kind", "name", "lat", "lon", "timezone"),
    "places": ("place", "region"),
    "bapas": ("code", "name", "region"),
    "bapas_regions": ("bapas", "region"),
    "facilities": ("code", "kind", "name", "region", "bapas"),
}
KEYS = {
    "provinces": "code",
    "regencies": "code",
    "places": "place",
    "bapas": "code",
    "bapas_regions": "region",
    "facilities": "code",
}
CHOICES = {
    ("regencies", "kind"): tuple(kind.value for kind in RegionKind),
    ("facilities", "kind"): tuple(kind.value for kind in FacilityKind),
    ("provinces", "timezone"): ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"),
    ("regencies", "timezone"): ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"),
}
DEGREES = {("regencies", "lat"): 90.0, ("regencies", "lon"): 180.0}
POINTS_TO: dict[tuple[str, str], tuple[str, ...]] = {
    ("regencies", "province"): ("provinces",),
    ("places", "region"): ("regencies", "provinces"),
    ("bapas", "region"): ("regencies",),
    ("bapas_regions", "bapas"): ("bapas",),
    ("bapas_regions", "region"): ("regencies",),
    ("facilities", "region"): ("regencies",),
    ("facilities", "bapas"): ("bapas",),
}


def read_regions(name: str) -> list[dict[str, str]]:
    """The rows of one of FILES, each cell checked. Raises SeedDataError, naming file, line and
    column of the first that is wrong."""
    found = list(rows(REGION_FOLDER / f"{name}.csv", FILES[name]))
    known = {
        column: _codes(POINTS_TO[name, column])
        for column in FILES[name]
        if (name, column) in POINTS_TO
    }
    first: dict[str, str] = {}
    for place, row in found:
        for column, text in row.items():
            reason = _wrong(name, column, text)
            if not reason and text not in known.get(column, {text}):
                reason = f"{text!r} is not in {' or '.join(POINTS_TO[name, column])}.csv"
            if reason:
                raise SeedDataError(f"{place}: column {column}: {reason}")
        key = row[KEYS[name]]
        if key in first:
            raise SeedDataError(f"{place}: column {KEYS[name]}: {key!r} stands in {first[key]} too")
        first[key] = place
    return [row for _, row in found]


def _codes(names: tuple[str, ...]) -> set[str]:
    return {
        row["code"] for name in names for _, row in rows(REGION_FOLDER / f"{name}.csv", FILES[name])
    }


def _wrong(name: str, column: str, text: str) -> str:
    """Why a cell cannot be used, or nothing."""
    if not text.strip():
        return "is empty"
    choices = CHOICES.get((name, column))
    if choices and text not in choices:
        return f"must be one of {', '.join(choices)}, not {text!r}"
    most = DEGREES.get((name, column))
    if most is not None:
        try:
            degrees = float(text)
        except ValueError:
            degrees = math.nan
        if not abs(degrees) <= most:
            return f"must be degrees from -{most:g} to {most:g}, not {text!r}"
    return ""
