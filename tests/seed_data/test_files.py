"""Seed files that are wrong are refused whole, with file and line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seed_data.files import FOLDER, SeedDataError, rows

COLUMNS = ("code", "title")


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "units.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_rows_come_with_their_place(tmp_path: Path) -> None:
    path = write(tmp_path, 'code,title\na,"Las, gerinda"\nb,"dua\nbaris"\nc,\n')
    assert list(rows(path, COLUMNS)) == [
        (f"{path}:2", {"code": "a", "title": "Las, gerinda"}),
        (f"{path}:4", {"code": "b", "title": "dua\nbaris"}),
        (f"{path}:5", {"code": "c", "title": ""}),
    ]


def test_file_of_the_seed_data_is_named_without_the_machine_s_folders() -> None:
    with pytest.raises(SeedDataError) as refusal:
        list(rows(FOLDER / "regions" / "no_such_file.csv", COLUMNS))
    assert str(refusal.value).startswith("regions/no_such_file.csv: cannot be read")


@pytest.mark.parametrize(
    ("content", "line", "complaint"),
    [
        ("", 1, "columns must be code,title"),
        ("code\na\n", 1, "columns must be code,title"),
        ("title,code\nLas,a\n", 1, "columns must be code,title"),
        ("\ufeffcode,title\na,Las\n", 1, "columns must be code,title"),
        ("code,title,extra\na,Las,x\n", 1, "columns must be code,title"),
        ("code,title\na,Las\nb\n", 3, "1 columns instead of 2"),
        ("code,title\na,Las, gerinda\n", 2, "3 columns instead of 2"),
        ("code,title\na,Las\n\nb,Cat\n", 3, "0 columns instead of 2"),
        ('code,title\na,"dua\nbaris"\nb\n', 4, "1 columns instead of 2"),
        ('code,title\na,"Las\nb,Cat\n', 3, "not CSV"),
        ('code,title\na,"Las" dan cat\n', 2, "not CSV"),
        (b"code,title\na,Las\nb,caf\xe9\n", 3, "not UTF-8"),
    ],
)
def test_wrong_file_is_refused_with_file_line_and_what_is_wrong(
    tmp_path: Path, content: str | bytes, line: int, complaint: str
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(SeedDataError) as refusal:
        list(rows(path, COLUMNS))
    assert str(refusal.value).startswith(f"{path}:{line}: {complaint}")


def test_quote_left_open_does_not_swallow_the_rest_of_a_long_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'code,title\na,"Las\n' + "b,Cat tembok\n" * 20_000)
    with pytest.raises(SeedDataError, match="not CSV"):
        list(rows(path, COLUMNS))


fields = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=12)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(fields, fields), max_size=6))
def test_every_quoted_text_is_read_as_written(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[tuple[str, str]]
) -> None:
    def quoted(field: str) -> str:
        return '"' + field.replace('"', '""') + '"'

    lines = ["code,title", *(f"{quoted(one)},{quoted(other)}" for one, other in wanted)]
    path = write(tmp_path_factory.mktemp("rows"), "\n".join(lines))
    assert [(row["code"], row["title"]) for _, row in rows(path, COLUMNS)] == wanted
