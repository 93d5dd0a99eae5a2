"""The switch between Indonesian and English."""

import pytest

from tests.browser.conftest import sign_in
from tests.browser.officer_pages import OfficerPages
from tests.browser.pages import Pages
from tests.browser.world import JobSeeker, ServedSite

pytestmark = pytest.mark.browser


def test_visitor_switches_to_english_and_back(visitor: Pages) -> None:
    visitor.visit("/masuk/kode")
    assert (visitor.language, visitor.heading) == ("id", "Masuk dengan kode")
    visitor.press("English")
    assert visitor.path == "/masuk/kode"
    assert (visitor.language, visitor.heading) == ("en", "Sign in with a code")
    visitor.press("Bahasa Indonesia")
    assert (visitor.language, visitor.heading) == ("id", "Masuk dengan kode")


def test_choice_of_language_holds_on_other_pages_and_after_signing_out(
    officer: OfficerPages, site: ServedSite
) -> None:
    sign_in(site, officer)
    officer.press("English")
    officer.visit("/petugas/lowongan")
    assert (officer.language, officer.heading) == ("en", "Vacancies")
    officer.press("Sign out")
    assert (officer.path, officer.language) == ("/", "en")


def test_switch_keeps_what_was_searched(
    officer: OfficerPages, site: ServedSite, seeker: JobSeeker
) -> None:
    sign_in(site, officer)
    officer.find_client(seeker.name)
    officer.press("English")
    assert officer.found_clients() == [seeker.name]
