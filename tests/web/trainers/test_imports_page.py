"""The trainer's page for files, as a trainer uses it."""

import io

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, select
from werkzeug.test import TestResponse

from models.certificates import Certificate, Training
from models.imports import ImportBatch
from models.people import Person, PersonIdentity
from tests.web import reading
from tests.web.conftest import Site, post
from tests.web.factories import contents, number, trainer_facility, user
from web.services import people
from web.services.demo_data import TRAINER_EMAIL

PAGE = "/pelatihan/impor"
PEOPLE_HEADER = "NIK,Nama,Status,Daerah asal,Pendidikan"


def new_nik() -> str:
    return f"3172{number():012d}"


def person_row(nik: str = "") -> str:
    return f"{nik or new_nik()},Ujang Uji,Asimilasi,Kota Bekasi,SMP"


def send(
    client: FlaskClient,
    content: str | bytes,
    kind: str = "people",
    button: str = "store",
    name: str = "peserta.csv",
) -> TestResponse:
    """Choose a file and press one of the two buttons."""
    given = content if isinstance(content, bytes) else content.encode()
    return post(
        client,
        PAGE,
        {"kind": kind, "file": (io.BytesIO(given), name), button: "1"},
        content_type="multipart/form-data",
    )


def problems(answer: TestResponse) -> list[tuple[str, str, str]]:
    """(row, column, reason) of the table of what is to mend."""
    assert answer.status_code == 200
    found = []
    for box in reading.with_class(reading.tree(answer), "govuk-error-summary"):
        for row in box.iter("tr"):
            cells = [reading.words(cell) for cell in row.iter("td")]
            if cells:
                found.append(tuple(cells))
    return found


def person_of(site: Site, nik: str) -> Person | None:
    with site.session() as session:
        return session.exec(
            select(Person)
            .join(PersonIdentity, col(PersonIdentity.person_id) == col(Person.id))
            .where(PersonIdentity.nik_digest == people.nik_digest(nik))
        ).one_or_none()


def test_good_file_of_each_kind_is_stored_for_the_trainers_facility(site: Site) -> None:
    client, nik = site.trainer(), new_nik()
    certificate_number = f"LAMAN-{number()}"
    for kind, content in (
        ("people", f"{PEOPLE_HEADER}\n{person_row(nik)}\n"),
        ("training", f"NIK;Skema;Jam;Mulai\n{nik};smaw-welder-s1;120;1 Juni 2026\n"),
        (
            "certificates",
            "NIK,Skema,Nomor sertifikat,LSP,Terbit,Berlaku sampai,Level\n"
            f"{nik},smaw-welder-s1,{certificate_number},LSP Uji,20/07/2026,20/07/2029,2\n",
        ),
    ):
        answer = send(client, content, kind)
        assert answer.status_code == 302
        assert "1 baris tersimpan" in reading.words(reading.tree(client.get(answer.location)))
    person = person_of(site, nik)
    assert person.facility_id == trainer_facility(site).id
    with site.session() as session:
        assert session.exec(select(Training).where(Training.person_id == person.id)).one()
        certificate = session.exec(
            select(Certificate).where(Certificate.person_id == person.id)
        ).one()
        batches = session.exec(
            select(ImportBatch).order_by(col(ImportBatch.id).desc()).limit(3)
        ).all()
    trainer = user(site, TRAINER_EMAIL)
    assert certificate.recorded_by == trainer.id
    assert {batch.created_by for batch in batches} == {trainer.id}
    assert {batch.filename for batch in batches} == {"peserta.csv"}
    page = reading.page_words(client.get(f"/pelatihan/peserta/{person.public_id}"))
    assert certificate_number in page


def test_file_with_a_bad_row_stores_nothing_and_names_the_cell(site: Site) -> None:
    client = site.trainer()
    content = f"{PEOPLE_HEADER}\n{person_row()}\n{person_row().replace('SMP', 'sekolah')}\n"
    before = contents(site)
    answer = send(client, content)
    ((row, column, reason),) = problems(answer)
    assert (row, column) == ("3", "Pendidikan")
    assert "SMP atau sederajat" in reason
    page = reading.page_words(answer)
    assert "Tidak ada yang disimpan" in page
    assert "peserta.csv" in page
    assert contents(site) == before


def test_problem_of_the_whole_file_stands_without_row_and_column(site: Site) -> None:
    client = site.trainer()
    for content, words in (
        (b"", "kosong"),
        (PEOPLE_HEADER.encode(), "tidak berisi baris data"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), ".xls lama"),
        (bytes(range(256)) * 20, "bukan tabel"),
        (b"PK\x03\x04" + bytes(100), "bukan tabel"),
    ):
        ((row, column, reason),) = problems(send(client, content))
        assert (row, column) == ("–", "–")
        assert words in reason


def test_checking_alone_says_how_many_rows_are_good_and_stores_nothing(site: Site) -> None:
    client = site.trainer()
    before = contents(site)
    answer = send(client, f"{PEOPLE_HEADER}\n{person_row()}\n{person_row()}\n", button="check")
    page = reading.page_words(answer)
    assert "Berkas ini baik" in page
    assert "2 baris siap disimpan" in page
    assert contents(site) == before


def test_checking_a_bad_file_names_its_cells_too(site: Site) -> None:
    answer = send(site.trainer(), f"{PEOPLE_HEADER}\n{person_row('123')}\n", button="check")
    assert [(row, column) for row, column, _reason in problems(answer)] == [("2", "NIK")]
    assert "Berkas ini baik" not in reading.page_words(answer)


def test_first_problems_of_many_are_shown_with_how_many_there_are(site: Site) -> None:
    rows = "\n".join(person_row("123") for _ in range(250))
    answer = send(site.trainer(), f"{PEOPLE_HEADER}\n{rows}\n")
    shown = problems(answer)
    assert [row for row, _column, _reason in shown] == [str(row) for row in range(2, 202)]
    assert "250 hal" in reading.page_words(answer)
    assert "200 pertama" in reading.page_words(answer)


def test_no_file_and_no_such_kind_are_said_at_the_field(site: Site) -> None:
    client = site.trainer()
    answer = post(client, PAGE, {"kind": "people", "store": "1"})
    assert reading.summary(answer) == {"#file": "Pilih berkas dari komputer Anda."}
    answer = send(client, f"{PEOPLE_HEADER}\n{person_row()}\n", kind="secrets")
    assert list(reading.summary(answer).values()) == ["Pilih salah satu dari daftar."]


def test_words_of_the_file_are_shown_as_words(site: Site) -> None:
    answer = send(
        site.trainer(),
        "NIK,<script>alert(1)</script>\n1,2\n",
        name="<img src=x onerror=alert(2)>.csv",
    )
    text = answer.get_data(as_text=True)
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "<script>alert(1)</script>" in [column for _row, column, _reason in problems(answer)]


def test_what_is_wrong_is_said_in_the_language_of_the_page(site: Site) -> None:
    client = site.trainer()
    post(client, "/bahasa", {"language": "en"})
    ((_row, _column, reason),) = problems(send(client, f"{PEOPLE_HEADER}\n{person_row('12')}\n"))
    assert "16 digits" in reason


def test_person_of_another_facility_is_not_known(site: Site) -> None:
    facility = trainer_facility(site)
    with site.session() as session:
        other = session.exec(
            select(Person.id).where(Person.facility_id != facility.id).limit(1)
        ).one()
        nik = session.get_one(PersonIdentity, other).nik
    answer = send(
        site.trainer(), f"NIK,Skema,Jam,Mulai\n{nik},smaw-welder-s1,120,1/6/2026\n", "training"
    )
    ((row, column, reason),) = problems(answer)
    assert (row, column) == ("2", "NIK")
    assert "tidak terdaftar di tempat Anda" in reason
    assert nik not in answer.get_data(as_text=True)


def test_file_larger_than_the_settings_allow_is_refused(site: Site) -> None:
    client = site.trainer()
    before = contents(site)
    answer = send(client, b"a" * (site.app.config["MAX_CONTENT_LENGTH"] + 1))
    assert answer.status_code == 413
    assert reading.page_words(answer)
    assert contents(site) == before


@pytest.mark.parametrize("name", ["laporan\x00.csv", "x" * 400 + ".csv", "../../etc/passwd", ""])
def test_file_of_any_name_is_stored_or_refused_but_never_breaks(site: Site, name: str) -> None:
    answer = send(site.trainer(), f"{PEOPLE_HEADER}\n{person_row()}\n", name=name)
    assert answer.status_code in (200, 302, 400)


def test_template_of_each_kind_is_a_file_that_spreadsheets_open(site: Site) -> None:
    client = site.trainer()
    for kind in ("people", "training", "certificates"):
        answer = client.get(f"/pelatihan/impor/{kind}.csv")
        assert answer.status_code == 200
        assert answer.mimetype == "text/csv"
        assert f"contoh-{kind}.csv" in answer.headers["Content-Disposition"]
        assert answer.data.startswith(b"\xef\xbb\xbfNIK,")
        assert f"/pelatihan/impor/{kind}.csv" in reading.links(client.get(PAGE))
    assert client.get("/pelatihan/impor/secrets.csv").status_code == 404


def test_downloaded_template_passes_the_check_once_its_nik_is_real(site: Site) -> None:
    client = site.trainer()
    content = client.get("/pelatihan/impor/people.csv").data.decode("utf-8-sig")
    real = content.replace("3275990000000001", new_nik()).replace("0812 3456 7890", "")
    answer = send(client, ("\ufeff" + real).encode(), button="check")
    assert "1 baris siap disimpan" in reading.page_words(answer)


def test_only_trainers_bring_files_in(site: Site) -> None:
    before = contents(site)
    for client in (site.employer(), site.officer(), site.person()):
        assert client.get(PAGE).status_code == 403
        assert client.get("/pelatihan/impor/people.csv").status_code == 403
        assert send(client, f"{PEOPLE_HEADER}\n{person_row()}\n").status_code == 403
    answer = site.client().get(PAGE)
    assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/masuk")
    assert send(site.client(), f"{PEOPLE_HEADER}\n{person_row()}\n").status_code == 302
    after = contents(site)
    assert (after["person"], after["import_batch"]) == (before["person"], before["import_batch"])
