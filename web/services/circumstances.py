"""From stored people to the blind view that eligibility reads, many at once.

Guidance conditions and lawful exclusions are turned into barred traits, hours and distances here,
so that nothing behind this module ever sees a record.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import String, type_coerce
from sqlmodel import Session, col, select

from matcher.eligibility import (
    COLUMN_TYPES,
    MOBILITY_NUMBER,
    Circumstances,
    CircumstancesColumns,
    Stay,
    day_number,
)
from matcher.geography import Geography
from matcher.taxonomy import Taxonomy
from models.enums import (
    ConsentPurpose,
    Education,
    Hours,
    RestrictionKind,
    VacancyTrait,
)
from models.introductions import Consent
from models.people import Person, PersonLicence
from models.records import ExclusionRule, OffenceRecord, Restriction
from web.services.bulk import among, columns_of, rows_of

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
EDUCATION_RANK = {education.value: education.rank for education in Education}
MOBILITY = {mobility.value: number for mobility, number in MOBILITY_NUMBER.items()}


def read_circumstances(
    session: Session,
    taxonomy: Taxonomy,
    geography: Geography,
    today: date,
    ids: list[int] | None = None,
) -> tuple[np.ndarray, CircumstancesColumns]:
    """int64[n] ids, rising, and the blind view of everybody, or of those of `ids` who are stored."""
    found: dict[str, list[Any]] = defaultdict(list)
    statement = select(
        Person.id,
        Person.home_region_code,
        Person.available_from,
        type_coerce(Person.education, String),
        type_coerce(Person.mobility, String),
        Person.commute_km,
        Person.hours,
    ).order_by(col(Person.id))
    for numbers, regions, days, education, mobility, commute, hours in columns_of(
        session, among(statement, col(Person.id), ids)
    ):
        found["id"] += numbers
        found["region"] += [geography.number[code] for code in regions]
        found["available_day"] += map(day_number, days)
        found["education"] += [EDUCATION_RANK[value] for value in education]
        found["mobility"] += [MOBILITY[value] for value in mobility]
        found["commute_km"] += commute
        found["hours"] += hours
    people = np.array(found.pop("id", []), dtype=np.int64)
    columns = {name: np.zeros(len(people), dtype=dtype) for name, dtype in COLUMN_TYPES.items()}
    for name, values in found.items():
        columns[name] = np.array(values, dtype=COLUMN_TYPES[name])
    _add_restrictions(session, people, columns, ids, today)
    _add_exclusions(session, people, columns, ids, today)
    _add_licences(session, people, columns, ids, taxonomy, today)
    _add_consent(session, people, columns, ids)
    return people, CircumstancesColumns(**columns)


def circumstances_of(
    session: Session, person: Person, taxonomy: Taxonomy, geography: Geography, today: date
) -> Circumstances:
    """The blind view of one stored person."""
    _, columns = read_circumstances(session, taxonomy, geography, today, [person.id])
    values = {name: getattr(columns, name)[0].item() for name in COLUMN_TYPES}
    return Circumstances(**{**values, "stay": Stay(values["stay"])})


Columns = dict[str, np.ndarray]


def _add_restrictions(
    session: Session, people: np.ndarray, columns: Columns, ids: list[int] | None, today: date
) -> None:
    statement = select(Restriction.person_id, Restriction.kind).where(
        col(Restriction.ended_at).is_(None),
        col(Restriction.until).is_(None) | (col(Restriction.until) >= today),
    )
    by_kind = _by_value(session, among(statement, col(Restriction.person_id), ids), people)
    for kind, rows in by_kind.items():
        if kind in BARRED_TRAIT:
            columns["restricted_traits"][rows] |= int(BARRED_TRAIT[kind])
        elif kind == RestrictionKind.NO_NIGHT_WORK:
            columns["hours"][rows] &= ~int(Hours.NIGHT) & 0xFF
        else:
            columns["stay"][rows] = np.maximum(columns["stay"][rows], STAY[kind])


def _add_exclusions(
    session: Session, people: np.ndarray, columns: Columns, ids: list[int] | None, today: date
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
    by_family = _by_value(session, among(statement, col(OffenceRecord.person_id), ids), people)
    for family, rows in by_family.items():
        columns["excluded_traits"][rows] |= rules.get(family, 0)


def _add_licences(
    session: Session,
    people: np.ndarray,
    columns: Columns,
    ids: list[int] | None,
    taxonomy: Taxonomy,
    today: date,
) -> None:
    bit = {code: 1 << place for place, code in enumerate(taxonomy.licences)}
    statement = select(PersonLicence.person_id, PersonLicence.licence_code).where(
        col(PersonLicence.expires_on).is_(None) | (col(PersonLicence.expires_on) >= today)
    )
    by_code = _by_value(session, among(statement, col(PersonLicence.person_id), ids), people)
    for code, rows in by_code.items():
        columns["licences"][rows] |= np.uint64(bit.get(code, 0))


def _add_consent(
    session: Session, people: np.ndarray, columns: Columns, ids: list[int] | None
) -> None:
    statement = select(Consent.person_id).where(
        Consent.purpose == ConsentPurpose.LISTING, col(Consent.withdrawn_at).is_(None)
    )
    for (holders,) in columns_of(session, among(statement, col(Consent.person_id), ids)):
        rows, known = rows_of(people, np.array(holders, dtype=np.int64))
        columns["listed"][rows[known]] = True


def _by_value(session: Session, statement: Any, people: np.ndarray) -> dict[Any, np.ndarray]:
    """value -> rows, of a statement of (person id, value)."""
    holders: dict[Any, list[int]] = defaultdict(list)
    for numbers, values in columns_of(session, statement):
        for number, value in zip(numbers, values, strict=True):
            holders[value].append(number)
    found = {}
    for value, numbers in holders.items():
        rows, known = rows_of(people, np.array(numbers, dtype=np.int64))
        found[value] = np.unique(rows[known])
    return found


def licence_bits(taxonomy: Taxonomy, codes: Iterable[str]) -> int:
    """The bit mask of licences, as Circumstances and Conditions carry it."""
    place = {code: number for number, code in enumerate(taxonomy.licences)}
    bits = 0
    for code in codes:
        bits |= 1 << place[code]
    return bits
