"""benchmarks.quality.gold: labels without titles, and what Titian claims for all of them."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality import gold
from benchmarks.quality.gold import OUTSIDE, Answers, GoldTitle
from benchmarks.quality.labels import DataError, DataMissing
from benchmarks.quality.methods import Titian
from matcher.taxonomy import Taxonomy
from tests.benchmarks.toys import HashingEncoder
from tests.matcher.small_world import small_taxonomy

ROWS = (
    ("Tukang Las (Bekasi)", "smaw-welder", "gtaw-welder", "0"),
    ("COOK", "cook", "", "1"),
    ("Geologist", OUTSIDE, "", "1"),
)


def save_gold(folder: Path, rows: tuple = ROWS) -> Path:
    """A part called toy, and the vacancies its titles come from, spelled a little differently."""
    with (folder / "titles_toy.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(gold.COLUMNS)
        writer.writerows((gold.key_of(title), *rest) for title, *rest in rows)
    one = "title,employer\n" + "".join(f'"{title.lower()}",x\n' for title, *_ in ROWS[:2])
    (folder / "vacancies_one.csv").write_text(one, encoding="utf-8")
    (folder / "vacancies_two.csv").write_text("Title,Skills\nGEOLOGIST,\n", encoding="utf-8")
    return folder


def read(folder: Path) -> list[GoldTitle]:
    return gold.read_gold("toy", small_taxonomy(), folder, folder)


def test_a_title_has_one_key_in_any_spelling_of_its_words():
    assert gold.key_of("Tukang Las (Bekasi)") == gold.key_of("  tukang-LAS / bekasi ")
    assert gold.key_of("ＳＰＧ") == gold.key_of("spg")
    assert gold.key_of("tukang las") != gold.key_of("tukanglas")
    assert re.fullmatch("[0-9a-f]{16}", gold.key_of("x"))


def test_labels_are_joined_with_the_vacancies_by_key(tmp_path: Path):
    found = read(save_gold(tmp_path))
    assert [entry.title for entry in found] == ["tukang las (bekasi)", "cook", "GEOLOGIST"]
    assert [entry.label for entry in found] == ["smaw-welder", "cook", OUTSIDE]
    assert found[0].accepted == {"smaw-welder", "gtaw-welder"}
    assert [entry.agreed for entry in found] == [False, True, True]


def test_without_the_vacancies_the_set_is_missing_not_wrong(tmp_path: Path):
    save_gold(tmp_path)
    with pytest.raises(DataMissing, match="no vacancies"):
        gold.read_gold("toy", small_taxonomy(), tmp_path, tmp_path / "elsewhere")
    (tmp_path / "vacancies_two.csv").unlink()
    with pytest.raises(DataMissing, match="1 of the titles"):
        read(tmp_path)


def test_a_label_the_taxonomy_lacks_is_named_with_its_row(tmp_path: Path):
    save_gold(tmp_path, (*ROWS, ("Nelayan", "fisher", "", "1")))
    with pytest.raises(DataError, match=r"titles_toy\.csv, row 5: unknown occupation: fisher"):
        read(tmp_path)


def test_a_file_with_other_columns_is_refused(tmp_path: Path):
    save_gold(tmp_path)
    (tmp_path / "titles_toy.csv").write_text("key,label\n", encoding="utf-8")
    with pytest.raises(DataError, match="key, label, second, agreed"):
        read(tmp_path)


def test_only_titles_with_an_occupation_are_ranked_and_a_second_code_is_right_too(tmp_path: Path):
    found = gold.ranking_set(read(save_gold(tmp_path)), small_taxonomy(), "toy")
    assert found.queries == ("tukang las (bekasi)", "cook")
    assert found.right == (frozenset({"smaw-welder", "gtaw-welder"}), frozenset({"cook"}))
    assert found.groups["a label word for word"].tolist() == [False, True]


def test_coverage_by_hand():
    titles = [
        GoldTitle("a", "cook", frozenset({"cook"}), True),
        GoldTitle("b", "cook", frozenset({"cook", OUTSIDE}), True),
        GoldTitle("c", "tailor", frozenset({"tailor"}), True),
        GoldTitle("d", OUTSIDE, frozenset({OUTSIDE}), True),
        GoldTitle("e", OUTSIDE, frozenset({OUTSIDE, "cook"}), True),
    ]
    answers = Answers(
        ("cook", "tailor", "cook", "cook", "cook"),
        np.array([0.9, 0.3, 0.8, 0.2, 0.7]),
        np.array([True, False, False, False, True]),
    )
    found = gold.coverage(answers, titles, threshold=0.5)
    assert (found.titles, found.outside, found.claims) == (5, 2, 3)
    assert found.coverage.value == pytest.approx(4 / 5)  # all but c
    assert found.precision.value == pytest.approx(2 / 3)  # a and e of a, c, e
    assert found.recall.value == pytest.approx(1 / 3)  # a of a, b, c
    assert found.left_alone.value == pytest.approx(1 / 2)  # d of d, e
    bold = gold.coverage(answers, titles, threshold=0.0)
    assert bold.claims == 5
    assert bold.coverage.value == bold.precision.value == pytest.approx(2 / 5)


def test_first_answers_are_judged_by_either_code(tmp_path: Path):
    linker = Titian(HashingEncoder()).linker(small_taxonomy())
    titles = [
        GoldTitle("Tukang las", "gtaw-welder", frozenset({"gtaw-welder", "smaw-welder"}), True),
        GoldTitle("Koki", "tailor", frozenset({"tailor"}), True),
        GoldTitle("??", OUTSIDE, frozenset({OUTSIDE}), True),
    ]
    found = gold.first_answers(linker, titles)
    assert found.codes == ("smaw-welder", "cook", OUTSIDE)
    assert found.right.tolist() == [True, False, False]
    assert found.confidence[2] == 0


def test_agreement_of_two_passes(tmp_path: Path):
    (tmp_path / "a.tsv").write_text("k1\tcook\t\nk2\ttailor\tcook\nk3\toutside\t\n")
    (tmp_path / "b.tsv").write_text("k3\toutside\nk2\tcook\ttailor\nk1\tcook\n")
    found = gold.agreement(tmp_path / "a.tsv", tmp_path / "b.tsv")
    assert (found.titles, found.share) == (3, pytest.approx(2 / 3))
    assert found.kappa == pytest.approx(0.5)  # by chance (1·2 + 1·0 + 1·1) / 9 = 1/3
    (tmp_path / "b.tsv").write_text("k1\tcook\n")
    with pytest.raises(DataError, match="same titles"):
        gold.agreement(tmp_path / "a.tsv", tmp_path / "b.tsv")


# The files that ship


def rows_of(part: str) -> list[dict[str, str]]:
    with (gold.GOLD_FOLDER / f"titles_{part}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("part", "least"), [("test", 400), ("dev", 200)])
def test_the_shipped_labels_hold_no_title_and_only_codes_of_the_taxonomy(
    part: str, least: int, taxonomy: Taxonomy
):
    rows = rows_of(part)
    assert len(rows) >= least
    known = {OUTSIDE, *taxonomy.occupations}
    for row in rows:
        assert list(row) == gold.COLUMNS
        assert re.fullmatch("[0-9a-f]{16}", row["key"])
        assert row["label"] in known
        assert row["second"] in known - {row["label"]} | {""}
        assert row["agreed"] in "01"


def test_no_title_is_both_tuned_on_and_reported():
    test, dev = ({row["key"] for row in rows_of(part)} for part in ("test", "dev"))
    assert len(test) == len(rows_of("test"))
    assert len(dev) == len(rows_of("dev"))
    assert not test & dev


def test_every_shipped_label_finds_its_title(reference_data: Path, taxonomy: Taxonomy):
    for part in ("test", "dev"):
        assert len(gold.read_gold(part, taxonomy, data=reference_data)) == len(rows_of(part))
