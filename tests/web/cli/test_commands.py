"""Commands on the database of a site."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import col, select

from models.accounts import User
from models.employers import Employer, Vacancy
from models.imports import ColumnMap
from models.people import Person, PersonIdentity
from models.regions import Bapas
from tests.web.cli.commands import Result, in_process
from tests.web.conftest import Site
from tests.web.factories import changed_tables, contents, number, officer_bapas, trainer_facility
from web.services import people

Run = Callable[..., Result]
PASSWORD = "sandi yang panjang"
PEOPLE_HEADER = "NIK,Nama,Status,Daerah asal,Pendidikan"


@pytest.fixture
def titian(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `titian` with some arguments."""
    return lambda *arguments, **more: in_process(site, monkeypatch, capsys, *arguments, **more)


def summary(done: Result) -> dict[str, str]:
    """The report of an import, as printed."""
    assert done.code == 0, done.err
    return {line[:17].strip(): line[17:].strip() for line in done.out.splitlines()}


def write(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


# match, migrate


def test_match_prints_people_without_names_and_the_terms_of_their_score(
    site: Site, titian: Run
) -> None:
    text = "Dicari tukang las SMAW, bisa membaca gambar kerja."
    done = titian("match", "--text", text, "--json", "-k", "3")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert found["occupation"] == "smaw-welder"
    assert 1 <= len(found["people"]) <= 3
    scores = [person["score"] for person in found["people"]]
    assert scores == sorted(scores, reverse=True)
    with site.session() as session:
        rows = session.exec(
            select(Person.public_id, PersonIdentity.full_name, PersonIdentity.nik).join(
                PersonIdentity, col(PersonIdentity.person_id) == col(Person.id)
            )
        ).all()
    assert {person["person"] for person in found["people"]} <= {row[0] for row in rows}
    assert not any(name in done.out or nik in done.out for _id, name, nik in rows)
    for person in found["people"]:
        total = sum(term["share"] * term["weight"] for term in person["terms"])
        assert person["score"] == pytest.approx(total, abs=0.002)


def test_match_in_words_lists_the_same_people(titian: Run) -> None:
    text = "Dicari tukang las SMAW, bisa membaca gambar kerja."
    found = json.loads(titian("match", "--text", text, "--json", "-k", "2").out)
    lines = titian("match", "--text", text, "-k", "2").out.splitlines()
    assert lines[0].startswith("smaw-welder  ISCO 7212  ")
    listed = [line.split()[1] for line in lines if line[:4].strip().rstrip(".").isdecimal()]
    assert listed == [person["person"] for person in found["people"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "no words"), ("🔥🔧✨", "no words"), (" ,.!?\n", "no words"), ("a" * 100_000, "100000")],
)
def test_text_without_words_or_too_long_is_refused_in_one_line(
    titian: Run, text: str, words: str
) -> None:
    for command in ("match", "link"):
        assert words in titian(command, "--text", text).complaint
        assert words in titian(command, "--text", "-", stdin=text.encode()).complaint


def test_migrate_again_changes_nothing(site: Site, titian: Run) -> None:
    before = contents(site)
    done = titian("migrate")
    assert (done.code, done.out) == (0, "")
    assert changed_tables(before, contents(site)) == set()


# vacancies import


def test_new_source_is_mapped_once_and_then_known_by_its_columns(
    site: Site, titian: Run, tmp_path: Path
) -> None:
    source, employer = f"loker{number()}", f"PT Perintah Uji {number()}"
    header = f"Jabatan {source};Usaha {source};Kota {source};Gaji {source}"
    path = write(
        tmp_path / "loker.csv",
        header,
        f"Tukang las SMAW;{employer};Bekasi;Rp 4.500.000",
        f"Penjahit;{employer};Atlantis;",
    )
    mapped = [
        part
        for name, title in (
            ("title", "Jabatan"),
            ("employer", "Usaha"),
            ("place", "Kota"),
            ("wage", "Gaji"),
        )
        for part in ("--column", f"{name}={title} {source}")
    ]

    before = contents(site)
    done = titian("vacancies", "import", path, "--source", source, *mapped, "--dry-run", "--json")
    tried = json.loads(done.out)
    assert (tried["new"], tried["stored"]) == (2, False)
    assert contents(site) == before

    stored = summary(titian("vacancies", "import", path, "--source", source, *mapped))
    assert stored["source"] == source
    assert [stored[name] for name in ("rows", "new", "changed", "unchanged")] == list("2200")
    assert (stored["with place"], stored["new employers"], stored["stored"]) == ("1", "1", "True")

    results = tmp_path / "hasil.jsonl"
    again = summary(titian("vacancies", "import", path, "--results", str(results), "-k", "2"))
    assert again["source"] == source
    assert [again[name] for name in ("rows", "new", "changed", "unchanged")] == list("2002")
    with site.session() as session:
        rows = session.exec(
            select(Vacancy)
            .join(Employer, col(Employer.id) == col(Vacancy.employer_id))
            .where(Employer.name == employer)
            .order_by(col(Vacancy.id))
        ).all()
    assert [(row.title, row.region_code, row.wage_min) for row in rows] == [
        ("Tukang las SMAW", "32.75", 4_500_000),
        ("Penjahit", None, None),
    ]

    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert [(line["row"], line["title"]) for line in lines] == [
        (2, "Tukang las SMAW"),
        (3, "Penjahit"),
    ]
    assert all(len(line["people"]) <= 2 for line in lines)
    assert again["with people"] == str(sum(bool(line["people"]) for line in lines))


def test_bad_row_refuses_the_whole_file_and_names_every_cell(
    site: Site, titian: Run, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "lowongan.csv",
        "title,employer,location,monthly_wage_idr",
        "Juru las,PT Baik,Bekasi,4500000",
        ",PT Buruk,Bekasi,banyak",
    )
    before = contents(site)
    done = titian("vacancies", "import", path)
    assert (done.code, done.out) == (2, "")
    lines = done.err.splitlines()
    assert len(lines) == 3
    assert "title" in lines[0]
    assert "monthly_wage_idr" in lines[1]
    assert all("3" in line for line in lines[:2])
    assert lines[2] == "titian: refused, 2 to mend; nothing was stored"
    assert contents(site) == before


def test_new_map_of_a_file_that_is_refused_is_not_kept(
    site: Site, titian: Run, tmp_path: Path
) -> None:
    path = write(tmp_path / "lowongan.csv", "J,U", "Juru las,")
    arguments = ("--source", "gagal", "--column", "title=J", "--column", "employer=U")
    assert titian("vacancies", "import", path, *arguments).code == 2
    with site.session() as session:
        assert session.get(ColumnMap, "gagal") is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--column"),
        (["--source", "loker"], "jobstreet"),
        (["--column", "title=J"], "--source"),
        (["--source", "x", "--column", "title"], "FIELD=HEADER"),
        (["--source", "x", "--column", "title=J"], "employer"),
        (["--source", "x", "--column", "title=J", "--column", "colour=U"], "employer"),
        (["--results", "/tidak/ada/hasil.jsonl"], "/tidak/ada is not a folder"),
    ],
)
def test_file_whose_columns_are_not_understood_is_refused_in_one_line(
    site: Site, titian: Run, tmp_path: Path, arguments: list[str], words: str
) -> None:
    path = write(tmp_path / "lowongan.csv", "J,U", "Juru las,PT Baik")
    before = contents(site)
    assert words in titian("vacancies", "import", path, *arguments).complaint
    assert contents(site) == before


def test_name_of_a_source_that_is_too_long_is_refused_without_a_trace(
    titian: Run, tmp_path: Path
) -> None:
    path = write(tmp_path / "lowongan.csv", "J,U", "Juru las,PT Baik")
    columns = ("--column", "title=J", "--column", "employer=U")
    done = titian("vacancies", "import", path, "--source", "s" * 61, *columns)
    assert "60 characters" in done.complaint


def test_file_that_is_not_there_is_refused(titian: Run, tmp_path: Path) -> None:
    done = titian("vacancies", "import", str(tmp_path / "tidak-ada.csv"))
    assert done.code == 2
    assert "No such file" in done.err
    assert "Traceback" not in done.err


# import


def person_row(nik: str) -> str:
    return f"{nik},Ujang Uji,Asimilasi,Kota Bekasi,SMP"


def test_people_of_a_facility_are_checked_and_then_stored(
    site: Site, titian: Run, tmp_path: Path
) -> None:
    facility = trainer_facility(site)
    niks = [f"3173{number():012d}" for _ in range(2)]
    path = write(tmp_path / "peserta.csv", PEOPLE_HEADER, *map(person_row, niks))
    before = contents(site)
    checked = titian("import", "people", path, "--facility", facility.code, "--dry-run")
    assert (checked.code, checked.out) == (0, "2 rows are good; nothing was stored\n")
    assert contents(site) == before
    stored = titian("import", "people", path, "--facility", facility.name)
    assert (stored.code, stored.out) == (0, "2 rows stored\n")
    with site.session() as session:
        found = session.exec(
            select(Person.facility_id)
            .join(PersonIdentity, col(PersonIdentity.person_id) == col(Person.id))
            .where(col(PersonIdentity.nik_digest).in_([people.nik_digest(nik) for nik in niks]))
        ).all()
    assert found == [facility.id, facility.id]


def test_training_and_certificates_are_stored_too(site: Site, titian: Run, tmp_path: Path) -> None:
    nik = f"3173{number():012d}"
    place = ("--facility", trainer_facility(site).code)
    titian("import", "people", write(tmp_path / "p.csv", PEOPLE_HEADER, person_row(nik)), *place)
    for kind, header, row in (
        ("training", "NIK,Skema,Jam,Mulai", f"{nik},smaw-welder-s1,120,1/6/2026"),
        (
            "certificates",
            "NIK,Skema,Nomor,LSP,Terbit,Berlaku sampai,Level",
            f"{nik},smaw-welder-s1,CLI-{number()},LSP Uji,1/7/2026,1/7/2029,2",
        ),
    ):
        done = titian("import", kind, write(tmp_path / f"{kind}.csv", header, row), *place)
        assert (done.code, done.out) == (0, "1 rows stored\n")


def test_bad_row_of_people_stores_nothing_and_hides_the_nik(
    site: Site, titian: Run, tmp_path: Path
) -> None:
    nik = f"3173{number():012d}"
    rows = [person_row(nik), person_row(nik)]
    before = contents(site)
    done = titian(
        "import", "people", write(tmp_path / "p.csv", PEOPLE_HEADER, *rows),
        "--facility", trainer_facility(site).code,
    )  # fmt: skip
    assert done.code == 2
    assert done.err.splitlines()[-1] == "titian: refused, 1 to mend; nothing was stored"
    assert nik not in done.err
    assert contents(site) == before


def test_facility_that_is_not_known_is_named(titian: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", PEOPLE_HEADER, person_row("3173000000000000"))
    line = titian("import", "people", path, "--facility", "Lapas Atlantis").complaint
    assert line == "Error: no facility with code or name 'Lapas Atlantis'"


# users


def add_user(
    titian: Run, role: str, email: str, place: str, password: str = PASSWORD, name: str = "Staf Uji"
) -> Result:
    return titian(
        "users", "add", "--role", role, "--email", email, "--name", name,
        "--place", place, "--password", password,
    )  # fmt: skip


def test_officer_and_trainer_that_are_added_can_sign_in(site: Site, titian: Run) -> None:
    with site.session() as session:
        bapas = session.get_one(Bapas, officer_bapas(site))
    facility = trainer_facility(site)
    for role, place, page in (
        ("officer", bapas.code, "/petugas/klien"),
        ("trainer", facility.name, "/pelatihan/peserta"),
    ):
        email = f"perintah{number()}@uji.example"
        done = add_user(titian, role, email, place)
        assert (done.code, done.err) == (0, "")
        assert email in done.out
        assert PASSWORD not in done.out
        assert site.staff(email, PASSWORD).get(page).status_code == 200


def test_taken_email_is_refused_however_it_is_written(site: Site, titian: Run) -> None:
    facility, email = trainer_facility(site).code, f"perintah{number()}@uji.example"
    assert add_user(titian, "trainer", email, facility).code == 0
    before = contents(site)
    for again in (email, email.upper(), f" {email} "):
        assert "has an account already" in add_user(titian, "trainer", again, facility).complaint
    assert contents(site) == before


@pytest.mark.parametrize(
    "email", ["petugas", "petugas.bapas.example", "a@b", "a b@uji.example", "@"]
)
def test_email_that_is_none_is_refused(site: Site, titian: Run, email: str) -> None:
    before = contents(site)
    line = add_user(titian, "trainer", email, trainer_facility(site).code).complaint
    assert line.startswith(f"Error: --email: {email!r} is no e-mail address")
    assert contents(site) == before


def test_place_of_the_wrong_kind_or_of_no_kind_is_refused(site: Site, titian: Run) -> None:
    before = contents(site)
    for role, place, kind in (
        ("trainer", "Lapas Atlantis", "Facility"),
        ("officer", trainer_facility(site).code, "Bapas"),
    ):
        line = add_user(titian, role, f"perintah{number()}@uji.example", place).complaint
        assert line == f"Error: no {kind} with code or name {place!r}"
    assert contents(site) == before


def test_password_that_is_too_short_is_refused(site: Site, titian: Run) -> None:
    email = f"perintah{number()}@uji.example"
    line = add_user(titian, "trainer", email, trainer_facility(site).code, "pendek").complaint
    assert "12 characters" in line
    with site.session() as session:
        assert session.exec(select(User.id).where(User.email == email)).first() is None


def test_name_that_is_too_long_is_refused_without_a_trace(site: Site, titian: Run) -> None:
    done = add_user(
        titian, "trainer", f"perintah{number()}@uji.example", trainer_facility(site).code,
        name="n" * 201,
    )  # fmt: skip
    assert "200 characters" in done.complaint
