"""Reading the CSV files of this folder; an error names file, line and column."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


class SeedDataError(ValueError):
    """A seed file is not as it must be; the message names file and line."""


def rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """(place, row) for each row; place is "file:line" for messages. Raises SeedDataError."""
    name = str(path.relative_to(FOLDER)) if path.is_relative_to(FOLDER) else str(path)
    reader = csv.reader(io.StringIO(_text(path, name), newline=""), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != columns:
            raise SeedDataError(f"{name}:1: columns must be {','.join(columns)}")
        for row in reader:
            place = f"{name}:{reader.line_num}"
            if len(row) != len(columns):
                raise SeedDataError(f"{place}: {len(row)} columns instead of {len(columns)}")
            yield place, dict(zip(columns, row, strict=True))
    except csv.Error as error:
        raise SeedDataError(f"{name}:{reader.line_num}: not CSV ({error})") from None


def _text(path: Path, name: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SeedDataError(f"{name}: cannot be read ({error.strerror})") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SeedDataError(f"{name}:{line}: not UTF-8") from None
