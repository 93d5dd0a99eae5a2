"""benchmarks.quality.melo: MELO's three files, as the benchmark writes them and with headers."""

from pathlib import Path

import pytest

from benchmarks.quality import melo
from benchmarks.quality.labels import DataError, DataMissing

QUERIES = "Q000001\tWelders, cutters\nQ000002\tChefs\nQ000003\tPoets\n"
ELEMENTS = "C000001_en_000\twelder\nC000001_en_001\tmetal welder\nC000002_en_000\tchef\n"
ANNOTATIONS = (
    "Q000001\t0\tC000001_en_000\t1\nQ000001\t0\tC000001_en_001\t1\nQ000002\t0\tC000002_en_000\t1\n"
)


def save(
    folder: Path, queries: str = QUERIES, elements: str = ELEMENTS, annotations: str = ANNOTATIONS
) -> Path:
    for name, text in (
        ("queries", queries),
        ("corpus_elements", elements),
        ("annotations", annotations),
    ):
        (folder / f"{name}.tsv").write_text(text, encoding="utf-8")
    return folder


def test_queries_get_their_elements_and_unjudged_queries_are_left_out(tmp_path: Path):
    found = melo.ranking_set(save(tmp_path))
    assert found.queries == ("Welders, cutters", "Chefs")
    assert found.right == (
        frozenset({"C000001_en_000", "C000001_en_001"}),
        frozenset({"C000002_en_000"}),
    )
    assert found.labels.texts == ("welder", "metal welder", "chef")
    assert found.relevance().tolist() == [[True, True, False], [False, False, True]]


def test_column_names_a_mark_at_the_start_and_windows_line_ends_change_nothing(tmp_path: Path):
    plain = melo.ranking_set(save(tmp_path))
    with_headers = melo.ranking_set(
        save(
            tmp_path,
            "\ufeffq_id\tname\n" + QUERIES,
            ("c_id\tname\n" + ELEMENTS).replace("\n", "\r\n"),
            "q_id\titer\tc_id\trelevance\n" + ANNOTATIONS + "Q000002\t0\tC000001_en_000\t0\n",
        )
    )
    assert with_headers.queries == plain.queries
    assert with_headers.right == plain.right
    assert with_headers.labels.texts == plain.labels.texts


def test_annotations_may_be_pairs_alone(tmp_path: Path):
    pairs = "Q000002\tC000002_en_000\nQ000003\tC000001_en_000\n"
    assert melo.ranking_set(save(tmp_path, annotations=pairs)).queries == ("Chefs", "Poets")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"queries": QUERIES + "Q000004\n"}, r"queries\.tsv, row 4: a key and a name"),
        ({"queries": QUERIES + "Q000001\tagain\n"}, r"queries\.tsv, row 4: .* stands twice"),
        ({"queries": ""}, r"queries\.tsv: no rows"),
        ({"elements": ELEMENTS + "C9\t \n"}, r"corpus_elements\.tsv, row 4: a key and a name"),
        ({"annotations": "Q000009\t0\tC000002_en_000\t1\n"}, r"row 1: unknown key 'Q000009'"),
        ({"annotations": "Q000001\t0\tC000009_en_000\t1\n"}, r"row 1: unknown key 'C0"),
        ({"annotations": "Q000001\n"}, r"annotations\.tsv, row 1: 2, 3 or 4 columns"),
        ({"annotations": "Q000001\t0\tC000002_en_000\t0\n"}, r"no query has a right element"),
    ],
)
def test_a_row_that_does_not_fit_is_named(tmp_path: Path, changed: dict[str, str], message: str):
    with pytest.raises(DataError, match=message):
        melo.ranking_set(save(tmp_path, **changed))


def test_a_folder_without_the_files_says_which_is_missing(tmp_path: Path):
    with pytest.raises(DataMissing, match=r"queries\.tsv"):
        melo.ranking_set(tmp_path)


def test_a_file_that_is_not_text_is_named(tmp_path: Path):
    save(tmp_path)
    (tmp_path / "queries.tsv").write_bytes(b"Q1\t\xff\xfe\n")
    with pytest.raises(DataError, match=r"queries\.tsv: not UTF-8"):
        melo.ranking_set(tmp_path)
