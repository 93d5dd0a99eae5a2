import io
import time
import zipfile
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from web.services import tables
from web.services.tables import Table, TableRefused, read_bytes

SHEET = "xl/worksheets/sheet1.xml"
SHEET_START = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
SOON = 10  # seconds; a file that is unpacked or parsed for its size takes minutes
SHEET_END = b"</sheetData></worksheet>"


def xlsx(*rows: list, formats: dict[str, str] | None = None) -> bytes:
    """A real workbook with these rows; formats: cell -> number format."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def xlsx_with(**parts: bytes) -> bytes:
    """A workbook of two rows whose sheet, or other part, is replaced."""
    named = {SHEET if name == "sheet" else name: content for name, content in parts.items()}
    return zipped(parts_of(xlsx(["a", "b"], ["c", "d"])) | named)


def refusal(content: bytes) -> list[tables.Problem]:
    with pytest.raises(TableRefused) as caught:
        read_bytes(content)
    return caught.value.problems


def the_refusal(content: bytes) -> tables.Problem:
    (problem,) = refusal(content)
    return problem


# CSV


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"]
)
def test_csv_of_every_usual_unicode_encoding_reads_the_same(encoding: str) -> None:
    text = "Nama,Kota\r\nSiti Nurhalizá,Yogyakarta\r\n"
    if encoding.endswith("-bom"):
        content = ("\ufeff" + text).encode(encoding.removesuffix("-bom"))
    else:
        content = text.encode(encoding)
    assert read_bytes(content) == Table(
        ["Nama", "Kota"], [(2, {"Nama": "Siti Nurhalizá", "Kota": "Yogyakarta"})]
    )


def test_windows_1252_is_read_with_its_own_signs() -> None:
    content = "Nama,Catatan\nAndré,“baik” – 5 €\n".encode("cp1252")
    assert read_bytes(content).rows == [(2, {"Nama": "André", "Catatan": "“baik” – 5 €"})]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_usual_separator_is_found(delimiter: str) -> None:
    content = f"NIK{delimiter}Nama\n1{delimiter}Budi\n".encode()
    assert read_bytes(content) == Table(["NIK", "Nama"], [(2, {"NIK": "1", "Nama": "Budi"})])


def test_separator_inside_quotes_of_the_header_is_not_counted() -> None:
    content = b'"Nama, lengkap, dengan gelar";Kota\nBudi;Bekasi\n'
    assert read_bytes(content).header == ["Nama, lengkap, dengan gelar", "Kota"]


def test_header_may_run_over_two_lines_inside_quotes() -> None:
    table = read_bytes(b'"Nama\nlengkap";Kota\nBudi;Bekasi\n')
    assert table.header == ["Nama\nlengkap", "Kota"]
    assert [number for number, _row in table.rows] == [3]


def test_quoted_cell_over_lines_keeps_them_and_later_rows_their_own_numbers() -> None:
    content = b'Judul,Isi\nLas,"satu\ndua, ""tiga""\nempat"\nJahit,lima\n'
    assert read_bytes(content).rows == [
        (2, {"Judul": "Las", "Isi": 'satu\ndua, "tiga"\nempat'}),
        (5, {"Judul": "Jahit", "Isi": "lima"}),
    ]


def test_blank_lines_are_passed_over_and_still_counted() -> None:
    assert read_bytes(b"\r\n\r\na,b\r\n,\r\n\r\nc,d\r\n").rows == [(6, {"a": "c", "b": "d"})]


def test_lines_that_end_as_on_old_macs_are_rows() -> None:
    assert read_bytes(b"a;b\rc,d;e\rf;g").rows == [
        (2, {"a": "c,d", "b": "e"}),
        (3, {"a": "f", "b": "g"}),
    ]


def test_short_row_is_filled_and_empty_cells_beyond_the_header_are_dropped() -> None:
    assert read_bytes(b"a,b,c\n1\n1,2,3,,\n").rows == [
        (2, {"a": "1", "b": "", "c": ""}),
        (3, {"a": "1", "b": "2", "c": "3"}),
    ]


def test_every_row_with_too_many_cells_is_named_and_good_rows_are_not() -> None:
    problems = refusal(b"a,b\n1,2\n1,2,3\n1,2\n1,2,3,4\n")
    assert [problem.row for problem in problems] == [3, 5]
    assert "4" in problems[1].reason
    assert "2" in problems[1].reason


def test_cells_are_stripped() -> None:
    assert read_bytes(b" a ,b\n  x  ,\ty\n").rows == [(2, {"a": "x", "b": "y"})]


@pytest.mark.parametrize("content", [b"", b"   \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_empty_file_is_refused(content: bytes) -> None:
    assert the_refusal(content).row == 0


@pytest.mark.parametrize("content", [b"a,b\n", b"a,b", b"a,b\n,\n\n", xlsx(["a", "b"])])
def test_header_without_rows_is_refused(content: bytes) -> None:
    assert the_refusal(content).reason == "berkas ini tidak berisi baris data"


def test_column_that_stands_twice_is_named_once() -> None:
    problem = the_refusal(b"NIK,Nama,NIK,NIK\n1,2,3,4\n")
    assert (problem.row, problem.column) == (1, "NIK")


def test_column_without_a_title_is_named_by_its_place() -> None:
    problem = the_refusal(b"\na,,c\n1,2,3\n")
    assert problem.row == 2
    assert "2" in problem.reason


def test_text_that_holds_nul_is_refused_in_every_encoding() -> None:
    for encoding in ("utf-8", "utf-16", "utf-32", "cp1252", "utf-16-le"):
        assert the_refusal("a,b\nc,d\x00\n".encode(encoding)).row == 0


def test_bytes_that_are_no_text_are_refused() -> None:
    assert the_refusal(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR").row == 0
    assert the_refusal(b"\x81\x8d\x8f\x90\x9d").row == 0
    assert the_refusal(b"\xff\xfeabc").row == 0


def test_cell_beyond_the_longest_is_named_with_row_column_and_length() -> None:
    longest = tables.LONGEST_CELL
    assert read_bytes(b"a,b\n1," + b"x" * longest + b"\n").rows
    problem = the_refusal(b"a,b\n1,2\n1," + b"x" * (longest + 1) + b"\n")
    assert (problem.row, problem.column) == (3, "b")
    assert str(longest + 1) in problem.reason


def test_field_that_never_ends_is_refused_at_its_row() -> None:
    problem = the_refusal(b'a,b\n1,2\n1,"' + b"x" * 200_000)
    assert problem.row == 3


def test_file_of_most_rows_is_taken_and_one_more_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", most := 500)
    assert len(read_bytes(b"a\n" + b"1\n" * most).rows) == most
    problem = the_refusal(b"a\n" + b"1\n" * (most + 1))
    assert problem.row == most + 2


def test_problems_of_a_hopeless_file_are_not_collected_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 500)
    assert len(refusal(b"a\n" + b"b,c\n" * 2000)) == 501


def test_too_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "besar.csv"
    with path.open("wb") as file:
        file.truncate(tables.MOST_BYTES + 1)
    with pytest.raises(TableRefused, match="40 MB"):
        tables.read_path(path)
    with pytest.raises(TableRefused, match="40 MB"):
        read_bytes(b"a" * (tables.MOST_BYTES + 1))


def test_missing_file_and_folder_are_refused_with_why(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "tidak-ada.csv", "No such file"), (tmp_path, "directory")):
        with pytest.raises(TableRefused, match=why):
            tables.read_path(path)


# XLSX


def test_xlsx_gives_dates_numbers_and_text_as_a_csv_would() -> None:
    content = xlsx(
        ["NIK", "Nama", "Lahir", "Mulai", "Jam", "Upah", "Pukul", "Ya", "Kosong"],
        [
            3275990000000001,
            " Budi ",
            date(1990, 3, 27),
            datetime(2026, 6, 1, 8, 30),  # noqa: DTZ001  (workbooks know no zones)
            120.0,
            4500000.5,
            clock(7, 15),
            True,
            None,
        ],
    )
    (row,) = read_bytes(content).rows
    assert row == (
        2,
        {
            "NIK": "3275990000000001",
            "Nama": "Budi",
            "Lahir": "1990-03-27",
            "Mulai": "2026-06-01",
            "Jam": "120",
            "Upah": "4500000.5",
            "Pukul": "07:15:00",
            "Ya": "True",
            "Kosong": "",
        },
    )


def test_xlsx_number_that_only_looks_like_a_date_by_its_format_is_a_date() -> None:
    content = xlsx(["Terbit"], [46_000], formats={"A2": "dd/mm/yyyy"})
    assert read_bytes(content).rows == [(2, {"Terbit": "2025-12-09"})]


def test_only_the_first_sheet_of_a_workbook_is_read() -> None:
    book = Workbook()
    book.active.append(["a"])
    book.active.append(["pertama"])
    book.create_sheet("lain").append(["kedua"])
    file = io.BytesIO()
    book.save(file)
    assert read_bytes(file.getvalue()).rows == [(2, {"a": "pertama"})]


def test_empty_rows_of_a_sheet_keep_the_numbers_of_later_rows() -> None:
    assert read_bytes(xlsx(["a", "b"], [], [None, ""], ["c"])).rows == [(4, {"a": "c", "b": ""})]


@pytest.mark.parametrize("claimed", [b"A1", b"A1:A99999999999", b"A1:XFD1048576"])
def test_size_a_sheet_claims_is_not_believed(claimed: bytes) -> None:
    sheet = SHEET_START.replace(b"<sheetData>", b'<dimension ref="' + claimed + b'"/><sheetData>')
    for number in (1, 2, 3):
        cells = b"".join(
            b'<c r="%s%d" t="inlineStr"><is><t>%s%d</t></is></c>' % (column, number, column, number)
            for column in (b"A", b"B")
        )
        sheet += b'<row r="%d">%s</row>' % (number, cells)
    assert read_bytes(xlsx_with(sheet=sheet + SHEET_END)).rows == [
        (2, {"A1": "A2", "B1": "B2"}),
        (3, {"A1": "A3", "B1": "B3"}),
    ]


def test_row_number_out_of_this_world_is_refused_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_CELLS", 100_000)
    sheet = (
        SHEET_START + b'<row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>' + SHEET_END
    )
    started = time.monotonic()
    assert the_refusal(xlsx_with(sheet=sheet)).row == 0
    assert time.monotonic() - started < SOON


def test_old_xls_is_refused_with_what_to_do() -> None:
    problem = the_refusal(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000))
    assert ".xlsx" in problem.reason


def test_workbook_with_macros_is_refused() -> None:
    problem = the_refusal(xlsx_with(**{"xl/vbaProject.bin": b"Attribute VB_Name"}))
    assert "makro" in problem.reason


def test_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = bytes(tables.MOST_UNPACKED + 1)
    content = xlsx_with(**{"xl/media/kosong.png": bomb})
    assert len(content) < 1024 * 1024
    started = time.monotonic()
    assert "MB" in the_refusal(content).reason
    assert time.monotonic() - started < SOON


def test_sheet_of_more_cells_than_a_parser_can_bear_is_refused_soon() -> None:
    sheet = SHEET_START + b"<row>" + b"<c/>" * (tables.MOST_TAGS + 1) + b"</row>" + SHEET_END
    content = xlsx_with(sheet=sheet)
    started = time.monotonic()
    assert the_refusal(content).row == 0
    assert time.monotonic() - started < SOON


def test_entities_that_grow_without_end_are_refused() -> None:
    levels = b"".join(
        b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 20) for level in range(1, 12)
    )
    sheet = (
        b'<!DOCTYPE x [<!ENTITY e0 "ha">' + levels + b"]>" + SHEET_START + b'<row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>&e11;</t></is></c></row>' + SHEET_END
    )
    assert the_refusal(xlsx_with(sheet=sheet)).row == 0


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and then nothing of a zip",
        zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
        xlsx(["a"], ["b"])[:-40],
        xlsx_with(sheet=b"<worksheet><sheetData><row r="),
        xlsx_with(sheet=b"no XML at all"),
        xlsx_with(sheet=SHEET_START + b'<row r="x"/>' + SHEET_END),
        xlsx_with(sheet=SHEET_START + b'<row><c r="A1" t="s"><v>99</v></c></row>' + SHEET_END),
        xlsx_with(**{"xl/workbook.xml": b"<workbook/>"}),
        xlsx_with(**{"xl/styles.xml": b"<"}),
        xlsx_with(**{"[Content_Types].xml": b""}),
    ],
    ids=["cut", "ods", "no-end", "half", "text", "row", "string", "no-sheet", "styles", "types"],
)
def test_damaged_workbook_is_refused(content: bytes) -> None:
    assert the_refusal(content).row == 0


# Whatever comes

cells_of_a_table = st.lists(
    st.lists(st.text(st.sampled_from('ab ",;|\t\r\n\x00é€1'), max_size=6), max_size=4), max_size=5
)


def outcome(content: bytes) -> Table | None:
    """The table, checked for what the rest of the house relies on, or None where refused."""
    try:
        table = read_bytes(content)
    except TableRefused as error:
        refused = error
    else:
        refused = None
    if refused is not None:
        assert refused.problems
        assert all(problem.reason for problem in refused.problems)
        return None
    assert table.rows
    assert all(table.header)
    assert len(set(table.header)) == len(table.header)
    numbers = [number for number, _row in table.rows]
    assert numbers == sorted(set(numbers))
    for _number, row in table.rows:
        assert list(row) == table.header
        assert any(row.values())
        assert "\x00" not in "".join([*row, *row.values()])
    return table


@given(st.binary(max_size=300))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_a_table_or_refused(content: bytes) -> None:
    outcome(content)


@given(
    cells_of_a_table,
    st.sampled_from(tables.DELIMITERS),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"]),
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_any_text_with_separators_is_a_table_or_refused(
    rows: list[list[str]], delimiter: str, encoding: str, quoted: bool
) -> None:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if quoted else text

    text = "\n".join(delimiter.join(map(cell, row)) for row in rows)
    outcome(text.encode(encoding))


WORKBOOK = parts_of(xlsx(["NIK", "Nama", "Lahir"], [1, "Budi", date(1990, 3, 27)], [2.5, "=A1", 1]))


@given(
    st.sampled_from(sorted(WORKBOOK)),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 30),
            st.one_of(st.binary(max_size=3), st.text("0123456789<>\"'/=AZ", max_size=6)),
        ),
        min_size=1,
        max_size=4,
    ),
)
@settings(max_examples=300, deadline=None)
@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl says what it leaves out
def test_workbook_with_any_damaged_part_is_a_table_or_refused(
    name: str, damages: list[tuple[float, int, bytes | str]]
) -> None:
    part = WORKBOOK[name]
    for place, length, put in damages:
        start = int(place * len(part))
        new = put if isinstance(put, bytes) else put.encode()
        part = part[:start] + new + part[start + length :]
    outcome(zipped(WORKBOOK | {name: part}))


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=200, deadline=None)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_workbook_with_any_damaged_byte_is_a_table_or_refused(
    damages: list[tuple[float, int]],
) -> None:
    content = bytearray(zipped(WORKBOOK))
    for place, value in damages:
        content[4 + int(place * (len(content) - 5))] = value
    outcome(bytes(content))


written_cell = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]),
    min_size=1,
    max_size=8,
).filter(lambda text: text.strip() == text and "\r" not in text)


@given(
    st.lists(written_cell, min_size=2, max_size=4, unique=True),
    st.lists(st.lists(written_cell, min_size=4, max_size=4), min_size=1, max_size=4),
    st.sampled_from(tables.DELIMITERS),
)
@settings(max_examples=200, deadline=None)
def test_what_a_spreadsheet_program_writes_is_read_back(
    header: list[str], rows: list[list[str]], delimiter: str
) -> None:
    lines = [header, *(row[: len(header)] for row in rows)]
    text = "\r\n".join(
        delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines
    )
    table = read_bytes(text.encode("utf-8-sig"))
    assert table.header == header
    assert [list(row.values()) for _number, row in table.rows] == lines[1:]
