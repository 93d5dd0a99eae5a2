"""What employers and the public never see, and how soon a changed mind counts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from threading import Thread

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from models.columns import search_digest, utc_now
from models.employers import Vacancy
from models.enums import (
    ConsentPurpose,
    Gender,
    IntroductionState,
    OffenceFamily,
    PersonStatus,
    RoleName,
    VacancyStatus,
    VacancyTrait,
    Verification,
)
from models.introductions import Consent, Introduction
from models.matching import ChangeKind, MatchingChange
from models.people import OfficerNote, Person, PersonIdentity
from models.records import OffenceRecord, Restriction
from models.regions import Bapas, Facility
from tests.web import factories, reading
from tests.web.conftest import Site, csrf_token, post
from web.app import create_app
from web.services.changes import note_change
from web.services.introductions import card_reference

# Written out here, so that a state added by mistake to the code's own list is noticed.
KNOWN_TO_THE_EMPLOYER = {
    IntroductionState.INTRODUCED,
    IntroductionState.INTERVIEW,
    IntroductionState.OFFERED,
    IntroductionState.PLACED,
    IntroductionState.RETAINED_3,
    IntroductionState.RETAINED_6,
    IntroductionState.RETAINED_12,
}
OTHER_FAMILY = {
    family: OffenceFamily.CORRUPTION if family != OffenceFamily.CORRUPTION else OffenceFamily.FRAUD
    for family in OffenceFamily
}
SILENT_WORDS = (
    "penjara",
    "narapidana",
    "terpidana",
    "warga binaan",
    "lapas",
    "rutan",
    "bapas",
    "pemasyarakatan",
    "prison",
    "inmate",
    "offender",
    *(status.label.casefold() for status in PersonStatus if status != PersonStatus.FREE),
    *(family.label.casefold() for family in OffenceFamily if family != OffenceFamily.OTHER),
    "perempuan",
    "laki-laki",
)


def another_worker(site: Site) -> Site:
    """A second application over the same database, with an engine of its own."""
    return Site(create_app(site.app.config["SETTINGS"]), site.person_phone)


def plant_canaries(session: Session) -> None:
    """Give everybody another name, NIK, phone, birth date, gender, facility, Bapas and offence,
    each a value that is easy to find on a page; nothing that matching may use is changed."""
    facilities = session.exec(select(Facility).order_by(col(Facility.id))).all()
    for facility in facilities:
        facility.name = f"Kanarilapas{facility.id}"
    bapas = session.exec(select(Bapas).order_by(col(Bapas.id))).all()
    for office in bapas:
        office.name = f"Kanaribapas{office.id}"
    for person in session.exec(select(Person)):
        person.facility_id = facilities[person.id % len(facilities)].id
        person.bapas_id = bapas[person.id % len(bapas)].id
        session.add(OfficerNote(person_id=person.id, author_id=1, text=f"Kanaricatatan{person.id}"))
    for identity in session.exec(select(PersonIdentity)):
        number = identity.person_id
        identity.full_name = f"Kanarinama{number}"
        identity.gender = Gender.FEMALE if identity.gender == Gender.MALE else Gender.MALE
        identity.nik = f"7777{number:012d}"
        identity.nik_digest = search_digest("nik", identity.nik)
        identity.phone = f"+627777{number:07d}"
        identity.phone_digest = search_digest("phone", identity.phone)
        identity.birth_date = "1911-11-11"
    for record in session.exec(select(OffenceRecord)):
        record.family = OTHER_FAMILY[OffenceFamily(record.family)].value
        record.detail = f"Kanaripidana{record.person_id}"
        record.sentence_months = "7777"
    for restriction in session.exec(select(Restriction)):
        restriction.legal_basis = f"Kanarisyarat{restriction.person_id}"
        restriction.decided_by = f"Kanariputusan{restriction.person_id}"
    session.add(MatchingChange(kind=ChangeKind.PERSON, subject_id=None))
    session.commit()


CANARY = re.compile(
    r"Kanari\w+|\+?627777\d{7}\b|\b0?7777\d{7}\b|\b7777\d{12}\b|1911-11-11|\b1911\b",
    re.IGNORECASE,
)


@dataclass
class Evidence:
    """Candidate pages of one employer, before and after everybody became somebody else."""

    site: Site  # a worker that started after the change
    before: dict[str, str]
    after: dict[str, str]


def candidate_pages(employer: FlaskClient, vacancies: list[Vacancy]) -> dict[str, str]:
    """Title -> bytes of the page that may be compared: all but token and request id."""
    found = {}
    for vacancy in vacancies:
        answer = employer.get(f"/perusahaan/lowongan/{vacancy.public_id}")
        assert answer.status_code == 200
        headers = sorted(
            pair for pair in answer.headers if pair[0] not in ("X-Request-Id", "Set-Cookie")
        )
        found[f"{vacancy.id} {vacancy.title}"] = f"{headers}\n{reading.without_token(answer)}"
    return found


@pytest.fixture(scope="module")
def evidence(site: Site) -> Evidence:
    """Introductions in every state and candidate pages; then everybody becomes somebody else."""
    own = factories.demo_employer(site)
    for state in IntroductionState:
        for consent in (True, False):
            factories.introduction(
                site, factories.vacancy(site), factories.person(site), state, consent=consent
            )
    with site.session() as session:
        vacancies = [
            row
            for row in session.exec(
                select(Vacancy).where(
                    Vacancy.employer_id == own.id, Vacancy.status == VacancyStatus.PUBLISHED
                )
            )
            if not row.traits & VacancyTrait.CHILDREN  # where the law itself looks at the offence
        ]
    before = candidate_pages(site.employer(), vacancies)
    with site.session() as session:
        plant_canaries(session)
    second = another_worker(site)
    return Evidence(second, before, candidate_pages(second.employer(), vacancies))


def test_cards_are_the_same_bytes_whoever_the_people_are(evidence: Evidence) -> None:
    assert sum(page.count('id="kartu-') for page in evidence.before.values()) > 100
    for title, page in evidence.before.items():
        assert list(unified_diff(page.splitlines(), evidence.after[title].splitlines())) == [], (
            title
        )


def test_the_people_did_become_others(evidence: Evidence) -> None:
    page = factories.staff(
        evidence.site, RoleName.OFFICER, bapas_id=factories.officer_bapas(evidence.site)
    ).get("/petugas/klien")
    assert "Kanarinama" in reading.page_words(page)


def sent(browser: FlaskClient, site: Site, answer: TestResponse) -> str:
    """All that leaves the server with an answer: status, headers, body, and the opened cookie."""
    cookie = browser.get_cookie("titian")
    opened = (
        site.app.session_interface.get_signing_serializer(site.app).loads(cookie.value)
        if cookie
        else {}
    )
    return f"{answer.status}\n{answer.headers}\n{opened}\n{answer.get_data(as_text=True)}"


def employer_answers(site: Site) -> Iterator[tuple[str, str]]:
    """(request, all that was sent) for every page and every kind of button of an employer."""
    browser = site.employer()
    own = factories.demo_employer(site)
    with site.session() as session:
        vacancies = session.exec(select(Vacancy).where(Vacancy.employer_id == own.id)).all()
        introductions = session.exec(
            select(Introduction).where(
                col(Introduction.vacancy_id).in_([row.id for row in vacancies])
            )
        ).all()
    paths = ["/perusahaan/lowongan", "/perusahaan/lowongan/baru", "/perusahaan/pengantar", "/"]
    for vacancy in vacancies:
        paths += [f"/perusahaan/lowongan/{vacancy.public_id}"]
    paths += [f"/perusahaan/lowongan/{vacancies[0].public_id}/periksa"]
    paths += [
        "/perusahaan/lowongan/tidak-ada",
        "/petugas/klien",
        "/pelatihan/peserta",
        "/saya/data",
    ]
    # lists come in pages of 25; one page beyond the last is asked for as well
    pages = range(2, 3 + max(len(introductions), len(vacancies)) // 25)
    for listed in ("/perusahaan/lowongan", "/perusahaan/pengantar"):
        paths += [f"{listed}?page={number}" for number in pages]
    for path in paths:
        yield f"GET {path}", sent(browser, site, browser.get(path))
    token = csrf_token(browser)
    posts: list[tuple[str, dict]] = [
        ("/perusahaan/lowongan/baru", {"title": "", "text": ""}),
        (f"/perusahaan/lowongan/{vacancies[0].public_id}/periksa", {}),
        (f"/perusahaan/lowongan/{vacancies[0].public_id}/pengantar", {"card": "x"}),
    ]
    for introduction in introductions:
        posts.append((f"/perusahaan/pengantar/{introduction.public_id}", {"to": "consented"}))
    for path, data in posts:
        answer = browser.post(path, data={"csrf_token": token, **data})
        yield f"POST {path}", sent(browser, site, answer)
    offered = next(row for row in introductions if row.state == IntroductionState.OFFERED)
    answer = browser.post(
        f"/perusahaan/pengantar/{offered.public_id}",
        data={"csrf_token": token, "to": "declined_by_employer"},
    )
    yield "POST a step that is taken", sent(browser, site, answer)


def introduced_people(site: Site) -> set[int]:
    """People whom the demo's employer may know: introduced, with a consent that lives."""
    own = factories.demo_employer(site)
    with site.session() as session:
        rows = session.exec(
            select(Introduction)
            .join(Vacancy, col(Vacancy.id) == col(Introduction.vacancy_id))
            .where(Vacancy.employer_id == own.id)
        ).all()
        consents = session.exec(select(Consent).where(col(Consent.withdrawn_at).is_(None))).all()
    live = {consent.introduction_id for consent in consents}
    return {row.person_id for row in rows if row.state in KNOWN_TO_THE_EMPLOYER and row.id in live}


@dataclass
class Answers:
    """All that one employer was sent, and whom that employer might know at the time."""

    known: set[int]
    sent: list[tuple[str, str]]


@pytest.fixture(scope="module")
def answers(evidence: Evidence) -> Answers:
    return Answers(introduced_people(evidence.site), list(employer_answers(evidence.site)))


def test_employers_learn_names_and_phones_of_the_introduced_and_nothing_else_of_anybody(
    answers: Answers,
) -> None:
    may_be_seen = {f"kanarinama{person}" for person in answers.known} | {
        f"+627777{person:07d}" for person in answers.known
    }
    seen_on: dict[str, set[str]] = {}
    for request, everything in answers.sent:
        for canary in CANARY.findall(everything):
            seen_on.setdefault(canary.casefold(), set()).add(request)
    surprises = {canary: seen_on[canary] for canary in seen_on.keys() - may_be_seen}
    assert surprises == {}
    assert may_be_seen - seen_on.keys() == set(), "the introduced are shown with name and phone"
    pages = {request.partition("?")[0] for request in set().union(*seen_on.values())}
    assert pages == {"GET /perusahaan/pengantar"}


def test_no_employer_page_says_where_people_come_from(answers: Answers) -> None:
    found = {
        (request, word)
        for request, everything in answers.sent
        for word in SILENT_WORDS
        if re.search(rf"\b{re.escape(word)}", everything.casefold())
    }
    assert found == set()


def test_no_employer_page_holds_the_address_of_a_person_or_a_certificates_number(
    evidence: Evidence, answers: Answers
) -> None:
    rows = factories.contents(evidence.site)
    with evidence.site.session() as session:
        secret = {row.public_id for row in session.exec(select(Person))}
    numbers = {value for row in rows["certificate"] for value in row if "CONTOH-" in str(value)}
    assert numbers
    for request, everything in answers.sent:
        tokens = set(re.findall(r"[\w-]+", everything))
        assert tokens.isdisjoint(secret | numbers), request


def test_no_public_page_shows_anything_of_anybody(evidence: Evidence) -> None:
    browser = evidence.site.client()
    answers = [
        browser.get(path)
        for path in ("/", "/masuk", "/masuk/kode", "/daftar", "/tidak/ada", "/healthz", "/keluar")
    ]
    with evidence.site.session() as session:
        person = session.exec(select(Person).where(col(Person.user_id).is_not(None))).first()
    phone = factories.phone_of(evidence.site, person)
    answers.append(post(browser, "/masuk/kode", {"phone": phone, "code": "00000000"}))
    for answer in answers:
        everything = sent(browser, evidence.site, answer).replace(phone, "typed")
        assert CANARY.findall(everything) == [], answer.request.path
        for word in SILENT_WORDS:
            assert not re.search(rf"\b{re.escape(word)}", everything.casefold()), word


def test_the_record_of_deeds_holds_nobodys_data(evidence: Evidence) -> None:
    officer = factories.staff(
        evidence.site, RoleName.OFFICER, bapas_id=factories.officer_bapas(evidence.site)
    )
    page = officer.get("/petugas/klien")
    client = next(link for link in reading.links(page) if link.startswith("/petugas/klien/"))
    for path, data in (
        ("catatan", {"text": "Kanaricatatan0"}),
        ("syarat", {"kind": "no_driving", "legal_basis": "Kanarisyarat0", "decided_by": "Kanari0"}),
        ("kode", {}),
        ("izin", {"listed": "no"}),
    ):
        assert post(officer, f"{client}/{path}", data).status_code in (200, 302)
    rows = factories.contents(evidence.site)
    for table in ("audit_event", "matching_change", "sign_in_attempt", "introduction_step"):
        assert CANARY.findall(repr(rows[table])) == []
    assert "note.written" in repr(rows["audit_event"])


# One introduction, from the card to the withdrawal


@dataclass
class Acquaintance:
    """One person and one vacancy, with all who act."""

    site: Site
    name: str
    phone: str
    introduction: str
    employer: FlaskClient
    officer: FlaskClient
    person: FlaskClient

    def employer_knows(self) -> bool:
        """Whether the employer's page names this person; name and phone come together."""
        page = self.employer.get("/perusahaan/pengantar").get_data(as_text=True)
        assert (self.name in page) == (self.phone in page)
        return self.name in page


@pytest.fixture
def acquaintance(site: Site) -> Acquaintance:
    office = factories.officer_bapas(site)
    who = factories.person(site, f"Nama Rahasia{factories.number()}", bapas_id=office)
    row = factories.introduction(site, factories.vacancy(site), who)
    return Acquaintance(
        site,
        factories.name_of(site, who),
        factories.phone_of(site, who)[1:],
        row.public_id,
        site.employer(),
        site.officer(),
        factories.account(site, who),
    )


def test_the_employer_learns_the_name_with_the_introduction_and_not_before(
    acquaintance: Acquaintance,
) -> None:
    assert not acquaintance.employer_knows()
    path = f"/saya/tawaran/{acquaintance.introduction}"
    assert factories.step(acquaintance.person, path, IntroductionState.CONSENTED) == 302
    assert not acquaintance.employer_knows()
    path = f"/petugas/pengantar/{acquaintance.introduction}"
    assert factories.step(acquaintance.officer, path, IntroductionState.INTRODUCED) == 302
    assert acquaintance.employer_knows()


def introduced(acquaintance: Acquaintance) -> None:
    for client, page, to in (
        (acquaintance.person, "saya/tawaran", IntroductionState.CONSENTED),
        (acquaintance.officer, "petugas/pengantar", IntroductionState.INTRODUCED),
    ):
        factories.step(client, f"/{page}/{acquaintance.introduction}", to)
    assert acquaintance.employer_knows()


def test_the_name_is_gone_on_the_next_request_after_the_person_withdraws(
    acquaintance: Acquaintance,
) -> None:
    introduced(acquaintance)
    path = f"/saya/tawaran/{acquaintance.introduction}"
    assert factories.step(acquaintance.person, path, IntroductionState.WITHDRAWN) == 302
    assert not acquaintance.employer_knows()


@pytest.mark.parametrize("to", [IntroductionState.DECLINED_BY_EMPLOYER, IntroductionState.FILLED])
def test_the_name_is_gone_when_the_employer_goes_no_further(
    acquaintance: Acquaintance, to: IntroductionState
) -> None:
    introduced(acquaintance)
    factories.step(acquaintance.employer, f"/perusahaan/pengantar/{acquaintance.introduction}", to)
    assert not acquaintance.employer_knows()


def test_a_withdrawn_consent_hides_the_name_whatever_the_state_says(
    acquaintance: Acquaintance,
) -> None:
    introduced(acquaintance)
    with acquaintance.site.session() as session:
        row = session.exec(
            select(Introduction).where(Introduction.public_id == acquaintance.introduction)
        ).one()
        consent = session.exec(select(Consent).where(Consent.introduction_id == row.id)).one()
        consent.withdrawn_at = utc_now()
        session.add(consent)
        session.commit()
    assert not acquaintance.employer_knows()


def test_another_employer_never_learns_the_name(acquaintance: Acquaintance, site: Site) -> None:
    introduced(acquaintance)
    _row, email = factories.employer(site)
    page = site.staff(email).get("/perusahaan/pengantar").get_data(as_text=True)
    assert acquaintance.name not in page


def test_a_persons_name_is_escaped(site: Site) -> None:
    who = factories.person(site, "<script>alert('Budi')</script> & Co")
    factories.introduction(
        site, factories.vacancy(site), who, IntroductionState.INTRODUCED, consent=True
    )
    for client, path in (
        (site.employer(), "/perusahaan/pengantar"),
        (site.officer(), f"/petugas/klien/{who.public_id}"),
        (site.trainer(), f"/pelatihan/peserta/{who.public_id}"),
    ):
        page = client.get(path).get_data(as_text=True)
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


# A changed mind counts on the next request, in every worker


@dataclass
class Card:
    """A person who has a card under a vacancy, and who may take it away."""

    site: Site
    who: Person
    vacancy: Vacancy
    certificate_id: str
    readers: dict[str, FlaskClient]  # employers' browsers: at this worker and at another

    def shown(self) -> set[str]:
        """The workers that show the card."""
        mark = f'id="kartu-{card_reference(self.vacancy, self.who)}"'
        path = f"/perusahaan/lowongan/{self.vacancy.public_id}"
        return {
            name
            for name, reader in self.readers.items()
            if mark in reader.get(path).get_data(as_text=True)
        }


EVERYWHERE = {"this worker", "another worker"}


@pytest.fixture(scope="module")
def readers(site: Site) -> dict[str, FlaskClient]:
    return {"this worker": site.employer(), "another worker": another_worker(site).employer()}


@pytest.fixture
def card(site: Site, readers: dict[str, FlaskClient]) -> Card:
    who = factories.person(site, certified=False)
    units = ("pipe-fitter.11", "pipe-fitter.13")  # rare, so that the list is short
    certificate = factories.certificate(site, who, "pipe-fitter-s3", units=units)
    vacancy = factories.vacancy(site, units=units, traits=int(VacancyTrait.CASH))
    found = Card(site, who, vacancy, certificate.public_id, readers)
    assert found.shown() == EVERYWHERE
    return found


def test_a_withdrawn_listing_takes_the_card_away_at_once_and_back_again(card: Card) -> None:
    person = factories.account(card.site, card.who)
    post(person, "/saya/data/izin", {"listed": "no"})
    assert card.shown() == set()
    post(person, "/saya/data/izin", {"listed": "yes"})
    assert card.shown() == EVERYWHERE


def test_a_listing_withdrawn_on_paper_takes_the_card_away_at_once(card: Card) -> None:
    post(card.site.officer(), f"/petugas/klien/{card.who.public_id}/izin", {"listed": "no"})
    assert card.shown() == set()


def test_a_card_of_somebody_who_withdrew_cannot_be_asked_for(card: Card) -> None:
    post(card.site.officer(), f"/petugas/klien/{card.who.public_id}/izin", {"listed": "no"})
    for reader in card.readers.values():
        post(
            reader,
            f"/perusahaan/lowongan/{card.vacancy.public_id}/pengantar",
            {"card": card_reference(card.vacancy, card.who)},
        )
    with card.site.session() as session:
        assert not session.exec(
            select(Introduction).where(Introduction.vacancy_id == card.vacancy.id)
        ).all()


def test_a_restriction_takes_the_card_away_at_once_and_its_end_brings_it_back(
    card: Card,
) -> None:
    officer = card.site.officer()
    client = f"/petugas/klien/{card.who.public_id}"
    post(
        officer,
        f"{client}/syarat",
        {"kind": "no_cash_handling", "legal_basis": "SK 1", "decided_by": "Kepala Bapas"},
    )
    assert card.shown() == set()
    with card.site.session() as session:
        row = session.exec(select(Restriction).where(Restriction.person_id == card.who.id)).one()
    post(officer, f"{client}/syarat/{row.public_id}/akhiri", {})
    assert card.shown() == EVERYWHERE


def test_a_revoked_certificate_takes_the_card_away_at_once(card: Card) -> None:
    path = f"/pelatihan/peserta/{card.who.public_id}/sertifikat/{card.certificate_id}"
    post(card.site.trainer(), path, {"verification": Verification.REVOKED.value})
    assert card.shown() == set()


def test_wishes_take_the_card_away_at_once(card: Card) -> None:
    person = factories.account(card.site, card.who)
    answer = post(
        person,
        "/saya/data/keinginan",
        {  # the vacancy is by day
            "first_trade": "",
            "second_trade": "",
            "mobility": "commute",
            "commute_km": "10",
            "hours": ["4"],
        },
    )
    assert answer.status_code == 302
    assert card.shown() == set()


def test_a_change_that_is_noted_first_and_committed_last_is_not_lost(card: Card) -> None:
    other = factories.person(card.site)

    def change_somebody_else() -> None:
        with card.site.session() as session:
            note_change(session, ChangeKind.PERSON, other.id)
            session.commit()

    meanwhile = Thread(target=change_somebody_else)
    with card.site.session() as session:
        consent = session.exec(
            select(Consent).where(
                Consent.person_id == card.who.id, Consent.purpose == ConsentPurpose.LISTING
            )
        ).one()
        consent.withdrawn_at = utc_now()
        session.add(consent)
        note_change(session, ChangeKind.PERSON, card.who.id)
        session.flush()
        meanwhile.start()
        meanwhile.join(timeout=1)  # it may have to wait for this transaction
        assert card.shown() == EVERYWHERE, "not committed yet"
        session.commit()
    meanwhile.join()
    assert card.shown() == set()
