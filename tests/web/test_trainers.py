"""The trainer's way: register people, training and certificates, and vouch for them."""

from datetime import date, timedelta
from functools import partial

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, func, select
from werkzeug.test import TestResponse

from models.audit import AuditEvent
from models.certificates import Certificate, CertificateUnit, Training
from models.enums import Education, Gender, PersonStatus, RoleName, TrainingStatus, Verification
from models.people import Person, PersonIdentity
from models.regions import BapasRegion, Facility
from tests.web import factories, reading
from tests.web.concurrency import at_once, linger
from tests.web.conftest import Site, post
from web.services import people


@pytest.fixture(scope="module")
def browser(site: Site) -> FlaskClient:
    return site.trainer()


def boxes(day: date) -> list[str]:
    return [str(day.day), str(day.month), str(day.year)]


def in_days(days: int) -> list[str]:
    return boxes(factories.today() + timedelta(days=days))


# Registering people


def registration(**changed: object) -> dict[str, object]:
    unique = factories.number()
    return {
        "full_name": f"Peserta Uji {unique}",
        "nik": f"97{unique:014d}",
        "phone": f"0842 {unique:08d}",
        "gender": "female",
        "birth_date": ["27", "3", "1990"],
        "status": "in_custody",
        "expected_release": in_days(100),
        "home": factories.BEKASI,
        "education": "lower_secondary",
        **changed,
    }


def register(browser: FlaskClient, data: dict[str, object]) -> TestResponse:
    return post(browser, "/pelatihan/peserta/baru", data)


def registered(site: Site, data: dict[str, object]) -> tuple[Person, PersonIdentity]:
    with factories.reading(site) as session:
        identity = session.exec(
            select(PersonIdentity).where(PersonIdentity.full_name == data["full_name"])
        ).one()
        return session.get_one(Person, identity.person_id), identity


def test_a_registered_person_has_all_that_was_typed(site: Site, browser: FlaskClient) -> None:
    data = registration()
    answer = register(browser, data)
    assert answer.status_code == 302
    person, identity = registered(site, data)
    assert answer.location == f"/pelatihan/peserta/{person.public_id}"
    assert person.status == PersonStatus.IN_CUSTODY
    assert person.facility_id == factories.trainer_facility(site).id
    assert person.home_region_code == factories.BEKASI
    assert person.education == Education.LOWER_SECONDARY
    assert person.expected_release == factories.today() + timedelta(days=100)
    assert person.available_from == person.expected_release
    assert identity.nik == data["nik"]
    assert identity.phone == f"+62{str(data['phone'])[1:].replace(' ', '')}"
    assert identity.birth_date == "1990-03-27"
    assert identity.gender == Gender.FEMALE
    assert not person.is_synthetic


def test_the_bapas_is_the_one_of_the_home_region(site: Site, browser: FlaskClient) -> None:
    data = registration(home="81.72")
    register(browser, data)
    with factories.reading(site) as session:
        office = session.exec(
            select(BapasRegion.bapas_id).where(BapasRegion.region_code == "81.72")
        ).one()
    assert registered(site, data)[0].bapas_id == office


def test_nobody_is_listed_by_being_registered(site: Site, browser: FlaskClient) -> None:
    data = registration()
    register(browser, data)
    person, _identity = registered(site, data)
    consents = factories.contents(site)["consent"]
    assert not [row for row in consents if person.id in row and "listing" in row]


def test_what_identifies_a_person_is_encrypted_where_it_is_stored(
    site: Site, browser: FlaskClient
) -> None:
    data = registration(birth_date=["13", "12", "1911"])
    register(browser, data)
    everything = repr(
        [
            tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
            for rows in factories.contents(site).values()
            for row in rows
        ]
    )
    assert str(data["full_name"]) in everything
    for secret in (data["nik"], str(data["phone"])[1:].replace(" ", ""), "1911-12-13"):
        assert str(secret) not in everything


def test_little_is_asked_of_somebody_who_is_out(site: Site, browser: FlaskClient) -> None:
    data = registration(
        status="free",
        phone="",
        gender="",
        birth_date=["", "", ""],
        expected_release=["", "", ""],
    )
    assert register(browser, data).status_code == 302
    person, identity = registered(site, data)
    assert person.available_from == factories.today()
    assert (identity.phone, identity.gender, identity.birth_date) == (None, None, None)


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("full_name", "", ""),
        ("full_name", "x" * 201, "200"),
        ("nik", "", ""),
        ("nik", "123", "16 angka"),
        ("nik", "12345678901234567", "16 angka"),
        ("nik", "3,27599E+15", "teks"),
        ("phone", "12", "0812"),
        ("phone", "bukan nomor", "0812"),
        ("gender", "robot", "daftar"),
        ("birth_date", ["31", "2", "1990"], "27 3 2026"),
        ("birth_date", ["1", "1", "2999"], "belum tiba"),
        ("birth_date", ["1", "1", "99999999999999999999"], "27 3 2026"),
        ("status", "unknown", "daftar"),
        ("expected_release", ["", "", ""], "perkiraan bebas"),
        ("home", "", ""),
        ("home", "99.99", "daftar"),
        ("education", "x", "daftar"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_stays(
    site: Site, browser: FlaskClient, field: str, typed: object, message: str
) -> None:
    data = registration(**{field: typed})
    before = factories.contents(site)
    page = register(browser, data)
    assert page.status_code == 200
    errors = reading.summary(page)
    assert len(errors) == 1, errors
    assert message in next(iter(errors.values()))
    assert next(iter(errors)).startswith(f"#{field}")
    for name in ("full_name", "nik", "phone", "home", "birth_date"):
        if name != field:
            expected = data[name] if isinstance(data[name], list) else [data[name]]
            assert reading.typed(page, name) == expected
    assert factories.changed_tables(before, factories.contents(site)) == set()


def test_a_nik_is_registered_once_in_the_whole_country(site: Site, browser: FlaskClient) -> None:
    data = registration()
    register(browser, data)
    with factories.reading(site) as session:
        other = session.exec(
            select(Facility.id).where(Facility.id != factories.trainer_facility(site).id)
        ).first()
    elsewhere = factories.staff(site, RoleName.TRAINER, facility_id=other)
    spaced = f"{str(data['nik'])[:8]} {str(data['nik'])[8:]}"
    for trainer in (browser, elsewhere):
        page = register(trainer, registration(nik=spaced))
        assert "sudah terdaftar" in reading.error_beside(page, "nik")
        assert str(data["full_name"]) not in page.get_data(as_text=True)


def test_a_phone_number_belongs_to_one_person(site: Site, browser: FlaskClient) -> None:
    data = registration()
    register(browser, data)
    again = registration(phone="+62" + str(data["phone"])[1:].replace(" ", ""))
    page = register(browser, again)
    assert "milik orang lain" in reading.error_beside(page, "phone")


@pytest.mark.parametrize(("field", "message"), [("nik", "terdaftar"), ("phone", "orang lain")])
def test_of_two_who_register_somebody_at_the_same_moment_one_is_told(
    site: Site, field: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    linger(monkeypatch, people, "note_change")
    one = registration()
    both = [one, registration(**{field: one[field]})]
    browsers = [site.trainer(), site.trainer()]
    answers = at_once(*map(partial, [register] * 2, browsers, both))
    won, lost = sorted(answers, key=lambda answer: answer.status_code, reverse=True)
    assert (won.status_code, lost.status_code) == (302, 200)
    assert message in reading.error_beside(lost, field)
    with factories.reading(site) as session:
        names = session.exec(
            select(PersonIdentity.full_name).where(
                col(PersonIdentity.full_name).in_([data["full_name"] for data in both])
            )
        ).all()
    assert len(names) == 1


def test_names_are_kept_as_they_are_and_escaped(site: Site, browser: FlaskClient) -> None:
    data = registration(full_name="<script>x</script> O'Brien & Şükrü 🔥")
    page = browser.get(register(browser, data).location)
    assert "<script>" not in page.get_data(as_text=True)
    assert data["full_name"] in reading.page_words(page)


# Finding people


def test_those_with_unchecked_certificates_stand_above(site: Site) -> None:
    with factories.reading(site) as session:
        used = set(session.exec(select(Person.facility_id)))
        place = next(
            row
            for row in session.exec(select(Facility.id).order_by(col(Facility.id)))
            if row not in used
        )
    checked = factories.person(site, "Aan Sudah", facility_id=place)
    unchecked = factories.person(site, "Zul Belum", facility_id=place)
    factories.person(site, "Mia Tanpa", facility_id=place, certified=False)
    factories.certificate(site, unchecked, verification=Verification.UNVERIFIED)
    trainer = factories.staff(site, RoleName.TRAINER, facility_id=place)
    page = trainer.get("/pelatihan/peserta")
    rows = [reading.words(row) for row in reading.tree(page).find(".//tbody").iter("tr")]
    assert [row.split()[0] for row in rows] == ["Zul", "Aan", "Mia"]
    assert "1 belum diperiksa" in rows[0]
    assert "belum diperiksa" not in rows[1]
    assert "3 peserta" in reading.page_words(page)
    found = trainer.get("/pelatihan/peserta?text=AAN")
    assert reading.words(reading.tree(found).find(".//tbody")).startswith("Aan Sudah")
    assert "Tidak ada peserta" in reading.page_words(trainer.get("/pelatihan/peserta?text=%25"))
    assert trainer.get(f"/pelatihan/peserta/{checked.public_id}").status_code == 200


# Phone numbers


@pytest.fixture
def person(site: Site) -> Person:
    return factories.person(site, certified=False)


def test_a_new_phone_number_is_the_one_to_sign_in_with(
    site: Site, browser: FlaskClient, person: Person
) -> None:
    factories.account(site, person)
    old, new = factories.phone_of(site, person), f"0843{factories.number():08d}"
    path = f"/pelatihan/peserta/{person.public_id}/telepon"
    assert post(browser, path, {"phone": new}).status_code == 302
    assert site.person(new).get("/saya/data").status_code == 200
    with pytest.raises(AssertionError, match="sign-in failed"):
        site.person(old)


def test_a_taken_or_misshapen_phone_number_is_refused(
    site: Site, browser: FlaskClient, person: Person
) -> None:
    taken = factories.phone_of(site, factories.person(site))
    own = factories.phone_of(site, person)
    path = f"/pelatihan/peserta/{person.public_id}/telepon"
    for phone, message in ((taken, "milik orang lain"), ("12", "0812"), ("", "")):
        page = post(browser, path, {"phone": phone})
        assert page.status_code == 200
        assert message in next(iter(reading.summary(page).values()))
    assert factories.phone_of(site, person) == own
    assert post(browser, path, {"phone": own}).status_code == 302, "one's own number again"


# Training


def train(browser: FlaskClient, person: Person, **changed: object) -> TestResponse:
    data = {
        "scheme": factories.WELDER,
        "hours": "120",
        "started_on": in_days(-60),
        "finished_on": in_days(-10),
        **changed,
    }
    return post(browser, f"/pelatihan/peserta/{person.public_id}/pelatihan", data)


def trainings(site: Site, person: Person) -> list[Training]:
    with factories.reading(site) as session:
        return list(session.exec(select(Training).where(Training.person_id == person.id)))


def test_training_is_finished_when_its_end_is_known(
    site: Site, browser: FlaskClient, person: Person
) -> None:
    train(browser, person)
    train(browser, person, finished_on=["", "", ""])
    finished, running = trainings(site, person)
    assert (finished.status, running.status) == (TrainingStatus.FINISHED, TrainingStatus.RUNNING)
    assert finished.hours == 120
    assert finished.facility_id == factories.trainer_facility(site).id
    text = reading.page_words(browser.get(f"/pelatihan/peserta/{person.public_id}"))
    assert "120 jam" in text
    assert "Sedang berjalan" in text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("scheme", ""),
        ("scheme", "moon-flight"),
        ("hours", "0"),
        ("hours", "5001"),
        ("hours", "0000000000019999"),
        ("started_on", ["", "", ""]),
        ("started_on", ["31", "2", "2026"]),
        ("finished_on", ["1", "1", "2020"]),
        ("finished_on", ["1", "1", "2999"]),
    ],
)
def test_wrong_training_is_named_and_not_stored(
    site: Site, browser: FlaskClient, person: Person, field: str, typed: object
) -> None:
    page = train(browser, person, **{field: typed})
    assert page.status_code == 200
    errors = reading.summary(page)
    assert len(errors) == 1, errors
    assert next(iter(errors)).startswith(f"#{field}")
    assert trainings(site, person) == []


# Certificates


def certify(browser: FlaskClient, person: Person, **changed: object) -> TestResponse:
    data = {
        "lsp_name": "LSP Uji Las",
        "number": f"LAS {factories.number()}/2026",
        "issued_on": in_days(-10),
        "expires_on": in_days(1000),
        "level": "2",
        "units": ["smaw-welder.01", "smaw-welder.02"],
        **changed,
    }
    path = f"/pelatihan/peserta/{person.public_id}/sertifikat?scheme={factories.WELDER}"
    return post(browser, path, data)


def certificates(site: Site, person: Person) -> list[Certificate]:
    with factories.reading(site) as session:
        return list(session.exec(select(Certificate).where(Certificate.person_id == person.id)))


def test_a_certificate_begins_with_its_scheme_and_offers_its_units(
    site: Site, browser: FlaskClient, person: Person
) -> None:
    path = f"/pelatihan/peserta/{person.public_id}/sertifikat"
    first = browser.get(path)
    assert "Sertifikat untuk skema apa?" in reading.page_words(first)
    second = browser.get(path, query_string={"scheme": factories.WELDER})
    offered = {
        box.get("value") for box in reading.tree(second).iter("input") if box.get("name") == "units"
    }
    assert offered == {f"smaw-welder.{number:02d}" for number in (1, 2, 3, 4, 8, 9, 11)}
    assert set(reading.typed(second, "units")) == offered, "all are ticked to begin with"
    assert reading.typed(second, "level") == ["2"]


@pytest.mark.parametrize("scheme", ["", "moon-flight", "<script>"])
def test_an_unknown_scheme_asks_again(browser: FlaskClient, person: Person, scheme: str) -> None:
    path = f"/pelatihan/peserta/{person.public_id}/sertifikat"
    page = browser.get(path, query_string={"scheme": scheme})
    assert "Sertifikat untuk skema apa?" in reading.page_words(page)


def test_a_certificate_keeps_the_units_that_were_passed(
    site: Site, browser: FlaskClient, person: Person
) -> None:
    answer = certify(browser, person, number=" las 77 / 2026 ")
    assert answer.location == f"/pelatihan/peserta/{person.public_id}"
    (row,) = certificates(site, person)
    assert row.number == "LAS77/2026"
    assert (row.scheme_code, row.level, row.lsp_name) == (factories.WELDER, 2, "LSP Uji Las")
    assert row.verification == Verification.UNVERIFIED
    with factories.reading(site) as session:
        units = session.exec(
            select(CertificateUnit.unit_code).where(CertificateUnit.certificate_id == row.id)
        ).all()
    assert set(units) == {"smaw-welder.01", "smaw-welder.02"}


def test_a_number_is_recorded_once_in_any_spelling(
    site: Site, browser: FlaskClient, person: Person
) -> None:
    other = factories.person(site, certified=False)
    number = f"NO {factories.number()} / X"
    certify(browser, other, number=number)
    page = certify(browser, person, number=number.lower().replace(" ", ""))
    assert "sudah tercatat" in reading.error_beside(page, "number")
    assert certificates(site, person) == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("lsp_name", ""),
        ("lsp_name", "x" * 201),
        ("number", ""),
        ("number", "x" * 81),
        ("issued_on", ["", "", ""]),
        ("issued_on", ["1", "1", "99999999999999999999"]),
        ("expires_on", ["", "", ""]),
        ("expires_on", ["1", "1", "2020"]),
        ("level", "10"),
        ("units", []),
        ("units", ["baker.01"]),
    ],
)
def test_a_wrong_certificate_is_named_and_not_stored(
    site: Site, browser: FlaskClient, person: Person, field: str, typed: object
) -> None:
    page = certify(browser, person, **{field: typed})
    assert page.status_code == 200
    errors = reading.summary(page)
    assert len(errors) == 1, errors
    assert next(iter(errors)).startswith(f"#{field}")
    if field != "lsp_name":
        assert reading.typed(page, "lsp_name") == ["LSP Uji Las"]
    assert certificates(site, person) == []


def test_a_unit_that_comes_twice_is_one_unit(
    site: Site, browser: FlaskClient, person: Person
) -> None:
    assert certify(browser, person, units=["smaw-welder.01"] * 3).status_code == 302
    (row,) = certificates(site, person)
    with factories.reading(site) as session:
        assert (
            session.exec(
                select(func.count())
                .select_from(CertificateUnit)
                .where(CertificateUnit.certificate_id == row.id)
            ).one()
            == 1
        )


def press(browser: FlaskClient, person: Person, words: str) -> TestResponse:
    """Press a button of the person's page."""
    page = browser.get(f"/pelatihan/peserta/{person.public_id}")
    (path,) = {path for path, found in reading.buttons(page) if found == words}
    value = "revoked" if words == "Cabut" else "verified"
    return post(browser, path, {"verification": value}, follow_redirects=True)


def test_a_certificate_is_checked_and_revoked_by_name(
    site: Site, browser: FlaskClient, person: Person
) -> None:
    certify(browser, person)
    page = press(browser, person, "Sudah saya periksa dengan aslinya")
    assert "Sudah diperiksa" in reading.page_words(page)
    (row,) = certificates(site, person)
    assert row.verification == Verification.VERIFIED
    assert row.verified_by is not None
    assert row.verified_at is not None
    page = press(browser, person, "Cabut")
    assert "Dicabut" in reading.page_words(page)
    assert certificates(site, person)[0].verification == Verification.REVOKED
    with factories.reading(site) as session:
        events = session.exec(
            select(AuditEvent.action)
            .where(AuditEvent.subject == f"certificate:{row.public_id}")
            .order_by(col(AuditEvent.id))
        ).all()
    assert events == ["certificate.recorded", "certificate.verified", "certificate.revoked"]


@pytest.mark.parametrize("verification", ["", "excellent"])
def test_an_unknown_verification_is_refused(
    site: Site, browser: FlaskClient, verification: str
) -> None:
    person = factories.person(site)
    (row,) = certificates(site, person)
    path = f"/pelatihan/peserta/{person.public_id}/sertifikat/{row.public_id}"
    assert post(browser, path, {"verification": verification}).status_code == 400
    assert certificates(site, person)[0].verification == Verification.VERIFIED


def test_a_checked_certificate_is_worth_more_to_employers_at_once(
    site: Site, browser: FlaskClient
) -> None:
    person = factories.person(site, certified=False)
    units = ("pipe-fitter.11", "pipe-fitter.13")
    factories.certificate(
        site, person, "pipe-fitter-s3", units=units, verification=Verification.UNVERIFIED
    )
    vacancy = factories.vacancy(site, units=units)
    employer = site.employer()

    def shown() -> str:
        return reading.page_words(employer.get(f"/perusahaan/lowongan/{vacancy.public_id}"))

    assert "60 %" in shown()
    press(browser, person, "Sudah saya periksa dengan aslinya")
    assert "100 %" in shown()


def test_the_page_of_a_person_holds_no_record_and_no_introduction(
    site: Site, browser: FlaskClient
) -> None:
    person = factories.person(site)
    vacancy = factories.vacancy(site, title="Lowongan orang lain")
    factories.introduction(site, vacancy, person)
    text = reading.page_words(browser.get(f"/pelatihan/peserta/{person.public_id}"))
    assert vacancy.title not in text
    assert "Syarat pembimbingan" not in text
