"""Reading the tables people bring: CSV in any usual encoding and separator, or XLSX.

What is wrong with a file or a row is collected as problems that name row, column and reason, so
that a file can be mended in one go. Nothing here writes anything.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flask_babel import gettext as _

MOST_BYTES = 40 * 1024 * 1024
MOST_ROWS = 100_000
LONGEST_CELL = 20_000
MOST_UNPACKED = 200 * 1024 * 1024  # of an XLSX, which is a zip
MOST_CELLS = 3_000_000  # of an XLSX, whose rows and columns may have any number
MOST_TAGS = 3_000_000  # in all parts of an XLSX: its parser needs about 300 bytes for each
ENCODINGS = ("utf-8-sig", "cp1252")
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and how to mend it. row 1 is the header; 0 means the whole file."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = _("baris %(row)s", row=self.row) if self.row else _("berkas")
        if self.column:
            place += ", " + _("kolom %(name)s", name=self.column)
        return f"{place}: {self.reason}"


class TableRefused(Exception):
    """The file cannot be taken; `problems` says why, all of it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:3]))
        self.problems = list(problems)


@dataclass
class Table:
    """header: the columns as written; rows: (row number in the file, cells by column)."""

    header: list[str]
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)


def read_path(path: Path) -> Table:
    """The table of a file on disk. Raises TableRefused."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise TableRefused([_too_large(size)])
        return read_bytes(path.read_bytes(), path.name)
    except OSError as error:
        raise TableRefused(
            [Problem(0, "", _("tidak bisa dibuka (%(why)s)", why=error.strerror))]
        ) from None


def read_bytes(content: bytes, name: str = "") -> Table:
    """The table of a file's bytes; XLSX is known by its first bytes. Raises TableRefused."""
    if len(content) > MOST_BYTES:
        raise TableRefused([_too_large(len(content))])
    if not content.strip():
        raise TableRefused([Problem(0, "", _("berkas ini kosong"))])
    if content[:4] == b"PK\x03\x04":
        return _table(_xlsx_rows(content))
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise TableRefused(
            [Problem(0, "", _("berkas .xls lama tidak bisa dibaca; simpan sebagai .xlsx atau CSV"))]
        )
    return _table(_csv_rows(_decoded(content)))


def _too_large(size: int) -> Problem:
    return Problem(
        0,
        "",
        _(
            "berkas ini %(size)s MB, paling besar %(most)s MB; bagi menjadi beberapa berkas",
            size=round(size / 1024 / 1024),
            most=MOST_BYTES // 1024 // 1024,
        ),
    )


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ENCODINGS
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise _unreadable()


def _unreadable() -> TableRefused:
    return TableRefused(
        [
            Problem(
                0,
                "",
                _("berkas ini bukan tabel yang bisa dibaca; simpan sebagai CSV UTF-8 atau .xlsx"),
            )
        ]
    )


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    unquoted = re.sub(r'"[^"]*"', "", text[:LONGEST_CELL]).strip("\r\n")
    first = re.split(r"[\r\n]", unquoted, maxsplit=1)[0]
    delimiter = max(DELIMITERS, key=lambda sign: (first.count(sign), -DELIMITERS.index(sign)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    last = 0
    try:
        for cells in reader:
            yield last + 1, cells  # the line a row begins at
            last = reader.line_num
    except csv.Error as error:
        raise TableRefused(
            [Problem(last + 1, "", _("baris ini tidak bisa dibaca (%(why)s)", why=str(error)))]
        ) from None


def _xlsx_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # 5 MB in every worker that reads no spreadsheet

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_bomb(archive)
            if any(entry.filename.endswith("vbaProject.bin") for entry in archive.infolist()):
                raise TableRefused(
                    [Problem(0, "", _("berkas ini berisi makro; simpan sebagai .xlsx tanpa makro"))]
                )
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        sheet.reset_dimensions()  # some programs write a size that is not the sheet's
        seen = 0
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            seen += 1 + len(cells)
            if seen > MOST_CELLS:
                raise _unreadable()
            yield number, [_cell_text(cell) for cell in cells]
    except TableRefused:
        raise
    except Exception:  # a damaged file makes the parsers raise nearly anything
        raise _unreadable() from None


def _refuse_bomb(archive: zipfile.ZipFile) -> None:
    if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
        raise TableRefused([_too_large(MOST_UNPACKED)])
    tags = 0
    for entry in archive.infolist():
        with archive.open(entry) as part:
            while chunk := part.read(1024 * 1024):
                tags += chunk.count(b"<")
    if tags > MOST_TAGS:
        raise TableRefused(
            [Problem(0, "", _("isi berkas ini terlalu banyak; bagi menjadi beberapa berkas"))]
        )


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _table(rows: Iterator[tuple[int, list[str]]]) -> Table:
    problems: list[Problem] = []
    table: Table | None = None
    for number, cells in rows:
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if table is None:
            table = Table(_header(number, cells))
            continue
        if len(table.rows) + len(problems) >= MOST_ROWS:
            problems.append(
                Problem(number, "", _("lebih dari %(most)s baris; bagi berkasnya", most=MOST_ROWS))
            )
            break
        while len(cells) > len(table.header) and not cells[-1]:
            cells.pop()
        if len(cells) > len(table.header):
            problems.append(
                Problem(
                    number,
                    "",
                    _(
                        "ada %(given)s kolom, judulnya %(wanted)s; periksa tanda kutip dan pemisah",
                        given=len(cells),
                        wanted=len(table.header),
                    ),
                )
            )
            continue
        cells += [""] * (len(table.header) - len(cells))
        row = dict(zip(table.header, cells, strict=True))
        for column, cell in row.items():
            if len(cell) > LONGEST_CELL:
                problems.append(
                    Problem(number, column, _("isi terlalu panjang (%(n)s huruf)", n=len(cell)))
                )
        table.rows.append((number, row))
    if table is None or not (table.rows or problems):
        problems.append(Problem(0, "", _("berkas ini tidak berisi baris data")))
    if problems:
        raise TableRefused(problems)
    return table  # type: ignore[return-value]


def _header(number: int, cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    problems = [
        Problem(number, "", _("kolom ke-%(n)s tidak punya judul", n=place))
        for place, cell in enumerate(cells, start=1)
        if not cell
    ]
    problems += [
        Problem(number, cell, _("judul kolom ini ada dua kali"))
        for cell in sorted({cell for cell in cells if cell and cells.count(cell) > 1})
    ]
    if problems:
        raise TableRefused(problems)
    return cells
