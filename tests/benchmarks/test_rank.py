"""benchmarks.rank: engines side by side; the report; and the command that runs them."""

import json
from pathlib import Path

import pytest

from benchmarks import memory, population
from benchmarks.engines import ENGINES
from benchmarks.engines.vectors import affinity_vectors
from benchmarks.rank import (
    Comparison,
    NotEnoughMemory,
    Wanted,
    choose,
    compare,
    require_memory,
)
from benchmarks.rank_report import as_data, as_text, from_data
from tests.benchmarks.toys import cut_taxonomy
from web import cli

SMALL = Wanted(
    people=1500,
    queries=5,
    k=10,
    seed=1,
    rates=(0.1, 0.5),
    minutes=30,
    vectors="affinity",
    dim=32,
)
QUICK = ("titian", "numpy-postings", "scipy-sparse", "numpy-dense")


@pytest.fixture(scope="module")
def result() -> Comparison:
    taxonomy = cut_taxonomy()
    engines, skipped = choose(QUICK, SMALL)
    assert skipped == []
    return compare(engines, taxonomy, affinity_vectors(taxonomy, dim=32), SMALL)


@pytest.fixture
def little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with 1 GB free."""
    file = tmp_path / "meminfo"
    file.write_text("MemAvailable:  1000000 kB\n", encoding="ascii")
    monkeypatch.setattr(memory, "MEMORY_FILE", file)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run `titian bench` on a small taxonomy."""
    monkeypatch.setattr("web.cli.bench.read_taxonomy", cut_taxonomy)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(["bench", *arguments])
        out, err = capsys.readouterr()
        return end.value.code, out, err

    return run


def test_every_engine_is_measured_in_every_setting_at_every_rate(result: Comparison):
    measured = {(line.engine, line.setting, line.rate) for line in result.lines}
    assert measured == {
        (name, setting.name, rate)
        for name in QUICK
        for setting in ENGINES[name].settings
        for rate in SMALL.rates
    }
    assert [built.engine for built in result.built] == list(QUICK)
    assert all(0 < line.p50 <= line.p95 for line in result.lines)
    assert [rate.passed for rate in result.rates] == pytest.approx([0.1, 0.5], rel=0.05)


def test_exact_engines_find_everybody_and_none_gives_the_ineligible(result: Comparison):
    for line in result.lines:
        assert line.wrong == 0
        if line.setting == "exact":
            assert line.found == 1.0


def test_the_report_reads_back_and_names_all_settings(result: Comparison):
    assert from_data(json.loads(json.dumps(as_data(result)))) == result
    text = as_text(result)
    for line in result.lines:
        assert f"{line.engine}, {line.setting}" in text
        assert line.words in text
    assert "10 % pass" in text
    assert "WRONG" not in text


def test_people_who_are_not_eligible_are_told(result: Comparison):
    data = as_data(result)
    data["lines"][0]["wrong"] = 3
    assert "WRONG: titian (exact) gave 3 people who are not eligible at 10 %" in as_text(
        from_data(data)
    )


@pytest.mark.parametrize("data", [{}, {"rates": [], "built": [], "lines": []}, {"rates": [1]}])
def test_other_data_is_no_comparison(data: dict):
    with pytest.raises(ValueError, match="not a result of"):
        from_data(data)


# What is left out, and what is refused


def test_an_engine_without_its_package_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ENGINES["usearch"], "package", "no_such_package")
    chosen, skipped = choose(("titian", "usearch"), SMALL)
    assert [engine.name for engine in chosen] == ["titian"]
    assert skipped == ["usearch: its package no_such_package is not installed"]


def test_an_engine_that_would_take_too_long_is_named():
    pytest.importorskip("milvus_lite")
    wanted = Wanted(2_700_000, 50, 50, 1, (0.1,), 30, "affinity")
    chosen, (reason,) = choose(("titian", "milvus-lite"), wanted)
    assert [engine.name for engine in chosen] == ["titian"]
    assert reason.startswith("milvus-lite: 2,700,000 people would take it about ")


@pytest.mark.usefixtures("little_memory")
def test_more_than_memory_holds_is_refused_with_every_part_named():
    wanted = Wanted(2_700_000, 50, 50, 1, (0.1,), 30, "affinity")
    with pytest.raises(NotEnoughMemory) as refused:
        require_memory([ENGINES["titian"], ENGINES["numpy-dense"]], wanted)
    message = str(refused.value)
    assert message.startswith("2,700,000 people take about ")
    assert "numpy-dense 4." in message
    assert "1.0 GB are free" in message
    assert "--engines" in message
    require_memory([ENGINES["titian"]], SMALL)


@pytest.mark.usefixtures("little_memory")
def test_the_command_refuses_before_anybody_is_drawn(command, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(population, "draw", lambda *_, **__: pytest.fail("people were drawn"))
    code, out, err = command("rank", "--people", "10000000", "--engines", "titian")
    assert code == 1
    assert out == ""
    assert "10,000,000 people take about " in err


# The commands


def test_the_command_prints_tables(command):
    code, out, err = command(
        "rank", "--people", "600", "--queries", "5", "--engines", "titian,scipy-sparse"
    )
    assert code == 0, err
    assert "600 people" in out
    assert "scipy-sparse, re-ranked" in out


def test_the_command_prints_json_that_growth_draws(command, tmp_path: Path):
    files = []
    for people in ("500", "900"):
        code, out, err = command("rank", "--people", people, "--queries", "5", "--json")
        assert code == 0, err
        files.append(tmp_path / f"{people}.json")
        files[-1].write_text(out, encoding="utf-8")
    chart = tmp_path / "growth.svg"
    code, out, err = command("growth", *map(str, files), "--chart", str(chart))
    assert code == 0, err
    assert "500 people" in out
    assert "900 people" in out
    assert "titian" in chart.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rank", "--engines", "titian,altavista"], "no engine 'altavista': choose from titian, "),
        (["rank", "--pass-rates", "1,many"], "--pass-rates takes percents like 1,10,50"),
        (["rank", "--pass-rates", "0"], "--pass-rates takes percents like 1,10,50"),
        (["rank", "--engines", "milvus-lite", "--minutes", "0.01"], "no engine is left to run"),
    ],
)
def test_wrong_wishes_are_refused(command, arguments: list[str], message: str):
    code, _, err = command(*arguments)
    assert code == 1
    assert message in err


def test_growth_refuses_what_is_no_result(command, tmp_path: Path):
    file = tmp_path / "x.json"
    file.write_text("{}", encoding="utf-8")
    code, _, err = command("growth", str(file))
    assert code == 1
    assert "not a result of `titian bench rank --json`" in err
