"""Whole vacancies: do the people ranked for a text hold what the text was written from?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from benchmarks import population
from benchmarks.quality.labels import DataMissing, in_held_out_words
from matcher.affinity import EMPTY, affinity
from matcher.eligibility import Conditions, reasons
from matcher.embeddings import TaxonomyEmbeddings, centred
from matcher.encoder import Encoder
from matcher.evaluation import Interval, bootstrap_interval, ndcg_at
from matcher.linking import OCCUPATION_WEIGHT, LinkedVacancy, Linker
from matcher.people_index import PeopleIndex
from matcher.ranking import WEIGHT_SCALE, Query, Requirement, tie_hash, totals
from matcher.taxonomy import Taxonomy
from models.enums import ConceptKind, Importance
from seed_data.demo.vacancies import DemoVacancy, synthetic_employers, synthetic_vacancies

TOP = 10
EMPLOYERS = 40
WAYS = ("chance", "whole texts, dense", "Titian", "true requirements", "best there is")


@dataclass(frozen=True, slots=True)
class VacancySet:
    """Vacancies whose true requirements are known. source: whose words they are written in."""

    name: str
    source: str
    vacancies: tuple[DemoVacancy, ...]


def demo_set(taxonomy: Taxonomy, count: int, seed: int) -> VacancySet:
    """Demo vacancies, in words that the taxonomy holds."""
    found = synthetic_vacancies(taxonomy, synthetic_employers(EMPLOYERS), count, seed)
    return VacancySet("demo vacancies", "in words of the taxonomy", tuple(found))


def held_out_set(taxonomy: Taxonomy, count: int, seed: int) -> VacancySet:
    """The same kind of vacancies, each trade and skill in a held-out alias."""
    worded = in_held_out_words(taxonomy)
    found = synthetic_vacancies(worded, synthetic_employers(EMPLOYERS), count, seed)
    return VacancySet("vacancies in held-out words", "in held-out aliases only", tuple(found))


@dataclass(frozen=True, slots=True)
class WayFigures:
    """One way to rank. coverage: mean share of a vacancy's true units that each of the top 10
    holds; ndcg: nDCG@10 with that share for gain."""

    name: str
    coverage: Interval
    ndcg: Interval


@dataclass(frozen=True, slots=True)
class VacancyFigures:
    """What came of one set. unmet: vacancies left out because nobody holds any of their units;
    units_found: share of the true units read from the texts; trade_found: share of the vacancies
    whose trade was read right."""

    name: str
    source: str
    vacancies: int
    unmet: int
    people: int
    units_found: Interval
    trade_found: Interval
    ways: tuple[WayFigures, ...]


def measure(
    given: VacancySet,
    linker: Linker,
    embeddings: TaxonomyEmbeddings,
    plain: Encoder,
    people: PeopleIndex,
    seed: int,
) -> VacancyFigures:
    """Rank the people for every vacancy in each of WAYS. All ways choose among the same people:
    those with consent; place, hours and schooling bar nobody here.

    embeddings: the linker's; plain: the encoder that the dense way compares whole texts with.
    Raises DataMissing where nobody can meet any of the vacancies.
    """
    taxonomy = linker.taxonomy
    listed = reasons(people.circumstances, Conditions(), population.geography()) == 0
    held = [listed * held_share(people, taxonomy, entry.units) for entry in given.vacancies]
    asked = [entry for entry, share in zip(given.vacancies, held, strict=True) if share.any()]
    if not asked:
        raise DataMissing("nobody among the people holds a unit of any vacancy")
    gains = np.array([share for share in held if share.any()])
    linked = [linker.link(vacancy.text, vacancy.title) for vacancy in asked]
    scores = {
        "chance": np.random.default_rng(seed).random(gains.shape),
        "whole texts, dense": dense_scores(asked, plain, people, taxonomy),
        "Titian": np.array(
            [
                in_order(people, query_of(reading, linker, embeddings, vacancy))
                for reading, vacancy in zip(linked, asked, strict=True)
            ]
        ),
        "true requirements": np.array(
            [in_order(people, true_query(entry, taxonomy, embeddings)) for entry in asked]
        ),
        "best there is": gains,
    }
    ways = []
    for name in WAYS:
        allowed = np.where(listed, scores[name], -np.inf)
        top = np.argsort(-allowed, axis=1, kind="stable")[:, :TOP]
        share = np.take_along_axis(gains, top, axis=1).mean(axis=1)
        quality = ndcg_at(allowed, gains, TOP)
        ways.append(
            WayFigures(name, bootstrap_interval(share, seed), bootstrap_interval(quality, seed))
        )
    return VacancyFigures(
        name=given.name,
        source=given.source,
        vacancies=len(asked),
        unmet=len(given.vacancies) - len(asked),
        people=int(listed.sum()),
        units_found=bootstrap_interval(_units_found(linked, asked), seed),
        trade_found=bootstrap_interval(_trades_found(linked, asked), seed),
        ways=tuple(ways),
    )


def held_share(people: PeopleIndex, taxonomy: Taxonomy, units: Sequence[str]) -> np.ndarray:
    """float64[people]: the share of some units that each person holds, whatever the evidence."""
    found = np.zeros(len(people))
    for unit in units:
        concept = taxonomy.concept_number[unit]
        found[people.holders(concept)[0]] += 1
    return found / len(units)


def in_order(people: PeopleIndex, query: Query) -> np.ndarray:
    """float64[people]: the service's order, its ties broken as the service breaks them."""
    ties = tie_hash(query.key, people.ids, population.TODAY).argsort().argsort()
    return totals(people, query).astype(np.float64) - ties / len(people)


def query_of(
    linked: LinkedVacancy, linker: Linker, embeddings: TaxonomyEmbeddings, vacancy: DemoVacancy
) -> Query:
    """What was read from a vacancy, as ranking takes it; required licences give no points."""
    requirements = [
        _requirement(linker, embeddings, found.kind, found.code, found.text, found.weight)
        for found in linked.requirements
        if not (found.kind == ConceptKind.LICENCE and found.importance == Importance.MUST)
    ]
    return Query(_key(vacancy), tuple(requirements))


def true_query(vacancy: DemoVacancy, taxonomy: Taxonomy, embeddings: TaxonomyEmbeddings) -> Query:
    """What a vacancy was written from, as if every word of it had been read right."""
    trade = affinity(taxonomy, ConceptKind.OCCUPATION, vacancy.occupation)
    requirements = [Requirement(trade, round(OCCUPATION_WEIGHT * WEIGHT_SCALE))]
    for unit in vacancy.units:
        alike = embeddings.likeness_of_unit(taxonomy.concept_number[unit])
        requirements.append(Requirement(affinity(taxonomy, ConceptKind.UNIT, unit, alike)))
    return Query(_key(vacancy), tuple(requirements))


def _requirement(
    linker: Linker,
    embeddings: TaxonomyEmbeddings,
    kind: ConceptKind,
    code: str | None,
    text: str,
    weight: float,
) -> Requirement:
    taxonomy = linker.taxonomy
    alike = None
    if kind == ConceptKind.TEXT:
        alike = embeddings.likeness_of_vector(linker.vectors([text])[0])
    elif kind == ConceptKind.UNIT and code is not None:
        alike = embeddings.likeness_of_unit(taxonomy.concept_number[code])
    known = code is None or code in taxonomy.concept_number or code in taxonomy.occupations
    found = affinity(taxonomy, kind, code, alike) if known else EMPTY
    return Requirement(found, max(1, round(weight * WEIGHT_SCALE)))


def _key(vacancy: DemoVacancy) -> int:
    return int.from_bytes(sha256(f"{vacancy.title}\x00{vacancy.text}".encode()).digest()[:8], "big")


def dense_scores(
    vacancies: Sequence[DemoVacancy], encoder: Encoder, people: PeopleIndex, taxonomy: Taxonomy
) -> np.ndarray:
    """float[vacancies, people]: cosine of a whole vacancy with the titles of all a person holds,
    vacancies and people each centred on their own mean."""
    texts = []
    for row in range(len(people)):
        held = people.held(row)[0]
        texts.append("; ".join(_title(taxonomy, taxonomy.concepts[concept]) for concept in held))
    of_people = encoder.encode(texts)
    mean = of_people.mean(axis=0)
    asked = encoder.encode([f"{vacancy.title}\n{vacancy.text}" for vacancy in vacancies])
    return centred(asked, asked.mean(axis=0)) @ centred(of_people, mean).T


def _title(taxonomy: Taxonomy, code: str) -> str:
    known: Mapping = taxonomy.units if code in taxonomy.units else taxonomy.licences
    return known[code].title_id


def _units_found(linked: Sequence[LinkedVacancy], vacancies: Sequence[DemoVacancy]) -> np.ndarray:
    shares = []
    for reading, vacancy in zip(linked, vacancies, strict=True):
        read = {found.code for found in reading.requirements if found.kind == ConceptKind.UNIT}
        shares.append(len(read & set(vacancy.units)) / len(vacancy.units))
    return np.array(shares)


def _trades_found(linked: Sequence[LinkedVacancy], vacancies: Sequence[DemoVacancy]) -> np.ndarray:
    return np.array(
        [
            reading.occupation is not None and reading.occupation.code == vacancy.occupation
            for reading, vacancy in zip(linked, vacancies, strict=True)
        ]
    )
