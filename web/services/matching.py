"""The matching engine over the stored people and vacancies, and what each audience sees of it.

Every worker keeps the engine in memory and looks, at each use, whether MatchingChange has grown;
what changed is taken in before the answer, so a withdrawn consent counts on the next request.
"""

import threading
import time
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
    Conditions,
    day_number,
)
from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import SOCKET_NAME, Encoder, open_encoder
from matcher.evidence import (
    Evidence,
)
from matcher.geography import Geography
from matcher.linking import Linker
from matcher.people_index import LivePeople
from matcher.ranking import WEIGHT_SCALE, Query, Ranked, Requirement
from matcher.taxonomy import Taxonomy
from matcher.vacancy_index import (
    LiveVacancies,
    RankedVacancy,
    VacancyEntry,
    VacancyIndex,
    Wishes,
    rank_vacancies,
)
from models.employers import Vacancy, VacancyRequirement
from models.enums import (
    ConceptKind,
    Education,
    Importance,
    VacancyStatus,
)
from models.matching import ChangeKind, MatchingChange
from models.people import Person, PersonWish
from models.regions import PlaceName, Region
from web.services import retrieval
from web.services import taxonomy as taxonomies
from web.services.circumstances import circumstances_of, licence_bits
from web.services.people_store import SNAPSHOT_FROM, PeopleStore, Source, read_people

REBUILD_FROM = 2_000  # changed people from which another process writes the snapshot anew
READ_AT_ONCE = 2_000  # changed people read by one query
LOOK_SECONDS = 0.5  # between two looks for a new day's snapshot
PATIENCE_SECONDS = 120.0  # after which a worker reads the new day's people itself


@dataclass
class State:
    """What the engine holds in memory, as of one change number and one day."""

    taxonomy: Taxonomy
    geography: Geography
    embeddings: TaxonomyEmbeddings
    change: int
    snapshot: int  # the change number of the people's base
    day: date
    people: LivePeople
    vacancies: LiveVacancies
    occupation_number: dict[str, int] = field(default_factory=dict)
    affinities: dict[tuple[ConceptKind, str | bytes], Affinity] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """What its people were read for."""
        return Source(self.taxonomy, self.geography, self.day)


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
        self._looked = 0.0
        self._waits_since: float | None = None
        self.store = PeopleStore(cache.parent / "index")

    @property
    def encoder(self) -> Encoder:
        """The encoder, opened at first use (after the workers have been forked)."""
        if self._encoder is None:
            self._encoder = open_encoder(
                self._encoder_name, self._cache / SOCKET_NAME, self._may_load_torch
            )
        return self._encoder

    def state(self, session: Session, today: date | None = None) -> State:
        """The state as of the database's last change.

        Where people are many, a new day's people are read by another process; until they are
        there (seconds), those of the day before are ranked, with every change since taken in.
        """
        today = today or date.today()  # noqa: DTZ011  (a calendar day, the same for all zones here)
        newest = session.exec(select(func.max(MatchingChange.id))).one() or 0
        state = self._state
        if state is not None and state.change == newest and state.day == today:
            return state
        with self._lock:
            state = self._state
            if state is None:
                state = self._build(session, today)
            elif state.day != today:
                state = self._next_day(session, state, today)
            self._state = self._refresh(session, state)
            return self._state

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

    def rebuild(self, session: Session, today: date) -> bool:
        """Write the snapshot anew, unless another process is at it or has just done it."""
        source = Source(taxonomies.load(session), _geography(session), today)
        return self.store.rebuild(session, source)

    def _build(self, session: Session, today: date) -> State:
        taxonomy = taxonomies.load(session)
        geography = _geography(session)
        embeddings = TaxonomyEmbeddings.open(
            taxonomy, self.encoder, self._cache, self._show_progress
        )
        people, change = self.store.open(session, Source(taxonomy, geography, today))
        state = State(
            taxonomy=taxonomy,
            geography=geography,
            embeddings=embeddings,
            change=change,
            snapshot=change,
            day=today,
            people=people,
            vacancies=LiveVacancies(VacancyIndex([], len(taxonomy.concepts))),
            occupation_number={code: place for place, code in enumerate(taxonomy.occupations)},
        )
        state.vacancies = _vacancy_index(session, state)
        return state

    def _next_day(self, session: Session, old: State, today: date) -> State:
        """A state of today; where its people are not there yet, the old one."""
        if len(old.people) < SNAPSHOT_FROM or today < old.day:
            return self._build(session, today)
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return old
        self._looked = time.monotonic()
        found = self.store.load(session, replace(old.source, day=today))
        if found is None and self._looked - (self._waits_since or self._looked) > PATIENCE_SECONDS:
            self._waits_since = None
            return self._build(session, today)
        if found is None:
            self._waits_since = self._waits_since or self._looked
            self.store.request_rebuild()
            return old
        self._waits_since = None
        people, change = found
        state = replace(old, day=today, people=people, change=change, snapshot=change)
        state.vacancies = _vacancy_index(session, state)
        return state

    def _refresh(self, session: Session, old: State) -> State:
        """The state with every change since taken in."""
        newest = session.exec(select(func.max(MatchingChange.id))).one() or 0
        if newest <= old.change:
            return old
        if _changes(session, old.change, ChangeKind.TAXONOMY):
            return self._build(session, old.day)
        state = replace(old, change=newest)
        if people := _changes(session, old.change, ChangeKind.PERSON):
            self._follow_people(session, state, old, people)
        vacancies = {who for _, who in _changes(session, old.change, ChangeKind.VACANCY)}
        if None in vacancies:
            state.vacancies = _vacancy_index(session, state)
        elif vacancies:
            ids = sorted(vacancies)
            state.vacancies = old.vacancies.changed(ids, _vacancy_entries(session, state, ids))
        return state

    def _follow_people(
        self, session: Session, state: State, old: State, changes: list[tuple[int, int | None]]
    ) -> None:
        """Take into `state` some changes of people, each a number and whom it was about."""
        people, since = old.people, old.change
        everybody = max((number for number, who in changes if who is None), default=0)
        if everybody:
            people, since = self.store.open(session, old.source, everybody)
        elif people.changes + len(changes) > REBUILD_FROM:
            # a snapshot that holds most of these changes saves reading them one by one
            found = self.store.load(session, old.source, old.snapshot + 1)
            if found is not None:
                people, since = found
            elif len(people) >= SNAPSHOT_FROM:
                self.store.request_rebuild()
        if since != old.change:
            state.snapshot = since
            changes = _changes(session, since, ChangeKind.PERSON)
        ids = sorted({who for _, who in changes if who is not None})
        for start in range(0, len(ids), READ_AT_ONCE):
            part = ids[start : start + READ_AT_ONCE]
            newer = read_people(session, old.source, part)
            people = people.changed(np.array(part, dtype=np.int64), newer)
        state.people = people


def _geography(session: Session) -> Geography:
    regions = session.exec(select(Region).order_by(col(Region.code))).all()
    return Geography(
        [region.code for region in regions],
        np.array([region.lat for region in regions]),
        np.array([region.lon for region in regions]),
    )


def _changes(session: Session, since: int, kind: ChangeKind) -> list[tuple[int, int | None]]:
    """Number and subject of every change of a kind after a number, in order."""
    return [
        (number, who)
        for number, who in session.exec(
            select(MatchingChange.id, MatchingChange.subject_id)
            .where(col(MatchingChange.id) > since, MatchingChange.kind == kind)
            .order_by(col(MatchingChange.id))
        )
    ]


def init_app(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    app.extensions["titian_engine"] = Engine(settings.encoder, settings.home / "cache")


def engine() -> Engine:
    return current_app.extensions["titian_engine"]


def places(session: Session) -> dict[str, str]:
    """Place name -> region or province code, as linking takes it."""
    return {row.place: row.region_code for row in session.exec(select(PlaceName))}


# From stored rows to what the engine ranks


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
    query = query_of(state, vacancy, requirements)
    ranked = retrieval.rank_people(session, state, query, k, only_ids, include_ineligible)
    return state, ranked


def vacancies_for(
    session: Session,
    person: Person,
    k: int = 50,
    include_ineligible: bool = False,
    only_id: int | None = None,
) -> tuple[State, list[RankedVacancy]]:
    """The state and the k vacancies worth most to a person. only_id: the one vacancy to look at."""
    state = engine().state(session)
    held = state.people.held_by(person.id)
    if held is None:
        return state, []
    wished = session.exec(
        select(PersonWish.occupation_code).where(PersonWish.person_id == person.id)
    ).all()
    ranked = rank_vacancies(
        state.vacancies if only_id is None else state.vacancies.alone(only_id),
        held,
        _listed(circumstances_of(session, person, state.taxonomy, state.geography, state.day)),
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
