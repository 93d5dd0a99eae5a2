"""benchmarks.calibration: vacancies that a given share of people can take."""

import numpy as np
import pytest

from benchmarks import population
from benchmarks.calibration import queries_passed_by
from matcher.eligibility import reasons
from tests.benchmarks.toys import cut_taxonomy

PLACES = population.geography()


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_the_share_of_people_that_pass_is_the_one_asked_for(share: float):
    taxonomy = cut_taxonomy()
    people = population.draw(taxonomy, PLACES, 5000, 1)
    queries = queries_passed_by(share, people, taxonomy, PLACES, 8, 2)
    for query in queries:
        passed = reasons(people.circumstances, query.conditions, PLACES) == 0
        assert np.mean(passed) == pytest.approx(share, rel=0.1)
        assert query.conditions.start_day >= population.TODAY
    assert len({query.key for query in queries}) == 8
    again = queries_passed_by(share, people, taxonomy, PLACES, 8, 2)
    assert [query.conditions for query in again] == [query.conditions for query in queries]


def test_narrow_conditions_are_of_place_too():
    taxonomy = cut_taxonomy()
    people = population.draw(taxonomy, PLACES, 5000, 1)
    conditions = [
        query.conditions for query in queries_passed_by(0.01, people, taxonomy, PLACES, 30, 2)
    ]
    assert any(each.region >= 0 for each in conditions)
    assert any(each.province >= 0 for each in conditions)


def test_a_share_that_nobody_can_reach_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("benchmarks.calibration.TRIES", 20)
    taxonomy = cut_taxonomy()
    people = population.draw(taxonomy, PLACES, 500, 1)
    with pytest.raises(ValueError, match=r"no conditions are passed by 99 % of 500 people"):
        queries_passed_by(0.99, people, taxonomy, PLACES, 1, 2)
