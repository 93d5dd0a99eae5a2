"""Titian without a mouse."""

import pytest

from tests.browser.conftest import sign_in
from tests.browser.employer_pages import EmployerPages
from tests.browser.keyboard import Keyboard
from tests.browser.officer_pages import OfficerPages
from tests.browser.pages import Pages
from tests.browser.person_pages import PersonPages
from tests.browser.trainer_pages import TrainerPages
from tests.browser.world import JobSeeker, ServedSite
from tests.web import factories
from web.services.demo_data import EMPLOYER_EMAIL, PASSWORD

pytestmark = pytest.mark.browser


def test_first_tab_shows_the_skip_link_which_leads_past_the_menu(
    employer: EmployerPages, site: ServedSite
) -> None:
    sign_in(site, employer)
    employer.visit("/perusahaan/lowongan")
    keyboard = Keyboard(employer.page)
    keyboard.tab()
    assert keyboard.focused == "Langsung ke isi"
    assert employer.page.get_by_role("link", name="Langsung ke isi").bounding_box()["height"] > 10
    keyboard.press("Enter", "Tab")
    assert keyboard.focused == "Tulis lowongan"


def test_employer_signs_in_with_tab_and_enter(employer: EmployerPages) -> None:
    employer.visit("/masuk")
    keyboard = Keyboard(employer.page)
    keyboard.tab_to("Surel")
    keyboard.type(EMPLOYER_EMAIL)
    keyboard.tab_to("Kata sandi")
    keyboard.type(PASSWORD)
    keyboard.enter()
    assert employer.path == "/perusahaan/lowongan"


def test_person_signs_in_with_tab_and_enter(person: PersonPages, seeker: JobSeeker) -> None:
    person.visit("/masuk/kode")
    keyboard = Keyboard(person.page)
    keyboard.tab_to("Nomor telepon")
    keyboard.type(seeker.phone)
    keyboard.tab_to("Kode dari petugas, atau PIN Anda")
    keyboard.type(seeker.pin)
    keyboard.tab_to("Masuk")
    keyboard.enter()
    assert person.path == "/saya/lowongan"


def test_trainer_fills_a_form_with_lists_and_radio_buttons(
    trainer: TrainerPages, site: ServedSite
) -> None:
    sign_in(site, trainer)
    number = factories.number()
    trainer.visit("/pelatihan/peserta/baru")
    keyboard = Keyboard(trainer.page)
    keyboard.tab_to("Nama lengkap")
    keyboard.type(f"Peserta Papan Ketik {number}")
    keyboard.tab_to("NIK")
    keyboard.type(f"96{number:014d}")
    keyboard.tab_to("Tidak diisi")
    keyboard.press("ArrowDown")  # Perempuan
    keyboard.tab_to("Status")
    keyboard.type("Beb")
    keyboard.tab_to("Kabupaten atau kota asal")
    keyboard.type("Kota Bekasi")
    keyboard.tab_to("Pendidikan terakhir")
    keyboard.type("SMP")
    keyboard.tab_to("Daftarkan peserta")
    keyboard.enter()
    assert trainer.heading == f"Peserta Papan Ketik {number}"
    assert "Bebas · Kota Bekasi" in trainer.text


def test_details_open_with_enter(
    officer: OfficerPages, site: ServedSite, seeker: JobSeeker
) -> None:
    sign_in(site, officer)
    officer.open_client(seeker.name)
    keyboard = Keyboard(officer.page)
    keyboard.tab_to("Catat lapor bulanan")
    keyboard.press("Enter")
    assert officer.page.get_by_role("group", name="Tanggal lapor").is_visible()


@pytest.mark.parametrize(
    ("audience", "path"),
    [
        (Pages, "/daftar"),
        (EmployerPages, "/perusahaan/lowongan/baru"),
        (OfficerPages, "/petugas/klien"),
        (PersonPages, "/saya/data/keinginan"),
        (TrainerPages, "/pelatihan/impor"),
    ],
)
def test_tab_stops_at_everything_in_the_order_of_the_page_and_shows_where_it_is(
    audience: type[Pages], path: str, site: ServedSite, open_pages
) -> None:
    pages = open_pages(audience)
    sign_in(site, pages)
    pages.visit(path)
    keyboard = Keyboard(pages.page)
    expected = list(range(keyboard.stops))
    assert len(expected) > 5
    places = []
    for _ in expected:
        keyboard.tab()
        places.append(keyboard.place)
        assert keyboard.focus_is_shown, keyboard.focused
    assert places == expected
