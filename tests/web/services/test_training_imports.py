"""Trainers' files: people, training and certificates, all rows or none."""

import io
from datetime import date, timedelta

import pytest
from flask_babel import force_locale
from openpyxl import Workbook
from sqlmodel import Session, col, func, select

from models.audit import AuditEvent
from models.certificates import Certificate, CertificateUnit, Training
from models.enums import Education, Gender, PersonStatus, TrainingStatus, Verification
from models.imports import ImportBatch
from models.matching import MatchingChange
from models.people import Person, PersonIdentity
from models.regions import Facility
from models.taxonomy import SchemeUnit
from tests.web.conftest import Site
from tests.web.factories import BEKASI, WELDER, contents, number, trainer_facility
from web.services import matching, people, training_imports
from web.services.evidence import evidence_of
from web.services.tables import Problem, TableRefused, read_bytes
from web.services.training_imports import COLUMNS, Checked, ImportKind

TODAY = date(2026, 11, 24)
PEOPLE_HEADER = (
    "NIK,Nama,Status,Daerah asal,Pendidikan,Telepon,Jenis kelamin,Tanggal lahir,"
    "Perkiraan bebas,Bisa mulai"
)
TRAINING_HEADER = "NIK,Skema,Jam,Mulai,Selesai"
CERTIFICATE_HEADER = "NIK,Skema,Nomor sertifikat,LSP,Terbit,Berlaku sampai,Level,Unit"


def new_nik() -> str:
    return f"3171{number():012d}"


def new_phone() -> str:
    return f"0842 {number():08d}"


def new_number() -> str:
    return f"IMPOR-{number():06d}"


def person_row(nik: str = "", **cells: str) -> str:
    """A good row of a people file, apart from the cells named by their field."""
    good = {
        "nik": nik or new_nik(),
        "name": "Ujang Uji",
        "status": "Asimilasi",
        "home": "Kota Bekasi",
        "education": "SMP",
        "phone": "",
        "gender": "",
        "birth": "",
        "release": "",
        "available": "",
    }
    return ",".join((good | cells).values())


def training_row(nik: str, **cells: str) -> str:
    good = {
        "nik": nik,
        "scheme": WELDER,
        "hours": "120",
        "started": "01/06/2026",
        "finished": "15/07/2026",
    }
    return ",".join((good | cells).values())


def certificate_row(nik: str, **cells: str) -> str:
    good = {
        "nik": nik,
        "scheme": WELDER,
        "number": new_number(),
        "lsp": "LSP Uji",
        "issued": "20/07/2026",
        "expires": "20/07/2029",
        "level": "2",
        "units": "",
    }
    return ",".join((good | cells).values())


def check(
    site: Site, kind: ImportKind, content: str | bytes, facility: Facility | None = None
) -> Checked:
    given = content if isinstance(content, bytes) else content.encode()
    with site.app.app_context(), force_locale("id"), site.session() as session:
        return training_imports.check(
            session, facility or trainer_facility(site), kind, read_bytes(given), TODAY
        )


def store(site: Site, kind: ImportKind, content: str | bytes) -> int:
    checked = check(site, kind, content)
    with site.app.app_context(), site.session() as session:
        return training_imports.store(session, None, "uji.csv", checked)


def refused(site: Site, kind: ImportKind, content: str) -> list[Problem]:
    with pytest.raises(TableRefused) as caught:
        check(site, kind, content)
    return caught.value.problems


def places(problems: list[Problem]) -> list[tuple[int, str]]:
    return [(problem.row, problem.column) for problem in problems]


def the_reason(site: Site, kind: ImportKind, header: str, row: str, column: str) -> str:
    """Why the only row of a file is refused; nothing but this column may be wrong with it."""
    (problem,) = refused(site, kind, f"{header}\n{row}\n")
    assert (problem.row, problem.column) == (2, column)
    return problem.reason


def registered(site: Site, facility: Facility | None = None) -> str:
    """The NIK of a new person of the trainer's facility, or of another."""
    nik = new_nik()
    with site.app.app_context(), site.session() as session:
        fields = people.PersonFields(
            "Orang Terdaftar", nik, PersonStatus.FREE, BEKASI, Education.PRIMARY
        )
        people.register(session, None, facility or trainer_facility(site), fields, TODAY)
        session.commit()
    return nik


def other_facility(site: Site) -> Facility:
    with site.session() as session:
        return session.exec(
            select(Facility).where(Facility.id != trainer_facility(site).id)
        ).first()


def person_of(session: Session, nik: str) -> tuple[Person, PersonIdentity] | None:
    return session.exec(
        select(Person, PersonIdentity)
        .join(PersonIdentity, col(PersonIdentity.person_id) == col(Person.id))
        .where(PersonIdentity.nik_digest == people.nik_digest(nik))
    ).one_or_none()


def newest(session: Session, table: type) -> int:
    return session.exec(select(func.max(table.id))).one()


# People


def test_people_of_a_good_file_are_stored_with_every_cell(site: Site) -> None:
    custody, free = new_nik(), new_nik()
    phone = new_phone()
    rows = [
        person_row(
            custody,
            name="Siti Uji",
            status="Masih menjalani pembinaan",
            home="32.75",
            education="SMA/SMK",
            phone=phone,
            gender="P",
            birth="27 Maret 1990",
            release="15/02/2027",
            available="01/03/2027",
        ),
        person_row(free, status="bebas murni", home="kab bekasi"),
    ]
    assert store(site, ImportKind.PEOPLE, "\n".join([PEOPLE_HEADER, *rows])) == 2
    with site.session() as session:
        person, identity = person_of(session, custody)
        other, other_identity = person_of(session, free)
    facility = trainer_facility(site)
    assert (person.status, person.home_region_code) == (PersonStatus.IN_CUSTODY, "32.75")
    assert (person.education, person.facility_id) == (Education.UPPER_SECONDARY, facility.id)
    assert (person.expected_release, person.available_from) == (
        date(2027, 2, 15),
        date(2027, 3, 1),
    )
    assert (identity.full_name, identity.nik, identity.gender) == (
        "Siti Uji",
        custody,
        Gender.FEMALE,
    )
    assert identity.phone == "+62" + phone.replace(" ", "")[1:]
    assert identity.birth_date == "1990-03-27"
    assert (other.status, other.home_region_code) == (PersonStatus.FREE, "32.16")
    assert (other_identity.phone, other_identity.birth_date) == (None, None)


def test_stored_file_leaves_one_batch_and_its_traces(site: Site) -> None:
    with site.session() as session:
        batch, change = newest(session, ImportBatch), newest(session, MatchingChange)
        event = newest(session, AuditEvent)
    rows = [person_row(), person_row(), person_row()]
    store(site, ImportKind.PEOPLE, "\n".join([PEOPLE_HEADER, *rows]))
    with site.session() as session:
        (stored,) = session.exec(select(ImportBatch).where(col(ImportBatch.id) > (batch or 0)))
        changes = session.exec(select(MatchingChange).where(MatchingChange.id > change)).all()
        actions = session.exec(select(AuditEvent.action).where(AuditEvent.id > event)).all()
    assert (stored.kind, stored.rows, stored.filename) == ("people", 3, "uji.csv")
    assert len(changes) == 3
    assert sorted(actions) == ["people.imported"] + ["person.registered"] * 3


def test_imported_person_with_a_certificate_can_be_ranked(site: Site) -> None:
    nik = registered(site)
    row = certificate_row(nik, units="smaw-welder.01")
    store(site, ImportKind.CERTIFICATES, f"{CERTIFICATE_HEADER}\n{row}\n")
    with site.app.app_context(), site.session() as session:
        person, _identity = person_of(session, nik)
        state = matching.engine().state(session)
        held = evidence_of(session, state.taxonomy, TODAY, [person.id])
    assert list(held[person.id]) == ["smaw-welder.01"]
    assert state.people.held_by(person.id) is not None


def test_columns_are_known_by_other_usual_names_in_any_order(site: Site) -> None:
    nik = new_nik()
    content = (
        "domisili;NAMA LENGKAP;Pendidikan Terakhir;no. hp;status;Nomor Induk Kependudukan;L/P\n"
        f"Kota Bekasi;Rahmat Uji;SD;{new_phone()};pb;{nik};L\n"
    )
    assert store(site, ImportKind.PEOPLE, content) == 1
    with site.session() as session:
        person, identity = person_of(session, nik)
    assert (person.status, identity.gender) == (PersonStatus.CONDITIONAL_RELEASE, Gender.MALE)


def test_workbook_with_real_dates_and_numbers_is_stored_as_a_csv_is(site: Site) -> None:
    nik = new_nik()
    book = Workbook()
    book.active.append(PEOPLE_HEADER.split(","))
    book.active.append(
        [
            int(nik),
            "Dewi Uji",
            "Asimilasi",
            "Kota Bekasi",
            "S1",
            84_200_000_000 + number(),
            "P",
            date(1988, 1, 31),
            date(2027, 1, 2),
            None,
        ]
    )
    file = io.BytesIO()
    book.save(file)
    assert store(site, ImportKind.PEOPLE, file.getvalue()) == 1
    with site.session() as session:
        person, identity = person_of(session, nik)
    assert identity.birth_date == "1988-01-31"
    assert identity.phone.startswith("+6284200")
    assert person.available_from == person.expected_release == date(2027, 1, 2)


def test_one_bad_row_and_nothing_of_the_file_is_stored(site: Site) -> None:
    before = contents(site)
    rows = [person_row(), person_row(education="sekolah"), person_row()]
    with pytest.raises(TableRefused):
        store(site, ImportKind.PEOPLE, "\n".join([PEOPLE_HEADER, *rows]))
    assert contents(site) == before


def test_checking_a_good_file_stores_nothing(site: Site) -> None:
    nik = registered(site)
    before = contents(site)
    for kind, header, row in (
        (ImportKind.PEOPLE, PEOPLE_HEADER, person_row()),
        (ImportKind.TRAINING, TRAINING_HEADER, training_row(nik)),
        (ImportKind.CERTIFICATES, CERTIFICATE_HEADER, certificate_row(nik)),
    ):
        assert len(check(site, kind, f"{header}\n{row}\n").rows) == 1
    assert contents(site) == before


def test_every_bad_cell_of_people_is_named_with_row_and_column(site: Site) -> None:
    bad = person_row(
        "123",
        name="?",
        status="hilang",
        home="Atlantis",
        education="sekolah",
        phone="12",
        gender="x",
        birth="kemarin",
        release="31/02/2027",
        available="lusa",
    )
    content = "\n".join([PEOPLE_HEADER, person_row(), bad, ",,,,,08123,,,,"])
    columns = PEOPLE_HEADER.split(",")
    assert sorted(places(refused(site, ImportKind.PEOPLE, content))) == sorted(
        [(3, column) for column in columns] + [(4, column) for column in columns[:5]]
    )


def test_every_bad_cell_of_training_is_named_with_row_and_column(site: Site) -> None:
    content = "\n".join(
        [TRAINING_HEADER, "123,juru sihir,0,besok,lusa", training_row(registered(site))]
    )
    columns = TRAINING_HEADER.split(",")
    assert sorted(places(refused(site, ImportKind.TRAINING, content))) == sorted(
        (2, column) for column in columns
    )


def test_every_bad_cell_of_certificates_is_named_with_row_and_column(site: Site) -> None:
    content = "\n".join([CERTIFICATE_HEADER, "123,juru sihir,?,!,besok,lusa,10,sihir.01"])
    assert sorted(places(refused(site, ImportKind.CERTIFICATES, content))) == sorted(
        (2, column) for column in CERTIFICATE_HEADER.split(",")
    )


def test_person_in_custody_needs_a_day_of_release_and_others_do_not(site: Site) -> None:
    row = person_row(status="Masih menjalani pembinaan")
    assert "pembinaan" in the_reason(site, ImportKind.PEOPLE, PEOPLE_HEADER, row, "Perkiraan bebas")
    assert check(site, ImportKind.PEOPLE, f"{PEOPLE_HEADER}\n{person_row(status='Bebas')}\n").rows


def test_person_born_today_or_later_is_refused(site: Site) -> None:
    row = person_row(birth=TODAY.isoformat())
    assert "belum tiba" in the_reason(site, ImportKind.PEOPLE, PEOPLE_HEADER, row, "Tanggal lahir")
    row = person_row(birth=(TODAY - timedelta(days=1)).isoformat())
    assert check(site, ImportKind.PEOPLE, f"{PEOPLE_HEADER}\n{row}\n").rows


def test_province_is_not_taken_for_a_home(site: Site) -> None:
    for home in ("Jawa Barat", "32", "99.99"):
        reason = the_reason(
            site, ImportKind.PEOPLE, PEOPLE_HEADER, person_row(home=home), "Daerah asal"
        )
        assert "Kota Bekasi" in reason


def test_nik_that_a_spreadsheet_made_a_number_says_how_to_mend_it(site: Site) -> None:
    row = person_row('"3,27599E+15"')
    assert "sebagai teks" in the_reason(site, ImportKind.PEOPLE, PEOPLE_HEADER, row, "NIK")


def test_nik_that_stands_twice_names_the_earlier_row_even_where_one_is_bad(site: Site) -> None:
    nik = new_nik()
    rows = [
        person_row(nik),
        person_row(),
        person_row(f"'{nik[:4]} {nik[4:]}"),
        person_row(nik, home="Atlantis"),
    ]
    problems = refused(site, ImportKind.PEOPLE, "\n".join([PEOPLE_HEADER, *rows]))
    assert sorted(places(problems)) == [(4, "NIK"), (5, "Daerah asal"), (5, "NIK")]
    assert all("baris 2" in problem.reason for problem in problems if problem.column == "NIK")


def test_registered_nik_is_refused_whatever_its_facility_and_not_shown_whole(site: Site) -> None:
    for nik in (registered(site), registered(site, other_facility(site))):
        reason = the_reason(site, ImportKind.PEOPLE, PEOPLE_HEADER, person_row(nik), "NIK")
        assert "sudah terdaftar" in reason
        assert nik[-4:] in reason
        assert nik[-5:] not in reason


def test_phone_that_stands_twice_or_is_registered_is_refused(site: Site) -> None:
    phone = new_phone()
    rows = [person_row(phone=phone), person_row(phone="+62" + phone[1:])]
    problems = refused(site, ImportKind.PEOPLE, "\n".join([PEOPLE_HEADER, *rows]))
    assert places(problems) == [(3, "Telepon")]
    store(site, ImportKind.PEOPLE, f"{PEOPLE_HEADER}\n{rows[0]}\n")
    reason = the_reason(site, ImportKind.PEOPLE, PEOPLE_HEADER, person_row(phone=phone), "Telepon")
    assert "orang lain" in reason


@pytest.mark.parametrize("kind", list(ImportKind))
def test_unknown_and_missing_columns_are_all_named(site: Site, kind: ImportKind) -> None:
    needed = {column.names[0] for column in COLUMNS[kind] if column.needed}
    problems = refused(site, kind, "Agama,NIK,Hobi\nx,1,y\n")
    assert {problem.row for problem in problems} == {1}
    assert {problem.column for problem in problems} == {"Agama", "Hobi"} | (needed - {"NIK"})


def test_column_that_stands_twice_under_two_names_is_named(site: Site) -> None:
    problems = refused(
        site, ImportKind.TRAINING, f"{TRAINING_HEADER},tanggal mulai\n{training_row('1')},x\n"
    )
    assert places(problems) == [(1, "tanggal mulai")]


# Training


def test_training_of_a_good_file_is_stored_running_or_finished(site: Site) -> None:
    nik = registered(site)
    rows = [
        training_row(nik),
        training_row(nik, finished="", hours="1.200", started="2026-11-24"),
    ]
    assert store(site, ImportKind.TRAINING, "\n".join([TRAINING_HEADER, *rows])) == 2
    with site.session() as session:
        person, _identity = person_of(session, nik)
        stored = session.exec(
            select(Training).where(Training.person_id == person.id).order_by(col(Training.id))
        ).all()
    assert [
        (row.scheme_code, row.hours, row.started_on, row.finished_on, row.status) for row in stored
    ] == [
        (WELDER, 120, date(2026, 6, 1), date(2026, 7, 15), TrainingStatus.FINISHED),
        (WELDER, 1200, date(2026, 11, 24), None, TrainingStatus.RUNNING),
    ]
    assert {row.facility_id for row in stored} == {trainer_facility(site).id}


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"scheme": "juru sihir"}, "Skema", "tidak ada di daftar"),
        ({"hours": "0"}, "Jam", "dari 1 sampai 5000"),
        ({"hours": "5001"}, "Jam", "dari 1 sampai 5000"),
        ({"hours": "120.5"}, "Jam", "dari 1 sampai 5000"),
        ({"started": "25/11/2026", "finished": ""}, "Mulai", "belum tiba"),
        ({"finished": "31/05/2026"}, "Selesai", "sebelum mulai"),
        ({"finished": "25/11/2026"}, "Selesai", "belum tiba"),
    ],
)
def test_training_with_one_wrong_cell_says_what_is_wrong_with_it(
    site: Site, cells: dict[str, str], column: str, words: str
) -> None:
    row = training_row(registered(site), **cells)
    assert words in the_reason(site, ImportKind.TRAINING, TRAINING_HEADER, row, column)


def test_scheme_is_known_by_code_and_by_its_titles_in_any_case(site: Site) -> None:
    nik = registered(site)
    with site.app.app_context(), site.session() as session:
        scheme = matching.engine().state(session).taxonomy.schemes[WELDER]
    for written in (WELDER.upper(), scheme.title_id.upper(), scheme.title_en.lower()):
        row = training_row(nik, scheme=f'"{written}"')
        checked = check(site, ImportKind.TRAINING, f"{TRAINING_HEADER}\n{row}\n")
        assert checked.rows[0][1][1].scheme_code == WELDER


@pytest.mark.parametrize(
    ("kind", "header", "make"),
    [
        (ImportKind.TRAINING, TRAINING_HEADER, training_row),
        (ImportKind.CERTIFICATES, CERTIFICATE_HEADER, certificate_row),
    ],
)
def test_person_of_another_facility_or_of_none_is_not_known(
    site: Site, kind: ImportKind, header: str, make
) -> None:
    for nik in (registered(site, other_facility(site)), new_nik()):
        reason = the_reason(site, kind, header, make(nik), "NIK")
        assert "tidak terdaftar di tempat Anda" in reason
        assert nik[-5:] not in reason


# Certificates


def test_certificate_of_a_good_file_is_stored_unverified_with_its_units(site: Site) -> None:
    nik, number_given = registered(site), new_number()
    row = certificate_row(
        nik, number=f" {number_given.lower()} / a ", units="smaw-welder.02; smaw-welder.01|"
    )
    assert store(site, ImportKind.CERTIFICATES, f"{CERTIFICATE_HEADER}\n{row}\n") == 1
    with site.session() as session:
        person, _identity = person_of(session, nik)
        stored = session.exec(select(Certificate).where(Certificate.person_id == person.id)).one()
        units = session.exec(
            select(CertificateUnit.unit_code).where(CertificateUnit.certificate_id == stored.id)
        ).all()
    assert (stored.number, stored.lsp_name, stored.level) == (f"{number_given}/A", "LSP Uji", 2)
    assert (stored.issued_on, stored.expires_on) == (date(2026, 7, 20), date(2029, 7, 20))
    assert stored.verification is Verification.UNVERIFIED
    assert sorted(units) == ["smaw-welder.01", "smaw-welder.02"]


def test_certificate_without_units_certifies_all_of_its_scheme(site: Site) -> None:
    nik = registered(site)
    store(site, ImportKind.CERTIFICATES, f"{CERTIFICATE_HEADER}\n{certificate_row(nik)}\n")
    with site.session() as session:
        person, _identity = person_of(session, nik)
        units = session.exec(
            select(CertificateUnit.unit_code)
            .join(Certificate, col(Certificate.id) == col(CertificateUnit.certificate_id))
            .where(Certificate.person_id == person.id)
        ).all()
        wanted = session.exec(
            select(SchemeUnit.unit_code).where(SchemeUnit.scheme_code == WELDER)
        ).all()
    assert len(wanted) > 2
    assert sorted(units) == sorted(wanted)


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"expires": "19/07/2026"}, "Berlaku sampai", "sebelum atau pada hari terbit"),
        ({"expires": "20/07/2026"}, "Berlaku sampai", "sebelum atau pada hari terbit"),
        ({"issued": "25/11/2026"}, "Terbit", "belum tiba"),
        ({"scheme": "juru sihir"}, "Skema", "tidak ada di daftar"),
        ({"units": "smaw-welder.01|sihir.09"}, "Unit", "sihir.09"),
        ({"units": "smaw-welder.01|baker.01"}, "Unit", f"bukan unit dari skema {WELDER}: baker.01"),
        ({"level": "0"}, "Level", "dari 1 sampai 9"),
        ({"level": "2.5"}, "Level", "dari 1 sampai 9"),
        ({"number": "9" * 81}, "Nomor sertifikat", "80 huruf"),
        ({"number": "ß" * 41}, "Nomor sertifikat", "80 huruf"),  # each is two letters as a capital
        ({"lsp": "L" * 201}, "LSP", "200 huruf"),
    ],
)
def test_certificate_with_one_wrong_cell_says_what_is_wrong_with_it(
    site: Site, cells: dict[str, str], column: str, words: str
) -> None:
    row = certificate_row(registered(site), **cells)
    assert words in the_reason(site, ImportKind.CERTIFICATES, CERTIFICATE_HEADER, row, column)


def test_number_that_stands_twice_however_written_is_refused(site: Site) -> None:
    nik, given = registered(site), new_number()
    rows = [
        certificate_row(nik, number=given),
        certificate_row(nik),
        certificate_row(nik, number=f"{given[:3].lower()} {given[3:]}"),
        certificate_row(nik, number=given, level="10"),
    ]
    problems = refused(site, ImportKind.CERTIFICATES, "\n".join([CERTIFICATE_HEADER, *rows]))
    assert sorted(places(problems)) == [
        (4, "Nomor sertifikat"),
        (5, "Level"),
        (5, "Nomor sertifikat"),
    ]


def test_recorded_number_is_refused_however_written(site: Site) -> None:
    nik, given = registered(site), new_number()
    row = certificate_row(nik, number=given)
    store(site, ImportKind.CERTIFICATES, f"{CERTIFICATE_HEADER}\n{row}\n")
    row = certificate_row(nik, number=f" {given[:3].lower()} {given[3:]}")
    reason = the_reason(site, ImportKind.CERTIFICATES, CERTIFICATE_HEADER, row, "Nomor sertifikat")
    assert "sudah tercatat" in reason


# What happens between checking and storing, and around it


def test_row_that_another_stored_meanwhile_refuses_the_whole_file(site: Site) -> None:
    rows = [person_row(), person_row(), person_row()]
    checked = check(site, ImportKind.PEOPLE, "\n".join([PEOPLE_HEADER, *rows]))
    store(site, ImportKind.PEOPLE, f"{PEOPLE_HEADER}\n{rows[1]}\n")
    before = contents(site)
    with site.app.app_context(), site.session() as session, pytest.raises(TableRefused) as caught:
        training_imports.store(session, None, "uji.csv", checked)
    assert places(caught.value.problems) == [(3, "")]
    assert contents(site) == before


def test_number_that_another_recorded_meanwhile_refuses_the_whole_file(site: Site) -> None:
    nik = registered(site)
    rows = [certificate_row(nik), certificate_row(nik)]
    checked = check(site, ImportKind.CERTIFICATES, "\n".join([CERTIFICATE_HEADER, *rows]))
    store(site, ImportKind.CERTIFICATES, f"{CERTIFICATE_HEADER}\n{rows[1]}\n")
    before = contents(site)
    with site.app.app_context(), site.session() as session, pytest.raises(TableRefused) as caught:
        training_imports.store(session, None, "uji.csv", checked)
    assert places(caught.value.problems) == [(3, "")]
    assert contents(site) == before


def test_same_file_twice_is_refused_the_second_time(site: Site) -> None:
    rows = [person_row(), person_row()]
    content = "\n".join([PEOPLE_HEADER, *rows])
    store(site, ImportKind.PEOPLE, content)
    assert places(refused(site, ImportKind.PEOPLE, content)) == [(2, "NIK"), (3, "NIK")]


@pytest.mark.parametrize("kind", list(ImportKind))
def test_template_imports_once_its_values_are_made_real(site: Site, kind: ImportKind) -> None:
    example = {column.field: column.example for column in COLUMNS[kind]}
    real = {"nik": new_nik() if kind is ImportKind.PEOPLE else registered(site)}
    real |= {"phone": new_phone(), "number": new_number()}
    content = training_imports.template(kind)
    for name, value in real.items():
        content = content.replace(example.get(name, value), value)
    assert store(site, kind, ("\ufeff" + content).encode()) == 1


def test_file_of_more_rows_than_one_question_to_the_database_holds(site: Site) -> None:
    count = 2 * training_imports.CHUNK + 1
    nik = new_nik()
    late = f"{nik[:-4]}{9999}"
    rows = [person_row(f"3271{10**11 + row:012d}") for row in range(count - 1)]
    store(site, ImportKind.PEOPLE, f"{PEOPLE_HEADER}\n{person_row(late)}\n")
    problems = refused(site, ImportKind.PEOPLE, "\n".join([PEOPLE_HEADER, *rows, person_row(late)]))
    assert places(problems) == [(count + 1, "NIK")]
