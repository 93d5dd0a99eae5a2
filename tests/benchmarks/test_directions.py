"""benchmarks.directions: one person's vacancies, and every vacancy's shortlist."""

import pytest

from benchmarks.directions import measure_shortlists, measure_vacancies
from tests.benchmarks.toys import cut_taxonomy
from web import cli


def test_vacancies_of_people_are_measured():
    figures = measure_vacancies(cut_taxonomy(), vacancies=3000, people=20, k=10, seed=1)
    assert figures.vacancies == 3000
    assert 0 < figures.requirements < 3000 * 6
    assert 0 < figures.found <= 10
    assert 0 < figures.p50 <= figures.p95 <= figures.p99


def test_shortlists_are_the_same_over_any_number_of_processes():
    one, two = (
        measure_shortlists(cut_taxonomy(), 60, 800, 10, processes, 1) for processes in (1, 2)
    )
    assert one.found == two.found > 0
    assert (one.vacancies, one.people, two.processes) == (60, 800, 2)
    assert min(one.seconds, two.seconds) > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["vacancies", "--vacancies", "50", "--people", "10"], "50 vacancies with"),
        (["shortlists", "--vacancies", "20", "--people", "300"], "20 shortlists of the first 50"),
    ],
)
def test_the_commands_say_what_they_measured(
    arguments: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr("web.cli.bench.read_taxonomy", cut_taxonomy)
    with pytest.raises(SystemExit) as end:
        cli.main(["bench", *arguments])
    assert end.value.code == 0
    assert words in capsys.readouterr().out
