"""matcher.retrieval: candidates and their exact ranking, the same tests over each engine."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.eligibility import Circumstances, Conditions, Stay
from matcher.milvus import MilvusPeople, filter_of
from matcher.people_index import PeopleIndex
from matcher.ranking import FULL_MARKS, Query, rank_people
from matcher.retrieval import (
    Answer,
    Encoding,
    InProcess,
    Mark,
    Retrieval,
    RetrievalError,
    groups_of,
    joined,
    rank_candidates,
    subset,
)
from models.enums import Hours, IneligibilityReason, VacancyTrait
from tests.matcher.small_world import (
    Held,
    expected_reasons,
    expected_score,
    people_index,
    person,
    requirement,
    small_map,
    small_taxonomy,
)

MAP = small_map()
DAY = 20_500
CONCEPTS = 12
GROUPS = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5])
BEKASI, JAKARTA, SURABAYA = (MAP.number[code] for code in ("32.75", "31.71", "35.78"))
EMPTY = people_index({}, CONCEPTS)

People = dict[int, tuple[Circumstances, Held]]


NUMBERS = count()


@pytest.fixture(scope="module")
def milvus_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of one Milvus Lite for all tests."""
    return str(tmp_path_factory.mktemp("milvus") / "people.db")


@pytest.fixture(params=["in process", "Milvus Lite"])
def retrieval(request: pytest.FixtureRequest) -> Iterator[Retrieval]:
    """Each engine in turn, empty."""
    if request.param == "in process":
        yield InProcess(EMPTY)
        return
    engine = opened(request.getfixturevalue("milvus_file"), f"test{next(NUMBERS)}")
    yield engine
    engine.drop()
    engine.close()


def opened(name: str, collection: str) -> MilvusPeople:
    return MilvusPeople(name, Encoding(GROUPS), MAP, collection=collection, timeout=30)


# Populations and queries in which everything occurs and much is equal


def somebody(random: Random) -> tuple[Circumstances, Held]:
    one = person(
        region=random.randrange(len(MAP.codes)),
        available_day=DAY + random.choice([-5, 0, 5]),
        education=random.choice([2, 3, 7]),
        mobility=random.randrange(3),
        commute_km=random.choice([0, 12, 30, 130, 149, 150, 151, 700]),
        hours=random.randrange(16),
        stay=random.choice([Stay.FREE, Stay.FREE, Stay.PROVINCE, Stay.REGION]),
        restricted_traits=random.choice([0, 0, 1, 2, 33]),
        excluded_traits=random.choice([0, 0, 0, 1, 6]),
        licences=random.choice([0, 1, 1 << 63 | 1, (1 << 64) - 1]),
        listed=random.random() < 0.9,
    )
    concepts = random.sample(range(CONCEPTS), random.choice([0, 1, 2, 3, 6]))
    held = {
        concept: (random.choice([1, 300, 600, 1000]), random.choice([0, 2, 3, 9]))
        for concept in concepts
    }
    return one, held


def population(size: int, seed: int) -> People:
    random = Random(seed)
    return {number: somebody(random) for number in random.sample(range(10**9), size)}


def query(random: Random) -> Query:
    asked = tuple(
        requirement(
            {
                concept: random.choice([200, 400, 550, 900, 1000])
                for concept in random.sample(range(CONCEPTS), random.randrange(1, CONCEPTS))
            },
            random.choice([50, 100, 200]),
            random.choice([0, 0, 2, 5, 9]),
        )
        for _ in range(random.choice([1, 2, 5]))
    )
    region, province = random.choice([(-1, -1), (-1, 0), (-1, 1), (0, -1), (2, -1), (4, 1)])
    conditions = Conditions(
        region=region,
        province=province,
        start_day=random.choice([None, DAY - 1, DAY, DAY + 9]),
        education=random.choice([0, 0, 3, 7]),
        hours=int(random.choice([Hours(0), Hours.DAY, Hours.NIGHT | Hours.WEEKEND])),
        traits=random.choice([0, 0, 1, 4, 35]),
        licences=random.choice([0, 0, 1, 1 << 63, 1 << 63 | 3]),
    )
    return Query(random.getrandbits(64), asked, conditions)


def points(asked: Query, held: Held) -> int:
    """The total by the definition of the score."""
    return int(expected_score(asked, held) * asked.total_weight * FULL_MARKS)


# The bound


@st.composite
def cases(draw: st.DrawFn) -> tuple[Encoding, Query, Held]:
    groups = draw(st.lists(st.integers(0, 4), min_size=CONCEPTS, max_size=CONCEPTS))
    random = Random(draw(st.integers(0, 2**32)))
    held = draw(
        st.dictionaries(
            st.integers(0, CONCEPTS - 1),
            st.tuples(st.sampled_from([1, 300, 600, 1000]), st.integers(0, 9)),
        )
    )
    return Encoding(np.array(groups)), query(random), held


def bound(encoding: Encoding, asked: Query, held: Held) -> float:
    vector = encoding.of_people(people_index({1: (person(), held)}, CONCEPTS))
    weights = encoding.of_query(asked)
    return sum(
        weights.get(int(dimension), 0.0) * float(value)
        for dimension, value in zip(vector.indices, vector.data, strict=True)
    )


@given(cases())
@settings(deadline=None, max_examples=400)
def test_the_inner_product_is_never_below_the_total(case):
    encoding, asked, held = case
    assert bound(encoding, asked, held) >= points(asked, held)


@given(st.lists(st.integers(1, 9), min_size=3, max_size=3), st.integers(0, 9))
@settings(deadline=None)
def test_the_bound_is_the_total_where_a_whole_group_is_held_alike(levels, least):
    asked = Query(1, (requirement({0: 1000, 1: 550, 2: 400, 7: 300}, 200, least),))
    held = dict.fromkeys(range(3), (600, levels[0]))
    assert bound(Encoding(GROUPS), asked, held) == points(asked, held)


@given(cases())
@settings(deadline=None, max_examples=100)
def test_what_is_held_can_be_read_from_the_vector(case):
    encoding, _, held = case
    vector = encoding.of_people(people_index({1: (person(), held)}, CONCEPTS))
    own = encoding.is_of_concept(vector.indices)
    concepts, strengths, levels = encoding.held_in(vector.indices[own], vector.data[own])
    read = zip(concepts.tolist(), strengths.tolist(), levels.tolist(), strict=True)
    assert {concept: (strength, level) for concept, strength, level in read} == held


def test_units_of_one_occupation_share_a_group_and_licences_stand_alone():
    taxonomy = small_taxonomy()
    groups = dict(zip(taxonomy.concepts, groups_of(taxonomy).tolist(), strict=True))
    assert groups["cook.01"] == groups["cook.03"] != groups["tailor.01"]
    alone = [groups[code] for code in taxonomy.licences]
    assert len(set(alone)) == len(alone)
    assert not set(alone) & {groups[code] for code in taxonomy.units}


# Every engine


def same(answer: Answer, people: PeopleIndex, asked: Query, k: int) -> bool:
    assert answer.proved
    return answer.ranked == rank_people(people, asked, MAP, DAY, k)


def test_candidates_ranked_again_are_the_exact_ranking(retrieval: Retrieval):
    people = people_index(population(400, seed=3), CONCEPTS)
    retrieval.upsert(people)
    random = Random(4)
    found = 0
    for number in range(120):
        asked = query(random)
        k = random.choice([1, 5, 20])
        answer = rank_candidates(retrieval, asked, MAP, DAY, k, at_most=k)
        assert same(answer, people, asked, k), number
        found += len(answer.ranked)
    assert found > 500, "the queries find people"


def test_nobody_left_out_has_a_total_above_the_bound(retrieval: Retrieval):
    stored = population(300, seed=5)
    people = people_index(stored, CONCEPTS)
    retrieval.upsert(people)
    random = Random(6)
    cut = 0
    for _ in range(60):
        asked = query(random)
        candidates = retrieval.candidates(asked, MAP, at_most=12)
        assert len(candidates.ids) <= 12
        seen = set(candidates.ids.tolist())
        eligible = {place.id for place in rank_people(people, asked, MAP, DAY, 300)}
        for number in eligible - seen:
            assert points(asked, stored[number][1]) <= candidates.beyond * (1 + 1e-6)
        cut += bool(eligible - seen)
    assert cut > 10, "some were left out"


def test_whoever_is_barred_is_no_candidate_but_for_a_few_who_live_a_little_too_far(
    retrieval: Retrieval,
):
    stored = population(300, seed=16)
    retrieval.upsert(people_index(stored, CONCEPTS))
    random = Random(17)
    seen = 0
    for _ in range(60):
        asked = query(random)
        for number in retrieval.candidates(asked, MAP, 300).ids.tolist():
            seen += 1
            barred = expected_reasons(stored[number][0], asked.conditions, MAP)
            assert barred <= {IneligibilityReason.TOO_FAR}
    assert seen > 300


def test_candidates_come_with_all_that_is_stored_of_them(retrieval: Retrieval):
    people = people_index(population(200, seed=7), CONCEPTS)
    retrieval.upsert(people)
    candidates = retrieval.candidates(Query(1, (requirement({0: 1000, 5: 300}),)), MAP, 500)
    assert len(candidates.ids) > 20
    rows = np.array([people.row_of(number) for number in candidates.ids.tolist()])
    expected = retrieval.fingerprints(subset(people, rows))
    assert retrieval.fingerprints(candidates.people).tolist() == expected.tolist()


def test_equal_people_at_the_last_place_are_all_looked_at(retrieval: Retrieval):
    people = people_index({n: (person(), {0: (1000, 2)}) for n in range(1, 301)}, CONCEPTS)
    retrieval.upsert(people)
    asked = Query(8, (requirement({0: 1000}),))
    answer = rank_candidates(retrieval, asked, MAP, DAY, 5, at_most=10)
    assert same(answer, people, asked, 5)
    assert (answer.fetched, answer.rounds) == (300, 4)


def test_what_cannot_be_proved_is_not_called_proved(retrieval: Retrieval):
    people = people_index({n: (person(), {0: (1000, 2)}) for n in range(1, 31)}, CONCEPTS)
    retrieval.upsert(people)
    retrieval.most = 10
    answer = rank_candidates(retrieval, Query(8, (requirement({0: 1000}),)), MAP, DAY, 5, 10)
    assert (answer.proved, answer.totals_proved, answer.fetched) == (False, True, 10)
    assert len(answer.ranked) == 5


@pytest.mark.parametrize(
    ("asked", "k"),
    [(Query(1, ()), 5), (Query(1, (requirement({}),)), 5), (Query(1, (requirement({0: 1}),)), 0)],
    ids=["nothing asked", "nothing meets it", "no place"],
)
def test_where_there_is_nothing_to_rank_nobody_is_ranked(
    retrieval: Retrieval, asked: Query, k: int
):
    retrieval.upsert(people_index({1: (person(), {0: (1000, 2)})}, CONCEPTS))
    answer = rank_candidates(retrieval, asked, MAP, DAY, k)
    assert (answer.ranked, answer.proved) == ([], True)


# Changes


ASKED = Query(1, (requirement({0: 1000, 1: 500}),))


def ranked_ids(retrieval: Retrieval, asked: Query = ASKED) -> list[int]:
    return sorted(place.id for place in rank_candidates(retrieval, asked, MAP, DAY).ranked)


def put(retrieval: Retrieval, number: int, held: Held, **changes: object) -> None:
    retrieval.upsert(people_index({number: (person(**changes), held)}, CONCEPTS))


def test_a_person_put_in_again_stands_there_once_with_what_is_new(retrieval: Retrieval):
    put(retrieval, 7, {0: (1000, 2)})
    put(retrieval, 7, {1: (600, 3)}, region=SURABAYA)  # to another province
    (place,) = rank_candidates(retrieval, ASKED, MAP, DAY).ranked
    assert (place.terms[0].concept, place.terms[0].strength) == (1, 600)
    in_surabaya = replace(ASKED, conditions=Conditions(region=SURABAYA))
    in_jakarta = replace(ASKED, conditions=Conditions(region=JAKARTA))
    assert (ranked_ids(retrieval, in_surabaya), ranked_ids(retrieval, in_jakarta)) == ([7], [])
    assert retrieval.stored()[0].tolist() == [7]


def test_those_taken_out_are_found_no_more(retrieval: Retrieval):
    for number in (3, 4, 5):
        put(retrieval, number, {0: (1000, 2)})
    retrieval.remove(np.array([4, 99]))
    assert ranked_ids(retrieval) == [3, 5]
    retrieval.remove(np.zeros(0, dtype=np.int64))
    assert sorted(retrieval.stored()[0].tolist()) == [3, 5]


def test_a_withdrawn_listing_bars_at_once(retrieval: Retrieval):
    put(retrieval, 7, {0: (1000, 2)})
    put(retrieval, 7, {0: (1000, 2)}, listed=False)
    assert ranked_ids(retrieval) == []


def test_those_who_hold_nothing_any_more_are_not_kept(retrieval: Retrieval):
    put(retrieval, 7, {0: (1000, 2)})
    put(retrieval, 7, {})
    assert retrieval.stored()[0].tolist() == []


def test_a_following_engine_equals_one_filled_at_once(retrieval: Retrieval):
    random = Random(9)
    stored = population(150, seed=10)
    retrieval.upsert(people_index(stored, CONCEPTS))
    for turn in range(15):
        gone = random.sample(sorted(stored), 5)
        again = {number: somebody(random) for number in random.sample(sorted(stored), 5)}
        new = {10**9 + 5 * turn + place: somebody(random) for place in range(5)}
        stored = {n: entry for n, entry in stored.items() if n not in gone} | again | new
        retrieval.remove(np.array(gone))
        retrieval.upsert(people_index(again | new, CONCEPTS))
    people = people_index(stored, CONCEPTS)
    for _ in range(30):
        asked = query(random)
        assert same(rank_candidates(retrieval, asked, MAP, DAY, 20), people, asked, 20)


def test_changed_people_count_as_they_are_now_before_the_engine_knows(retrieval: Retrieval):
    stored = population(100, seed=11)
    retrieval.upsert(people_index(stored, CONCEPTS))
    random = Random(12)
    changed = random.sample(sorted(stored), 20)
    newer = {number: somebody(random) for number in changed[:10]} | {5: somebody(random)}
    now = people_index({n: e for n, e in stored.items() if n not in changed} | newer, CONCEPTS)
    for _ in range(30):
        asked = query(random)
        answer = rank_candidates(
            retrieval,
            asked,
            MAP,
            DAY,
            10,
            at_most=10,
            changed=np.array([*changed, 5]),
            newer=people_index(newer, CONCEPTS),
        )
        assert same(answer, now, asked, 10)


def test_a_fingerprint_tells_what_must_be_put_in_again(retrieval: Retrieval):
    before = population(60, seed=13)
    retrieval.upsert(people_index(before, CONCEPTS))
    holding = {number: entry for number, entry in before.items() if entry[1]}
    changes: Iterator[Callable[[Circumstances, Held], tuple[Circumstances, Held]]] = iter(
        [
            lambda one, held: (replace(one, commute_km=one.commute_km + 1), held),
            lambda one, held: (replace(one, licences=one.licences ^ 2), held),
            lambda one, held: (one, {c: (s, 9 - level) for c, (s, level) in held.items()}),
            lambda one, held: (one, {c: (s + 1, level) for c, (s, level) in held.items()}),
        ]
    )
    changed = {n: change(*holding[n]) for n, change in zip(sorted(holding), changes, strict=False)}
    now = people_index(holding | changed, CONCEPTS)
    ids, fingerprints = retrieval.stored()
    known = dict(zip(ids.tolist(), fingerprints.tolist(), strict=True))
    fresh = dict(zip(now.ids.tolist(), retrieval.fingerprints(now).tolist(), strict=True))
    assert known.keys() == fresh.keys()
    assert {n for n in known if known[n] != fresh[n]} == set(changed)


def test_the_mark_is_what_was_said_last(retrieval: Retrieval):
    assert retrieval.mark() is None
    for mark in (Mark(4, DAY, "a"), Mark(2**40, DAY + 1, "b" * 64)):
        retrieval.set_mark(mark)
        assert retrieval.mark() == mark


# Sets of people


def test_parts_of_an_index_joined_again_are_the_index():
    stored = population(40, seed=14)
    whole = people_index(stored, CONCEPTS)
    rows = np.random.default_rng(1).permutation(40)
    again = joined(subset(whole, rows[:15]), subset(whole, rows[15:]))
    asked = query(Random(15))
    assert rank_people(again, asked, MAP, DAY) == rank_people(whole, asked, MAP, DAY)
    assert sorted(again.ids.tolist()) == sorted(stored)


# Milvus alone


def test_what_a_closed_collection_held_is_there_when_opened_again(milvus_file: str):
    first = opened(milvus_file, "again")
    put(first, 7, {0: (1000, 2)})
    first.set_mark(Mark(3, DAY, "a"))
    first.close()
    again = opened(milvus_file, "again")
    assert ranked_ids(again) == [7]
    assert again.mark() == Mark(3, DAY, "a")


def test_collections_of_other_names_know_nothing_of_each_other(milvus_file: str):
    put(opened(milvus_file, "one"), 7, {0: (1000, 2)})
    assert ranked_ids(opened(milvus_file, "other")) == []


def test_an_engine_that_does_not_answer_is_named_in_one_line_without_its_password():
    with pytest.raises(RetrievalError) as caught:
        MilvusPeople("http://titian:rahasia@127.0.0.1:1", Encoding(GROUPS), MAP, timeout=1)
    message = str(caught.value)
    assert message.startswith("Milvus at 127.0.0.1:1: ")
    assert "rahasia" not in message
    assert len(message.splitlines()) == 1


def test_the_filter_names_every_condition_and_nothing_without_one():
    everything = Conditions(
        region=BEKASI,
        start_day=DAY,
        education=3,
        hours=int(Hours.NIGHT),
        traits=int(VacancyTrait.CASH),
        licences=0b101,
    )
    said = filter_of(everything, MAP)
    assert f"available_day <= {DAY}" in said
    assert "education >= 3" in said
    assert "hours in [4, 5, 6, 7, 12, 13, 14, 15]" in said
    for field in ("restricted_traits", "excluded_traits"):
        assert f"{field} in [0, 1, 4, 5, 8, 9, 12, 13, 16" in said
    assert "array_contains_all(held_licences, [0, 2])" in said
    assert f"region == {BEKASI}" in said
    assert filter_of(Conditions(), MAP) == "listed == true"


def test_strengths_are_exact_in_sixteen_bits():
    """Newer sparse indexes of Milvus keep values as float16."""
    strengths = np.arange(1001, dtype=np.float32)
    assert (strengths.astype(np.float16).astype(np.float32) == strengths).all()
