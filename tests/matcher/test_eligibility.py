"""matcher.eligibility: each reason, alone and together."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.eligibility import (
    MOBILITY_NUMBER,
    REASONS,
    Circumstances,
    CircumstancesColumns,
    Conditions,
    Stay,
    day_number,
    reason_list,
    reasons,
)
from models.enums import Education, Hours, IneligibilityReason, Mobility, VacancyTrait
from tests.matcher.small_world import expected_reasons, person, small_map

MAP = small_map()
JAKARTA, BANDUNG, BEKASI = (MAP.number[code] for code in ("31.71", "32.73", "32.75"))
SURABAYA, SIDOARJO = MAP.number["35.78"], MAP.number["35.15"]
WEST_JAVA, EAST_JAVA = MAP.province_number["32"], MAP.province_number["35"]


def against(somebody: Circumstances, **conditions: int) -> list[IneligibilityReason]:
    columns = CircumstancesColumns.of([somebody])
    return reason_list(int(reasons(columns, Conditions(**conditions), MAP)[0]))


def test_nothing_stands_against_a_person_where_a_vacancy_asks_nothing():
    bare = person(education=0, hours=0, licences=0, commute_km=0)
    assert against(bare) == []


def test_a_person_who_has_not_agreed_to_be_listed_is_left_out():
    assert against(person(listed=False)) == [IneligibilityReason.NO_CONSENT]


def test_a_person_free_on_the_first_day_of_work_can_start_and_a_day_later_not():
    start = day_number(date(2026, 7, 1))
    assert against(person(available_day=start), start_day=start) == []
    assert against(person(available_day=start + 1), start_day=start) == [
        IneligibilityReason.NOT_YET_AVAILABLE
    ]


def test_a_vacancy_without_a_first_day_waits_for_anybody():
    assert against(person(available_day=day_number(date(2040, 1, 1)))) == []


def test_a_first_day_in_1970_is_a_day_like_any_other():
    assert against(person(available_day=1), start_day=0) == [IneligibilityReason.NOT_YET_AVAILABLE]


def test_schooling_below_what_is_asked_counts_against_and_equal_schooling_does_not():
    asked = Education.UPPER_SECONDARY.rank
    assert against(person(education=Education.UPPER_SECONDARY.rank), education=asked) == []
    assert against(person(education=Education.LOWER_SECONDARY.rank), education=asked) == [
        IneligibilityReason.EDUCATION
    ]


def test_every_part_of_the_day_that_is_needed_must_be_given():
    needed = int(Hours.DAY | Hours.NIGHT)
    assert against(person(hours=int(Hours.DAY | Hours.NIGHT | Hours.WEEKEND)), hours=needed) == []
    assert against(person(hours=int(Hours.DAY)), hours=needed) == [IneligibilityReason.HOURS]


def test_every_licence_that_is_asked_must_be_held():
    assert against(person(licences=0b111), licences=0b101) == []
    assert against(person(licences=0b100), licences=0b101) == [IneligibilityReason.LICENCE]


def test_the_sixty_fourth_licence_counts():
    assert against(person(licences=0), licences=1 << 63) == [IneligibilityReason.LICENCE]
    assert against(person(licences=1 << 63), licences=1 << 63) == []


@pytest.mark.parametrize("trait", list(VacancyTrait))
def test_a_guidance_condition_bars_the_traits_it_names(trait: VacancyTrait):
    barred = person(restricted_traits=int(trait))
    assert against(barred, traits=int(trait)) == [IneligibilityReason.RESTRICTION]
    assert against(barred, traits=63 - int(trait)) == []


@pytest.mark.parametrize("trait", list(VacancyTrait))
def test_a_lawful_exclusion_bars_the_traits_it_names(trait: VacancyTrait):
    barred = person(excluded_traits=int(trait))
    assert against(barred, traits=int(trait)) == [IneligibilityReason.EXCLUSION]
    assert against(barred, traits=63 - int(trait)) == []


def test_work_in_ones_own_region_is_never_too_far():
    assert against(person(region=BEKASI, commute_km=0), region=BEKASI) == []


def test_a_commuter_reaches_as_far_as_said_across_a_province_border():
    km = int(MAP.km[BEKASI, JAKARTA])
    assert against(person(commute_km=km), region=JAKARTA) == []
    assert against(person(commute_km=km - 1), region=JAKARTA) == [IneligibilityReason.TOO_FAR]


def test_one_who_moves_inside_the_province_reaches_all_of_it_and_no_other():
    mover = person(mobility=MOBILITY_NUMBER[Mobility.PROVINCE])
    assert against(mover, region=BANDUNG) == []
    assert against(mover, region=SURABAYA) == [IneligibilityReason.TOO_FAR]


def test_one_who_moves_anywhere_reaches_everything():
    assert against(person(mobility=MOBILITY_NUMBER[Mobility.ANYWHERE]), region=SURABAYA) == []


def test_a_vacancy_somewhere_in_a_province_is_as_far_as_its_nearest_region():
    assert against(person(region=JAKARTA), province=WEST_JAVA) == []
    assert against(person(region=JAKARTA, commute_km=5), province=WEST_JAVA) == [
        IneligibilityReason.TOO_FAR
    ]
    assert against(person(region=BANDUNG, commute_km=0), province=WEST_JAVA) == []
    assert against(person(region=JAKARTA), province=EAST_JAVA) == [IneligibilityReason.TOO_FAR]


def test_one_who_must_stay_in_the_region_may_not_work_beyond_it_however_near():
    stays = person(stay=Stay.REGION, commute_km=500)
    assert against(stays, region=BEKASI) == []
    assert against(stays, region=BANDUNG) == [IneligibilityReason.RESTRICTION]


def test_one_who_must_stay_in_the_region_waits_until_the_region_is_known():
    stays = person(stay=Stay.REGION, commute_km=500)
    assert against(stays, province=WEST_JAVA) == [IneligibilityReason.RESTRICTION]


def test_one_who_must_stay_in_the_province_may_work_all_over_it():
    stays = person(stay=Stay.PROVINCE, commute_km=500)
    assert against(stays, region=BANDUNG) == []
    assert against(stays, region=JAKARTA) == [IneligibilityReason.RESTRICTION]
    assert against(stays, province=WEST_JAVA) == []
    assert against(stays, province=EAST_JAVA) == [
        IneligibilityReason.TOO_FAR,
        IneligibilityReason.RESTRICTION,
    ]


def test_a_willing_mover_is_still_held_by_a_condition():
    mover = person(stay=Stay.PROVINCE, mobility=MOBILITY_NUMBER[Mobility.ANYWHERE])
    assert against(mover, region=SURABAYA) == [IneligibilityReason.RESTRICTION]


def test_all_reasons_stand_together_in_the_order_of_the_enum():
    worst = person(
        listed=False,
        available_day=10,
        education=0,
        hours=0,
        licences=0,
        restricted_traits=1,
        excluded_traits=2,
        commute_km=0,
    )
    found = against(
        worst,
        start_day=1,
        education=3,
        hours=1,
        licences=1,
        traits=3,
        region=SURABAYA,
    )
    assert found == list(REASONS) == list(IneligibilityReason)


def test_days_count_from_1970():
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(date(2026, 3, 1)) == 20513


PEOPLE = st.builds(
    Circumstances,
    region=st.integers(0, len(MAP.codes) - 1),
    available_day=st.integers(0, 3),
    education=st.integers(0, 7),
    mobility=st.integers(0, 2),
    commute_km=st.sampled_from([0, 16, 17, 100, 700, 65535]),
    hours=st.integers(0, 15),
    stay=st.sampled_from(list(Stay)),
    restricted_traits=st.integers(0, 63),
    excluded_traits=st.integers(0, 63),
    licences=st.integers(0, 7) | st.integers(0, 2**64 - 1),
    listed=st.booleans(),
)
PLACES = st.sampled_from(
    [
        *({"region": region} for region in range(len(MAP.codes))),
        *({"province": province} for province in range(len(MAP.provinces))),
        {},
    ]
)
CONDITIONS = st.builds(
    lambda place, **asked: Conditions(**place, **asked),
    PLACES,
    start_day=st.none() | st.integers(0, 3),
    education=st.integers(0, 7),
    hours=st.integers(0, 15),
    traits=st.integers(0, 63),
    licences=st.integers(0, 7) | st.integers(0, 2**64 - 1),
)


@given(st.lists(PEOPLE, min_size=1, max_size=8), CONDITIONS)
@settings(deadline=None, max_examples=300)
def test_reasons_are_those_of_the_rules_read_one_person_at_a_time(people, conditions):
    found = reasons(CircumstancesColumns.of(people), conditions, MAP)
    for bits, somebody in zip(found, people, strict=True):
        assert set(reason_list(int(bits))) == expected_reasons(somebody, conditions, MAP)


@given(st.lists(PEOPLE, max_size=8), CONDITIONS, st.randoms())
@settings(deadline=None, max_examples=150)
def test_reasons_never_depend_on_the_order_of_rows(people, conditions, random):
    order = list(range(len(people)))
    random.shuffle(order)
    columns = CircumstancesColumns.of(people)
    shuffled = columns.take(np.array(order, dtype=np.int64))
    found = reasons(columns, conditions, MAP)
    assert reasons(shuffled, conditions, MAP).tolist() == [int(found[place]) for place in order]


@given(PEOPLE, CONDITIONS, st.lists(PEOPLE, max_size=4))
@settings(deadline=None, max_examples=150)
def test_reasons_against_one_person_never_depend_on_the_others(somebody, conditions, others):
    alone = reasons(CircumstancesColumns.of([somebody]), conditions, MAP)[0]
    together = reasons(CircumstancesColumns.of([*others, somebody]), conditions, MAP)[-1]
    assert alone == together


@given(st.lists(PEOPLE, max_size=6))
@settings(deadline=None, max_examples=100)
def test_columns_keep_what_they_were_given(people):
    columns = CircumstancesColumns.of(people)
    assert len(columns) == len(people)
    for row, somebody in enumerate(people):
        for name in Circumstances.__slots__:
            assert getattr(columns, name)[row] == getattr(somebody, name)
