"""Reading the CSV files of this folder; an error names file, line and column."""

import csv
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


class SeedDataError(ValueError):
    """A seed file is not as it must be; the message names file and line."""


def rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """(place, row) for each row; place is "file:line" for messages. Raises SeedDataError."""
    name = str(path.relative_to(FOLDER)) if path.is_relative_to(FOLDER) else str(path)
    try:
        file = path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise SeedDataError(f"{name}: cannot be read ({error.strerror})") from None
    with file:
        reader = csv.reader(file)
        header = next(reader, [])
        if tuple(header) != columns:
            raise SeedDataError(f"{name}:1: columns must be {','.join(columns)}")
        for row in reader:
            place = f"{name}:{reader.line_num}"
            if len(row) != len(columns):
                raise SeedDataError(f"{place}: {len(row)} columns instead of {len(columns)}")
            yield place, dict(zip(columns, row, strict=True))
