"""benchmarks.quality: figures of toy runs, their tables, their charts, and the command itself."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks.quality import aliases, charts
from benchmarks.quality.encodings import Encoders
from benchmarks.quality.figures import MELO_METRICS, Reliability, SetFigures, measure
from benchmarks.quality.labels import LabelSet, RankingSet, with_aliases, without_held_out
from benchmarks.quality.methods import RandomOrder, Titian, WordTfIdf
from benchmarks.quality.run import Run, Size
from benchmarks.quality.tables import as_data, as_text
from matcher.evaluation import is_held_out
from matcher.taxonomy import Alias
from models.enums import ConceptKind
from tests.benchmarks.test_gold import save_gold
from tests.benchmarks.test_melo import save as save_melo
from tests.benchmarks.toys import HashingEncoder, cut_taxonomy
from tests.matcher.small_world import small_taxonomy
from web import cli

METHODS = ("random", "word TF-IDF", "character n-grams", "BM25", "encoder alone", "Titian")


def toy_set() -> RankingSet:
    """Two queries whose words are labels, and one that shares no letter with any."""
    return RankingSet(
        name="toys",
        source="made up",
        queries=("tukang las", "koki", "出纳"),
        right=(frozenset({"smaw-welder"}), frozenset({"cook"}), frozenset({"tailor", "cook"})),
        labels=LabelSet.of(small_taxonomy(), ConceptKind.OCCUPATION),
        groups={"letters": np.array([True, True, False]), "nothing": np.zeros(3, bool)},
    )


def toy_figures() -> SetFigures:
    methods = [RandomOrder(1), WordTfIdf(), Titian(HashingEncoder())]
    return measure(toy_set(), methods, seed=1)


# Held-out aliases as a data set


def held_text(beginning: str) -> str:
    """A wording that is held out."""
    return next(text for n in range(1000) if is_held_out(text := f"{beginning} {n}"))


def test_one_wording_of_several_codes_is_one_query_with_several_right_codes():
    shared, own = held_text("serba bisa"), held_text("jahit")
    taxonomy = with_aliases(
        small_taxonomy(),
        [
            Alias("cook", shared),
            Alias("tailor", shared.upper()),
            Alias("tailor", own, "en", "english"),
            Alias("tailor.01", own),
        ],
    )
    reduced, held = without_held_out(taxonomy)
    found = aliases.ranking_set(reduced, held, ConceptKind.OCCUPATION)
    by_query = dict(zip(map(str.casefold, found.queries), found.right, strict=True))
    assert by_query == {shared: {"cook", "tailor"}, own: {"tailor"}}
    units = aliases.ranking_set(reduced, held, ConceptKind.UNIT)
    assert dict(zip(units.queries, units.right, strict=True)) == {own: {"tailor.01"}}


def test_a_wording_that_still_stands_as_a_title_is_not_asked():
    wording = held_text("pengelas")
    occupations = [
        entry if entry.code != "cook" else type(entry)("cook", wording, "Cook", "5120", (), ())
        for entry in small_taxonomy().occupations.values()
    ]
    taxonomy = with_aliases(small_taxonomy(), [Alias("tailor", wording)], occupations=occupations)
    reduced, held = without_held_out(taxonomy)
    assert len(held) == 1
    assert aliases.ranking_set(reduced, held, ConceptKind.OCCUPATION).queries == ()


def test_rare_sorts_of_aliases_are_reported_together():
    reduced, held = without_held_out(cut_taxonomy(4))
    found = aliases.ranking_set(reduced, held, ConceptKind.UNIT)
    sizes = {group: int(inside.sum()) for group, inside in found.groups.items()}
    assert sum(sizes.values()) == len(found.queries)
    assert all(size >= 10 for group, size in sizes.items() if group != aliases.OTHERS)
    assert next(iter(sizes)) == "id colloquial"


# Figures


def test_every_method_has_every_figure_and_titian_its_lead():
    found = toy_figures()
    assert [method.name for method in found.methods] == ["random", "word TF-IDF", "Titian"]
    words, own = found.methods[1:]
    assert words.metrics["R@1"].value == pytest.approx(2 / 3)
    assert words.groups["letters"].value == 1
    assert "nothing" not in words.groups
    assert own.behind is None
    assert words.behind.value == pytest.approx(own.metrics["R@1"].value - 2 / 3)
    for method in found.methods:
        for figure in method.metrics.values():
            assert 0 <= figure.low <= figure.value <= figure.high <= 1


def test_figures_are_the_same_for_the_same_seed():
    assert toy_figures() == toy_figures()


def test_tables_show_each_figure_with_its_interval():
    run = Run(small_taxonomy(), Encoders.of(HashingEncoder()))
    run.report.rankings.append(toy_figures())
    text = as_text(run.report)
    assert "toys: 3 queries, 6 codes; made up" in text
    assert re.search(r"word TF-IDF +66\.7 % \[\d+\.\d, \d+\.\d\] .* 0\.\d{3} \[", text)
    assert re.search(r"letters +2 .* 100\.0", text)
    assert re.search(r"nothing +0 +- +- +-", text)
    assert "NOT MEASURED  encoder + adapter" in text
    assert "expected calibration error" in text


# Charts


def drawn(svg: str) -> list[str]:
    """The words in a chart; it must be well-formed and describe itself."""
    root = ElementTree.fromstring(svg)
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert names[1:3] == ["title", "desc"]
    return [element.text or "" for element in root.iter() if element.tag.endswith("text")]


def test_the_chart_names_every_method_its_axis_and_its_intervals():
    texts = drawn(charts.comparison([toy_figures(), toy_figures()]))
    for words in ("toys", "random", "word TF-IDF", "Titian", "R@1: right one first"):
        assert texts.count(words) == 2
    assert texts.count("share of queries, 95 % interval") == 2
    assert {"0 %", "20 %", "100 %"} <= set(texts)


def test_points_stand_where_their_share_is():
    found = toy_figures()
    svg = charts.comparison([found])
    share = found.methods[1].metrics["R@1"].value
    assert f"cx='{charts.LEFT + charts.PLOT * share:.1f}'" in svg


def test_the_chart_of_melo_shows_its_own_metrics():
    found = measure(toy_set(), [WordTfIdf()], 1, MELO_METRICS)
    assert "A@1: right one first" in drawn(charts.comparison([found]))


def test_the_reliability_chart_names_both_axes_and_each_series():
    found = toy_figures().reliability
    texts = drawn(charts.reliability([found, found]))
    assert "Titian's probability for its first answer" in texts
    assert "share of answers that are right, 95 % interval" in texts
    assert sum(text.startswith("toys: 3 answers, calibration error") for text in texts) == 2


def test_nothing_is_drawn_of_nothing():
    with pytest.raises(ValueError, match="no data set"):
        charts.comparison([])
    with pytest.raises(ValueError, match="series"):
        charts.reliability([])
    with pytest.raises(ValueError, match="series"):
        charts.reliability([Reliability("x", 0, 0.0, ())] * 9)


# A toy run of everything


@pytest.fixture(scope="module")
def whole_run() -> Run:
    run = Run(cut_taxonomy(4), Encoders.of(HashingEncoder()), seed=2)
    run.aliases()
    run.vacancies(Size(vacancies=12, people=150))
    return run


def test_methods_stand_side_by_side_on_occupations_and_on_units(whole_run: Run):
    occupations, units = whole_run.report.rankings
    for figures in (occupations, units):
        assert tuple(method.name for method in figures.methods)[: len(METHODS)] == METHODS
        chance = figures.methods[0].metrics["R@1"].value
        assert all(method.metrics["R@1"].value > chance for method in figures.methods[1:])
    assert (occupations.codes, units.codes) == (
        len(whole_run.taxonomy.occupations),
        len(whole_run.taxonomy.units),
    )


def test_being_told_the_trade_stands_apart_and_helps(whole_run: Run):
    occupations, units = whole_run.report.rankings
    assert len(occupations.methods) == len(METHODS)
    alone, told = units.methods[-2:]
    assert (alone.name, told.name) == ("Titian", "Titian, told the trade")
    assert told.metrics["R@1"].value > alone.metrics["R@1"].value
    assert alone.behind is None
    assert told.behind is None


def test_vacancies_are_ranked_between_chance_and_the_best_there_is(whole_run: Run):
    assert len(whole_run.report.vacancies) == 2
    for figures in whole_run.report.vacancies:
        ways = {way.name: way for way in figures.ways}
        best = ways["best there is"]
        assert best.ndcg.value == pytest.approx(1.0)
        for way in figures.ways:
            assert way.coverage.value <= best.coverage.value + 1e-12
        assert ways["chance"].ndcg.value < ways["true requirements"].ndcg.value
        assert 0 < figures.units_found.value <= 1
    known, held_out = whole_run.report.vacancies
    assert known.units_found.value > held_out.units_found.value
    assert known.vacancies + known.unmet == 12


def test_a_report_is_plain_data_too(whole_run: Run):
    found = json.loads(json.dumps(as_data(whole_run.report)))
    assert found["rankings"][0]["methods"][0]["metrics"]["R@1"].keys() == {"value", "low", "high"}
    assert found["vacancies"][0]["ways"][0]["name"] == "chance"
    assert found["skipped"] == whole_run.report.skipped


def test_gold_titles_are_skipped_and_said_so_without_the_vacancies(tmp_path: Path):
    run = Run(cut_taxonomy(1), Encoders.of(HashingEncoder()))
    run.gold(data=tmp_path)
    assert run.report.rankings == []
    assert any("gold titles, test: no vacancies" in reason for reason in run.report.skipped)


def test_gold_titles_are_ranked_and_covered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("benchmarks.quality.gold.GOLD_FOLDER", save_gold(tmp_path))
    run = Run(small_taxonomy(), Encoders.of(HashingEncoder()))
    run.gold("toy", tmp_path)
    (ranking,) = run.report.rankings
    ((part, covered),) = run.report.coverage
    assert (part, covered.titles, covered.outside, ranking.queries) == ("toy", 3, 1, 2)
    assert ranking.reliability.answers == 3


# The command


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """Run `titian evaluate` on a small taxonomy with an encoder that needs no model."""
    monkeypatch.setenv("TITIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("web.cli.evaluate.read_taxonomy", lambda: cut_taxonomy(1))
    monkeypatch.setattr("web.cli.evaluate.open_encoder", lambda *_, **__: HashingEncoder())

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(["evaluate", *arguments])
        out, err = capsys.readouterr()
        return end.value.code, out, err

    return run


def test_the_command_prints_all_methods_and_draws_both_charts(command, tmp_path: Path):
    chart = tmp_path / "quality.svg"
    code, out, err = command("--dataset", "aliases", "--chart", str(chart))
    assert code == 0, err
    for name in METHODS:
        assert len(re.findall(rf"^{re.escape(name)} +\d", out, re.MULTILINE)) == 2
    assert "Titian, told the trade" in out
    assert "NOT MEASURED" in err
    assert "R@1: right one first" in drawn(chart.read_text())
    assert drawn((tmp_path / "quality-reliability.svg").read_text())


def test_the_command_prints_json(command):
    code, out, _ = command("--dataset", "aliases", "--json", "--seed", "4")
    found = json.loads(out)
    assert code == 0
    assert found["seed"] == 4
    assert [figures["name"] for figures in found["rankings"]] == [
        "held-out occupation aliases",
        "held-out unit aliases",
    ]


def test_melo_alone_measures_nothing_else(command, tmp_path: Path):
    code, out, err = command("--melo", str(save_melo(tmp_path)))
    assert code == 0, err
    assert re.search(r"MRR +A@1 +A@5 +A@10", out)
    assert "held-out" not in out
    for name in METHODS:
        assert len(re.findall(rf"^{re.escape(name)} +\d", out, re.MULTILINE)) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--melo", "{folder}"), "no file"),
        (("--dataset", "aliases", "--chart", "{folder}/chart.png"), "name it chart.svg"),
        (("--dataset", "poems"), "Invalid value for '--dataset'"),
        (("--melo", "{folder}/nowhere"), "does not exist"),
    ],
)
def test_a_mistake_is_one_line_and_a_code(command, tmp_path: Path, arguments, message: str):
    code, out, err = command(*(part.format(folder=tmp_path) for part in arguments))
    assert code != 0
    assert out == ""
    assert message in err
    assert "Traceback" not in err
