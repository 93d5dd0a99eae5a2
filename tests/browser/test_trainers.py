"""A trainer's work in a real browser."""

import pytest

from tests.browser.trainer_pages import Trainee, TrainerPages
from tests.web import factories
from web.services.demo_data import PASSWORD, TRAINER_EMAIL

pytestmark = pytest.mark.browser

SCHEME = "Sertifikasi KKNI Level II Juru Las Pelat Proses SMAW"
HEADER = "NIK,Nama,Status,Daerah asal,Pendidikan,Perkiraan bebas"


def newcomer() -> Trainee:
    number = factories.number()
    return Trainee(f"Peserta Uji {number}", f"97{number:014d}", f"0842 0000 {number:04d}")


def row(trainee: Trainee) -> str:
    parts = (trainee.nik, trainee.name, "WBP", "Kota Bekasi", "SMP", "15/02/2030")
    return ",".join(parts)


def test_trainer_records_a_person_training_and_certificate_and_verifies_it(
    trainer: TrainerPages,
) -> None:
    trainee = newcomer()
    trainer.sign_in(TRAINER_EMAIL, PASSWORD)
    trainer.register(trainee)
    assert trainer.message == "Peserta terdaftar."
    assert trainer.heading == trainee.name

    trainer.add_training(SCHEME, "120")
    assert trainer.message == "Pelatihan tersimpan."
    assert f"{SCHEME}\n120 jam" in trainer.text

    trainer.add_certificate(SCHEME, f"UJI {trainee.nik}")
    certificate = trainer.certificate(f"UJI{trainee.nik}")
    assert "Belum diperiksa" in certificate.text

    certificate.press("Sudah saya periksa dengan aslinya")
    assert "Sudah diperiksa" in trainer.certificate(f"UJI{trainee.nik}").text


def test_file_with_a_bad_cell_is_refused_whole_and_stored_once_mended(
    trainer: TrainerPages,
) -> None:
    good, other = newcomer(), newcomer()
    bad = Trainee(other.name, other.nik[:9], other.phone)
    trainer.sign_in(TRAINER_EMAIL, PASSWORD)
    trainer.import_file("Peserta", "peserta.csv", "\n".join((HEADER, row(good), row(bad))))
    assert trainer.refused_cells() == [["3", "NIK", "NIK terdiri dari 16 angka"]]
    assert "Tidak ada yang disimpan: 1 hal di peserta.csv perlu diperbaiki" in trainer.text
    assert trainer.search(good.name) == []

    trainer.import_file("Peserta", "peserta.csv", "\n".join((HEADER, row(good), row(other))))
    assert trainer.message == "2 baris tersimpan."
    assert trainer.search(good.name) == [good.name]
    assert trainer.search(other.name) == [other.name]


def test_refused_registration_keeps_what_was_typed(trainer: TrainerPages) -> None:
    trainee = newcomer()
    trainer.sign_in(TRAINER_EMAIL, PASSWORD)
    trainer.register(Trainee(trainee.name, "12", trainee.phone))
    assert trainer.errors == ["NIK terdiri dari 16 angka."]
    assert trainer.field("Nama lengkap") == trainee.name
    assert trainer.field("NIK") == "12"
