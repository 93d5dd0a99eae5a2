"""People: registering, the officer's caseload, wishes, restrictions, being listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from sqlmodel import Session, case, col, func, select, update

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
    counts = (
        select(
            Certificate.person_id,
            func.count().label("held"),
            func.sum(case((Certificate.verification == Verification.UNVERIFIED, 1), else_=0)).label(
                "unverified"
            ),
        )
        .group_by(col(Certificate.person_id))
        .subquery()
    )
    statement = (
        select(Person, PersonIdentity.full_name, Region, counts.c.held, counts.c.unverified)
        .join(PersonIdentity, col(PersonIdentity.person_id) == col(Person.id))
        .join(Region, col(Region.code) == col(Person.home_region_code))
        .join(counts, counts.c.person_id == Person.id, isouter=True)
        .where(Person.facility_id == actor.facility_id)
    )
    for word in text.split()[:6]:
        statement = statement.where(
            col(PersonIdentity.full_name).ilike(f"%{like_escaped(word)}%", escape="\\")
        )
    count = session.exec(select(func.count()).select_from(statement.subquery())).one()
    rows = session.exec(
        statement.order_by(
            func.coalesce(counts.c.unverified, 0).desc(),
            col(PersonIdentity.full_name),
            col(Person.id),
        )
        .offset((page - 1) * size)
        .limit(size)
    )
    return [
        TraineeLine(
            person.public_id,
            name,
            PersonStatus(person.status),
            region.full_name,
            held or 0,
            unverified or 0,
        )
        for person, name, region, held, unverified in rows
    ], count


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
    """The clients of the officer's Bapas, those who need something first, and how many there are."""
    rows = session.exec(_search(_clients(actor), text, province, occupation, available_by)).all()
    dues = _dues(session, actor, [person for person, _, _ in rows], today)
    certificates = dict(
        session.exec(
            select(Certificate.person_id, func.count())
            .join(Person, col(Person.id) == col(Certificate.person_id))
            .where(Person.bapas_id == actor.bapas_id)
            .group_by(col(Certificate.person_id))
        ).all()
    )
    ordered = sorted(
        rows, key=lambda row: (dues[row[0].id][0], dues[row[0].id][1] or date.max, row[1])
    )
    part = ordered[(page - 1) * size : page * size]
    return [
        ClientLine(
            public_id=person.public_id,
            name=name,
            status=PersonStatus(person.status),
            region=region.full_name,
            certificates=certificates.get(person.id, 0),
            due=dues[person.id][0],
            due_on=dues[person.id][1],
        )
        for person, name, region in part
    ], len(rows)


def _clients(actor: Actor):
    return (
        select(Person, PersonIdentity.full_name, Region)
        .join(PersonIdentity, col(PersonIdentity.person_id) == col(Person.id))
        .join(Region, col(Region.code) == col(Person.home_region_code))
        .where(Person.bapas_id == actor.bapas_id)
    )


def _search(
    statement,
    text: str,
    province: str,
    occupation: str,
    available_by: date | None,
):
    for word in text.split()[:6]:
        pattern = f"%{like_escaped(word)}%"
        holds_unit = (
            select(CertificateUnit.certificate_id)
            .join(Certificate, col(Certificate.id) == col(CertificateUnit.certificate_id))
            .join(Unit, col(Unit.code) == col(CertificateUnit.unit_code))
            .where(
                col(Certificate.person_id) == col(Person.id),
                col(Unit.title_id).ilike(pattern, escape="\\"),
            )
            .exists()
        )
        statement = statement.where(
            col(PersonIdentity.full_name).ilike(pattern, escape="\\")
            | col(Region.name).ilike(pattern, escape="\\")
            | holds_unit
        )
    if province:
        statement = statement.where(Region.province_code == province)
    if occupation:
        statement = statement.where(
            select(CertificateUnit.certificate_id)
            .join(Certificate, col(Certificate.id) == col(CertificateUnit.certificate_id))
            .join(Unit, col(Unit.code) == col(CertificateUnit.unit_code))
            .where(col(Certificate.person_id) == col(Person.id), Unit.occupation_code == occupation)
            .exists()
        )
    if available_by is not None:
        statement = statement.where(Person.available_from <= available_by)
    return statement


def _dues(
    session: Session, actor: Actor, people: Sequence[Person], today: date
) -> dict[int, tuple[Due, date | None]]:
    """person id -> what is due and when, by four queries for the whole Bapas."""
    waiting = set(
        session.exec(
            select(Introduction.person_id)
            .join(Person, col(Person.id) == col(Introduction.person_id))
            .where(
                Person.bapas_id == actor.bapas_id,
                col(Introduction.state).in_(
                    [IntroductionState.PROPOSED, IntroductionState.CONSENTED]
                ),
            )
        )
    )
    reported = dict(
        session.exec(
            select(MonthlyReport.person_id, func.max(MonthlyReport.reported_on))
            .join(Person, col(Person.id) == col(MonthlyReport.person_id))
            .where(Person.bapas_id == actor.bapas_id)
            .group_by(col(MonthlyReport.person_id))
        ).all()
    )
    expiring = dict(
        session.exec(
            select(Certificate.person_id, func.min(Certificate.expires_on))
            .join(Person, col(Person.id) == col(Certificate.person_id))
            .where(
                Person.bapas_id == actor.bapas_id,
                Certificate.expires_on >= today,
                Certificate.expires_on <= today + EXPIRES_SOON,
                Certificate.verification != Verification.REVOKED,
            )
            .group_by(col(Certificate.person_id))
        ).all()
    )
    listed = set(
        session.exec(
            select(Consent.person_id)
            .join(Person, col(Person.id) == col(Consent.person_id))
            .where(
                Person.bapas_id == actor.bapas_id,
                Consent.purpose == ConsentPurpose.LISTING,
                col(Consent.withdrawn_at).is_(None),
            )
        )
    )
    found = {}
    for person in people:
        inside = person.status == PersonStatus.IN_CUSTODY
        reports = person.status not in (PersonStatus.IN_CUSTODY, PersonStatus.FREE)
        next_report = (reported.get(person.id) or person.available_from) + REPORT_EVERY
        if person.id in waiting:
            found[person.id] = (Due.REPLY, None)
        elif reports and next_report <= today:
            found[person.id] = (Due.REPORT, next_report)
        elif inside and person.expected_release and person.expected_release <= today + RELEASE_SOON:
            found[person.id] = (Due.RELEASE, person.expected_release)
        elif person.id in expiring:
            found[person.id] = (Due.EXPIRY, expiring[person.id])
        elif person.id not in listed:
            found[person.id] = (Due.NO_CONSENT, None)
        else:
            found[person.id] = (Due.NOTHING, None)
    return found


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
