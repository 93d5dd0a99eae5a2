"""People: registering, the officer's caseload, wishes, restrictions, being listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import and_, false, null, true
from sqlmodel import Session, col, func, select, update

from models.certificates import Certificate, CertificateUnit
from models.columns import search_digest, utc_now
from models.enums import (
    ConsentPurpose,
    Education,
    Gender,
    IntroductionState,
    Mobility,
    PersonStatus,
    RestrictionKind,
    Verification,
)
from models.introductions import Consent, Introduction
from models.matching import ChangeKind
from models.people import (
    MonthlyReport,
    OfficerNote,
    Person,
    PersonIdentity,
    PersonLicence,
    PersonWish,
)
from models.records import Restriction
from models.regions import BapasRegion, Facility, Region
from models.taxonomy import Unit
from web.permissions import Actor
from web.services import accounts, audit
from web.services.changes import note_change
from web.services.search import like_escaped
from web.services.uniqueness import unless_taken

REPORT_EVERY = timedelta(days=31)
EXPIRES_SOON = timedelta(days=90)
RELEASE_SOON = timedelta(days=90)


class NikTaken(Exception):
    """A person with this NIK is registered already."""


class PhoneTaken(Exception):
    """Another person has this phone number."""


@dataclass
class PersonFields:
    """A person as a form or an import gives them. nik: 16 digits; phone: E.164."""

    full_name: str
    nik: str
    status: PersonStatus
    home_region_code: str
    education: Education
    phone: str | None = None
    gender: Gender | None = None
    birth_date: date | None = None
    expected_release: date | None = None
    available_from: date | None = None
    mobility: Mobility = Mobility.COMMUTE
    commute_km: int = 30


def nik_digest(nik: str) -> str:
    return search_digest("nik", nik)


def register(
    session: Session, actor: Actor | None, facility: Facility, fields: PersonFields, today: date
) -> Person:
    """Add a person of a facility to the session's transaction; the caller commits.

    Raises NikTaken or PhoneTaken.
    """
    nik, phone = (
        nik_digest(fields.nik),
        accounts.phone_digest(fields.phone) if fields.phone else None,
    )
    person = Person(
        status=fields.status,
        facility_id=facility.id,
        bapas_id=bapas_of(session, fields.home_region_code) or facility.bapas_id,
        expected_release=fields.expected_release,
        available_from=fields.available_from or fields.expected_release or today,
        home_region_code=fields.home_region_code,
        education=fields.education,
        mobility=fields.mobility,
        commute_km=fields.commute_km,
    )
    with unless_taken(session, lambda: _refuse_taken(session, nik, phone)):
        session.add(person)
        session.flush()
        note_change(session, ChangeKind.PERSON, person.id)  # its lock before those of unique values
        session.add(
            PersonIdentity(
                person_id=person.id,
                full_name=fields.full_name,
                gender=fields.gender,
                nik=fields.nik,
                nik_digest=nik,
                phone=fields.phone,
                phone_digest=phone,
                birth_date=fields.birth_date.isoformat() if fields.birth_date else None,
            )
        )
    audit.record(session, actor, "person.registered", f"person:{person.public_id}", person.id)
    session.flush()
    return person


def _refuse_taken(session: Session, nik: str | None, phone: str | None, but: int = 0) -> None:
    """Raise NikTaken or PhoneTaken when a person other than `but` has one of these digests."""
    for column, digest, taken in (
        (PersonIdentity.nik_digest, nik, NikTaken),
        (PersonIdentity.phone_digest, phone, PhoneTaken),
    ):
        holder = select(PersonIdentity.person_id).where(
            column == digest, PersonIdentity.person_id != but
        )
        if digest and session.exec(holder).first():
            raise taken


def bapas_of(session: Session, region_code: str) -> int | None:
    """The Bapas that serves a region."""
    return session.exec(
        select(BapasRegion.bapas_id).where(BapasRegion.region_code == region_code)
    ).first()


def of_bapas(session: Session, actor: Actor, public_id: str) -> Person | None:
    """A client of the officer's own Bapas, or None."""
    return session.exec(
        select(Person).where(Person.public_id == public_id, Person.bapas_id == actor.bapas_id)
    ).first()


def of_facility(session: Session, actor: Actor, public_id: str) -> Person | None:
    """A person of the trainer's own facility, or None."""
    return session.exec(
        select(Person).where(Person.public_id == public_id, Person.facility_id == actor.facility_id)
    ).first()


@dataclass(frozen=True, slots=True)
class TraineeLine:
    """A person of a facility, as its trainers list them."""

    public_id: str
    name: str
    status: PersonStatus
    region: str
    certificates: int
    unverified: int


def trainees(
    session: Session, actor: Actor, text: str = "", page: int = 1, size: int = 25
) -> tuple[list[TraineeLine], int]:
    """The people of the trainer's facility, those with unchecked certificates first, and how many
    there are."""
    unverified = (
        select(Certificate.person_id, func.count().label("count"))
        .join(Person, col(Person.id) == col(Certificate.person_id))
        .where(
            Person.facility_id == actor.facility_id,
            Certificate.verification == Verification.UNVERIFIED,
        )
        .group_by(col(Certificate.person_id))
        .subquery()
    )
    found = (
        select(Person.id, func.coalesce(unverified.c.count, 0))
        .join(PersonIdentity, col(PersonIdentity.person_id) == col(Person.id))
        .where(Person.facility_id == actor.facility_id)
    )
    for word in text.split()[:6]:
        found = found.where(
            col(PersonIdentity.full_name).ilike(f"%{like_escaped(word)}%", escape="\\")
        )
    count = _count(session, found)
    checked = (
        found.join(unverified, unverified.c.person_id == Person.id),
        found.join(unverified, unverified.c.person_id == Person.id, isouter=True).where(
            unverified.c.person_id.is_(None)
        ),
    )
    skip = (page - 1) * size
    left = max(0, min(size, count - skip))
    places: list[tuple[int, int]] = []
    for part in checked:  # the second, longer part is asked for when the first does not fill a page
        if not left:
            break
        rows = session.exec(
            part.order_by(
                func.coalesce(unverified.c.count, 0).desc(),
                col(PersonIdentity.full_name),
                col(Person.id),
            )
            .offset(skip)
            .limit(left)
        ).all()
        places += rows
        left -= len(rows)
        if rows:
            skip = 0
        elif skip:
            skip -= _count(session, part)
    ids = [person_id for person_id, _ in places]
    rows_of, held = _people_of_page(session, ids)
    return [
        TraineeLine(
            public_id=rows_of[person_id][0].public_id,
            name=rows_of[person_id][1],
            status=PersonStatus(rows_of[person_id][0].status),
            region=rows_of[person_id][2].full_name,
            certificates=held.get(person_id, 0),
            unverified=waiting,
        )
        for person_id, waiting in places
    ], count


def _people_of_page(
    session: Session, ids: list[int]
) -> tuple[dict[int, tuple[Person, str, Region]], dict[int, int]]:
    """person id -> person, name and home; person id -> certificates held."""
    rows = {
        person.id: (person, name, region)
        for person, name, region in session.exec(
            select(Person, PersonIdentity.full_name, Region)
            .join(PersonIdentity, col(PersonIdentity.person_id) == col(Person.id))
            .join(Region, col(Region.code) == col(Person.home_region_code))
            .where(col(Person.id).in_(ids))
        )
    }
    held = dict(
        session.exec(
            select(Certificate.person_id, func.count())
            .where(col(Certificate.person_id).in_(ids))
            .group_by(col(Certificate.person_id))
        ).all()
    )
    return rows, held


def _count(session: Session, statement: Any) -> int:
    return session.exec(statement.with_only_columns(func.count(col(Person.id)))).one()[0]


def set_phone(session: Session, actor: Actor, person: Person, phone: str) -> None:
    """Give a person a phone number (E.164). Raises PhoneTaken."""
    digest, own_id = accounts.phone_digest(phone), person.id
    with unless_taken(session, lambda: _refuse_taken(session, None, digest, but=own_id)):
        found = identity(session, person)
        found.phone, found.phone_digest = phone, digest
        session.add(found)
    audit.record(session, actor, "phone.changed", f"person:{person.public_id}", person.id)
    session.commit()


def own(session: Session, actor: Actor) -> Person:
    """The person the actor is."""
    return session.get_one(Person, actor.person_id)


def identity(session: Session, person: Person) -> PersonIdentity:
    return session.get_one(PersonIdentity, person.id)


# The officer's day


class Due(IntEnum):
    """What a client needs, the most pressing first."""

    REPLY = 0
    REPORT = 1
    RELEASE = 2
    EXPIRY = 3
    NO_CONSENT = 4
    NOTHING = 9


@dataclass(frozen=True, slots=True)
class ClientLine:
    """A client in the caseload."""

    public_id: str
    name: str
    status: PersonStatus
    region: str
    certificates: int
    due: Due
    due_on: date | None


def caseload(
    session: Session,
    actor: Actor,
    today: date,
    text: str = "",
    province: str = "",
    occupation: str = "",
    available_by: date | None = None,
    page: int = 1,
    size: int = 25,
) -> tuple[list[ClientLine], int]:
    """The clients of the officer's Bapas, those who need something first, and how many there are.

    The kinds of need are asked for one after the other until the page is full, so that a page near
    the front does not read the whole Bapas.
    """
    found = _narrowed(session, actor, _clients(actor), text, province, occupation, available_by)
    if text or province:
        count = _count(session, found)
    else:  # who they are and where they live is not needed to count them
        everybody = select(Person.id, Person.status).where(Person.bapas_id == actor.bapas_id)
        count = _count(
            session, _narrowed(session, actor, everybody, "", "", occupation, available_by)
        )
    skip = (page - 1) * size
    left = max(0, min(size, count - skip))
    places: list[tuple[int, Due, date | None]] = []
    for due, condition, due_on in _needs(today):
        if not left:
            break
        part = found.where(condition)
        on = due_on.label("due_on")
        rows = session.exec(
            part.with_only_columns(col(Person.id), on)
            .order_by(on, col(PersonIdentity.full_name), col(Person.id))
            .offset(skip)
            .limit(left)
        ).all()
        places += [(person_id, due, day) for person_id, day in rows]
        left -= len(rows)
        if rows:
            skip = 0
        elif skip:
            skip -= _count(session, part)
    return _client_lines(session, places), count


def _client_lines(session: Session, places: list[tuple[int, Due, date | None]]) -> list[ClientLine]:
    """The lines of a page in the order given."""
    rows, certificates = _people_of_page(session, [person_id for person_id, _, _ in places])
    return [
        ClientLine(
            public_id=rows[person_id][0].public_id,
            name=rows[person_id][1],
            status=PersonStatus(rows[person_id][0].status),
            region=rows[person_id][2].full_name,
            certificates=certificates.get(person_id, 0),
            due=due,
            due_on=on + REPORT_EVERY if due is Due.REPORT and on else on,
        )
        for person_id, due, on in places
    ]


def _clients(actor: Actor):
    return (
        select(Person.id, PersonIdentity.full_name)
        .join(PersonIdentity, col(PersonIdentity.person_id) == col(Person.id))
        .join(Region, col(Region.code) == col(Person.home_region_code))
        .where(Person.bapas_id == actor.bapas_id)
    )


def _narrowed(
    session: Session,
    actor: Actor,
    statement: Any,
    text: str,
    province: str,
    occupation: str,
    available_by: date | None,
) -> Any:
    """A statement over the clients of a Bapas, with what was searched for as its conditions."""
    if text:
        statement = statement.where(col(Person.id).in_(_with_words(session, actor, text)))
    if province:
        statement = statement.where(Region.province_code == province)
    if occupation:
        units = session.exec(select(Unit.code).where(Unit.occupation_code == occupation)).all()
        statement = statement.where(col(Person.id).in_(_holders(session, actor, units)))
    if available_by is not None:
        statement = statement.where(Person.available_from <= available_by)
    return statement


def _with_words(session: Session, actor: Actor, text: str) -> set[int]:
    """The clients of a Bapas in whom each word is found: in the name, the home or a unit held."""
    found: set[int] | None = None
    for word in text.split()[:6]:
        pattern = f"%{like_escaped(word)}%"
        named = _clients(actor).where(
            col(PersonIdentity.full_name).ilike(pattern, escape="\\")
            | col(Region.name).ilike(pattern, escape="\\")
        )
        units = session.exec(
            select(Unit.code).where(col(Unit.title_id).ilike(pattern, escape="\\"))
        ).all()
        there = {person_id for person_id, _ in session.exec(named)}
        there |= _holders(session, actor, units)
        found = there if found is None else found & there
    return found or set()


def _holders(session: Session, actor: Actor, units: Sequence[str]) -> set[int]:
    """The clients of a Bapas who hold one of the units. A query of its own: joined to others,
    PostgreSQL was seen to read the certificates of the whole nation."""
    if not units:
        return set()
    return set(
        session.exec(
            select(Certificate.person_id)
            .join(Person, col(Person.id) == col(Certificate.person_id))
            .join(CertificateUnit, col(CertificateUnit.certificate_id) == col(Certificate.id))
            .where(Person.bapas_id == actor.bapas_id, col(CertificateUnit.unit_code).in_(units))
            .distinct()
        )
    )


def _needs(today: date) -> list[tuple[Due, Any, Any]]:
    """Each kind of need: which people have it and none more pressing, and the day it is due.

    A report is due REPORT_EVERY after the day given.
    """
    person = col(Person.id)
    waits = (
        select(Introduction.id)
        .where(
            col(Introduction.person_id) == person,
            col(Introduction.state).in_([IntroductionState.PROPOSED, IntroductionState.CONSENTED]),
        )
        .exists()
    )
    last_report = func.coalesce(
        select(func.max(MonthlyReport.reported_on))
        .where(col(MonthlyReport.person_id) == person)
        .scalar_subquery(),
        col(Person.available_from),
    )
    is_inside = col(Person.status) == PersonStatus.IN_CUSTODY
    is_late = col(Person.status).not_in([PersonStatus.IN_CUSTODY, PersonStatus.FREE]) & (
        last_report <= today - REPORT_EVERY
    )
    leaves = is_inside & func.coalesce(
        col(Person.expected_release) <= today + RELEASE_SOON, false()
    )
    expiring = (
        select(func.min(Certificate.expires_on))
        .where(
            col(Certificate.person_id) == person,
            col(Certificate.expires_on).between(today, today + EXPIRES_SOON),
            Certificate.verification != Verification.REVOKED,
        )
        .scalar_subquery()
    )
    expires = expiring.is_not(None)
    listed = (
        select(Consent.id)
        .where(
            col(Consent.person_id) == person,
            Consent.purpose == ConsentPurpose.LISTING,
            col(Consent.withdrawn_at).is_(None),
        )
        .exists()
    )
    needs: list[tuple[Due, Any, Any]] = []
    before: list[Any] = []
    for due, condition, opposite, due_on in (
        (Due.REPLY, waits, ~waits, null()),
        (Due.REPORT, is_late, ~is_late, last_report),
        (Due.RELEASE, leaves, ~leaves, col(Person.expected_release)),
        (Due.EXPIRY, expires, ~expires, expiring),
        (Due.NO_CONSENT, ~listed, listed, null()),  # a double no would hide the index
        (Due.NOTHING, true(), false(), null()),
    ):
        needs.append((due, and_(condition, *before), due_on))
        before.append(opposite)
    return needs


def record_report(
    session: Session, actor: Actor, person: Person, reported_on: date, is_working: bool
) -> None:
    """Note a monthly report; the same day twice is one report."""
    there = session.exec(
        select(MonthlyReport.id).where(
            MonthlyReport.person_id == person.id, MonthlyReport.reported_on == reported_on
        )
    ).first()
    if there is None:
        session.add(
            MonthlyReport(
                person_id=person.id,
                reported_on=reported_on,
                is_working=is_working,
                recorded_by=actor.user_id,
            )
        )
        audit.record(session, actor, "report.recorded", f"person:{person.public_id}", person.id)
    session.commit()


def add_note(session: Session, actor: Actor, person: Person, text: str) -> None:
    session.add(OfficerNote(person_id=person.id, author_id=actor.user_id, text=text))
    audit.record(session, actor, "note.written", f"person:{person.public_id}", person.id)
    session.commit()


def notes(session: Session, person: Person) -> Sequence[OfficerNote]:
    """An officer's notes on a client, the newest first."""
    return session.exec(
        select(OfficerNote)
        .where(OfficerNote.person_id == person.id)
        .order_by(col(OfficerNote.at).desc())
    ).all()


def restrictions(session: Session, person: Person) -> Sequence[Restriction]:
    """The conditions of guidance in force."""
    return session.exec(
        select(Restriction)
        .where(Restriction.person_id == person.id, col(Restriction.ended_at).is_(None))
        .order_by(col(Restriction.id))
    ).all()


def add_restriction(
    session: Session,
    actor: Actor,
    person: Person,
    kind: RestrictionKind,
    legal_basis: str,
    decided_by: str,
    until: date | None,
) -> None:
    """Enter a condition of guidance; it counts from the next ranking on."""
    restriction = Restriction(
        person_id=person.id,
        kind=kind,
        legal_basis=legal_basis,
        decided_by=decided_by,
        until=until,
        recorded_by=actor.user_id,
    )
    session.add(restriction)
    note_change(session, ChangeKind.PERSON, person.id)
    audit.record(
        session, actor, "restriction.added", f"restriction:{restriction.public_id}", person.id
    )
    session.commit()


def end_restriction(session: Session, actor: Actor, person: Person, public_id: str) -> bool:
    """End a condition of guidance; False when the person has none of this id."""
    ended = session.exec(
        update(Restriction)
        .where(
            col(Restriction.public_id) == public_id,
            col(Restriction.person_id) == person.id,
            col(Restriction.ended_at).is_(None),
        )
        .values(ended_at=utc_now())
    )
    if ended.rowcount != 1:
        session.rollback()
        return False
    note_change(session, ChangeKind.PERSON, person.id)
    audit.record(session, actor, "restriction.ended", f"restriction:{public_id}", person.id)
    session.commit()
    return True


# Wishes, licences, being listed


def wishes(session: Session, person: Person) -> list[str]:
    """Occupation codes a person wants to work in."""
    return list(
        session.exec(
            select(PersonWish.occupation_code)
            .where(PersonWish.person_id == person.id)
            .order_by(col(PersonWish.occupation_code))
        )
    )


def licences(session: Session, person: Person) -> list[str]:
    return list(
        session.exec(
            select(PersonLicence.licence_code)
            .where(PersonLicence.person_id == person.id)
            .order_by(col(PersonLicence.licence_code))
        )
    )


def set_wishes(
    session: Session,
    actor: Actor,
    person: Person,
    occupations: list[str],
    mobility: Mobility,
    commute_km: int,
    hours: int,
    least_wage: int | None,
) -> None:
    """What a person wants: trades, how far, when, for how much (rupiah a month)."""
    _wait_for_others(session, person)
    for wish in session.exec(select(PersonWish).where(PersonWish.person_id == person.id)):
        session.delete(wish)
    session.flush()
    session.add_all(
        PersonWish(person_id=person.id, occupation_code=code) for code in sorted(set(occupations))
    )
    person.mobility = mobility
    person.commute_km = commute_km
    person.hours = hours
    person.least_wage = least_wage
    person.updated_at = utc_now()
    person.version += 1
    session.add(person)
    note_change(session, ChangeKind.PERSON, person.id)
    audit.record(session, actor, "wishes.changed", f"person:{person.public_id}", person.id)
    session.commit()


def _wait_for_others(session: Session, person: Person) -> None:
    """Let whoever changes this person at this moment finish first."""
    session.exec(select(Person.id).where(Person.id == person.id).with_for_update()).one()


def listing(session: Session, person: Person) -> Consent | None:
    """The live consent to be shown without a name, or None."""
    return session.exec(
        select(Consent).where(
            Consent.person_id == person.id,
            Consent.purpose == ConsentPurpose.LISTING,
            col(Consent.withdrawn_at).is_(None),
        )
    ).first()


def set_listing(
    session: Session, actor: Actor, person: Person, listed: bool, wording: str, channel: str = "web"
) -> None:
    """Give or withdraw the consent to be shown without a name; it counts on the next request."""
    _wait_for_others(session, person)
    live = listing(session, person)
    if listed and live is None:
        session.add(
            Consent(
                person_id=person.id,
                purpose=ConsentPurpose.LISTING,
                wording=wording,
                channel=channel,
            )
        )
    elif not listed and live is not None:
        live.withdrawn_at = utc_now()
        session.add(live)
    else:
        return
    note_change(session, ChangeKind.PERSON, person.id)
    action = "consent.given" if listed else "consent.withdrawn"
    audit.record(session, actor, action, f"person:{person.public_id}", person.id)
    session.commit()
