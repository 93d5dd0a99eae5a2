"""matcher.ranking: exact ranking in both directions, against references written one person at a time."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import ranking
from matcher.eligibility import Circumstances, CircumstancesColumns, Conditions, Stay, reasons
from matcher.people_index import LivePeople, PeopleIndex
from matcher.ranking import FULL_MARKS, Query, Ranked, rank_people, tie_hash, totals
from matcher.vacancy_index import (
    LiveVacancies,
    VacancyEntry,
    VacancyIndex,
    Wishes,
    rank_vacancies,
)
from models.enums import IneligibilityReason
from tests.matcher.small_world import (
    Held,
    expected_reasons,
    expected_score,
    expected_tie_hash,
    people_index,
    person,
    requirement,
    small_map,
    splitmix64,
)

MAP = small_map()
DAY = 20_500
CONCEPTS = 6
BEKASI, JAKARTA, SURABAYA = (MAP.number[code] for code in ("32.75", "31.71", "35.78"))

# few values of everything, so that ties and gaps are common
HELD = st.dictionaries(
    st.integers(0, CONCEPTS - 1),
    st.tuples(st.sampled_from([1, 300, 600, 700, 1000]), st.integers(0, 9)),
    max_size=CONCEPTS,
)
PEOPLE = st.builds(
    person,
    listed=st.sampled_from([True, True, True, False]),
    region=st.integers(0, len(MAP.codes) - 1),
    education=st.sampled_from([2, 7]),
    stay=st.sampled_from([Stay.FREE, Stay.FREE, Stay.PROVINCE, Stay.REGION]),
    commute_km=st.sampled_from([0, 30, 1000]),
)
POPULATIONS = st.dictionaries(st.integers(1, 10**12), st.tuples(PEOPLE, HELD), max_size=14)
REQUIREMENTS = st.builds(
    requirement,
    st.dictionaries(
        st.integers(0, CONCEPTS - 1), st.sampled_from([200, 400, 550, 900, 1000]), max_size=CONCEPTS
    ),
    st.sampled_from([50, 100, 200]),
    st.sampled_from([0, 0, 2, 5, 9]),
)
CONDITIONS = st.builds(
    Conditions,
    region=st.sampled_from([-1, -1, 0, 2]),
    education=st.sampled_from([0, 0, 3]),
)
QUERIES = st.builds(
    Query,
    st.integers(0, 2**64 - 1),
    st.lists(REQUIREMENTS, min_size=1, max_size=4).map(tuple),
    CONDITIONS,
)


def expected_ranking(
    people: dict[int, tuple[Circumstances, Held]], query: Query, with_ineligible: bool = False
) -> list[tuple[int, Fraction]]:
    """(id, score), best first: every person in turn, in fractions."""
    found = []
    for number, (somebody, held) in people.items():
        score = expected_score(query, held)
        barred = expected_reasons(somebody, query.conditions, MAP)
        if score > 0 and (with_ineligible or not barred):
            found.append((-score, expected_tie_hash(query.key, number, DAY), number))
    return [(number, -score) for score, _, number in sorted(found)]


# Exactness


@given(POPULATIONS, QUERIES, st.integers(0, 16))
@settings(deadline=None, max_examples=200)
def test_the_top_k_are_those_of_a_brute_force_in_the_same_order(people, query, k):
    ranked = rank_people(people_index(people, CONCEPTS), query, MAP, DAY, k)
    expected = expected_ranking(people, query)[:k]
    assert [place.id for place in ranked] == [number for number, _ in expected]
    for place, (_, score) in zip(ranked, expected, strict=True):
        assert Fraction(place.total, query.total_weight * FULL_MARKS) == score
        assert place.score == pytest.approx(float(score), rel=1e-12)
        assert place.ineligible == ()


@given(POPULATIONS, QUERIES)
@settings(deadline=None, max_examples=100)
def test_those_left_out_are_ranked_with_their_reasons_when_asked_for(people, query):
    ranked = rank_people(
        people_index(people, CONCEPTS), query, MAP, DAY, 100, include_ineligible=True
    )
    expected = expected_ranking(people, query, with_ineligible=True)
    assert [place.id for place in ranked] == [number for number, _ in expected]
    for place in ranked:
        barred = expected_reasons(people[place.id][0], query.conditions, MAP)
        assert set(place.ineligible) == barred


@given(POPULATIONS, QUERIES)
@settings(deadline=None, max_examples=100)
def test_terms_sum_to_the_total_and_each_is_earned(people, query):
    for place in rank_people(people_index(people, CONCEPTS), query, MAP, DAY, 100):
        held = people[place.id][1]
        assert sum(term.weight * term.points for term in place.terms) == place.total
        assert [term.requirement for term in place.terms] == list(range(len(query.requirements)))
        for term, asked in zip(place.terms, query.requirements, strict=True):
            if term.concept == -1:
                assert (term.points, term.affinity, term.strength, term.level) == (0, 0, 0, 0)
                continue
            assert held[term.concept] == (term.strength, term.level)
            wanted = dict(zip(asked.affinity.concepts, asked.affinity.values, strict=True))
            assert wanted[term.concept] == term.affinity
            quarters = 4 - min(max(asked.least_level - term.level, 0), 3)
            assert term.points == term.affinity * term.strength * quarters


def test_totals_of_thousands_of_people_are_those_of_a_dense_matrix():
    rng = np.random.default_rng(7)
    n, concepts = 4000, 50
    strengths = rng.choice([0, 0, 0, 0, 300, 700, 1000], size=(n, concepts))
    levels = rng.integers(1, 10, size=(n, concepts))
    rows, columns = np.nonzero(strengths)
    index = PeopleIndex(
        np.arange(n) * 3,
        people_index({i * 3: (person(), {}) for i in range(n)}, concepts).circumstances,
        concepts,
        rows,
        columns,
        strengths[rows, columns],
        levels[rows, columns],
    )
    asked = [
        requirement(
            {int(c): int(v) for c, v in zip(chosen, rng.integers(200, 1001, 12), strict=True)},
            weight,
            least,
        )
        for chosen, weight, least in [
            (rng.permutation(concepts)[:12], 200, 0),
            (rng.permutation(concepts)[:12], 100, 4),
            (rng.permutation(concepts)[:12], 50, 9),
        ]
    ]
    expected = np.zeros(n, dtype=np.int64)
    for one in asked:
        wanted = np.zeros(concepts, dtype=np.int64)
        wanted[one.affinity.concepts] = one.affinity.values
        quarters = 4 - np.clip(one.least_level - levels, 0, 3)
        expected += one.weight * (strengths * quarters * wanted).max(axis=1)
    query = Query(5, tuple(asked))
    assert np.array_equal(totals(index, query), expected)
    best = rank_people(index, query, MAP, DAY, 25)
    assert [place.total for place in best] == np.sort(expected)[::-1][:25].tolist()


def crowd(random: np.random.Generator, n: int, concepts: int) -> PeopleIndex:
    """n people spread over the map, all circumstances drawn; about four of the concepts each."""
    regions = len(MAP.codes)
    columns = CircumstancesColumns(
        region=random.integers(0, regions, n).astype(np.int16),
        available_day=(DAY + random.integers(-50, 50, n)).astype(np.int32),
        education=random.integers(0, 8, n).astype(np.uint8),
        mobility=random.choice(3, n, p=[0.5, 0.3, 0.2]).astype(np.uint8),
        commute_km=random.choice([0, 20, 60, 500], n).astype(np.uint16),
        hours=random.integers(1, 16, n).astype(np.uint8),
        stay=random.choice(3, n, p=[0.8, 0.1, 0.1]).astype(np.uint8),
        restricted_traits=random.choice([0, 1, 2], n, p=[0.8, 0.1, 0.1]).astype(np.uint16),
        excluded_traits=random.choice([0, 4], n, p=[0.9, 0.1]).astype(np.uint16),
        licences=random.choice([0, 1, 3], n).astype(np.uint64),
        listed=random.random(n) < 0.9,
    )
    rows, held = np.nonzero(random.random((n, concepts)) < 4 / concepts)
    return PeopleIndex(
        random.permutation(n) * 7,
        columns,
        concepts,
        rows,
        held,
        random.choice([150, 300, 600, 1000], len(rows)),
        random.integers(0, 10, len(rows)),
    )


def drawn_query(random: np.random.Generator, concepts: int) -> Query:
    asked = []
    for _ in range(random.integers(1, 6)):
        chosen = random.permutation(concepts)[: random.integers(1, 12)].tolist()
        values = random.choice([200, 400, 550, 900, 1000], len(chosen)).tolist()
        falling = sorted(zip(chosen, values, strict=True), key=lambda pair: (-pair[1], pair[0]))
        weight, level = int(random.choice([50, 100, 200])), int(random.integers(0, 6))
        asked.append(requirement(dict(falling), weight, level))
    region = int(random.integers(-1, len(MAP.codes)))
    conditions = Conditions(
        region=region,
        province=int(random.integers(-1, len(MAP.provinces))) if region < 0 else -1,
        start_day=None if random.random() < 0.3 else DAY + int(random.integers(-50, 50)),
        education=int(random.choice([0, 0, 2, 4])),
        hours=int(random.choice([0, 1, 3])),
        traits=int(random.choice([0, 1, 2, 4])),
        licences=int(random.choice([0, 0, 1])),
    )
    return Query(int(random.integers(1 << 62)), tuple(asked), conditions)


@pytest.mark.parametrize("threads_from", [1, 10**9], ids=["two threads", "one thread"])
def test_the_compiled_walk_finds_what_the_plain_one_finds(threads_from, monkeypatch):
    """9,000 people, 150 vacancies: blocks, runs and lists left out all come into play."""
    monkeypatch.setattr(ranking, "THREADS_FROM", threads_from)
    random = np.random.default_rng(3)
    index = crowd(random, 9_000, 40)
    for _ in range(150):
        query = drawn_query(random, 40)
        whole = totals(index, query)
        rows = np.flatnonzero(
            (whole > 0) & (reasons(index.circumstances, query.conditions, MAP) == 0)
        )
        ties = tie_hash(query.key, index.ids[rows], DAY)
        expected = rows[np.lexsort((ties, -whole[rows]))][:20]
        ranked = rank_people(index, query, MAP, DAY, 20)
        assert [place.id for place in ranked] == index.ids[expected].tolist()
        assert [place.total for place in ranked] == whole[expected].tolist()
        for place in ranked:
            held = index.held(index.row_of(place.id))
            assert place.terms == ranking.explain(query, *held)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [("strengths", 1001, "strength"), ("levels", 10, "level"), ("concepts", 6, "concept")],
)
def test_an_index_refuses_what_it_cannot_hold(column, value, says):
    given_arrays = {"rows": [0], "concepts": [0], "strengths": [1000], "levels": [2]}
    given_arrays[column] = [value]
    with pytest.raises(ValueError, match=says):
        PeopleIndex(
            np.array([1]),
            CircumstancesColumns.of([person()]),
            6,
            **{name: np.array(values) for name, values in given_arrays.items()},
        )


def test_levels_short_of_the_least_cost_a_quarter_each_and_three_at_most():
    query = Query(1, (requirement({0: 1000}, least_level=5),))
    people = {level: (person(), {0: (1000, level)}) for level in range(1, 10)}
    ranked = rank_people(people_index(people, 1), query, MAP, DAY)
    scores = {place.id: place.score for place in ranked}
    assert [scores[level] for level in range(1, 10)] == [0.25, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1]


def test_a_requirement_is_met_from_six_tenths_of_full_marks():
    people = {1: (person(), {0: (600, 2)}), 2: (person(), {0: (599, 2)})}
    ranked = rank_people(people_index(people, 1), Query(1, (requirement({0: 1000}),)), MAP, DAY)
    assert {place.id: (place.met, place.terms[0].is_met) for place in ranked} == {
        1: (1, True),
        2: (0, False),
    }
    assert ranked[0].terms[0].share == pytest.approx(0.6)


def test_of_two_units_that_give_equal_points_the_nearer_one_explains_them():
    people = {1: (person(), {0: (500, 2), 1: (1000, 2)})}
    (place,) = rank_people(
        people_index(people, 2), Query(1, (requirement({0: 1000, 1: 500}),)), MAP, DAY
    )
    assert (place.terms[0].concept, place.terms[0].affinity) == (0, 1000)


def test_only_the_people_asked_about_are_ranked():
    people = {number: (person(), {0: (1000, 2)}) for number in range(1, 6)}
    query = Query(1, (requirement({0: 1000}),))
    only = np.array([5, 2, 99, 2])
    ranked = rank_people(people_index(people, 1), query, MAP, DAY, only=only)
    assert sorted(place.id for place in ranked) == [2, 5]


@given(POPULATIONS, QUERIES, st.randoms(), st.booleans())
@settings(deadline=None, max_examples=100)
def test_some_people_stand_as_they_stand_among_all(people, query, random, with_ineligible):
    some = [number for number in people if random.random() < 0.5]
    index = people_index(people, CONCEPTS)
    options = {"k": 100, "include_ineligible": with_ineligible}
    among = rank_people(index, query, MAP, DAY, only=np.array(some, np.int64), **options)
    whole = rank_people(index, query, MAP, DAY, **options)
    assert among == [place for place in whole if place.id in some]


@pytest.mark.parametrize(
    ("people", "query", "k"),
    [
        ({}, Query(1, (requirement({0: 1000}),)), 10),
        ({1: (person(), {})}, Query(1, (requirement({0: 1000}),)), 10),
        ({1: (person(), {0: (1000, 2)})}, Query(1, (requirement({}),)), 10),
        ({1: (person(), {0: (1000, 2)})}, Query(1, ()), 10),
        ({1: (person(), {0: (1000, 2)})}, Query(1, (requirement({0: 1000}),)), 0),
    ],
    ids=["no people", "nothing held", "nothing meets it", "nothing asked", "no place"],
)
def test_where_there_is_nothing_to_rank_nobody_is_ranked(people, query, k):
    assert rank_people(people_index(people, 1), query, MAP, DAY, k) == []


# Ties


def test_the_tie_break_is_splitmix64_as_published():
    """First outputs of the published generator for the seed 1234567 (Rosetta Code)."""
    golden = 0x9E3779B97F4A7C15
    states = [(1234567 + step * golden) & (2**64 - 1) for step in range(3)]
    assert [splitmix64(state) for state in states] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


@given(
    st.integers(0, 2**64 - 1),
    st.lists(st.integers(1, 2**62), min_size=1, max_size=5),
    st.integers(0, 60_000),
)
@settings(deadline=None, max_examples=100)
def test_the_tie_break_takes_in_vacancy_person_and_day(key, ids, day):
    found = tie_hash(key, np.array(ids, dtype=np.int64), day)
    assert found.tolist() == [expected_tie_hash(key, number, day) for number in ids]


def leaders(people: int, days: int, key: int = 99) -> list[int]:
    index = people_index({i: (person(), {0: (1000, 2)}) for i in range(1, people + 1)}, 1)
    query = Query(key, (requirement({0: 1000}),))
    return [rank_people(index, query, MAP, DAY + day, 1)[0].id for day in range(days)]


def test_equal_people_lead_equally_often_over_the_days():
    """1,000 days, 5 people: 200 each, and a standard deviation of 13."""
    counts = Counter(leaders(5, 1000))
    assert sorted(counts) == [1, 2, 3, 4, 5]
    assert all(160 <= count <= 240 for count in counts.values())


def test_who_led_yesterday_leads_no_oftener_today():
    days = leaders(5, 1000)
    again = sum(one == other for one, other in pairwise(days))
    assert 160 <= again <= 240


def test_equal_people_share_every_place_not_the_first_alone():
    index = people_index({i: (person(), {0: (1000, 2)}) for i in range(1, 5)}, 1)
    query = Query(7, (requirement({0: 1000}),))
    counts = Counter(
        (place, ranked.id)
        for day in range(800)
        for place, ranked in enumerate(rank_people(index, query, MAP, DAY + day))
    )
    assert len(counts) == 16
    assert all(150 <= count <= 250 for count in counts.values())


def test_vacancies_of_one_day_put_equal_people_in_different_orders():
    counts = Counter(leaders(5, 1, key)[0] for key in range(1000))
    assert all(160 <= counts[number] <= 240 for number in range(1, 6))


def test_a_page_asked_for_twice_on_one_day_is_the_same():
    assert leaders(5, 20) == leaders(5, 20)


# Order of rows


@given(POPULATIONS, QUERIES, st.randoms())
@settings(deadline=None, max_examples=100)
def test_ranking_never_depends_on_the_order_of_evidence(people, query, random):
    order = list(range(sum(len(held) for _, held in people.values())))
    random.shuffle(order)
    first = rank_people(people_index(people, CONCEPTS), query, MAP, DAY)
    assert rank_people(people_index(people, CONCEPTS, order), query, MAP, DAY) == first


@given(POPULATIONS, QUERIES, st.randoms())
@settings(deadline=None, max_examples=100)
def test_who_stands_before_whom_never_depends_on_the_others(people, query, random):
    some = {number: entry for number, entry in people.items() if random.random() < 0.5}
    whole = rank_people(people_index(people, CONCEPTS), query, MAP, DAY, 100)
    part = rank_people(people_index(some, CONCEPTS), query, MAP, DAY, 100)
    assert [(place.id, place.total) for place in part] == [
        (place.id, place.total) for place in whole if place.id in some
    ]


@given(POPULATIONS, QUERIES, st.randoms())
@settings(deadline=None, max_examples=100)
def test_totals_never_depend_on_the_order_of_requirements(people, query, random):
    turned = list(query.requirements)
    random.shuffle(turned)
    index = people_index(people, CONCEPTS)
    other = Query(query.key, tuple(turned), query.conditions)
    assert np.array_equal(totals(index, query), totals(index, other))


# Changing the index


@given(POPULATIONS, POPULATIONS, st.randoms())
@settings(deadline=None, max_examples=120)
def test_an_index_with_people_replaced_equals_one_built_anew(old, arrivals, random):
    touched = {number for number in old if random.random() < 0.5}
    newer = {number: arrivals[number] for number in arrivals if number not in old}
    for number in touched:
        if arrivals and random.random() < 0.6:  # changed; else gone
            newer[number] = random.choice(list(arrivals.values()))
    ids = np.array(sorted({*touched, *newer}), dtype=np.int64)
    replaced = people_index(old, CONCEPTS).replaced(ids, people_index(newer, CONCEPTS))
    stays = {number: entry for number, entry in old.items() if number not in touched}
    rebuilt = people_index({**stays, **newer}, CONCEPTS)
    for name, one in replaced.arrays().items():
        other = rebuilt.arrays()[name]
        assert one.dtype == other.dtype, name
        assert one.tolist() == other.tolist(), name


@given(POPULATIONS)
@settings(deadline=None, max_examples=100)
def test_a_person_is_found_by_id_with_what_is_held(people):
    index = people_index(people, CONCEPTS)
    assert len(index) == len(people)
    for number, (_, held) in people.items():
        row = index.row_of(number)
        assert index.ids[row] == number
        columns = zip(*(column.tolist() for column in index.held(row)), strict=True)
        assert {concept: (strength, level) for concept, strength, level in columns} == held
    for number in (0, 10**12 + 1):
        assert index.row_of(number) is None


@given(
    POPULATIONS,
    st.lists(
        st.dictionaries(st.integers(1, 10**12), st.none() | st.tuples(PEOPLE, HELD), max_size=4)
    ),
    QUERIES,
    st.sampled_from([0, 3, 100]),
    st.booleans(),
)
@settings(deadline=None, max_examples=120)
def test_people_that_changed_rank_as_if_laid_out_anew(old, changes, query, patch_until, barred):
    present = dict(old)
    live = LivePeople(people_index(old, CONCEPTS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matcher.people_index.PATCH_UNTIL", patch_until)
        for change in changes:
            known = {number: entry for number, entry in change.items() if entry is not None}
            gone = [*present][:1]
            for number in (*change, *gone):
                present.pop(number, None)
            present |= known
            ids = np.array([*change, *gone], dtype=np.int64)
            live = live.changed(ids, people_index(known, CONCEPTS))
    fresh = people_index(present, CONCEPTS)
    for name, one in live.merged().arrays().items():
        np.testing.assert_array_equal(one, fresh.arrays()[name], err_msg=name)
    assert len(live) == len(fresh)
    options = {"k": 100, "include_ineligible": barred}
    assert rank_people(live, query, MAP, DAY, **options) == rank_people(
        fresh, query, MAP, DAY, **options
    )
    some = np.array([*old, *present][::2], dtype=np.int64)
    assert rank_people(live, query, MAP, DAY, only=some, **options) == rank_people(
        fresh, query, MAP, DAY, only=some, **options
    )
    for number in {*old, *present}:
        held = live.held_by(number)
        if number not in present:
            assert held is None
            continue
        for one, other in zip(held, fresh.held(fresh.row_of(number)), strict=True):
            np.testing.assert_array_equal(one, other)


# The other direction


def vacancy(number: int, *requirements, occupation: int = -1, wage: int = 0, **conditions):
    query = Query(number, requirements, Conditions(**conditions))
    return VacancyEntry(number, query, occupation, wage)


def ranked_for(
    somebody: Circumstances,
    held: Held,
    entries: list[VacancyEntry],
    wishes: Wishes | None = None,
    day: int = DAY,
    **options,
):
    index = people_index({1: (somebody, held)}, CONCEPTS)
    return rank_vacancies(
        VacancyIndex(entries, CONCEPTS),
        index.held(0),
        somebody,
        wishes or Wishes(),
        MAP,
        day,
        person_key=77,
        **options,
    )


@given(POPULATIONS, st.lists(QUERIES, max_size=5))
@settings(deadline=None, max_examples=100)
def test_both_directions_give_the_same_points_terms_and_reasons(people, queries):
    index = people_index(people, CONCEPTS)
    entries = [VacancyEntry(i, query) for i, query in enumerate(queries)]
    vacancies = VacancyIndex(entries, CONCEPTS)
    forward: dict[tuple[int, int], Ranked] = {
        (number, place.id): place
        for number, query in enumerate(queries)
        for place in rank_people(index, query, MAP, DAY, 100, include_ineligible=True)
    }
    backward = {}
    for row, number in enumerate(index.ids.tolist()):
        for place in rank_vacancies(
            vacancies,
            index.held(row),
            people[number][0],
            Wishes(),
            MAP,
            DAY,
            person_key=number,
            k=100,
            include_ineligible=True,
        ):
            backward[place.id, number] = place
    assert forward.keys() == backward.keys()
    for pair, place in forward.items():
        assert backward[pair].fit == place.score
        assert backward[pair].terms == place.terms
        assert backward[pair].ineligible == place.ineligible
        assert backward[pair].met == place.met


@given(PEOPLE, HELD, st.lists(QUERIES, max_size=6), st.sampled_from([0, 1, 100]))
@settings(deadline=None, max_examples=100)
def test_vacancies_are_ordered_by_four_parts_fit_and_one_part_wishes(somebody, held, queries, k):
    entries = [VacancyEntry(i, query, i % 3) for i, query in enumerate(queries)]
    wishes = Wishes(frozenset({1}))
    ranked = ranked_for(somebody, held, entries, wishes, k=k)
    expected = []
    for entry in entries:
        score = expected_score(entry.query, held)
        if score == 0 or expected_reasons(somebody, entry.query.conditions, MAP):
            continue
        parts = [1000 if entry.occupation == 1 else 0]
        region = entry.query.conditions.region
        if region >= 0:
            km = int(MAP.km[somebody.region, region])
            reach = max(2 * somebody.commute_km, 20)
            parts.append(max(0, 1000 - 1000 * km // reach))
        wish = sum(parts) // len(parts)
        # the engine cuts fit to millionths before it compares
        worth = 4 * int(score * 1_000_000) + 1000 * wish
        expected.append((-worth, expected_tie_hash(77, entry.id, DAY), entry.id, wish))
    expected.sort()
    assert [(place.id, place.wish) for place in ranked] == [
        (number, wish / 1000) for _, _, number, wish in expected
    ][:k]
    for place, (worth, *_) in zip(ranked, expected, strict=False):
        assert place.worth == pytest.approx(-worth / 5_000_000)


def test_a_vacancy_that_asks_nothing_is_ranked_for_nobody():
    assert ranked_for(person(), {0: (1000, 2)}, [vacancy(1)]) == []
    assert ranked_for(person(), {0: (1000, 2)}, []) == []


def test_an_empty_requirement_gives_no_points_and_keeps_its_place():
    (place,) = ranked_for(
        person(), {0: (1000, 2)}, [vacancy(1, requirement({}), requirement({0: 1000}))]
    )
    assert [term.points for term in place.terms] == [0, FULL_MARKS]
    assert place.fit == 0.5


def test_vacancies_a_person_may_not_take_are_left_out_unless_asked_for():
    entries = [vacancy(1, requirement({0: 1000}), region=SURABAYA)]
    assert ranked_for(person(), {0: (1000, 2)}, entries) == []
    (place,) = ranked_for(person(), {0: (1000, 2)}, entries, include_ineligible=True)
    assert place.ineligible == (IneligibilityReason.TOO_FAR,)


def test_the_wished_trade_comes_first_among_equally_fit_vacancies():
    entries = [vacancy(i, requirement({0: 1000}), occupation=i) for i in range(1, 5)]
    ranked = ranked_for(person(), {0: (1000, 2)}, entries, Wishes(frozenset({3})))
    assert ranked[0].id == 3
    assert [place.wish for place in ranked] == [1, 0, 0, 0]


def test_a_much_better_fit_outweighs_every_wish():
    entries = [
        vacancy(1, requirement({0: 1000}), occupation=5),
        vacancy(2, requirement({0: 400}), occupation=3),
    ]
    ranked = ranked_for(person(), {0: (1000, 2)}, entries, Wishes(frozenset({3})))
    assert [place.id for place in ranked] == [1, 2]


def test_a_wage_below_the_wish_counts_for_its_share_and_one_above_for_no_more_than_whole():
    entries = [vacancy(i, requirement({0: 1000}), wage=i * 1_000_000) for i in (2, 4, 9)]
    ranked = ranked_for(person(), {0: (1000, 2)}, entries, Wishes(least_wage=4_000_000))
    assert {place.id: place.wishes.wage for place in ranked} == {2: 500, 4: 1000, 9: 1000}


def test_a_vacancy_that_names_no_wage_is_not_judged_by_it():
    (place,) = ranked_for(
        person(), {0: (1000, 2)}, [vacancy(1, requirement({0: 1000}))], Wishes(least_wage=4_000_000)
    )
    assert place.wishes.wage is None
    assert place.wish == 1


def test_nearer_work_is_worth_more():
    entries = [
        vacancy(1, requirement({0: 1000}), region=JAKARTA),
        vacancy(2, requirement({0: 1000}), region=BEKASI),
    ]
    ranked = ranked_for(person(commute_km=30), {0: (1000, 2)}, entries)
    assert [(place.id, place.km) for place in ranked] == [(2, 0), (1, int(MAP.km[BEKASI, JAKARTA]))]
    assert ranked[0].wishes.distance == 1000
    assert ranked[1].wishes.distance == 1000 - 1000 * int(MAP.km[BEKASI, JAKARTA]) // 60


def test_twenty_kilometres_are_near_even_for_one_who_does_not_commute():
    mover = person(commute_km=0, mobility=2)
    (place,) = ranked_for(
        mover, {0: (1000, 2)}, [vacancy(1, requirement({0: 1000}), region=JAKARTA)]
    )
    assert place.wishes.distance == 1000 - 1000 * int(MAP.km[BEKASI, JAKARTA]) // 20 > 0


def test_work_anywhere_has_no_distance():
    (place,) = ranked_for(person(), {0: (1000, 2)}, [vacancy(1, requirement({0: 1000}))])
    assert place.km is None
    assert place.wishes.distance is None


def test_equal_vacancies_take_turns_over_the_days():
    entries = [vacancy(i, requirement({0: 1000})) for i in range(1, 5)]
    counts = Counter(
        ranked_for(person(), {0: (1000, 2)}, entries, day=DAY + day)[0].id for day in range(400)
    )
    assert sorted(counts) == [1, 2, 3, 4]
    assert all(65 <= count <= 135 for count in counts.values())


# Vacancies that change


@given(
    PEOPLE,
    HELD,
    st.lists(QUERIES, min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 7), st.none() | QUERIES), max_size=5),
    st.sampled_from([1, 3, 100]),
)
@settings(deadline=None, max_examples=100)
def test_vacancies_that_changed_rank_as_if_laid_out_anew(somebody, held, old, changes, compact):
    present = {number: VacancyEntry(number, query) for number, query in enumerate(old)}
    live = LiveVacancies(VacancyIndex(list(present.values()), CONCEPTS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matcher.vacancy_index.COMPACT_FROM", compact)
        for number, query in changes:
            present.pop(number, None)
            entries = [] if query is None else [VacancyEntry(number, query)]
            present |= {entry.id: entry for entry in entries}
            live = live.changed([number], entries)
    fresh = VacancyIndex([present[number] for number in sorted(present)], CONCEPTS)
    row = people_index({1: (somebody, held)}, CONCEPTS).held(0)
    rest = (row, somebody, Wishes(frozenset({1}), 100), MAP, DAY, 5, 100)
    assert rank_vacancies(live, *rest) == rank_vacancies(fresh, *rest)
    assert [entry.id for entry in live.vacancies] == fresh.ids.tolist()
    assert len(live) == len(fresh)
    for number in range(8):
        alone = [entry.id for entry in live.alone(number).vacancies]
        assert alone == [number] * (number in fresh.ids)
