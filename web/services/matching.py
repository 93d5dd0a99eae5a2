"""The matching engine over the stored people and vacancies, and what each audience sees of it.

Every worker keeps the engine in memory and looks, at each use, whether MatchingChange has grown;
what changed is taken in before the answer, so a withdrawn consent counts on the next request.
"""

import threading
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
from flask import Flask, current_app
from sqlmodel import Session, col, func, select

from matcher.affinity import EMPTY, Affinity, affinity
from matcher.eligibility import (
    Circumstances,
    CircumstancesColumns,
    Conditions,
    day_number,
)
from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import SOCKET_NAME, Encoder, open_encoder
from matcher.evidence import (
    STRENGTH_SCALE,
    Evidence,
    HeldCertificate,
    HeldTraining,
    best_evidence,
)
from matcher.geography import Geography
from matcher.linking import Linker
from matcher.people_index import PeopleIndex
from matcher.ranking import WEIGHT_SCALE, Query, Ranked, Requirement, rank_people
from matcher.taxonomy import Taxonomy
from matcher.vacancy_index import (
    LiveVacancies,
    RankedVacancy,
    VacancyEntry,
    VacancyIndex,
    Wishes,
    rank_vacancies,
)
from models.certificates import Certificate, CertificateUnit, Training
from models.employers import Vacancy, VacancyRequirement
from models.enums import (
    ConceptKind,
    Education,
    Importance,
    TrainingStatus,
    VacancyStatus,
    Verification,
)
from models.matching import ChangeKind, MatchingChange
from models.people import Person, PersonWish
from models.regions import PlaceName, Region
from web.services import taxonomy as taxonomies
from web.services.circumstances import circumstances_of, licence_bits

REBUILD_FROM = 500  # changed people at once from which a rebuild is quicker than patching
LICENCE_LEVEL = 9  # a licence is held or not; no level can be asked of it


@dataclass
class State:
    """What the engine holds in memory, as of one change number and one day."""

    taxonomy: Taxonomy
    geography: Geography
    embeddings: TaxonomyEmbeddings
    change: int
    day: date
    people: PeopleIndex
    vacancies: LiveVacancies
    occupation_number: dict[str, int] = field(default_factory=dict)
    affinities: dict[tuple[ConceptKind, str | bytes], Affinity] = field(default_factory=dict)


class Engine:
    """One worker's engine. Thread-safe: a state is built aside and then swapped in."""

    def __init__(
        self,
        encoder_name: str,
        cache: Path,
        may_load_torch: bool = False,
        show_progress: bool = False,
    ) -> None:
        self._encoder_name = encoder_name
        self._cache = cache
        self._may_load_torch = may_load_torch  # commands may, web workers may not
        self._show_progress = show_progress
        self._lock = threading.Lock()
        self._state: State | None = None
        self._encoder: Encoder | None = None
        self._linker: tuple[str, Linker] | None = None

    @property
    def encoder(self) -> Encoder:
        """The encoder, opened at first use (after the workers have been forked)."""
        if self._encoder is None:
            self._encoder = open_encoder(
                self._encoder_name, self._cache / SOCKET_NAME, self._may_load_torch
            )
        return self._encoder

    def state(self, session: Session, today: date | None = None) -> State:
        """The state as of the database's last change."""
        today = today or date.today()  # noqa: DTZ011  (a calendar day, the same for all zones here)
        newest = session.exec(select(func.max(MatchingChange.id))).one() or 0
        state = self._state
        if state is not None and state.change == newest and state.day == today:
            return state
        with self._lock:
            state = self._state
            if state is None or state.day != today:
                state = self._build(session, newest, today)
            elif state.change < newest:
                state = self._refresh(session, state, newest)
            self._state = state
            return state

    def reading_state(self, session: Session) -> State:
        """A state with the present taxonomy; it may lack the newest people and vacancies."""
        state = self._state
        newest = session.exec(
            select(func.max(MatchingChange.id)).where(MatchingChange.kind == ChangeKind.TAXONOMY)
        ).one()
        if state is not None and state.change >= (newest or 0):
            return state
        return self.state(session)

    def linker(self, session: Session) -> Linker:
        """The linker of free text for the present taxonomy."""
        state = self.reading_state(session)
        with self._lock:
            if self._linker is None or self._linker[0] != state.taxonomy.digest:
                self._linker = (
                    state.taxonomy.digest,
                    Linker(state.taxonomy, self.encoder, state.embeddings, places(session)),
                )
            return self._linker[1]

    def _build(self, session: Session, newest: int, today: date) -> State:
        taxonomy = taxonomies.load(session)
        regions = session.exec(select(Region).order_by(col(Region.code))).all()
        geography = Geography(
            [region.code for region in regions],
            np.array([region.lat for region in regions]),
            np.array([region.lon for region in regions]),
        )
        embeddings = TaxonomyEmbeddings.open(
            taxonomy, self.encoder, self._cache, self._show_progress
        )
        state = State(
            taxonomy=taxonomy,
            geography=geography,
            embeddings=embeddings,
            change=newest,
            day=today,
            people=_people_index(session, taxonomy, geography, today),
            vacancies=LiveVacancies(VacancyIndex([], len(taxonomy.concepts))),
            occupation_number={code: place for place, code in enumerate(taxonomy.occupations)},
        )
        state.vacancies = _vacancy_index(session, state)
        return state

    def _refresh(self, session: Session, old: State, newest: int) -> State:
        changes = session.exec(
            select(MatchingChange.kind, MatchingChange.subject_id)
            .where(col(MatchingChange.id) > old.change)
            .distinct()
        ).all()
        kinds = {kind for kind, _ in changes}
        if ChangeKind.TAXONOMY in kinds:
            return self._build(session, newest, old.day)
        state = State(**{**old.__dict__, "change": newest})
        if ChangeKind.PERSON in kinds:
            ids = [subject for kind, subject in changes if kind == ChangeKind.PERSON]
            if None in ids or len(ids) >= REBUILD_FROM:
                state.people = _people_index(session, old.taxonomy, old.geography, old.day)
            else:
                state.people = old.people.replaced(
                    np.array(sorted(set(ids)), dtype=np.int64),
                    _people_index(session, old.taxonomy, old.geography, old.day, sorted(set(ids))),
                )
        if ChangeKind.VACANCY in kinds:
            ids = [subject for kind, subject in changes if kind == ChangeKind.VACANCY]
            if None in ids:
                state.vacancies = _vacancy_index(session, state)
            else:
                state.vacancies = old.vacancies.changed(ids, _vacancy_entries(session, state, ids))
        return state


def init_app(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    app.extensions["titian_engine"] = Engine(settings.encoder, settings.home / "cache")


def engine() -> Engine:
    return current_app.extensions["titian_engine"]


def places(session: Session) -> dict[str, str]:
    """Place name -> region or province code, as linking takes it."""
    return {row.place: row.region_code for row in session.exec(select(PlaceName))}


# From stored rows to what the engine ranks


def evidence_of(
    session: Session, taxonomy: Taxonomy, today: date, ids: list[int] | None = None
) -> dict[int, dict[str, Evidence]]:
    """person id -> unit code -> best evidence. ids: only these people, or None for everybody."""
    certificates: dict[int, list[HeldCertificate]] = defaultdict(list)
    units: dict[int, list[str]] = defaultdict(list)
    links = select(CertificateUnit.certificate_id, CertificateUnit.unit_code)
    rows = select(
        Certificate.id,
        Certificate.person_id,
        Certificate.level,
        Certificate.expires_on,
        Certificate.verification,
        Certificate.public_id,
    )
    trainings = select(
        Training.person_id,
        Training.scheme_code,
        Training.hours,
        Training.status,
        Training.public_id,
    ).where(Training.status != TrainingStatus.STOPPED)
    if ids is not None:
        links = links.join(
            Certificate, col(Certificate.id) == col(CertificateUnit.certificate_id)
        ).where(col(Certificate.person_id).in_(ids))
        rows = rows.where(col(Certificate.person_id).in_(ids))
        trainings = trainings.where(col(Training.person_id).in_(ids))
    for certificate_id, unit in session.exec(links):
        units[certificate_id].append(unit)
    for certificate_id, person_id, level, expires_on, verification, public_id in session.exec(rows):
        certificates[person_id].append(
            HeldCertificate(
                units=tuple(units[certificate_id]),
                level=level,
                expires_on=expires_on,
                verified=verification == Verification.VERIFIED,
                revoked=verification == Verification.REVOKED,
                source=f"certificate:{public_id}",
            )
        )
    held_trainings: dict[int, list[HeldTraining]] = defaultdict(list)
    for person_id, scheme_code, hours, status, public_id in session.exec(trainings):
        scheme = taxonomy.schemes[scheme_code]
        held_trainings[person_id].append(
            HeldTraining(
                units=scheme.units,
                level=scheme.kkni_level or 2,
                hours=hours,
                finished=status == TrainingStatus.FINISHED,
                source=f"training:{public_id}",
            )
        )
    return {
        person_id: best_evidence(
            certificates.get(person_id, ()), held_trainings.get(person_id, ()), today
        )
        for person_id in certificates.keys() | held_trainings.keys()
    }


def _people_index(
    session: Session,
    taxonomy: Taxonomy,
    geography: Geography,
    today: date,
    ids: list[int] | None = None,
) -> PeopleIndex:
    statement = select(Person).order_by(col(Person.id))
    if ids is not None:
        statement = statement.where(col(Person.id).in_(ids))
    people = session.exec(statement).all()
    circumstances = circumstances_of(
        session, people, taxonomy, geography, today, everybody=ids is None
    )
    evidence = evidence_of(session, taxonomy, today, ids)
    licences = list(taxonomy.licences)
    rows, concepts, strengths, levels = [], [], [], []
    for row, person in enumerate(people):
        for unit, best in evidence.get(person.id, {}).items():
            rows.append(row)
            concepts.append(taxonomy.concept_number[unit])
            strengths.append(best.strength)
            levels.append(best.level)
        for place, code in enumerate(licences):
            if circumstances[row].licences >> place & 1:
                rows.append(row)
                concepts.append(taxonomy.concept_number[code])
                strengths.append(STRENGTH_SCALE)
                levels.append(LICENCE_LEVEL)
    return PeopleIndex(
        ids=np.array([person.id for person in people], dtype=np.int64),
        circumstances=CircumstancesColumns.of(circumstances),
        concept_count=len(taxonomy.concepts),
        rows=np.array(rows, dtype=np.int32),
        concepts=np.array(concepts, dtype=np.int32),
        strengths=np.array(strengths, dtype=np.int32),
        levels=np.array(levels, dtype=np.uint8),
    )


def _vacancy_index(session: Session, state: State) -> LiveVacancies:
    entries = _vacancy_entries(session, state)
    return LiveVacancies(VacancyIndex(entries, len(state.taxonomy.concepts)))


def _vacancy_entries(
    session: Session, state: State, ids: list[int] | None = None
) -> list[VacancyEntry]:
    """The published vacancies, by id. ids: only these, or None for all."""
    rows = (
        select(VacancyRequirement)
        .join(Vacancy, col(Vacancy.id) == col(VacancyRequirement.vacancy_id))
        .where(Vacancy.status == VacancyStatus.PUBLISHED)
        .order_by(col(VacancyRequirement.position))
    )
    vacancies = (
        select(Vacancy)
        .where(
            Vacancy.status == VacancyStatus.PUBLISHED,
            col(Vacancy.closes_on).is_(None) | (col(Vacancy.closes_on) >= state.day),
        )
        .order_by(col(Vacancy.id))
    )
    if ids is not None:
        rows = rows.where(col(VacancyRequirement.vacancy_id).in_(ids))
        vacancies = vacancies.where(col(Vacancy.id).in_(ids))
    requirements: dict[int, list[VacancyRequirement]] = defaultdict(list)
    for row in session.exec(rows):
        requirements[row.vacancy_id].append(row)
    return [
        VacancyEntry(
            id=vacancy.id,
            query=query_of(state, vacancy, requirements[vacancy.id]),
            occupation=state.occupation_number.get(vacancy.occupation_code or "", -1),
            wage=vacancy.wage_max or vacancy.wage_min or 0,
        )
        for vacancy in session.exec(vacancies)
    ]


def query_of(state: State, vacancy: Vacancy, requirements: list[VacancyRequirement]) -> Query:
    """A vacancy as the engine ranks for it. Required licences are conditions, not points."""
    taxonomy = state.taxonomy
    needed = [
        row.concept_code
        for row in requirements
        if row.kind == ConceptKind.LICENCE
        and row.importance == Importance.MUST
        and row.concept_code in taxonomy.licences
    ]
    return Query(
        key=int.from_bytes(vacancy.public_id.encode()[:8], "big"),
        requirements=tuple(requirement_of(state, row) for row in scored_requirements(requirements)),
        conditions=Conditions(
            region=state.geography.number.get(vacancy.region_code or "", -1),
            province=state.geography.province_number.get(vacancy.province_code or "", -1),
            start_day=day_number(vacancy.start_on) if vacancy.start_on else None,
            education=Education(vacancy.education).rank,
            hours=vacancy.hours,
            traits=vacancy.traits,
            licences=licence_bits(taxonomy, needed),
        ),
    )


def scored_requirements(requirements: list[VacancyRequirement]) -> list[VacancyRequirement]:
    """The requirements that give points, in the order of the score's terms."""
    return [
        row
        for row in requirements
        if not (row.kind == ConceptKind.LICENCE and row.importance == Importance.MUST)
    ]


def requirement_of(state: State, row: VacancyRequirement) -> Requirement:
    return Requirement(
        affinity=_affinity(state, ConceptKind(row.kind), row.concept_code, row.vector),
        weight=max(1, round(row.weight * WEIGHT_SCALE)),
        least_level=row.least_level or 0,
        importance=Importance(row.importance),
    )


def _affinity(state: State, kind: ConceptKind, code: str | None, vector: bytes | None) -> Affinity:
    """The affinity of a requirement, kept for the next vacancy that asks the same."""
    key = (kind, vector or b"") if kind == ConceptKind.TEXT else (kind, code or "")
    if key not in state.affinities:
        state.affinities[key] = _new_affinity(state, kind, code, vector)
    return state.affinities[key]


def _new_affinity(
    state: State, kind: ConceptKind, code: str | None, vector: bytes | None
) -> Affinity:
    taxonomy = state.taxonomy
    if kind == ConceptKind.TEXT:
        if vector is None:
            return EMPTY
        likeness = state.embeddings.likeness_of_vector(np.frombuffer(vector, dtype="<f2"))
        return affinity(taxonomy, kind, None, likeness)
    if code not in taxonomy.concept_number and code not in taxonomy.occupations:
        return EMPTY  # it left the taxonomy; nobody can show it
    if kind == ConceptKind.UNIT:
        number = taxonomy.concept_number[code]
        return affinity(taxonomy, kind, code, state.embeddings.likeness_of_unit(number))
    return affinity(taxonomy, kind, code)


def requirements_of(session: Session, vacancy: Vacancy) -> list[VacancyRequirement]:
    """A vacancy's requirements in their order."""
    return list(
        session.exec(
            select(VacancyRequirement)
            .where(VacancyRequirement.vacancy_id == vacancy.id)
            .order_by(col(VacancyRequirement.position))
        )
    )


# What a ranking says, for people to read


@dataclass(frozen=True, slots=True)
class TermView:
    """One requirement's part in a match, in words.

    unit: title of what meets it, or None. source: "certificate:…" or "training:…" behind it.
    share in [0, 1]; weight in parts of the whole score, so that sum(share * weight) = score.
    """

    text: str
    is_nice: bool
    is_met: bool
    unit: str | None
    source: str | None
    share: float
    weight: float
    evidence: str = ""


def term_views(
    state: State,
    requirements: list[VacancyRequirement],
    ranked: Ranked | RankedVacancy,
    evidence: dict[str, Evidence],
    language: str = "id",
) -> list[TermView]:
    """The terms of a score in words. evidence: of the same person."""
    scored = scored_requirements(requirements)
    total = sum(term.weight for term in ranked.terms)
    views = []
    for row, term in zip(scored, ranked.terms, strict=True):
        code = state.taxonomy.concepts[term.concept] if term.concept >= 0 else None
        held = evidence.get(code) if code else None
        views.append(
            TermView(
                text=row.text,
                is_nice=row.importance == Importance.NICE,
                is_met=term.is_met,
                unit=title_of(state.taxonomy, code, language) if code else None,
                source=held.source if held else None,
                share=term.share,
                weight=term.weight / total,
            )
        )
    return views


def title_of(taxonomy: Taxonomy, code: str, language: str = "id") -> str:
    """The title of a unit, licence, scheme or occupation in a language."""
    for known in (taxonomy.units, taxonomy.licences, taxonomy.schemes, taxonomy.occupations):
        if code in known:
            entry = known[code]
            return entry.title_en if language == "en" else entry.title_id
    return code


def people_for(
    session: Session,
    vacancy: Vacancy,
    requirements: list[VacancyRequirement],
    k: int = 50,
    only_ids: np.ndarray | None = None,
    include_ineligible: bool = False,
) -> tuple[State, list[Ranked]]:
    """The state and the top k people for a vacancy. only_ids: int64 person ids to look at."""
    state = engine().state(session)
    ranked = rank_people(
        state.people,
        query_of(state, vacancy, requirements),
        state.geography,
        day_number(state.day),
        k=k,
        only=only_ids,
        include_ineligible=include_ineligible,
    )
    return state, ranked


def vacancies_for(
    session: Session, person: Person, k: int = 50, include_ineligible: bool = False
) -> tuple[State, list[RankedVacancy]]:
    """The state and the k vacancies worth most to a person."""
    state = engine().state(session)
    row = state.people.row_of(person.id)
    if row is None:
        return state, []
    wished = session.exec(
        select(PersonWish.occupation_code).where(PersonWish.person_id == person.id)
    ).all()
    ranked = rank_vacancies(
        state.vacancies,
        state.people.held(row),
        _listed(circumstances_of(session, [person], state.taxonomy, state.geography, state.day)[0]),
        Wishes(
            occupations=frozenset(
                state.occupation_number[code] for code in wished if code in state.occupation_number
            ),
            least_wage=person.least_wage or 0,
        ),
        state.geography,
        day_number(state.day),
        person_key=int.from_bytes(person.public_id.encode()[:8], "big"),
        k=k,
        include_ineligible=include_ineligible,
    )
    return state, ranked


def _listed(circumstances: Circumstances) -> Circumstances:
    """Looking at vacancies needs no consent: only being shown to employers does."""
    return replace(circumstances, listed=True)
