"""What each audience reads of a match.

A CompetencyCard is all an employer gets before consent: it has no field for a name, an age, a
facility, an officer or a record, so its page cannot show one. Its reference is a keyed hash of
vacancy and person: the same person has another reference under another vacancy.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from matcher.evidence import Evidence
from matcher.ranking import Ranked
from matcher.vacancy_index import RankedVacancy, WishTerms
from models.certificates import Certificate, Training
from models.employers import Employer, Vacancy, VacancyRequirement
from models.enums import (
    Education,
    IneligibilityReason,
    Mobility,
    PersonStatus,
    TrainingStatus,
    Verification,
)
from models.people import Person, PersonIdentity
from models.regions import Region
from web.formats import day
from web.i18n import language
from web.permissions import Actor
from web.services import matching
from web.services.evidence import evidence_of
from web.services.introductions import card_reference
from web.services.matching import TermView

SHOWN = 50


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """A certificate as others may read it: no number, no place of assessment, no holder."""

    scheme: str
    level: int
    issued_on: date
    expires_on: date
    is_valid: bool
    is_verified: bool


@dataclass(frozen=True, slots=True)
class CompetencyCard:
    """A person as an employer sees them before consent. score in [0, 1] = sum of share * weight."""

    reference: str
    region: str
    available_from: date
    education: Education
    mobility: Mobility
    score: float
    met: int
    terms: tuple[TermView, ...]
    certificates: tuple[CertificateLine, ...]


@dataclass(frozen=True, slots=True)
class ClientMatch:
    """A client as their officer sees them for one vacancy."""

    public_id: str
    name: str
    status: PersonStatus
    region: str
    available_from: date
    score: float
    met: int
    terms: tuple[TermView, ...]
    ineligible: tuple[IneligibilityReason, ...]


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A vacancy as a person or their officer sees it for this person."""

    public_id: str
    title: str
    employer: str
    region: str
    km: int | None
    wage_min: int | None
    wage_max: int | None
    start_on: date | None
    fit: float
    wish: float
    worth: float
    met: int
    terms: tuple[TermView, ...]
    wishes: WishTerms
    ineligible: tuple[IneligibilityReason, ...]


def cards_for(
    session: Session, vacancy: Vacancy, requirements: list[VacancyRequirement], k: int = SHOWN
) -> list[CompetencyCard]:
    """The anonymous cards of the best k people for an employer's vacancy."""
    state, ranked = matching.people_for(session, vacancy, requirements, k)
    return _cards(session, state, vacancy, requirements, ranked)


def person_behind(
    session: Session, vacancy: Vacancy, requirements: list[VacancyRequirement], reference: str
) -> tuple[Person, float] | None:
    """The person behind a card of this vacancy's present list, with their score; None otherwise."""
    _state, ranked = matching.people_for(session, vacancy, requirements, SHOWN)
    ids = [place.id for place in ranked]
    people = {
        person.id: person for person in session.exec(select(Person).where(col(Person.id).in_(ids)))
    }
    for place in ranked:
        person = people.get(place.id)
        if person is not None and card_reference(vacancy, person) == reference:
            return person, place.score
    return None


def own_card(session: Session, person: Person) -> CompetencyCard:
    """What an employer would see of a person, outside any vacancy."""
    region = session.get_one(Region, person.home_region_code)
    return CompetencyCard(
        reference="",
        region=region.full_name,
        available_from=person.available_from,
        education=Education(person.education),
        mobility=Mobility(person.mobility),
        score=0.0,
        met=0,
        terms=(),
        certificates=certificate_lines(session, [person.id]).get(person.id, ()),
    )


def _cards(
    session: Session,
    state: matching.State,
    vacancy: Vacancy,
    requirements: list[VacancyRequirement],
    ranked: list[Ranked],
) -> list[CompetencyCard]:
    ids = [place.id for place in ranked]
    people = _people_with_regions(session, ids)
    terms = terms_in_words(session, state, requirements, ranked)
    certificates = certificate_lines(session, ids)
    found = []
    for place in ranked:
        if place.id not in people:  # erased since the index was read
            continue
        person, region = people[place.id]
        found.append(
            CompetencyCard(
                reference=card_reference(vacancy, person),
                region=region.full_name,
                available_from=person.available_from,
                education=Education(person.education),
                mobility=Mobility(person.mobility),
                score=place.score,
                met=place.met,
                terms=terms[place.id],
                certificates=certificates.get(place.id, ()),
            )
        )
    return found


def client_matches(
    session: Session,
    actor: Actor,
    vacancy: Vacancy,
    requirements: list[VacancyRequirement],
    k: int = SHOWN,
    include_ineligible: bool = True,
) -> list[ClientMatch]:
    """The officer's own Bapas's clients for a vacancy, with reasons against the ineligible."""
    own = np.array(
        session.exec(select(Person.id).where(Person.bapas_id == actor.bapas_id)).all(),
        dtype=np.int64,
    )
    state, ranked = matching.people_for(
        session, vacancy, requirements, k, only_ids=own, include_ineligible=include_ineligible
    )
    ids = [place.id for place in ranked]
    people = _people_with_regions(session, ids)
    names = {
        identity.person_id: identity.full_name
        for identity in session.exec(
            select(PersonIdentity).where(col(PersonIdentity.person_id).in_(ids))
        )
    }
    terms = terms_in_words(session, state, requirements, ranked)
    return [
        ClientMatch(
            public_id=people[place.id][0].public_id,
            name=names.get(place.id, ""),
            status=PersonStatus(people[place.id][0].status),
            region=people[place.id][1].full_name,
            available_from=people[place.id][0].available_from,
            score=place.score,
            met=place.met,
            terms=terms[place.id],
            ineligible=place.ineligible,
        )
        for place in ranked
        if place.id in people
    ]


def opportunities(
    session: Session, person: Person, k: int = 20, include_ineligible: bool = False
) -> list[Opportunity]:
    """The vacancies worth most to a person, with terms in words."""
    state, ranked = matching.vacancies_for(session, person, k, include_ineligible)
    return opportunity_views(session, person, state, ranked)


def opportunity(session: Session, person: Person, vacancy: Vacancy) -> Opportunity | None:
    """One vacancy as it fits a person; None when nothing of it fits."""
    state, ranked = matching.vacancies_for(
        session, person, 1, include_ineligible=True, only_id=vacancy.id
    )
    found = opportunity_views(session, person, state, ranked)
    return found[0] if found else None


def opportunity_views(
    session: Session, person: Person, state: matching.State, ranked: list[RankedVacancy]
) -> list[Opportunity]:
    ids = [place.id for place in ranked]
    rows = {
        vacancy.id: (vacancy, employer, region)
        for vacancy, employer, region in session.exec(
            select(Vacancy, Employer.name, Region)
            .join(Employer, col(Employer.id) == col(Vacancy.employer_id))
            .join(Region, col(Region.code) == col(Vacancy.region_code), isouter=True)
            .where(col(Vacancy.id).in_(ids))
        )
    }
    requirements: dict[int, list[VacancyRequirement]] = defaultdict(list)
    for row in session.exec(
        select(VacancyRequirement)
        .where(col(VacancyRequirement.vacancy_id).in_(ids))
        .order_by(col(VacancyRequirement.position))
    ):
        requirements[row.vacancy_id].append(row)
    words = _EvidenceWords(session, state, [person.id])
    found = []
    for place in ranked:
        if place.id not in rows:
            continue
        vacancy, employer, region = rows[place.id]
        found.append(
            Opportunity(
                public_id=vacancy.public_id,
                title=vacancy.title,
                employer=employer,
                region=region.full_name if region else "",
                km=place.km,
                wage_min=vacancy.wage_min,
                wage_max=vacancy.wage_max,
                start_on=vacancy.start_on,
                fit=place.fit,
                wish=place.wish,
                worth=place.worth,
                met=place.met,
                terms=words.terms(requirements[place.id], place, person.id),
                wishes=place.wishes,
                ineligible=place.ineligible,
            )
        )
    return found


def terms_in_words(
    session: Session,
    state: matching.State,
    requirements: list[VacancyRequirement],
    ranked: list[Ranked],
) -> dict[int, tuple[TermView, ...]]:
    """Person id -> the terms of their place in the ranking, in words."""
    words = _EvidenceWords(session, state, [place.id for place in ranked])
    return {place.id: words.terms(requirements, place, place.id) for place in ranked}


class _EvidenceWords:
    """Says which certificate or training stands behind each term."""

    def __init__(self, session: Session, state: matching.State, person_ids: list[int]) -> None:
        self._state = state
        self._evidence = evidence_of(session, state.taxonomy, state.day, sorted(set(person_ids)))
        self._certificates = {
            f"certificate:{row.public_id}": row
            for row in session.exec(
                select(Certificate).where(col(Certificate.person_id).in_(person_ids))
            )
        }
        self._trainings = {
            f"training:{row.public_id}": row
            for row in session.exec(select(Training).where(col(Training.person_id).in_(person_ids)))
        }

    def terms(
        self, requirements: list[VacancyRequirement], ranked: Ranked | RankedVacancy, person_id: int
    ) -> tuple[TermView, ...]:
        evidence: dict[str, Evidence] = self._evidence.get(person_id, {})
        views = matching.term_views(self._state, requirements, ranked, evidence, language())
        return tuple(replace(view, evidence=self._words(view.source)) for view in views)

    def _words(self, source: str | None) -> str:
        if source in self._certificates:
            row = self._certificates[source]
            scheme = matching.title_of(self._state.taxonomy, row.scheme_code, language())
            if row.expires_on < self._state.day:
                return _(
                    "Sertifikat: %(scheme)s, level %(level)s, habis %(date)s",
                    scheme=scheme,
                    level=row.level,
                    date=day(row.expires_on),
                )
            if row.verification != Verification.VERIFIED:
                return _(
                    "Sertifikat: %(scheme)s, level %(level)s, belum diperiksa",
                    scheme=scheme,
                    level=row.level,
                )
            return _(
                "Sertifikat: %(scheme)s, level %(level)s, berlaku sampai %(date)s",
                scheme=scheme,
                level=row.level,
                date=day(row.expires_on),
            )
        if source in self._trainings:
            row = self._trainings[source]
            scheme = matching.title_of(self._state.taxonomy, row.scheme_code, language())
            if row.status == TrainingStatus.FINISHED:
                return _("Pelatihan: %(scheme)s, %(hours)s jam", scheme=scheme, hours=row.hours)
            return _("Sedang dilatih: %(scheme)s, %(hours)s jam", scheme=scheme, hours=row.hours)
        return ""


def certificate_lines(
    session: Session, person_ids: list[int]
) -> dict[int, tuple[CertificateLine, ...]]:
    """person id -> certificates others may read, valid ones first; revoked ones are left out."""
    state = matching.engine().state(session)
    found: dict[int, list[CertificateLine]] = defaultdict(list)
    for row in session.exec(
        select(Certificate)
        .where(
            col(Certificate.person_id).in_(person_ids),
            Certificate.verification != Verification.REVOKED,
        )
        .order_by(col(Certificate.expires_on).desc(), col(Certificate.id))
    ):
        found[row.person_id].append(
            CertificateLine(
                scheme=matching.title_of(state.taxonomy, row.scheme_code, language()),
                level=row.level,
                issued_on=row.issued_on,
                expires_on=row.expires_on,
                is_valid=row.expires_on >= state.day,
                is_verified=row.verification == Verification.VERIFIED,
            )
        )
    return {person: tuple(lines) for person, lines in found.items()}


def _people_with_regions(session: Session, ids: list[int]) -> dict[int, tuple[Person, Region]]:
    return {
        person.id: (person, region)
        for person, region in session.exec(
            select(Person, Region)
            .join(Region, col(Region.code) == col(Person.home_region_code))
            .where(col(Person.id).in_(ids))
        )
    }
