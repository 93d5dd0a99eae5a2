"""Vacancies: reading a text, saving, publishing, closing, searching."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from sqlmodel import Session, col, delete, func, select

from matcher.linking import UNIT_FROM, LinkedVacancy, Linker
from matcher.ranking import Ranked
from matcher.vacancy_text import skill
from models.columns import utc_now
from models.employers import Employer, Vacancy, VacancyRequirement
from models.enums import (
    ConceptKind,
    Education,
    Hours,
    Importance,
    VacancyStatus,
    VacancyTrait,
)
from models.matching import ChangeKind
from models.regions import Region
from web.paging import Page
from web.permissions import Actor
from web.services import audit, matching
from web.services.changes import note_change
from web.services.search import like_escaped

LONGEST_TEXT = 20_000
LONGEST_TITLE = 200
MOST_REQUIREMENTS = 40


@dataclass
class RequirementFields:
    """A requirement as a form or an import gives it."""

    text: str
    kind: ConceptKind
    concept_code: str | None = None
    importance: Importance = Importance.MUST
    weight: float = 1.0
    least_level: int | None = None
    confidence: float | None = None
    span_start: int | None = None
    span_end: int | None = None
    vector: bytes | None = None  # of kind TEXT, when it is known already


@dataclass
class VacancyFields:
    """A vacancy as a form or an import gives it, before it is stored."""

    title: str
    text: str
    occupation_code: str | None = None
    occupation_confidence: float | None = None
    region_code: str | None = None
    province_code: str | None = None
    positions: int = 1
    wage_min: int | None = None
    wage_max: int | None = None
    hours: Hours = Hours.DAY
    traits: VacancyTrait = field(default_factory=lambda: VacancyTrait(0))
    education: Education = Education.NONE
    start_on: date | None = None
    closes_on: date | None = None
    requirements: list[RequirementFields] = field(default_factory=list)


def read(session: Session, title: str, text: str) -> LinkedVacancy:
    """What Titian reads in a vacancy; nothing is stored."""
    return matching.engine().linker(session).link(text, title)


def proposed_fields(session: Session, title: str, text: str) -> tuple[VacancyFields, LinkedVacancy]:
    """A vacancy filled in from its text, for the employer to correct, and the reading itself."""
    linked = read(session, title, text)
    return fields_of(title, text, linked), linked


def fields_of(title: str, text: str, linked: LinkedVacancy) -> VacancyFields:
    place = linked.place or ""
    return VacancyFields(
        title=title,
        text=text,
        occupation_code=linked.occupation.code if linked.occupation else None,
        occupation_confidence=linked.occupation.confidence if linked.occupation else None,
        region_code=place if "." in place else None,
        province_code=place if place and "." not in place else None,
        wage_min=linked.wage[0] if linked.wage else None,
        wage_max=linked.wage[1] if linked.wage else None,
        hours=linked.hours,
        traits=linked.traits,
        education=linked.education,
        requirements=[
            RequirementFields(
                text=found.text,
                kind=found.kind,
                concept_code=found.code,
                importance=found.importance,
                weight=found.weight,
                least_level=found.least_level,
                confidence=found.confidence,
                span_start=found.start,
                span_end=found.end,
            )
            for found in linked.requirements[:MOST_REQUIREMENTS]
        ],
    )


def linked_lines(
    session: Session, lines: list[str], occupation: str | None
) -> list[RequirementFields]:
    """Requirements an employer adds by hand, one a line: a unit where one is meant, else words."""
    if not lines:
        return []
    linker = matching.engine().linker(session)
    codes = list(linker.taxonomy.units)
    probabilities = linker.unit_probabilities([skill(line) for line in lines], occupation)
    found = []
    for line, row in zip(lines, probabilities, strict=True):
        unit = int(row.argmax())
        certain = float(row[unit]) >= UNIT_FROM
        found.append(
            RequirementFields(
                text=line[:300],
                kind=ConceptKind.UNIT if certain else ConceptKind.TEXT,
                concept_code=codes[unit] if certain else None,
                confidence=round(float(row[unit]), 4),
            )
        )
    return found


def unsaved(session: Session, fields: VacancyFields) -> tuple[Vacancy, list[VacancyRequirement]]:
    """Rows as `create` would store them, outside any session; equal texts have equal ids."""
    digest = hashlib.sha256(f"{fields.title}\x00{fields.text}".encode()).hexdigest()
    vacancy = Vacancy(employer_id=0, title=fields.title, text=fields.text, public_id=digest[:12])
    _fill(vacancy, fields)
    return vacancy, _requirement_rows(session, fields.requirements)


def people_for_fields(
    session: Session, fields: VacancyFields, k: int
) -> tuple[matching.State, list[VacancyRequirement], list[Ranked]]:
    """The state, the requirements and the top k people for a vacancy that is not stored."""
    vacancy, rows = unsaved(session, fields)
    state, ranked = matching.people_for(session, vacancy, rows, k)
    return state, rows, ranked


def create(
    session: Session,
    actor: Actor | None,
    employer_id: int,
    fields: VacancyFields,
    status: VacancyStatus = VacancyStatus.DRAFT,
    commit: bool = True,
    **more: object,
) -> Vacancy:
    """Store a new vacancy with its requirements."""
    vacancy = Vacancy(
        employer_id=employer_id,
        created_by=actor.user_id if actor else None,
        status=status,
        published_at=utc_now() if status == VacancyStatus.PUBLISHED else None,
        title=fields.title,
        text=fields.text,
        **more,
    )
    _fill(vacancy, fields)
    session.add(vacancy)
    session.flush()
    _store_requirements(session, vacancy, fields.requirements)
    note_change(session, ChangeKind.VACANCY, vacancy.id)
    audit.record(session, actor, "vacancy.created", f"vacancy:{vacancy.public_id}")
    if commit:
        session.commit()
    return vacancy


def change(
    session: Session,
    actor: Actor | None,
    vacancy: Vacancy,
    fields: VacancyFields,
    commit: bool = True,
) -> None:
    """Store new contents of a vacancy."""
    _fill(vacancy, fields)
    vacancy.version += 1
    session.add(vacancy)
    session.exec(delete(VacancyRequirement).where(col(VacancyRequirement.vacancy_id) == vacancy.id))
    _store_requirements(session, vacancy, fields.requirements)
    note_change(session, ChangeKind.VACANCY, vacancy.id)
    audit.record(session, actor, "vacancy.changed", f"vacancy:{vacancy.public_id}")
    if commit:
        session.commit()


def publish(session: Session, actor: Actor, vacancy: Vacancy) -> None:
    _set_status(session, actor, vacancy, VacancyStatus.PUBLISHED)


def close(session: Session, actor: Actor, vacancy: Vacancy) -> None:
    _set_status(session, actor, vacancy, VacancyStatus.CLOSED)


def _set_status(session: Session, actor: Actor, vacancy: Vacancy, status: VacancyStatus) -> None:
    if vacancy.status == status:
        return
    vacancy.status = status
    vacancy.version += 1
    if status == VacancyStatus.PUBLISHED:
        vacancy.published_at = utc_now()
    session.add(vacancy)
    note_change(session, ChangeKind.VACANCY, vacancy.id)
    audit.record(session, actor, f"vacancy.{status.value}", f"vacancy:{vacancy.public_id}")
    session.commit()


def of_employer(session: Session, actor: Actor, public_id: str) -> Vacancy | None:
    """One of the actor's employer's own vacancies, or None."""
    return session.exec(
        select(Vacancy).where(
            Vacancy.public_id == public_id, Vacancy.employer_id == actor.employer_id
        )
    ).first()


def list_of_employer(
    session: Session, actor: Actor, number: int, size: int
) -> tuple[Sequence[Vacancy], Page]:
    """One page of the actor's employer's vacancies, the newest first."""
    found = session.exec(
        select(Vacancy)
        .where(Vacancy.employer_id == actor.employer_id)
        .order_by(col(Vacancy.created_at).desc(), col(Vacancy.id).desc())
        .offset((number - 1) * size)
        .limit(size + 1)
    ).all()
    return found[:size], Page(number, has_previous=number > 1, has_next=len(found) > size)


def published(session: Session, public_id: str) -> Vacancy | None:
    """A published vacancy, for officers and people, or None."""
    return session.exec(
        select(Vacancy).where(
            Vacancy.public_id == public_id, Vacancy.status == VacancyStatus.PUBLISHED
        )
    ).first()


@dataclass(frozen=True, slots=True)
class VacancyLine:
    """A vacancy in a list."""

    public_id: str
    title: str
    employer: str
    region: str
    positions: int
    wage_min: int | None
    wage_max: int | None
    published_at: object


def search(
    session: Session,
    text: str = "",
    province: str = "",
    occupation: str = "",
    page: int = 1,
    size: int = 20,
) -> tuple[list[VacancyLine], int]:
    """Published vacancies, the newest first, and how many there are in all."""
    statement = select(Vacancy.id).where(Vacancy.status == VacancyStatus.PUBLISHED)
    for word in text.split()[:8]:
        pattern = f"%{like_escaped(word)}%"
        statement = statement.where(
            col(Vacancy.title).ilike(pattern, escape="\\")
            | col(Vacancy.text).ilike(pattern, escape="\\")
        )
    if province:
        inside = select(Region.code).where(Region.province_code == province)
        statement = statement.where(
            col(Vacancy.region_code).in_(inside) | (col(Vacancy.province_code) == province)
        )
    if occupation:
        statement = statement.where(Vacancy.occupation_code == occupation)
    count = session.exec(select(func.count()).select_from(statement.subquery())).one()
    newest = (col(Vacancy.published_at).desc(), col(Vacancy.id).desc())
    ids = session.exec(statement.order_by(*newest).offset((page - 1) * size).limit(size)).all()
    rows = session.exec(
        select(Vacancy, Employer.name, Region)
        .join(Employer, col(Employer.id) == col(Vacancy.employer_id))
        .join(Region, col(Region.code) == col(Vacancy.region_code), isouter=True)
        .where(col(Vacancy.id).in_(ids))
        .order_by(*newest)
    )
    return [
        VacancyLine(
            vacancy.public_id,
            vacancy.title,
            employer,
            region.full_name if region else "",
            vacancy.positions,
            vacancy.wage_min,
            vacancy.wage_max,
            vacancy.published_at,
        )
        for vacancy, employer, region in rows
    ], count


def _fill(vacancy: Vacancy, fields: VacancyFields) -> None:
    vacancy.title = fields.title
    vacancy.text = fields.text
    vacancy.occupation_code = fields.occupation_code
    vacancy.occupation_confidence = fields.occupation_confidence
    vacancy.region_code = fields.region_code
    vacancy.province_code = fields.province_code
    vacancy.positions = fields.positions
    vacancy.wage_min = fields.wage_min
    vacancy.wage_max = fields.wage_max
    vacancy.hours = int(fields.hours)
    vacancy.traits = int(fields.traits)
    vacancy.education = fields.education
    vacancy.start_on = fields.start_on
    vacancy.closes_on = fields.closes_on


def _store_requirements(
    session: Session, vacancy: Vacancy, requirements: list[RequirementFields]
) -> None:
    for row in _requirement_rows(session, requirements):
        row.vacancy_id = vacancy.id
        session.add(row)
    session.flush()


def _requirement_rows(
    session: Session, requirements: list[RequirementFields]
) -> list[VacancyRequirement]:
    _embed_texts(session, requirements)
    space = matching.engine().reading_state(session).embeddings.space
    return [
        VacancyRequirement(
            position=position,
            text=entry.text,
            kind=entry.kind,
            concept_code=entry.concept_code,
            importance=entry.importance,
            weight=entry.weight,
            least_level=entry.least_level,
            confidence=entry.confidence,
            span_start=entry.span_start,
            span_end=entry.span_end,
            vector=entry.vector if entry.kind == ConceptKind.TEXT else None,
            vector_space=space if entry.kind == ConceptKind.TEXT else None,
        )
        for position, entry in enumerate(requirements[:MOST_REQUIREMENTS])
    ]


def _embed_texts(session: Session, requirements: list[RequirementFields]) -> None:
    free = [
        entry for entry in requirements if entry.kind == ConceptKind.TEXT and entry.vector is None
    ]
    if free:
        linker = matching.engine().linker(session)
        embed_texts(linker, free)


def embed_texts(linker: Linker, requirements: list[RequirementFields]) -> None:
    """Give requirements of kind TEXT their vectors."""
    vectors = linker.vectors([entry.text for entry in requirements]).astype(np.dtype("<f2"))
    for entry, vector in zip(requirements, vectors, strict=True):
        entry.vector = vector.tobytes()
