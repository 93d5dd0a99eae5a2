"""The demo's employers and vacancies: always the same, worded as job ads are, and of nobody."""

import re
from collections import Counter

import pytest

from matcher.taxonomy import Taxonomy
from matcher.vacancy_text import concerns, place, wage
from seed_data.demo.people import SECTOR_SHARE
from seed_data.demo.vacancies import (
    EMPLOYER_SECTORS,
    DemoEmployer,
    DemoVacancy,
    synthetic_employers,
    synthetic_vacancies,
)
from seed_data.demo.words import (
    EDUCATION_FORMS,
    HOURS_FORMS,
    MUST_FORMS,
    NICE_FORMS,
    OFFERS,
    OPENINGS,
    REQUIREMENT_HEADINGS,
)
from seed_data.region_files import read_regions
from web.services.demo_data import DemoSize


@pytest.fixture(scope="module")
def employers() -> list[DemoEmployer]:
    return synthetic_employers(DemoSize().employers)


@pytest.fixture(scope="module")
def vacancies(taxonomy: Taxonomy, employers: list[DemoEmployer]) -> list[DemoVacancy]:
    return synthetic_vacancies(taxonomy, employers, DemoSize().vacancies)


def test_there_are_40_employers_and_300_vacancies_or_more(
    employers: list[DemoEmployer], vacancies: list[DemoVacancy]
) -> None:
    assert len(employers) >= 40
    assert len(vacancies) >= 300
    assert {vacancy.employer for vacancy in vacancies} == {entry.number for entry in employers}


def test_same_seed_gives_the_same_vacancies(
    taxonomy: Taxonomy, employers: list[DemoEmployer], vacancies: list[DemoVacancy]
) -> None:
    assert synthetic_employers(DemoSize().employers) == employers
    assert synthetic_vacancies(taxonomy, employers, DemoSize().vacancies) == vacancies


def test_another_seed_gives_other_vacancies(
    taxonomy: Taxonomy, employers: list[DemoEmployer], vacancies: list[DemoVacancy]
) -> None:
    others = synthetic_vacancies(taxonomy, employers, DemoSize().vacancies, seed=4)
    assert [vacancy.text for vacancy in others] != [vacancy.text for vacancy in vacancies]


def test_names_of_employers_are_unique_and_say_they_are_examples(
    employers: list[DemoEmployer],
) -> None:
    names = [employer.name for employer in employers]
    assert len(set(names)) == len(names)
    assert all(name.endswith(" (contoh)") for name in names)


def test_employers_work_in_every_sector_that_people_are_trained_for(
    employers: list[DemoEmployer],
) -> None:
    assert set(EMPLOYER_SECTORS) == set(SECTOR_SHARE)
    assert {employer.sector for employer in employers} == set(EMPLOYER_SECTORS.values())


def test_vacancy_lies_where_its_employer_does(
    employers: list[DemoEmployer], vacancies: list[DemoVacancy]
) -> None:
    regencies = {row["code"] for row in read_regions("regencies")}
    at = {employer.number: employer.region for employer in employers}
    for vacancy in vacancies:
        assert vacancy.region == at[vacancy.employer]
        assert vacancy.region in regencies


def test_vacancies_ask_for_many_trades(vacancies: list[DemoVacancy], taxonomy: Taxonomy) -> None:
    trades = Counter(vacancy.occupation for vacancy in vacancies)
    assert set(trades) <= set(taxonomy.occupations)
    assert len(trades) >= 80
    sectors = {taxonomy.occupations[code].sector for code in trades}
    assert sectors >= set(SECTOR_SHARE) - {"senior"}


def test_text_is_a_whole_ad(vacancies: list[DemoVacancy]) -> None:
    for vacancy in vacancies:
        assert vacancy.title.strip()
        assert vacancy.title in vacancy.text
        assert not re.search(r"[{}]|None", vacancy.text)
        assert 2 <= vacancy.text.count("\n- ") <= 12, vacancy.text
        assert re.search(
            r"^(Syarat|Kualifikasi|Persyaratan|Kriteria):$", vacancy.text, re.MULTILINE
        )


def test_wage_in_a_text_is_read_back_as_a_month_s_pay(vacancies: list[DemoVacancy]) -> None:
    for vacancy in vacancies:
        written = [int(text.replace(".", "")) for text in re.findall(r"Rp ([\d.]+)", vacancy.text)]
        least, most = written
        assert 2_000_000 <= least <= most <= 8_000_000
        found = wage(vacancy.text)
        assert found is not None, vacancy.text
        assert found.value == (least, most)


def test_place_in_a_text_is_read_back_as_the_vacancy_s(vacancies: list[DemoVacancy]) -> None:
    places = {row["place"]: row["region"] for row in read_regions("places")}
    found = [place(vacancy.text, places) for vacancy in vacancies]
    right = sum(
        entry is not None and entry.value == vacancy.region
        for entry, vacancy in zip(found, vacancies, strict=True)
    )
    assert right == len(vacancies)


def test_licence_that_the_law_asks_for_stands_in_the_text(
    vacancies: list[DemoVacancy], taxonomy: Taxonomy
) -> None:
    asked = 0
    for vacancy in vacancies:
        for code in taxonomy.occupations[vacancy.occupation].licences:
            assert taxonomy.licences[code].title_id in vacancy.text
            asked += 1
    assert asked > 0


@pytest.mark.parametrize(
    "wording",
    [
        *OPENINGS,
        *REQUIREMENT_HEADINGS,
        *MUST_FORMS,
        *NICE_FORMS,
        *EDUCATION_FORMS,
        *HOURS_FORMS,
        *OFFERS,
    ],
)
def test_wording_of_the_demo_shuts_nobody_out_for_no_reason_of_the_work(wording: str) -> None:
    assert concerns(wording) == []
