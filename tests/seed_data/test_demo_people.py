"""The demo's people: always the same, plausible, and nobody who exists."""

import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.taxonomy import Taxonomy
from models.enums import (
    Education,
    Gender,
    Hours,
    Mobility,
    OffenceFamily,
    PersonStatus,
    TrainingStatus,
    Verification,
)
from seed_data.demo.people import (
    EDUCATION_SHARE,
    MOBILITY_SHARE,
    OFFENCE_SHARE,
    SECTOR_SHARE,
    STATUS_SHARE,
    DemoPerson,
    _nik,
    synthetic_people,
)
from seed_data.region_files import read_regions
from web.services.demo_data import DemoSize

TODAY = date(2026, 8, 17)

PRINT_PEOPLE = """
from datetime import date
from seed_data.demo.people import synthetic_people
from seed_data.demo.vacancies import synthetic_employers, synthetic_vacancies
from seed_data.taxonomy_files import read_taxonomy
taxonomy = read_taxonomy()
print(synthetic_people(taxonomy, 40, date(2026, 8, 17)))
print(synthetic_vacancies(taxonomy, synthetic_employers(8), 20))
"""


@pytest.fixture(scope="module")
def people(taxonomy: Taxonomy) -> list[DemoPerson]:
    """As many as the demo has."""
    return synthetic_people(taxonomy, DemoSize().people, TODAY)


# Always the same


def test_same_seed_gives_the_same_people(taxonomy: Taxonomy, people: list[DemoPerson]) -> None:
    assert synthetic_people(taxonomy, DemoSize().people, TODAY) == people


def test_another_seed_gives_other_people(taxonomy: Taxonomy, people: list[DemoPerson]) -> None:
    others = synthetic_people(taxonomy, 100, TODAY, seed=2)
    assert [person.full_name for person in others] != [p.full_name for p in people[:100]]


def test_first_people_stay_the_same_when_more_are_made(
    taxonomy: Taxonomy, people: list[DemoPerson]
) -> None:
    assert synthetic_people(taxonomy, 100, TODAY) == people[:100]


def test_every_process_makes_the_same_demo() -> None:
    """Python orders sets of words differently in each process; the demo must not follow."""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PRINT_PEOPLE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000


# How many and where


def test_there_are_2000_people_or_more_in_a_dozen_facilities_or_more(
    people: list[DemoPerson],
) -> None:
    in_facility = Counter(person.facility for person in people)
    assert len(people) >= 2000
    assert len(in_facility) >= 12
    assert max(in_facility.values()) - min(in_facility.values()) <= 1
    assert set(in_facility) <= {row["code"] for row in read_regions("facilities")}


def test_each_person_is_guided_by_the_bapas_of_their_home(people: list[DemoPerson]) -> None:
    serving = {row["region"]: row["bapas"] for row in read_regions("bapas_regions")}
    assert all(person.bapas == serving[person.region] for person in people)
    assert len({person.region[:2] for person in people}) == 38


def test_no_adult_stands_in_a_facility_for_children(people: list[DemoPerson]) -> None:
    kinds = {row["code"]: row["kind"] for row in read_regions("facilities")}
    assert {kinds[person.facility] for person in people} == {"lapas", "rutan", "lpp"}
    for person in people:
        assert TODAY - timedelta(days=61 * 365) < person.birth_date <= date(2008, 8, 17)


def test_a_women_s_prison_holds_women(people: list[DemoPerson]) -> None:
    kinds = {row["code"]: row["kind"] for row in read_regions("facilities")}
    inmates = {person.gender for person in people if kinds[person.facility] == "lpp"}
    assert inmates == {Gender.FEMALE}
    assert {person.gender for person in people} == set(Gender)


# Nobody who exists


def test_every_nik_is_sixteen_digits_and_unique(people: list[DemoPerson]) -> None:
    assert all(len(p.nik) == 16 and p.nik.isascii() and p.nik.isdigit() for p in people)
    assert len({person.nik for person in people}) == len(people)


def test_no_register_can_hold_a_demo_nik(people: list[DemoPerson]) -> None:
    """A NIK is district (6), day of birth, plus 40 for women (2), month (2), year (2), number (4)."""
    for person in people:
        day, month = int(person.nik[6:8]), int(person.nik[8:10])
        assert month == 0
        assert day == 0
        assert person.nik[4:6] == "99"
        assert person.nik[:4] == person.region.replace(".", "")


@settings(deadline=None, max_examples=200)
@given(st.integers(1101, 9671), st.integers(0, 999_999), st.integers(0, 999_999))
def test_niks_of_a_million_people_stay_impossible_and_apart(
    region: int, one: int, other: int
) -> None:
    code = f"{region // 100}.{region % 100:02d}"
    nik = _nik(code, one)
    assert len(nik) == 16
    assert nik[8:10] == "00"
    assert (nik == _nik(code, other)) == (one == other)


def test_phones_are_unique_and_typed_like_any_other(people: list[DemoPerson]) -> None:
    assert len({person.phone for person in people}) == len(people)
    for person in people:
        number = phonenumbers.parse(person.phone, None)
        assert number.country_code == 62
        assert phonenumbers.is_possible_number(number)
        assert (
            phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == person.phone
        )


def test_no_demo_phone_can_ring_anywhere(people: list[DemoPerson]) -> None:
    ringing = [p.phone for p in people if phonenumbers.is_valid_number(phonenumbers.parse(p.phone))]
    assert ringing == []


# Evidence


def test_no_certificate_ends_before_it_begins_or_was_issued_tomorrow(
    people: list[DemoPerson],
) -> None:
    certificates = [entry for person in people for entry in person.certificates]
    assert len(certificates) > 1000
    for certificate in certificates:
        assert certificate.issued_on < certificate.expires_on
        assert certificate.issued_on < TODAY


def test_the_demo_has_certificates_of_every_sort(people: list[DemoPerson]) -> None:
    certificates = [entry for person in people for entry in person.certificates]
    expired = sum(entry.expires_on < TODAY for entry in certificates)
    assert 0.05 < expired / len(certificates) < 0.5
    assert {entry.verification for entry in certificates} == {
        Verification.VERIFIED,
        Verification.UNVERIFIED,
    }
    assert any(not person.certificates for person in people)
    assert any(len(person.certificates) > 1 for person in people)


def test_certificate_certifies_units_of_its_scheme(
    people: list[DemoPerson], taxonomy: Taxonomy
) -> None:
    for person in people:
        for certificate in person.certificates:
            whole = taxonomy.schemes[certificate.scheme].units
            assert set(certificate.units) <= set(whole)
            assert len(set(certificate.units)) == len(certificate.units) >= len(whole) - 1
            assert 1 <= certificate.level <= 9


def test_numbers_of_certificates_are_unique_and_say_they_are_examples(
    people: list[DemoPerson],
) -> None:
    numbers = [entry.number for person in people for entry in person.certificates]
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("CONTOH-") for number in numbers)
    assert all("Contoh" in entry.lsp for person in people for entry in person.certificates)


def test_nobody_holds_the_same_certificate_twice(people: list[DemoPerson]) -> None:
    for person in people:
        schemes = [entry.scheme for entry in person.certificates]
        assert len(set(schemes)) == len(schemes)


def test_training_ends_when_finished_and_not_before_it_began(people: list[DemoPerson]) -> None:
    trainings = [entry for person in people for entry in person.trainings]
    for training in trainings:
        assert training.started_on < TODAY
        assert (training.finished_on is None) == (training.status == TrainingStatus.RUNNING)
        if training.finished_on is not None:
            assert training.started_on <= training.finished_on < TODAY
    assert {entry.status for entry in trainings} == {
        TrainingStatus.RUNNING,
        TrainingStatus.FINISHED,
    }


def test_every_certificate_rests_on_a_training_that_ended_before(people: list[DemoPerson]) -> None:
    for person in people:
        ends = {entry.scheme: entry.finished_on for entry in person.trainings if entry.finished_on}
        for certificate in person.certificates:
            assert ends[certificate.scheme] <= certificate.issued_on


# Circumstances


def test_only_people_in_custody_await_a_release(people: list[DemoPerson]) -> None:
    for person in people:
        if person.status is PersonStatus.IN_CUSTODY:
            assert person.expected_release is not None
            assert TODAY < person.expected_release <= person.available_from
        else:
            assert person.expected_release is None
            assert person.available_from <= TODAY


def test_wishes_and_licences_exist_and_stand_once(
    people: list[DemoPerson], taxonomy: Taxonomy
) -> None:
    for person in people:
        assert set(person.wishes) <= set(taxonomy.occupations)
        assert set(person.licences) <= set(taxonomy.licences)
        assert len(set(person.wishes)) == len(person.wishes)
        assert len(set(person.licences)) == len(person.licences)


def test_hours_wages_and_ways_fit_their_columns(people: list[DemoPerson]) -> None:
    for person in people:
        assert 0 < person.hours < 16
        assert person.hours & Hours.DAY
        assert 0 <= person.commute_km <= 500
        assert person.least_wage is None or person.least_wage >= 1_000_000
        assert 0 < len(person.full_name) <= 200
    assert {person.mobility for person in people} == set(Mobility)
    assert {person.education for person in people} >= set(Education) - {Education.DOCTOR}


def test_people_of_every_status_offence_and_with_and_without_consent_are_there(
    people: list[DemoPerson],
) -> None:
    assert {person.status for person in people} == set(PersonStatus)
    assert {person.offence for person in people} == set(OffenceFamily)
    assert {person.listed for person in people} == {True, False}
    restricted = [person for person in people if person.restriction]
    assert 0.1 < len(restricted) / len(people) < 0.3
    assert all(person.status is not PersonStatus.FREE for person in restricted)


@pytest.mark.parametrize(
    "share", [SECTOR_SHARE, STATUS_SHARE, EDUCATION_SHARE, MOBILITY_SHARE, OFFENCE_SHARE]
)
def test_shares_make_a_whole(share: dict) -> None:
    assert sum(share.values()) == pytest.approx(1)


def test_statuses_come_in_their_shares(people: list[DemoPerson]) -> None:
    found = Counter(person.status for person in people)
    for status, share in STATUS_SHARE.items():
        spread = (share * (1 - share) / len(people)) ** 0.5
        assert abs(found[status] / len(people) - share) < 5 * spread, status


def test_every_sector_of_the_taxonomy_has_its_share(taxonomy: Taxonomy) -> None:
    sectors = {occupation.sector for occupation in taxonomy.occupations.values()}
    assert set(SECTOR_SHARE) == sectors
