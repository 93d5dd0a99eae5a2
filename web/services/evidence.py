"""What certificates and training show: for one person with its sources, for everybody as arrays."""

from collections import defaultdict
from datetime import date
from functools import cache

import numpy as np
from sqlalchemy import String, type_coerce
from sqlmodel import Session, col, func, select

from matcher.evidence import (
    Evidence,
    HeldCertificate,
    HeldTraining,
    best_evidence,
    certificate_strength,
    training_strength,
)
from matcher.taxonomy import Taxonomy
from models.certificates import Certificate, CertificateUnit, Training
from models.enums import TrainingStatus, Verification
from web.services.bulk import among, columns_of, rows_of

TRAINING_LEVEL = 2  # of a scheme that names none


def evidence_of(
    session: Session, taxonomy: Taxonomy, today: date, ids: list[int]
) -> dict[int, dict[str, Evidence]]:
    """person id -> unit code -> best evidence, with the certificate or training behind it."""
    units: dict[int, list[str]] = defaultdict(list)
    for certificate_id, unit in session.exec(
        select(CertificateUnit.certificate_id, CertificateUnit.unit_code)
        .join(Certificate, col(Certificate.id) == col(CertificateUnit.certificate_id))
        .where(col(Certificate.person_id).in_(ids))
    ):
        units[certificate_id].append(unit)
    certificates: dict[int, list[HeldCertificate]] = defaultdict(list)
    for number, person_id, level, expires_on, verification, public_id in session.exec(
        select(
            Certificate.id,
            Certificate.person_id,
            Certificate.level,
            Certificate.expires_on,
            Certificate.verification,
            Certificate.public_id,
        ).where(col(Certificate.person_id).in_(ids))
    ):
        certificates[person_id].append(
            HeldCertificate(
                units=tuple(units[number]),
                level=level,
                expires_on=expires_on,
                verified=verification == Verification.VERIFIED,
                revoked=verification == Verification.REVOKED,
                source=f"certificate:{public_id}",
            )
        )
    trainings: dict[int, list[HeldTraining]] = defaultdict(list)
    for person_id, scheme_code, hours, status, public_id in session.exec(
        select(
            Training.person_id,
            Training.scheme_code,
            Training.hours,
            Training.status,
            Training.public_id,
        ).where(col(Training.person_id).in_(ids), Training.status != TrainingStatus.STOPPED)
    ):
        scheme = taxonomy.schemes[scheme_code]
        trainings[person_id].append(
            HeldTraining(
                units=scheme.units,
                level=scheme.kkni_level or TRAINING_LEVEL,
                hours=hours,
                finished=status == TrainingStatus.FINISHED,
                source=f"training:{public_id}",
            )
        )
    return {
        person_id: best_evidence(
            certificates.get(person_id, ()), trainings.get(person_id, ()), today
        )
        for person_id in certificates.keys() | trainings.keys()
    }


def read_evidence(
    session: Session,
    taxonomy: Taxonomy,
    today: date,
    people: np.ndarray,
    ids: list[int] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows int64, concepts, strengths in thousandths and levels: the best evidence of everybody.

    people: int64[n], rising ids; rows are places in it. ids: the same as a list where only these
    people are to be read, or None for the whole tables.
    """
    keys = [
        *_of_certificates(session, taxonomy, today, people, ids),
        *_of_trainings(session, taxonomy, people, ids),
    ]
    # row | concept | strength | level: of each (row, concept) the last is the best
    ordered = np.concatenate([np.zeros(0, dtype=np.int64), *keys])
    ordered.sort()
    pairs = ordered >> 16
    best = ordered[np.append(pairs[1:] != pairs[:-1], True)] if len(ordered) else ordered
    return best >> 32, best >> 16 & 0xFFFF, best >> 4 & 0xFFF, best & 0xF


def _key(rows: np.ndarray, concepts: np.ndarray, grades: np.ndarray) -> np.ndarray:
    return rows << 32 | concepts << 16 | grades


def _of_certificates(
    session: Session, taxonomy: Taxonomy, today: date, people: np.ndarray, ids: list[int] | None
) -> list[np.ndarray]:
    @cache
    def strength(expires_on: date, verification: str) -> int:
        return certificate_strength(
            HeldCertificate(
                units=(),
                level=1,
                expires_on=expires_on,
                verified=verification == Verification.VERIFIED,
                revoked=verification == Verification.REVOKED,
            ),
            today,
        )

    statement = select(
        Certificate.id,
        Certificate.person_id,
        Certificate.level,
        Certificate.expires_on,
        type_coerce(Certificate.verification, String),
    ).order_by(col(Certificate.id))
    certificates, holders, grades = [], [], []
    for numbers, persons, levels, expiry, verification in columns_of(
        session, among(statement, col(Certificate.person_id), ids)
    ):
        strengths = map(strength, expiry, verification)
        certificates.append(np.array(numbers, dtype=np.int64))
        holders.append(np.array(persons, dtype=np.int64))
        grades.append(
            np.fromiter(strengths, np.int64, len(numbers)) << 4 | np.array(levels, dtype=np.int64)
        )
    if not certificates:
        return []
    certificate_ids, grade = np.concatenate(certificates), np.concatenate(grades)
    holder, is_known = rows_of(people, np.concatenate(holders))
    # one row a certificate: many certify the same units, so that few lists need to be taken apart
    links = select(
        CertificateUnit.certificate_id, func.aggregate_strings(CertificateUnit.unit_code, ",")
    ).group_by(col(CertificateUnit.certificate_id))
    if ids is not None:
        links = links.join(
            Certificate, col(Certificate.id) == col(CertificateUnit.certificate_id)
        ).where(col(Certificate.person_id).in_(ids))

    @cache
    def concepts_of(units: str) -> np.ndarray:
        numbers = (taxonomy.concept_number.get(unit, -1) for unit in units.split(","))
        return np.array([number for number in numbers if number >= 0], dtype=np.int64)

    keys = []
    for numbers, units in columns_of(session, links):
        places, found = rows_of(certificate_ids, np.array(numbers, dtype=np.int64))
        counts = found & is_known[places] & (grade[places] >> 4 > 0)
        concepts = [concepts_of(each) for each in units]
        sizes = np.array([len(each) for each in concepts])
        key = _key(
            np.repeat(holder[places], sizes),
            np.concatenate(concepts),
            np.repeat(grade[places], sizes),
        )
        keys.append(key[np.repeat(counts, sizes)])
    return keys


def _of_trainings(
    session: Session, taxonomy: Taxonomy, people: np.ndarray, ids: list[int] | None
) -> list[np.ndarray]:
    @cache
    def strength(hours: int, status: str) -> int:
        return training_strength(
            HeldTraining(units=(), level=1, hours=hours, finished=status == TrainingStatus.FINISHED)
        )

    @cache
    def units(scheme: str) -> np.ndarray:
        numbers = [taxonomy.concept_number[unit] for unit in taxonomy.schemes[scheme].units]
        return np.array(numbers, dtype=np.int64)

    statement = select(
        Training.person_id,
        Training.scheme_code,
        Training.hours,
        type_coerce(Training.status, String),
    ).where(Training.status != TrainingStatus.STOPPED)
    keys = []
    for persons, schemes, hours, statuses in columns_of(
        session, among(statement, col(Training.person_id), ids)
    ):
        rows, found = rows_of(people, np.array(persons, dtype=np.int64))
        strengths = np.fromiter(map(strength, hours, statuses), np.int64, len(rows))
        levels = [taxonomy.schemes[scheme].kkni_level or TRAINING_LEVEL for scheme in schemes]
        grades = strengths << 4 | np.array(levels, dtype=np.int64)
        concepts = [units(scheme) for scheme in schemes]
        sizes = np.array([len(each) for each in concepts])
        counts = np.repeat(found & (strengths > 0), sizes)
        key = _key(np.repeat(rows, sizes), np.concatenate(concepts), np.repeat(grades, sizes))
        keys.append(key[counts])
    return keys
