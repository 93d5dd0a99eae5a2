"""An employer's work in a real browser, from the first visit to an introduction."""

import pytest

from tests.browser.employer_pages import EmployerPages, Registration
from tests.web import factories
from web.services.demo_data import EMPLOYER_EMAIL, PASSWORD

pytestmark = pytest.mark.browser

TEXT = """Bengkel kami di Bekasi mencari tukang las.
Syarat:
- Membaca gambar teknik
- Bisa gerinda dan potong pelat
- Usia maksimal 35 tahun
Gaji 4,5 - 5,5 juta per bulan. Kerja siang hari."""


def newcomer() -> Registration:
    number = factories.number()
    return Registration(
        company=f"Bengkel Las Uji {number}",
        region="Kota Bekasi, Jawa Barat",
        name="Pemilik Uji",
        email=f"bengkel{number}@uji.example",
        password="tiga kata yang panjang",
    )


def test_new_employer_goes_from_registration_to_an_introduction(employer: EmployerPages) -> None:
    employer.register(newcomer())
    assert employer.message == "Akun Anda sudah jadi. Sekarang tulis lowongan pertama."
    title = f"Juru las SMAW {factories.number()}"

    employer.write_vacancy(title, TEXT)
    assert employer.heading == "Periksa yang kami baca"
    assert employer.requirements()["Membaca gambar teknik"] == "Wajib"
    assert employer.field("Upah paling sedikit, rupiah per bulan") == "4.500.000"

    employer.set_requirement("Membaca gambar teknik", "Diutamakan")
    employer.fill("Jumlah orang", "3")
    employer.publish()
    assert employer.message == "Lowongan tayang. Ini orang yang cocok."

    cards = employer.cards()
    shares = [card.share for card in cards]
    assert len(shares) > 1
    assert shares == sorted(shares, reverse=True)
    assert "Membaca gambar teknik" in [term.asked for term in cards[0].terms()]

    cards[0].press("Minta pengantar")
    assert employer.message == "Permintaan terkirim. Anda mendapat kabar bila orangnya setuju."
    assert "Pengantar: Diusulkan" in employer.cards()[0].text

    line = employer.introduction(title)
    assert "Nama tampil setelah orangnya setuju dan pengantar dikirim." in line.text


def test_words_titian_uses_are_marked_and_an_age_limit_is_advised_against(
    employer: EmployerPages,
) -> None:
    employer.sign_in(EMPLOYER_EMAIL, PASSWORD)
    employer.write_vacancy("Juru las SMAW", TEXT)
    assert "Membaca gambar teknik" in employer.marked_words()
    assert "Usia maksimal 35 tahun" in employer.advice()


def test_requirement_that_is_none_is_not_asked_on_the_cards(employer: EmployerPages) -> None:
    employer.sign_in(EMPLOYER_EMAIL, PASSWORD)
    employer.write_vacancy("Juru las SMAW", TEXT)
    employer.set_requirement("Membaca gambar teknik", "Bukan syarat")
    employer.publish()
    asked = {term.asked for term in employer.cards()[0].terms()}
    assert asked
    assert "Membaca gambar teknik" not in asked


def test_draft_keeps_what_was_corrected(employer: EmployerPages) -> None:
    employer.sign_in(EMPLOYER_EMAIL, PASSWORD)
    title = f"Juru las {factories.number()}"
    employer.write_vacancy(title, TEXT)
    employer.fill("Jumlah orang", "4")
    employer.press("Simpan sebagai draf")
    assert employer.message == "Draf tersimpan."
    employer.open_vacancy(title)
    assert employer.field("Jumlah orang") == "4"


def test_mistakes_are_named_beside_what_was_typed(employer: EmployerPages) -> None:
    employer.sign_in(EMPLOYER_EMAIL, PASSWORD)
    employer.write_vacancy("Juru las SMAW", TEXT)
    employer.fill("Jumlah orang", "banyak")
    employer.publish()
    assert employer.errors == ["Tulis angka dari 1 sampai 1000."]
    assert employer.field("Jumlah orang") == "banyak"
