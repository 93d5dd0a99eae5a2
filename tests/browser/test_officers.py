"""An officer's work in a real browser."""

import pytest

from models.enums import Hours
from tests.browser import world
from tests.browser.officer_pages import OfficerPages
from tests.browser.world import JobSeeker, ServedSite
from tests.web import factories
from web.services.demo_data import OFFICER_EMAIL, PASSWORD

pytestmark = pytest.mark.browser


def test_officer_finds_a_client_reads_why_a_vacancy_fits_and_proposes(
    officer: OfficerPages, site: ServedSite, seeker: JobSeeker
) -> None:
    title = world.welding_and_baking(site).title
    officer.sign_in(OFFICER_EMAIL, PASSWORD)
    officer.find_client(seeker.name)
    assert officer.found_clients() == [seeker.name]

    officer.open_client(seeker.name)
    shares = [card.share for card in officer.cards()]
    assert len(shares) > 1
    assert shares == sorted(shares, reverse=True)
    answers = {term.asked: term.answer for term in officer.opportunity(title).terms()}
    assert "Terpenuhi oleh: Mengelas pelat posisi 1F dan 1G" in answers[f"Bisa {world.WELDING}"]
    assert "Terpenuhi" not in answers[f"Bisa {world.BAKING}"]

    officer.opportunity(title).press("Usulkan pengantar")
    assert officer.message == "Usul terkirim. Klien yang memutuskan."
    assert "Sudah diusulkan" in officer.opportunity(title).text
    assert "Diusulkan" in officer.introduction(seeker.name, title).text


def test_officer_reads_who_can_take_a_vacancy_and_why_others_cannot(
    officer: OfficerPages, site: ServedSite, seeker: JobSeeker
) -> None:
    title = world.welding_and_baking(site).title
    only_evenings = factories.name_of(site, factories.person(site, hours=int(Hours.EVENING)))
    unlisted = factories.name_of(site, factories.person(site, listed=False))
    officer.sign_in(OFFICER_EMAIL, PASSWORD)
    officer.open_vacancy(title)

    can = officer.can_be_proposed()
    shares = [card.share for card in can]
    assert seeker.name in [card.title for card in can]
    assert shares == sorted(shares, reverse=True)
    cannot = {card.title: card for card in officer.cannot_now()}
    assert cannot[only_evenings].reasons == ["Jam kerja tidak cocok"]
    assert cannot[unlisted].reasons == ["Belum memberi izin untuk ditampilkan"]
    assert cannot[unlisted].buttons == []


def test_officer_proposes_from_the_page_of_a_vacancy(
    officer: OfficerPages, site: ServedSite, seeker: JobSeeker
) -> None:
    title = world.welding_and_baking(site).title
    officer.sign_in(OFFICER_EMAIL, PASSWORD)
    officer.open_vacancy(title)
    next(card for card in officer.can_be_proposed() if card.title == seeker.name).press(
        "Usulkan pengantar"
    )
    assert officer.message == "Usul terkirim. Klien yang memutuskan."
    assert officer.heading == title
    assert "Diusulkan" in officer.introduction(seeker.name, title).text


def test_search_form_shows_no_errors_before_anything_was_typed(officer: OfficerPages) -> None:
    officer.sign_in(OFFICER_EMAIL, PASSWORD)
    assert officer.heading == "Klien"
    assert officer.page.locator(".govuk-error-message").count() == 0
