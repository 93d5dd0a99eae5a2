"""One person's way across, seen by everybody who has a part in it."""

import pytest

from tests.browser import world
from tests.browser.employer_pages import EmployerPages
from tests.browser.officer_pages import OfficerPages
from tests.browser.person_pages import PersonPages
from tests.browser.world import JobSeeker, ServedSite
from web.services.demo_data import EMPLOYER_EMAIL, OFFICER_EMAIL, PASSWORD

pytestmark = pytest.mark.browser


def test_employer_learns_the_name_after_the_persons_yes_and_the_officers_introduction(
    officer: OfficerPages,
    person: PersonPages,
    employer: EmployerPages,
    site: ServedSite,
    seeker: JobSeeker,
) -> None:
    title = world.offer(site, seeker).title
    employer.sign_in(EMPLOYER_EMAIL, PASSWORD)
    assert seeker.name not in employer.introduction(title).text

    person.sign_in(seeker.phone, seeker.pin)
    person.offer(title).follow("Baca dan jawab")
    person.press("Saya setuju")
    assert seeker.name not in employer.introduction(title).text

    officer.sign_in(OFFICER_EMAIL, PASSWORD)
    officer.introduction(seeker.name, title).press("Perkenalkan kepada perusahaan")
    assert seeker.name in employer.introduction(title).text

    person.offer(title).press("Tarik izin saya")
    assert seeker.name not in employer.introduction(title).text


def test_client_signs_in_with_the_officers_code_once_and_then_with_a_pin(
    officer: OfficerPages, person: PersonPages, seeker: JobSeeker
) -> None:
    officer.sign_in(OFFICER_EMAIL, PASSWORD)
    officer.open_client(seeker.name)
    officer.press("Buat kode masuk")
    code = officer.heading

    person.sign_in(seeker.phone, code)
    assert person.path == "/saya/lowongan"
    person.choose_pin("604173")
    assert "PIN tersimpan." in person.message
    person.sign_out()

    person.sign_in(seeker.phone, code)
    assert person.path == "/masuk/kode"
    person.sign_in(seeker.phone, "604173")
    assert person.path == "/saya/lowongan"
