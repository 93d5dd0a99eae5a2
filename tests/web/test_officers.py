"""The officer's way: find clients, guide them, and propose them for vacancies."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, func, select
from werkzeug.test import TestResponse

from models.enums import IntroductionState, Mobility, PersonStatus, RoleName, Verification
from models.introductions import Consent, Introduction
from models.people import MonthlyReport, OfficerNote, Person, PersonIdentity
from models.records import Restriction
from models.regions import Bapas
from tests.web import factories, reading
from tests.web.conftest import Site, post


@pytest.fixture(scope="module")
def browser(site: Site) -> FlaskClient:
    return site.officer()


def empty_bapas(site: Site) -> int:
    """A Bapas that has no clients yet."""
    with factories.reading(site) as session:
        taken = set(session.exec(select(Person.bapas_id)))
        return next(
            row
            for row in session.exec(select(Bapas.id).order_by(col(Bapas.id)))
            if row not in taken
        )


def names(page: TestResponse) -> list[str]:
    """The first column of the caseload."""
    table = reading.tree(page).find(".//tbody")
    return [reading.words(cell) for cell in table.iter("th")] if table is not None else []


def dues(page: TestResponse) -> dict[str, str]:
    """Name -> what is due, as the caseload says it."""
    table = reading.tree(page).find(".//tbody")
    return {
        reading.words(row.find("th")): reading.words(row.findall("td")[0])
        for row in table.iter("tr")
    }


# The caseload


@pytest.fixture(scope="module")
def small_office(site: Site) -> FlaskClient:
    """An officer of a Bapas with one client for each thing that can be due."""
    office = empty_bapas(site)
    today = factories.today()

    def client(name: str, **more: object) -> Person:
        return factories.person(site, name, bapas_id=office, available_in=-5, **more)

    reply = client("Ria Reply")
    factories.introduction(site, factories.vacancy(site), reply)
    late = client("Lina Lapor Lama")
    later = client("Lala Lapor Baru")
    inside = {"status": PersonStatus.IN_CUSTODY}
    client("Budi Bebas", **inside, release_in=40)
    client("Bima Bebas Dulu", **inside, release_in=20)
    client("Joko Jauh", **inside, release_in=91)
    expiring = client("Eka Habis", **inside, release_in=300)
    factories.certificate(site, expiring, expires_in=90)
    revoked = client("Rudi Dicabut", **inside, release_in=300)
    factories.certificate(site, revoked, expires_in=10, verification=Verification.REVOKED)
    client("Tono Tanpa Izin", **inside, release_in=300, listed=False)
    client("Zaki Tenang", **inside, release_in=300)
    client("Ani Tenang", status=PersonStatus.FREE)
    with site.session() as session:
        session.add(MonthlyReport(person_id=late.id, reported_on=today - timedelta(days=60)))
        session.add(MonthlyReport(person_id=later.id, reported_on=today - timedelta(days=31)))
        session.add(MonthlyReport(person_id=later.id, reported_on=today - timedelta(days=70)))
        session.commit()
    return factories.staff(site, RoleName.OFFICER, bapas_id=office)


def test_who_needs_something_stands_above_and_the_most_pressing_first(
    small_office: FlaskClient,
) -> None:
    assert names(small_office.get("/petugas/klien")) == [
        "Ria Reply",
        "Lina Lapor Lama",
        "Lala Lapor Baru",
        "Bima Bebas Dulu",
        "Budi Bebas",
        "Eka Habis",
        "Tono Tanpa Izin",
        "Ani Tenang",
        "Joko Jauh",
        "Rudi Dicabut",
        "Zaki Tenang",
    ]


def test_the_caseload_says_what_is_due(small_office: FlaskClient) -> None:
    found = dues(small_office.get("/petugas/klien"))
    assert found["Ria Reply"].startswith("Ada pengantar yang menunggu jawaban")
    assert found["Lina Lapor Lama"].startswith("Wajib lapor")
    assert found["Bima Bebas Dulu"].startswith("Akan bebas")
    assert found["Eka Habis"].startswith("Sertifikat akan habis")
    assert found["Tono Tanpa Izin"] == "Belum memberi izin tampil"
    assert found["Zaki Tenang"] == found["Joko Jauh"] == "–"


def test_only_the_officers_own_clients_are_listed(
    site: Site, browser: FlaskClient, small_office: FlaskClient
) -> None:
    page = small_office.get("/petugas/klien")
    assert "11 klien" in reading.page_words(page)
    with factories.reading(site) as session:
        own = session.exec(
            select(func.count())
            .select_from(Person)
            .where(Person.bapas_id == factories.officer_bapas(site))
        ).one()
    assert f"{own} klien" in reading.page_words(browser.get("/petugas/klien"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tenang", {"Ani Tenang", "Zaki Tenang"}),
        ("TENANG zaki", {"Zaki Tenang"}),
        ("ria", {"Ria Reply"}),
        ("tidak ada orang ini", set()),
        ("%", set()),
        ("_", set()),
        ("\\", set()),
        ("'; DROP TABLE person; --", set()),
    ],
)
def test_clients_are_found_by_every_word_of_their_name(
    small_office: FlaskClient, text: str, found: set[str]
) -> None:
    page = small_office.get("/petugas/klien", query_string={"text": text})
    assert set(names(page)) == found
    assert reading.typed(page, "text") == [text]


def test_clients_are_found_by_place_and_by_what_they_can_do(
    small_office: FlaskClient,
) -> None:
    by_place = names(small_office.get("/petugas/klien?text=bekasi"))
    assert len(by_place) == 11
    by_unit = names(small_office.get("/petugas/klien?text=SMAW"))
    assert len(by_unit) == 11
    assert names(small_office.get("/petugas/klien?text=roti")) == []


def test_clients_are_found_by_province_trade_and_day(site: Site) -> None:
    office = empty_bapas(site)
    people = {
        "Tukang Las Bekasi": {},
        "Tukang Las Tual": {"region": "81.72"},
        "Tukang Pipa": {"scheme": "pipe-fitter-s3"},
        "Nanti Saja": {"available_in": 60},
        "Lama Lagi": {"available_in": 400},
    }
    for name, fields in people.items():
        factories.person(site, name, bapas_id=office, **fields)
    officer = factories.staff(site, RoleName.OFFICER, bapas_id=office)

    def found(**search: str) -> set[str]:
        return set(names(officer.get("/petugas/klien", query_string=search)))

    assert found(province="81") == {"Tukang Las Tual"}
    assert found(province="32") == set(people) - {"Tukang Las Tual"}
    assert found(occupation="pipe-fitter") == {"Tukang Pipa"}
    assert found(available_by="0") == set(people) - {"Nanti Saja", "Lama Lagi"}
    assert found(available_by="90") == set(people) - {"Lama Lagi"}
    assert found(text="tukang", province="32", occupation="smaw-welder") == {"Tukang Las Bekasi"}
    assert found() == set(people)


@pytest.mark.parametrize(
    "search",
    [
        {"province": "99"},
        {"occupation": "astronaut"},
        {"available_by": "soon"},
        {"available_by": "99999999999"},
        {"text": "x" * 5000},
        {"page": "x"},
        {"page": "-3"},
        {"page": "0"},
        {"nothing": "known"},
        {"province": ["32", "99"]},
    ],
)
def test_an_address_written_by_hand_is_read_as_far_as_it_makes_sense(
    small_office: FlaskClient, search: dict[str, str]
) -> None:
    for path in ("/petugas/klien", "/petugas/lowongan"):
        page = small_office.get(path, query_string=search)
        assert page.status_code == 200
        assert reading.summary(page) == {}


def test_long_lists_have_pages_that_keep_the_search(site: Site) -> None:
    office = empty_bapas(site)
    for number in range(60):
        factories.person(site, f"Halaman {number:02d}", bapas_id=office, certified=False)
    officer = factories.staff(site, RoleName.OFFICER, bapas_id=office)
    path, seen = "/petugas/klien?text=halaman&province=32", []
    for expected in (25, 25, 10):
        page = officer.get(path)
        assert len(names(page)) == expected
        assert "60 klien" in reading.page_words(page)
        seen += names(page)
        following = [
            link.get("href") for link in reading.tree(page).iter("a") if link.get("rel") == "next"
        ]
        path = following[0] if following else ""
    assert path == ""
    assert len(set(seen)) == 60
    assert names(officer.get("/petugas/klien?page=99")) == []


# One client


@pytest.fixture
def client(site: Site) -> Person:
    return factories.person(site, f"Klien Uji {factories.number()}")


def client_page(browser: FlaskClient, client: Person) -> TestResponse:
    return browser.get(f"/petugas/klien/{client.public_id}")


def test_the_client_page_shows_who_it_is_and_what_they_hold(
    site: Site, browser: FlaskClient, client: Person
) -> None:
    text = reading.page_words(client_page(browser, client))
    for shown in (
        factories.name_of(site, client),
        "Pembebasan Bersyarat (PB)",
        "Kota Bekasi",
        "Sertifikasi KKNI Level II Juru Las Pelat Proses SMAW",
        "Sudah diperiksa",
    ):
        assert shown in text


def test_the_client_page_lists_vacancies_with_reasons_for_and_against(
    site: Site, browser: FlaskClient
) -> None:
    vacancy = factories.vacancy(site, region="81.72", title="Las jauh di timur")
    near = factories.vacancy(site, region=factories.BEKASI, title="Las dekat rumah")
    client = factories.person(site, mobility=Mobility.COMMUTE)
    cards = {
        reading.words(card.find(".//h3")): reading.words(card)
        for card in reading.with_class(reading.tree(client_page(browser, client)), "titian-card")
    }
    assert "Kenapa cocok: 3 dari 3 syarat" in cards[near.title]
    assert "Usulkan pengantar" in cards[near.title]
    if vacancy.title in cards:  # the twelve best are shown
        assert "Terlalu jauh" in cards[vacancy.title]
        assert "Usulkan" not in cards[vacancy.title]


def restrict(browser: FlaskClient, client: Person, **changed: object) -> TestResponse:
    data = {
        "kind": "no_driving",
        "legal_basis": "SK Kepala Bapas 12/2026",
        "decided_by": "Kepala Bapas",
        **changed,
    }
    return post(browser, f"/petugas/klien/{client.public_id}/syarat", data, follow_redirects=True)


def restrictions(site: Site, client: Person) -> list[Restriction]:
    with factories.reading(site) as session:
        return list(session.exec(select(Restriction).where(Restriction.person_id == client.id)))


def test_a_restriction_is_entered_shown_and_ended(
    site: Site, browser: FlaskClient, client: Person
) -> None:
    in_a_year = factories.today() + timedelta(days=365)
    until = [str(part) for part in (in_a_year.day, in_a_year.month, in_a_year.year)]
    page = restrict(browser, client, until=until)
    assert "Tidak boleh mengemudi di jalan umum" in reading.page_words(page)
    assert "SK Kepala Bapas 12/2026 · Kepala Bapas" in reading.page_words(page)
    (row,) = restrictions(site, client)
    assert row.until == in_a_year
    (end,) = [path for path, _words in reading.buttons(page) if path.endswith("/akhiri")]
    page = post(browser, end, {}, follow_redirects=True)
    assert "Syarat diakhiri" in reading.page_words(page)
    assert "SK Kepala Bapas 12/2026" not in reading.page_words(page)
    assert restrictions(site, client)[0].ended_at is not None
    assert post(browser, end, {}).status_code == 404


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("kind", ""),
        ("kind", "no_fun"),
        ("legal_basis", " "),
        ("legal_basis", "x" * 301),
        ("decided_by", ""),
        ("decided_by", "x" * 201),
    ],
)
def test_a_restriction_without_its_grounds_is_refused_and_stays_typed(
    site: Site, browser: FlaskClient, client: Person, field: str, typed: str
) -> None:
    page = restrict(browser, client, **{field: typed})
    assert page.status_code == 200
    assert len(reading.summary(page)) == 1
    assert restrictions(site, client) == []
    for name, expected in (("legal_basis", "SK Kepala Bapas 12/2026"), ("kind", "no_driving")):
        if name != field:
            assert reading.typed(page, name) == [expected]


@pytest.mark.parametrize(
    "until", [["1", "1", "2020"], ["31", "2", "2030"], ["1", "1", "99999999999999999999"]]
)
def test_a_restriction_cannot_end_in_the_past_or_on_no_day(
    site: Site, browser: FlaskClient, client: Person, until: list[str]
) -> None:
    page = restrict(browser, client, until=until)
    assert list(reading.summary(page)) == ["#until-day"]
    assert reading.typed(page, "until") == until
    assert restrictions(site, client) == []


def test_a_note_is_read_by_the_officers_of_the_bapas_alone(
    site: Site, browser: FlaskClient, client: Person
) -> None:
    text = "Catatan rahasia: <b>ibunya sakit</b>, 'besok' telepon"
    page = post(
        browser,
        f"/petugas/klien/{client.public_id}/catatan",
        {"text": text},
        follow_redirects=True,
    )
    assert text in reading.page_words(page)
    colleague = factories.staff(site, RoleName.OFFICER, bapas_id=factories.officer_bapas(site))
    assert text in reading.page_words(client_page(colleague, client))
    others = {
        f"/pelatihan/peserta/{client.public_id}": site.trainer(),
        "/saya/data": factories.account(site, client),
    }
    for path, other in others.items():
        answer = other.get(path)
        assert answer.status_code == 200
        assert "Catatan rahasia" not in answer.get_data(as_text=True)


def test_a_note_is_encrypted_where_it_is_stored(
    site: Site, browser: FlaskClient, client: Person
) -> None:
    post(browser, f"/petugas/klien/{client.public_id}/catatan", {"text": "Sangat pribadi"})
    with factories.reading(site) as session:
        note = session.exec(select(OfficerNote).where(OfficerNote.person_id == client.id)).one()
    assert note.text == "Sangat pribadi"
    assert b"Sangat pribadi" not in b"".join(
        bytes(value)
        for row in factories.contents(site)["officer_note"]
        for value in row
        if isinstance(value, bytes | memoryview)
    )
    assert "Sangat pribadi" not in repr(factories.contents(site)["audit_event"])


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_an_empty_or_endless_note_is_refused(
    browser: FlaskClient, client: Person, text: str
) -> None:
    page = post(browser, f"/petugas/klien/{client.public_id}/catatan", {"text": text})
    assert page.status_code == 200
    assert len(reading.summary(page)) == 1


def report(browser: FlaskClient, client: Person, day: date, working: str = "yes") -> TestResponse:
    boxes = [str(part) for part in (day.day, day.month, day.year)]
    return post(
        browser,
        f"/petugas/klien/{client.public_id}/lapor",
        {"reported_on": boxes, "is_working": working},
    )


def test_a_report_counts_once_a_day_and_ends_what_was_due(site: Site, browser: FlaskClient) -> None:
    client = factories.person(site, "Lapor Sekarang", available_in=-60)
    search = "/petugas/klien?text=Lapor+Sekarang"
    assert "Wajib lapor" in dues(browser.get(search))["Lapor Sekarang"]
    for _ in range(2):
        assert report(browser, client, factories.today()).status_code == 302
    assert "Wajib lapor" not in dues(browser.get(search))["Lapor Sekarang"]
    with factories.reading(site) as session:
        rows = session.exec(select(MonthlyReport).where(MonthlyReport.person_id == client.id)).all()
    assert [(row.reported_on, row.is_working) for row in rows] == [(factories.today(), True)]


def test_a_report_cannot_come_from_the_future(
    site: Site, browser: FlaskClient, client: Person
) -> None:
    page = report(browser, client, factories.today() + timedelta(days=1))
    assert list(reading.summary(page)) == ["#reported_on-day"]
    assert report(browser, client, factories.today(), working="perhaps").status_code == 200
    with factories.reading(site) as session:
        assert not session.exec(
            select(MonthlyReport).where(MonthlyReport.person_id == client.id)
        ).all()


def test_a_code_is_shown_once_with_the_number_it_belongs_to(
    site: Site, browser: FlaskClient, client: Person
) -> None:
    page = post(browser, f"/petugas/klien/{client.public_id}/kode", {})
    assert re.search(r"\b\d{4} \d{4}\b", reading.page_words(page))
    assert factories.phone_of(site, client)[1:] in reading.page_words(page)
    assert "7 hari" in reading.page_words(page)
    assert browser.get(f"/petugas/klien/{client.public_id}/kode").status_code == 405


def test_a_code_for_somebody_without_a_phone_says_what_is_missing(
    site: Site, browser: FlaskClient, client: Person
) -> None:
    with site.session() as session:
        identity = session.get_one(PersonIdentity, client.id)
        identity.phone = identity.phone_digest = None
        session.add(identity)
        session.commit()
    page = post(browser, f"/petugas/klien/{client.public_id}/kode", {})
    assert "belum punya nomor telepon" in reading.page_words(page)


def test_listing_on_paper_keeps_the_words_and_the_way(site: Site, browser: FlaskClient) -> None:
    client = factories.person(site, listed=False)
    path = f"/petugas/klien/{client.public_id}/izin"
    for _ in range(2):
        post(browser, path, {"listed": "yes"})
    post(browser, path, {"listed": "no"})
    with factories.reading(site) as session:
        rows = session.exec(select(Consent).where(Consent.person_id == client.id)).all()
    (consent,) = rows
    assert consent.channel == "paper"
    assert consent.wording.startswith("Saya setuju kartu keahlian saya tampil tanpa nama")
    assert consent.withdrawn_at is not None


# Vacancies and proposals


def titles(page: TestResponse) -> list[str]:
    return [reading.words(heading) for heading in reading.tree(page).iter("h2")]


def test_vacancies_are_found_by_words_place_and_trade(site: Site, browser: FlaskClient) -> None:
    one = factories.vacancy(site, title="Juru las galangan kapal", region="81.72")
    two = factories.vacancy(site, title="Juru las 100% bengkel", region=factories.BEKASI)
    draft = factories.vacancy(site, title="Juru las belum tayang", status="draft")

    def found(**search: str) -> set[str]:
        page = browser.get("/petugas/lowongan", query_string=search)
        return set(titles(page)) & {one.title, two.title, draft.title}

    assert found(text="GALANGAN las") == {one.title}
    assert found(text="100%") == {two.title}
    assert found(text="juru las", province="32") == {two.title}
    assert found(text="juru las", occupation="smaw-welder") == {one.title, two.title}
    assert found(text="juru las", occupation="baker") == set()
    assert found(text="belum tayang") == set()


def matches(page: TestResponse) -> dict[str, str]:
    """Name -> words of the card on a vacancy's page."""
    return {
        reading.words(card.find(".//h3")): reading.words(card)
        for card in reading.with_class(reading.tree(page), "titian-card")
    }


@pytest.fixture(scope="module")
def office(site: Site) -> FlaskClient:
    """An officer of a Bapas whose few clients fit or do not, each for a reason."""
    bapas = empty_bapas(site)

    def client(name: str, **fields: object) -> Person:
        return factories.person(site, name, bapas_id=bapas, **fields)

    client("Cocok Sekali")
    client("Tanpa Izin", listed=False)
    client("Jauh Sekali", region="81.72", mobility=Mobility.COMMUTE)
    client("Nanti Bebas", available_in=500)
    client("Tanpa Keahlian", certified=False)
    return factories.staff(site, RoleName.OFFICER, bapas_id=bapas)


@pytest.fixture
def urgent(site: Site) -> object:
    return factories.vacancy(
        site, region=factories.BEKASI, start_on=factories.today() + timedelta(days=30)
    )


def test_a_vacancy_shows_own_clients_with_every_reason_against(
    office: FlaskClient, urgent: object
) -> None:
    found = matches(office.get(f"/petugas/lowongan/{urgent.public_id}"))
    assert set(found) == {"Cocok Sekali", "Tanpa Izin", "Jauh Sekali", "Nanti Bebas"}
    assert "Usulkan pengantar" in found["Cocok Sekali"]
    assert "Memenuhi 3 dari 3 syarat" in found["Cocok Sekali"]
    assert "Belum memberi izin untuk ditampilkan" in found["Tanpa Izin"]
    assert "Terlalu jauh dan tidak bersedia pindah" in found["Jauh Sekali"]
    assert "Belum bisa mulai pada tanggal yang diminta" in found["Nanti Bebas"]
    for name in found.keys() - {"Cocok Sekali"}:
        assert "Usulkan pengantar" not in found[name]


def made(site: Site, vacancy: object) -> list[Introduction]:
    with factories.reading(site) as session:
        return list(session.exec(select(Introduction).where(Introduction.vacancy_id == vacancy.id)))


def propose(browser: FlaskClient, client: Person, vacancy: object, **more: str) -> TestResponse:
    return post(
        browser,
        "/petugas/usul",
        {"client": client.public_id, "vacancy": vacancy.public_id, **more},
        follow_redirects=True,
    )


def test_a_proposal_is_made_once_and_shown(
    site: Site, browser: FlaskClient, client: Person, urgent: object
) -> None:
    for _ in range(2):
        page = propose(browser, client, urgent)
        assert "Usul terkirim" in reading.page_words(page)
        assert page.request.path == f"/petugas/lowongan/{urgent.public_id}"
    (row,) = made(site, urgent)
    assert (row.state, row.proposed_by) == (IntroductionState.PROPOSED, RoleName.OFFICER)
    assert row.score == pytest.approx(1.0)
    page = propose(browser, client, urgent, **{"from": "client"})
    assert page.request.path == f"/petugas/klien/{client.public_id}"
    own = matches(browser.get(f"/petugas/lowongan/{urgent.public_id}"))
    if (name := factories.name_of(site, client)) in own:
        assert "Diusulkan" in own[name]
        assert "Usulkan pengantar" not in own[name]


@pytest.mark.parametrize(
    "fields",
    [
        {"region": "81.72", "mobility": Mobility.COMMUTE},
        {"available_in": 500},
        {"certified": False},
    ],
)
def test_who_cannot_take_a_vacancy_is_not_proposed_for_it(
    site: Site, browser: FlaskClient, urgent: object, fields: dict
) -> None:
    client = factories.person(site, **fields)
    page = propose(browser, client, urgent)
    assert "tidak bisa diusulkan" in reading.page_words(page)
    assert made(site, urgent) == []


def test_a_proposal_for_nobody_or_nothing_is_not_found(
    browser: FlaskClient, client: Person
) -> None:
    for data in ({}, {"client": client.public_id}, {"client": "x", "vacancy": "y"}):
        assert post(browser, "/petugas/usul", data).status_code == 404


def test_an_officer_records_a_consent_on_paper_and_introduces(
    site: Site, browser: FlaskClient, client: Person
) -> None:
    vacancy = factories.vacancy(site)
    row = factories.introduction(site, vacancy, client)
    path = f"/petugas/pengantar/{row.public_id}"
    offered = {
        words
        for action, words in reading.buttons(browser.get("/petugas/pengantar"))
        if action == path
    }
    assert offered == {"Klien setuju (di atas kertas)", "Klien tidak mau", "Tarik"}
    assert factories.step(browser, path, IntroductionState.INTRODUCED) == 409
    assert factories.step(browser, path, IntroductionState.CONSENTED) == 302
    assert factories.step(browser, path, IntroductionState.INTRODUCED) == 302
    with factories.reading(site) as session:
        consent = session.exec(select(Consent).where(Consent.introduction_id == row.id)).one()
    assert consent.channel == "paper"
    assert consent.wording.startswith("Saya setuju nama dan nomor telepon saya diberikan")
    assert made(site, vacancy)[0].state == IntroductionState.INTRODUCED


@pytest.mark.parametrize("to", ["", "nonsense", "retained_12"])
def test_a_step_that_makes_no_sense_is_refused(
    site: Site, browser: FlaskClient, client: Person, to: str
) -> None:
    row = factories.introduction(site, factories.vacancy(site), client)
    answer = post(browser, f"/petugas/pengantar/{row.public_id}", {"to": to})
    assert answer.status_code == 409
