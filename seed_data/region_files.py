"""Provinces, kabupaten and kota, facilities and Bapas, as rows ready for the database."""

from seed_data.files import FOLDER, rows

REGION_FOLDER = FOLDER / "regions"

FILES: dict[str, tuple[str, ...]] = {
    "provinces": ("code", "name", "name_en", "timezone"),
    "regencies": ("code", "province", "kind", "name", "lat", "lon", "timezone"),
    "places": ("place", "region"),
    "bapas": ("code", "name", "region"),
    "bapas_regions": ("bapas", "region"),
    "facilities": ("code", "kind", "name", "region", "bapas"),
}


def read_regions(name: str) -> list[dict[str, str]]:
    """The rows of one of FILES. Raises SeedDataError, naming file and line."""
    return [row for _, row in rows(REGION_FOLDER / f"{name}.csv", FILES[name])]
