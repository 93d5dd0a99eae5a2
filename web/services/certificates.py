"""Training and certificates: recording, verifying, revoking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models.certificates import Certificate, CertificateUnit, Training
from models.columns import utc_now
from models.enums import TrainingStatus, Verification
from models.matching import ChangeKind
from models.people import Person
from models.taxonomy import Scheme
from web.permissions import Actor
from web.services import audit
from web.services.changes import note_change
from web.services.uniqueness import unless_taken

LONGEST_NUMBER = 80  # once normalised


class NumberTaken(Exception):
    """A certificate with this number is recorded already."""


@dataclass
class CertificateFields:
    """A certificate as a form or an import gives it."""

    scheme_code: str
    lsp_name: str
    number: str
    issued_on: date
    expires_on: date
    level: int
    unit_codes: list[str]


@dataclass
class TrainingFields:
    """Training as a form or an import gives it."""

    scheme_code: str
    hours: int
    started_on: date
    finished_on: date | None
    status: TrainingStatus


def normal_number(number: str) -> str:
    """A certificate number without spaces, in capitals."""
    return "".join(number.split()).upper()


def record_certificate(
    session: Session,
    actor: Actor | None,
    person: Person,
    fields: CertificateFields,
    verification: Verification = Verification.UNVERIFIED,
) -> Certificate:
    """Add a certificate to the session's transaction; the caller commits. Raises NumberTaken."""
    number = normal_number(fields.number)

    def refuse_taken() -> None:
        if session.exec(select(Certificate.id).where(Certificate.number == number)).first():
            raise NumberTaken(number)

    certificate = Certificate(
        person_id=person.id,
        scheme_code=fields.scheme_code,
        lsp_name=fields.lsp_name,
        number=number,
        issued_on=fields.issued_on,
        expires_on=fields.expires_on,
        level=fields.level,
        verification=verification,
        recorded_by=actor.user_id if actor else None,
    )
    with unless_taken(session, refuse_taken):
        note_change(session, ChangeKind.PERSON, person.id)  # its lock before that of the number
        session.add(certificate)
    session.add_all(
        CertificateUnit(certificate_id=certificate.id, unit_code=code)
        for code in sorted(set(fields.unit_codes))
    )
    audit.record(
        session, actor, "certificate.recorded", f"certificate:{certificate.public_id}", person.id
    )
    session.flush()
    return certificate


def record_training(
    session: Session, actor: Actor | None, person: Person, facility_id: int, fields: TrainingFields
) -> Training:
    """Add training to the session's transaction; the caller commits."""
    training = Training(
        person_id=person.id,
        facility_id=facility_id,
        scheme_code=fields.scheme_code,
        hours=fields.hours,
        started_on=fields.started_on,
        finished_on=fields.finished_on,
        status=fields.status,
        recorded_by=actor.user_id if actor else None,
    )
    session.add(training)
    note_change(session, ChangeKind.PERSON, person.id)
    audit.record(session, actor, "training.recorded", f"training:{training.public_id}", person.id)
    session.flush()
    return training


def set_verification(
    session: Session, actor: Actor, certificate: Certificate, verification: Verification
) -> None:
    """Mark a certificate as checked or revoked; ranking follows on the next request."""
    if certificate.verification == verification:
        return
    certificate.verification = verification
    certificate.verified_by = actor.user_id
    certificate.verified_at = utc_now()
    session.add(certificate)
    note_change(session, ChangeKind.PERSON, certificate.person_id)
    audit.record(
        session,
        actor,
        f"certificate.{verification.value}",
        f"certificate:{certificate.public_id}",
        certificate.person_id,
    )
    session.commit()


def of_person(session: Session, person: Person) -> Sequence[Certificate]:
    """A person's certificates, those that last longest first."""
    return session.exec(
        select(Certificate)
        .where(Certificate.person_id == person.id)
        .order_by(col(Certificate.expires_on).desc(), col(Certificate.id))
    ).all()


def trainings_of(session: Session, person: Person) -> Sequence[Training]:
    return session.exec(
        select(Training)
        .where(Training.person_id == person.id)
        .order_by(col(Training.started_on).desc(), col(Training.id))
    ).all()


def one_of(session: Session, person: Person, public_id: str) -> Certificate | None:
    """One certificate of a person, or None."""
    return session.exec(
        select(Certificate).where(
            Certificate.public_id == public_id, Certificate.person_id == person.id
        )
    ).first()


def scheme_choices(session: Session, english: bool = False) -> list[tuple[str, str]]:
    """(code, title) of every scheme, by title."""
    title = Scheme.title_en if english else Scheme.title_id
    return [(code, name) for code, name in session.exec(select(Scheme.code, title).order_by(title))]
