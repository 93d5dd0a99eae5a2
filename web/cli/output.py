"""What commands print of vacancies and rankings, as plain data."""

import json
import sys
from typing import Any, TextIO

from sqlmodel import Session, col, select

from matcher.linking import LinkedVacancy
from matcher.ranking import Ranked
from matcher.taxonomy import Taxonomy
from models.employers import VacancyRequirement
from models.people import Person
from models.regions import Region
from web.services import matching
from web.services.evidence import evidence_of
from web.services.vacancies import VacancyFields


def print_json(value: Any, file: TextIO | None = None) -> None:
    print(json.dumps(value, ensure_ascii=False), file=file or sys.stdout)


def linked_json(taxonomy: Taxonomy, linked: LinkedVacancy) -> dict[str, Any]:
    """Occupation, alternatives, requirements and facts of a linked text."""
    return {
        "occupation": linked.occupation.code if linked.occupation else None,
        "title": matching.title_of(taxonomy, linked.occupation.code) if linked.occupation else None,
        "isco": linked.occupation.isco if linked.occupation else None,
        "confidence": linked.occupation.confidence if linked.occupation else None,
        "alternatives": [
            {"occupation": entry.code, "isco": entry.isco, "confidence": entry.confidence}
            for entry in linked.alternatives
        ],
        "requirements": [
            {
                "text": entry.text,
                "kind": entry.kind.value,
                "code": entry.code,
                "importance": entry.importance.value,
                "weight": entry.weight,
                "least_level": entry.least_level,
                "confidence": entry.confidence,
                "start": entry.start,
                "end": entry.end,
            }
            for entry in linked.requirements
        ],
        "education": linked.education.value,
        "wage": list(linked.wage) if linked.wage else None,
        "place": linked.place,
        "concerns": [{"kind": entry.kind, "words": entry.words} for entry in linked.concerns],
    }


def vacancy_json(taxonomy: Taxonomy, fields: VacancyFields) -> dict[str, Any]:
    """A vacancy as it would be stored."""
    occupation = taxonomy.occupations.get(fields.occupation_code or "")
    return {
        "title": fields.title,
        "occupation": fields.occupation_code,
        "isco": occupation.isco if occupation else None,
        "confidence": fields.occupation_confidence,
        "region": fields.region_code or fields.province_code,
        "wage": [fields.wage_min, fields.wage_max] if fields.wage_min else None,
        "requirements": [
            {
                "text": entry.text,
                "kind": entry.kind.value,
                "code": entry.concept_code,
                "importance": entry.importance.value,
                "confidence": entry.confidence,
            }
            for entry in fields.requirements
        ],
    }


def ranking_json(
    session: Session,
    state: matching.State,
    rows: list[VacancyRequirement],
    ranked: list[Ranked],
) -> list[dict[str, Any]]:
    """The people of a ranking: public id, region, score and its terms; never a name."""
    ids = [place.id for place in ranked]
    people = {
        person_id: (public_id, region)
        for person_id, public_id, region in session.exec(
            select(Person.id, Person.public_id, Region)
            .join(Region, col(Region.code) == col(Person.home_region_code))
            .where(col(Person.id).in_(ids))
        )
    }
    evidence = evidence_of(session, state.taxonomy, state.day, ids)
    return [
        {
            "person": people[place.id][0],
            "region": people[place.id][1].full_name,
            "score": round(place.score, 4),
            "met": place.met,
            "terms": [
                {
                    "text": view.text,
                    "unit": view.unit,
                    "share": round(view.share, 4),
                    "weight": round(view.weight, 4),
                    "met": view.is_met,
                }
                for view in matching.term_views(
                    state, rows, place, evidence.get(place.id, {}), "id"
                )
            ],
        }
        for place in ranked
    ]
