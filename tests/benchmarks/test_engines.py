"""benchmarks.engines: each engine searches the same people by the same conditions."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import population
from benchmarks.agreement import agreement
from benchmarks.calibration import queries_passed_by
from benchmarks.engines import ENGINES
from benchmarks.engines.engine import Engine, Problem
from benchmarks.engines.exact import PostingLists, Rescorer
from benchmarks.engines.mask import eligible
from benchmarks.engines.vectors import Vectors, affinity_vectors, concept_weights, text_vectors
from matcher.eligibility import Conditions, reasons
from matcher.ranking import FULL_MARKS, Query, explain
from models.enums import Hours, VacancyTrait
from tests.benchmarks.toys import HashingEncoder, cut_taxonomy

K = 10
EXACT = {"titian", "numpy-postings"}
TAXONOMY = cut_taxonomy()
PLACES = population.geography()
JAKARTA = PLACES.number["31.71"]
CONDITIONS = {
    "none": Conditions(),
    "region": Conditions(region=JAKARTA),
    "province": Conditions(province=PLACES.province_number["32"]),
    "day": Conditions(start_day=population.TODAY),
    "schooling": Conditions(education=3),
    "hours": Conditions(hours=int(Hours.DAY | Hours.NIGHT)),
    "traits": Conditions(traits=int(VacancyTrait.CHILDREN | VacancyTrait.CASH)),
    "licence": Conditions(licences=1 << 11),
    "everything": Conditions(
        region=JAKARTA,
        start_day=population.TODAY + 60,
        education=2,
        hours=int(Hours.DAY),
        traits=int(VacancyTrait.PUBLIC_ROAD_DRIVING),
        licences=1 << 8,
    ),
}


@pytest.fixture(scope="module")
def problem() -> Problem:
    people = population.draw(TAXONOMY, PLACES, 3000, 1)
    return Problem(people, PLACES, affinity_vectors(TAXONOMY, dim=64), Rescorer(people))


@pytest.fixture(scope="module")
def queries(problem: Problem) -> list[Query]:
    """Vacancies with each condition alone, and of each pass rate."""
    wanted = population.queries(TAXONOMY, PLACES, len(CONDITIONS), 5)
    single = [
        replace(query, conditions=conditions)
        for query, conditions in zip(wanted, CONDITIONS.values(), strict=True)
    ]
    return single + [
        query
        for share in (0.02, 0.1, 0.5)
        for query in queries_passed_by(share, problem.people, TAXONOMY, PLACES, 3, 7)
    ]


@pytest.fixture(scope="module")
def truth(problem: Problem, queries: list[Query]) -> list[np.ndarray]:
    """Exact totals of the eligible, 0 for the others."""
    lists = PostingLists(problem.people)
    columns = problem.people.circumstances
    return [
        lists.totals(query) * (reasons(columns, query.conditions, PLACES) == 0) for query in queries
    ]


@pytest.fixture(scope="module", params=list(ENGINES))
def engine(request: pytest.FixtureRequest, problem: Problem) -> Iterator[Engine]:
    pytest.importorskip(ENGINES[request.param].package)
    built = ENGINES[request.param]()
    built.build(problem)
    yield built
    built.close()


# What every engine does


def test_nobody_ineligible_is_found_in_any_setting(
    engine: Engine, problem: Problem, queries: list[Query]
):
    for query in queries:
        allowed = reasons(problem.people.circumstances, query.conditions, PLACES) == 0
        for setting in engine.settings:
            ids = engine.search(query, K, setting)
            assert len(ids) <= K
            assert len(set(ids.tolist())) == len(ids)
            assert allowed[np.searchsorted(problem.people.ids, ids)].all()


def test_the_exact_best_are_found_always_or_nearly_so(
    engine: Engine, problem: Problem, queries: list[Query], truth: list[np.ndarray]
):
    for setting in engine.settings:
        shares = [
            agreement(
                np.searchsorted(problem.people.ids, engine.search(query, K, setting)), totals, K
            )
            for query, totals in zip(queries, truth, strict=True)
        ]
        known = [share for share in shares if share is not None]
        assert len(known) > 10
        if engine.name in EXACT:
            assert min(known) == 1.0
        elif setting.candidates:
            assert np.mean(known) > 0.9
        else:
            assert np.mean(known) > 0.5


def test_an_engine_says_what_it_takes_and_how_it_is_set(engine: Engine):
    # what grows inside of the library is seen in whole pages, and a few people may fit in none
    assert engine.bytes_held() >= (0 if engine.name == "milvus-lite" else 1)
    needs = engine.needs(1_000_000, 384)
    assert needs.bytes > engine.needs(1000, 384).bytes > 0
    assert needs.build_seconds > 0
    assert needs.search_seconds > 0
    assert engine.build_words
    assert all(setting.words for setting in engine.settings)
    names = [setting.name for setting in engine.settings]
    assert len(set(names)) == len(names)


# What they share


@pytest.mark.parametrize("name", CONDITIONS)
def test_the_mask_is_that_of_eligibility(problem: Problem, name: str):
    columns = problem.people.circumstances
    allowed = eligible(columns, CONDITIONS[name], PLACES)
    np.testing.assert_array_equal(allowed, reasons(columns, CONDITIONS[name], PLACES) == 0)
    assert 0 < allowed.sum() < len(allowed)


def test_totals_are_those_of_the_definition(problem: Problem, queries: list[Query]):
    people = problem.people
    rows = np.arange(0, len(people), 37)
    lists = PostingLists(people)
    for query in queries[:5]:
        expected = []
        for row in rows:
            part = slice(people.starts[row], people.starts[row + 1])
            terms = explain(
                query, people.concepts[part], people.strengths[part], people.levels[part]
            )
            expected.append(sum(term.weight * term.points for term in terms))
        assert lists.totals(query)[rows].tolist() == expected
        assert problem.rescorer.totals(query, rows).tolist() == expected
    assert problem.rescorer.totals(queries[0], rows[:0]).tolist() == []


def test_candidates_are_put_in_exact_order(problem: Problem, queries: list[Query]):
    totals = PostingLists(problem.people).totals(queries[0])
    best = problem.rescorer.best(queries[0], np.arange(len(problem.people)), K)
    assert totals[best].tolist() == sorted(totals.tolist(), reverse=True)[:K]


def test_affinity_vectors_stand_for_the_summed_score(problem: Problem, queries: list[Query]):
    people = problem.people
    whole = affinity_vectors(TAXONOMY, dim=len(TAXONOMY.concepts))
    for query in queries[:4]:
        by_vectors = np.concatenate(list(whole.blocks(people))) @ whole.of_query(query)
        weights = concept_weights(query, people.concept_count)
        sums = np.zeros(len(people))
        np.add.at(sums, people.rows, weights[people.concepts] * people.strengths / 1000)
        np.testing.assert_allclose(by_vectors, sums, atol=1e-3)
        exact = PostingLists(people).totals(query) / FULL_MARKS / 100
        assert (sums >= exact - 1e-4).all()  # a sum is never less than the maximum


def test_blocks_of_vectors_join_to_the_whole(problem: Problem, monkeypatch: pytest.MonkeyPatch):
    vectors: Vectors = problem.vectors
    whole = np.concatenate(list(vectors.blocks(problem.people)))
    monkeypatch.setattr("benchmarks.engines.vectors.BLOCK", 700)
    parts = list(vectors.blocks(problem.people))
    assert [len(part) for part in parts] == [700, 700, 700, 700, 200]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)


def test_text_vectors_are_of_unit_length(problem: Problem, queries: list[Query], tmp_path):
    vectors = text_vectors(TAXONOMY, HashingEncoder(), tmp_path)
    block = next(vectors.blocks(problem.people))
    np.testing.assert_allclose(np.linalg.norm(block, axis=1), 1.0, atol=1e-5)
    assert np.linalg.norm(vectors.of_query(queries[0])) == pytest.approx(1.0, abs=1e-5)
