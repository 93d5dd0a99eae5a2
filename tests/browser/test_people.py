"""What a person does on a small phone, in a real browser."""

import pytest

from tests.browser import world
from tests.browser.pages import read_terms
from tests.browser.person_pages import PersonPages
from tests.browser.world import JobSeeker, ServedSite

pytestmark = pytest.mark.browser


def test_person_reads_why_a_vacancy_fits_and_what_is_missing(
    person: PersonPages, site: ServedSite, seeker: JobSeeker
) -> None:
    title = world.welding_and_baking(site).title
    person.sign_in(seeker.phone, seeker.pin)
    assert person.heading == "Lowongan yang cocok untuk Anda"

    person.open_opportunity(title)
    met, unmet = read_terms(person.page.get_by_role("main"))
    assert met.asked == f"Bisa {world.WELDING}"
    assert "Sertifikasi KKNI Level II Juru Las Pelat Proses SMAW" in met.answer
    assert unmet.share < met.share
    missing = person.below("Yang masih kurang, dan di mana belajar").inner_text()
    assert f"Bisa {world.BAKING}" in missing
    assert "Balai Latihan Kerja" in missing
    assert f"Bisa {world.WELDING}" not in missing


def test_person_says_yes_after_reading_what_will_be_given(
    person: PersonPages, site: ServedSite, seeker: JobSeeker
) -> None:
    title = world.offer(site, seeker).title
    person.sign_in(seeker.phone, seeker.pin)
    person.follow("Ada 1 tawaran yang menunggu jawaban Anda")
    person.follow("Baca dan jawab")
    given = person.below("Bila Anda setuju, ini yang diberikan").inner_text()
    assert seeker.name in given
    assert seeker.phone.lstrip("0") in given

    person.press("Saya setuju")
    assert person.message == "Jawaban Anda tersimpan. Petugas Anda akan menghubungi perusahaan."
    assert "Disetujui pencari kerja" in person.offer(title).text


def test_person_says_no_and_nothing_is_given(
    person: PersonPages, site: ServedSite, seeker: JobSeeker
) -> None:
    title = world.offer(site, seeker).title
    person.sign_in(seeker.phone, seeker.pin)
    person.offer(title).follow("Baca dan jawab")
    person.press("Saya tidak mau")
    assert person.message == "Jawaban Anda tersimpan. Data Anda tidak diberikan."
    assert person.offer(title).buttons == []


def test_person_takes_a_yes_back(person: PersonPages, site: ServedSite, seeker: JobSeeker) -> None:
    title = world.offer(site, seeker).title
    person.sign_in(seeker.phone, seeker.pin)
    person.offer(title).follow("Baca dan jawab")
    person.press("Saya setuju")
    person.offer(title).press("Tarik izin saya")
    assert "Ditarik" in person.offer(title).text


def test_person_sees_own_data_and_withdraws_consent(person: PersonPages, seeker: JobSeeker) -> None:
    person.sign_in(seeker.phone, seeker.pin)
    person.follow("Data saya")
    card = person.below("Yang dilihat perusahaan").inner_text()
    assert "Sertifikasi KKNI Level II Juru Las Pelat Proses SMAW" in card
    assert seeker.name not in card
    assert seeker.name in person.below("Untuk Anda saja").inner_text()

    person.press("Tarik izin")
    assert person.message == "Izin ditarik. Kartu Anda tidak tampil lagi."
    person.follow("Lowongan cocok")
    assert "Kartu Anda belum tampil kepada perusahaan." in person.text
