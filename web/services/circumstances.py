"""From stored people to the blind view that eligibility reads.

Guidance conditions and lawful exclusions are turned into barred traits, hours and distances here,
so that nothing behind this module ever sees a record.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from matcher.eligibility import MOBILITY_NUMBER, Circumstances, Stay, day_number
from matcher.geography import Geography
from matcher.taxonomy import Taxonomy
from models.enums import (
    ConsentPurpose,
    Education,
    Hours,
    Mobility,
    RestrictionKind,
    VacancyTrait,
)
from models.introductions import Consent
from models.people import Person, PersonLicence
from models.records import ExclusionRule, OffenceRecord, Restriction

BARRED_TRAIT = {
    RestrictionKind.NO_WORK_WITH_CHILDREN: VacancyTrait.CHILDREN,
    RestrictionKind.NO_CASH_HANDLING: VacancyTrait.CASH,
    RestrictionKind.NO_DRIVING: VacancyTrait.PUBLIC_ROAD_DRIVING,
    RestrictionKind.NO_WORK_WITH_MEDICINES: VacancyTrait.MEDICINES,
    RestrictionKind.NO_WORK_IN_HOMES: VacancyTrait.PRIVATE_HOMES,
    RestrictionKind.NO_WORK_ABROAD: VacancyTrait.ABROAD,
}
STAY = {
    RestrictionKind.STAY_IN_PROVINCE: Stay.PROVINCE,
    RestrictionKind.STAY_IN_REGION: Stay.REGION,
}


@dataclass
class _Bars:
    restricted: int = 0
    excluded: int = 0
    lost_hours: int = 0
    stay: Stay = Stay.FREE
    licences: int = 0
    listed: bool = False


def circumstances_of(
    session: Session,
    people: Iterable[Person],
    taxonomy: Taxonomy,
    geography: Geography,
    today: date,
    everybody: bool = False,
) -> list[Circumstances]:
    """The blind view of each person, in the order given.

    everybody: the whole table is asked for, so the queries need no list of ids.
    """
    people = list(people)
    ids = None if everybody else [person.id for person in people]
    bars: dict[int, _Bars] = defaultdict(_Bars)
    _add_restrictions(session, bars, ids, today)
    _add_exclusions(session, bars, ids, today)
    _add_licences(session, bars, ids, taxonomy, today)
    _add_consent(session, bars, ids)
    return [_circumstances(person, bars[person.id], geography) for person in people]


def _circumstances(person: Person, bars: _Bars, geography: Geography) -> Circumstances:
    return Circumstances(
        region=geography.number[person.home_region_code],
        available_day=day_number(person.available_from),
        education=Education(person.education).rank,
        mobility=MOBILITY_NUMBER[Mobility(person.mobility)],
        commute_km=person.commute_km,
        hours=person.hours & ~bars.lost_hours,
        stay=bars.stay,
        restricted_traits=bars.restricted,
        excluded_traits=bars.excluded,
        licences=bars.licences,
        listed=bars.listed,
    )


def _among(statement, column, ids: list[int] | None):
    return statement if ids is None else statement.where(column.in_(ids))


def _add_restrictions(
    session: Session, bars: dict[int, _Bars], ids: list[int] | None, today: date
) -> None:
    statement = select(Restriction.person_id, Restriction.kind).where(
        col(Restriction.ended_at).is_(None),
        col(Restriction.until).is_(None) | (col(Restriction.until) >= today),
    )
    for person_id, kind in session.exec(_among(statement, col(Restriction.person_id), ids)):
        bar = bars[person_id]
        if kind in BARRED_TRAIT:
            bar.restricted |= int(BARRED_TRAIT[kind])
        elif kind == RestrictionKind.NO_NIGHT_WORK:
            bar.lost_hours |= int(Hours.NIGHT)
        else:
            bar.stay = max(bar.stay, STAY[kind])


def _add_exclusions(
    session: Session, bars: dict[int, _Bars], ids: list[int] | None, today: date
) -> None:
    rules: dict[str, int] = defaultdict(int)
    for rule in session.exec(
        select(ExclusionRule).where(
            col(ExclusionRule.until).is_(None) | (col(ExclusionRule.until) >= today)
        )
    ):
        rules[rule.family.value] |= rule.trait
    if not rules:
        return
    statement = select(OffenceRecord.person_id, OffenceRecord.family)
    for person_id, family in session.exec(_among(statement, col(OffenceRecord.person_id), ids)):
        bars[person_id].excluded |= rules.get(family, 0)


def _add_licences(
    session: Session,
    bars: dict[int, _Bars],
    ids: list[int] | None,
    taxonomy: Taxonomy,
    today: date,
) -> None:
    bit = {code: 1 << place for place, code in enumerate(taxonomy.licences)}
    statement = select(PersonLicence.person_id, PersonLicence.licence_code).where(
        col(PersonLicence.expires_on).is_(None) | (col(PersonLicence.expires_on) >= today)
    )
    for person_id, code in session.exec(_among(statement, col(PersonLicence.person_id), ids)):
        bars[person_id].licences |= bit.get(code, 0)


def _add_consent(session: Session, bars: dict[int, _Bars], ids: list[int] | None) -> None:
    statement = select(Consent.person_id).where(
        Consent.purpose == ConsentPurpose.LISTING, col(Consent.withdrawn_at).is_(None)
    )
    for person_id in session.exec(_among(statement, col(Consent.person_id), ids)):
        bars[person_id].listed = True


def licence_bits(taxonomy: Taxonomy, codes: Iterable[str]) -> int:
    """The bit mask of licences, as Circumstances and Conditions carry it."""
    place = {code: number for number, code in enumerate(taxonomy.licences)}
    bits = 0
    for code in codes:
        bits |= 1 << place[code]
    return bits
