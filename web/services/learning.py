"""What a person lacks for a vacancy, and where it can be learnt."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.certificates import Training
from models.employers import Vacancy
from models.enums import ConceptKind, PersonStatus
from models.people import Person
from models.regions import Facility, Region
from web.i18n import language
from web.services import matching
from web.services.cards import Opportunity

MOST_SCHEMES = 3


@dataclass(frozen=True, slots=True)
class Missing:
    """A requirement that is not met: the schemes that certify it, and where they are taught.

    inside: names of facilities that train it, only for somebody who still is in one.
    """

    text: str
    schemes: tuple[str, ...]
    inside: tuple[str, ...]
    region: str


def missing(
    session: Session, person: Person, vacancy: Vacancy, opportunity: Opportunity | None
) -> list[Missing]:
    """The unmet requirements of a vacancy, in its order."""
    state = matching.engine().state(session)
    rows = matching.scored_requirements(matching.requirements_of(session, vacancy))
    met = (
        {place for place, term in enumerate(opportunity.terms) if term.is_met}
        if opportunity
        else set()
    )
    region = session.get_one(Region, person.home_region_code).full_name
    found = []
    for place, row in enumerate(rows):
        if place in met:
            continue
        codes = _schemes(state, row.kind, row.concept_code)
        found.append(
            Missing(
                text=row.text,
                schemes=tuple(
                    matching.title_of(state.taxonomy, code, language()) for code in codes
                ),
                inside=_facilities(session, codes)
                if person.status == PersonStatus.IN_CUSTODY
                else (),
                region=region,
            )
        )
    return found


def _schemes(state: matching.State, kind: str, code: str | None) -> list[str]:
    if code is None:
        return []
    if kind == ConceptKind.UNIT:
        return list(state.taxonomy.schemes_of_unit.get(code, ()))[:MOST_SCHEMES]
    if kind == ConceptKind.OCCUPATION:
        return list(state.taxonomy.schemes_of_occupation.get(code, ()))[:MOST_SCHEMES]
    return []


def _facilities(session: Session, schemes: list[str]) -> tuple[str, ...]:
    return tuple(
        session.exec(
            select(Facility.name)
            .join(Training, col(Training.facility_id) == col(Facility.id))
            .where(col(Training.scheme_code).in_(schemes))
            .distinct()
            .order_by(col(Facility.name))
            .limit(5)
        )
    )
