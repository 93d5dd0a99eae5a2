"""benchmarks.quality.vacancies: what a vacancy truly asks, who holds it, and the service's order."""

import numpy as np
import pytest

from benchmarks import population
from benchmarks.quality.encodings import embeddings_of
from benchmarks.quality.labels import DataMissing
from benchmarks.quality.methods import Titian
from benchmarks.quality.vacancies import (
    VacancySet,
    demo_set,
    held_share,
    in_order,
    measure,
    query_of,
    true_query,
)
from matcher.people_index import PeopleIndex
from matcher.ranking import rank_people
from matcher.taxonomy import Taxonomy
from seed_data.demo.vacancies import DemoVacancy
from tests.benchmarks.toys import HashingEncoder, cut_taxonomy
from tests.matcher.small_world import people_index, person, small_taxonomy


@pytest.fixture(scope="module")
def trades() -> Taxonomy:
    return cut_taxonomy()


@pytest.fixture(scope="module")
def people(trades: Taxonomy) -> PeopleIndex:
    return population.people(trades, population.geography(), 200, 1)


@pytest.fixture(scope="module")
def vacancies(trades: Taxonomy) -> tuple[DemoVacancy, ...]:
    return demo_set(trades, 15, 3).vacancies


def test_true_units_are_of_the_trade_and_stand_in_the_text(
    trades: Taxonomy, vacancies: tuple[DemoVacancy, ...]
):
    for vacancy in vacancies:
        assert 1 <= len(vacancy.units) <= 4
        for unit in vacancy.units:
            assert trades.units[unit].occupation == vacancy.occupation
            wordings = [trades.units[unit].title_id, *trades.aliases_of.get(unit, ())]
            assert any(wording.casefold() in vacancy.text.casefold() for wording in wordings)


def test_held_share_counts_units_whatever_their_evidence():
    taxonomy = small_taxonomy()
    cook, sew = taxonomy.concept_number["cook.01"], taxonomy.concept_number["tailor.01"]
    index = people_index(
        {1: (person(), {cook: (300, 1), sew: (1000, 3)}), 2: (person(), {cook: (1000, 2)})},
        len(taxonomy.concepts),
    )
    assert held_share(index, taxonomy, ("cook.01", "tailor.01")).tolist() == [1.0, 0.5]


def test_the_order_is_that_of_the_service(
    trades: Taxonomy, people: PeopleIndex, vacancies: tuple[DemoVacancy, ...]
):
    titian = Titian(HashingEncoder())
    linker, embeddings = titian.linker(trades), titian.embeddings(trades)
    for vacancy in vacancies:
        linked = linker.link(vacancy.text, vacancy.title)
        for query in (
            query_of(linked, linker, embeddings, vacancy),
            true_query(vacancy, trades, embeddings),
        ):
            order = np.argsort(-in_order(people, query), kind="stable")
            ranked = rank_people(
                people, query, population.geography(), population.TODAY, 200, None, True
            )
            assert [entry.id for entry in ranked] == people.ids[order[: len(ranked)]].tolist()


def test_vacancies_that_nobody_can_meet_are_missing_data_not_a_bad_mark(
    trades: Taxonomy, vacancies: tuple[DemoVacancy, ...]
):
    nobody = people_index({1: (person(), {})}, len(trades.concepts))
    titian = Titian(HashingEncoder())
    with pytest.raises(DataMissing, match="nobody"):
        measure(
            VacancySet("demo", "made up", vacancies),
            titian.linker(trades),
            embeddings_of(trades, HashingEncoder()),
            HashingEncoder(),
            nobody,
            1,
        )
