"""Ranking people on the engine that the settings name, and keeping that engine in step.

With TITIAN_RETRIEVAL=memory people are ranked in this process. With milvus they are found there and
ranked here; whoever changed since the engine was last brought in step counts as the database has
them, so a withdrawn consent counts on the next request all the same. Whenever the engine cannot
prove its answer exact, is out of step or does not answer, this process ranks.

Only people who let themselves be listed and hold something are sent there: numbers, no names.
"""

import fcntl
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from flask import Flask, current_app
from sqlmodel import Session, col, func, select

from matcher import ranking
from matcher.eligibility import day_number
from matcher.geography import Geography
from matcher.people_index import PeopleIndex
from matcher.ranking import Query, Ranked
from matcher.retrieval import (
    AT_MOST,
    Encoding,
    Mark,
    Retrieval,
    RetrievalError,
    groups_of,
    joined,
    rank_candidates,
    subset,
)
from matcher.taxonomy import Taxonomy
from models.matching import ChangeKind, MatchingChange
from web.settings import Settings

if TYPE_CHECKING:
    from web.services.matching import State

SILENCE = 30.0  # seconds an engine that failed is not asked again
MOST_CHANGED = 500  # changed people beside the engine's from which this process ranks
CHUNK = 20_000  # people compared and sent at once
PATIENCE = 60.0  # seconds a call of the command that fills may take
TIMEOUT = 2.0  # seconds a request waits


class Remote:
    """A process's connection to the engine; opened at first use, after workers are forked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._opened: tuple[str, Retrieval] | None = None
        self._silent_until = 0.0

    @property
    def is_silent(self) -> bool:
        """Whether the engine failed a short while ago."""
        return time.monotonic() < self._silent_until

    def silence(self) -> None:
        """Ask nothing for a while."""
        self._silent_until = time.monotonic() + SILENCE

    def engine(self, taxonomy: Taxonomy, geography: Geography) -> Retrieval:
        """The engine, encoding by the given taxonomy. Raises RetrievalError."""
        with self._lock:
            digest = digest_of(taxonomy, geography)
            if self._opened is None or self._opened[0] != digest:
                self._opened = (digest, open_engine(self._settings, taxonomy, geography, TIMEOUT))
            return self._opened[1]


def init_app(app: Flask) -> None:
    app.extensions["titian_retrieval"] = Remote(app.config["SETTINGS"])


def open_engine(
    settings: Settings, taxonomy: Taxonomy, geography: Geography, timeout: float, shards: int = 1
) -> Retrieval:
    """Milvus, as the settings name it. shards: where the collection is made now. Raises
    RetrievalError, also where pymilvus is not installed."""
    try:
        from matcher.milvus import MilvusPeople
    except ImportError:
        raise RetrievalError(
            "TITIAN_RETRIEVAL=milvus needs pymilvus: pip install 'titian[milvus]'"
        ) from None
    return MilvusPeople(
        settings.milvus,
        Encoding(groups_of(taxonomy)),
        geography,
        token=settings.milvus_token.get_secret_value(),
        shards=shards,
        timeout=timeout,
    )


def digest_of(taxonomy: Taxonomy, geography: Geography) -> str:
    """Names all that people are encoded by."""
    codes = "\n".join([taxonomy.digest, *taxonomy.concepts, *geography.codes])
    return hashlib.sha256(codes.encode()).hexdigest()


# Ranking


def rank_people(
    session: Session,
    state: "State",
    query: Query,
    k: int = 50,
    only: np.ndarray | None = None,
    include_ineligible: bool = False,
) -> list[Ranked]:
    """What `matcher.ranking.rank_people` gives for the state's people, from wherever the settings
    say; the same people, totals, terms and order in either case.

    only: int64[m] person ids to look at. Those questions, and those about people who are left out,
    are answered in this process.
    """
    day = day_number(state.day)
    remote: Remote = current_app.extensions["titian_retrieval"]
    asks = current_app.config["SETTINGS"].retrieval == "milvus"
    if asks and only is None and not include_ineligible and not remote.is_silent:
        try:
            found = _ranked_remotely(session, state, remote, query, k, day)
        except RetrievalError as error:
            remote.silence()
            current_app.logger.warning("people are ranked in this process: %s", error)
        else:
            if found is not None:
                return found
    return ranking.rank_people(
        state.people,
        query,
        state.geography,
        day,
        k=k,
        only=only,
        include_ineligible=include_ineligible,
    )


def _ranked_remotely(
    session: Session, state: "State", remote: Remote, query: Query, k: int, day: int
) -> list[Ranked] | None:
    """The exact ranking, or None where the engine is out of step or cannot prove it."""
    engine = remote.engine(state.taxonomy, state.geography)
    mark = engine.mark()
    changed = changed_since(session, mark, state)
    if changed is None or len(changed) > MOST_CHANGED:
        return None
    answer = rank_candidates(
        engine,
        query,
        state.geography,
        day,
        k,
        at_most=max(AT_MOST, 2 * k),
        changed=changed,
        newer=listed_people(state, changed),
    )
    return answer.ranked if answer.proved else None


def changed_since(session: Session, mark: Mark | None, state: "State") -> np.ndarray | None:
    """int64[n]: the people whom the state may know better than an engine at this mark.

    None where that may be anybody: another day or taxonomy, a change of everybody, changes that
    are no longer kept.
    """
    if (
        mark is None
        or mark.day != day_number(state.day)
        or mark.digest != digest_of(state.taxonomy, state.geography)
    ):
        return None
    oldest = session.exec(select(func.min(MatchingChange.id))).one()
    if oldest is not None and oldest > mark.change + 1:
        return None
    kinds = (ChangeKind.PERSON, ChangeKind.TAXONOMY)
    subjects = session.exec(
        select(MatchingChange.subject_id)
        .where(
            col(MatchingChange.id) > mark.change,
            col(MatchingChange.id) <= state.change,
            col(MatchingChange.kind).in_(kinds),
        )
        .distinct()
    ).all()
    if None in subjects:
        return None
    return np.array(sorted(subjects), dtype=np.int64)


def listed_people(state: "State", ids: np.ndarray | None = None) -> PeopleIndex:
    """The state's people who let themselves be listed and hold something. ids: only these."""
    found: PeopleIndex | None = None
    for rows, index in _parts(state, ids):
        part = subset(index, rows)
        found = part if found is None else joined(found, part)
    if found is None:
        raise ValueError("the state holds no index")
    return found


def _parts(state: "State", ids: np.ndarray | None) -> Iterator[tuple[np.ndarray, PeopleIndex]]:
    """Rows int64[m] of those who count, and the index they are rows of."""
    for segment in state.people.segments:
        index = segment.index
        rows = np.arange(len(index)) if ids is None else index.rows_of(ids).astype(np.int64)
        counts = index.circumstances.listed[rows] & ~segment.everybody.barred[rows]
        rows = rows[counts]
        starts = index.held_by_row.starts
        yield rows[starts[rows] < starts[rows + 1]], index


# Keeping the engine in step


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What was done. full: everybody was compared; change: up to which the engine has followed."""

    full: bool
    upserted: int
    removed: int
    change: int


@contextmanager
def only_writer(settings: Settings) -> Iterator[None]:
    """Hold the home folder's lock: two that write at once would undo each other.

    Raises RetrievalError where another process of this machine holds it.
    """
    path = Path(settings.home) / "retrieval.lock"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RetrievalError(
                "another `titian retrieval sync` runs on this machine; one is enough"
            ) from None
        yield


def sync(session: Session, state: "State", engine: Retrieval, full: bool = False) -> SyncReport:
    """Bring the engine in step with the state and say so there.

    Only what changed is written: those of the changes since the engine's mark, or, where that may
    be anybody, those whose fingerprint is another. full: compare everybody in any case. Raises
    RetrievalError; done again, it goes on where it stopped.
    """
    mark = engine.mark()
    changed = None if full else changed_since(session, mark, state)
    if changed is None:
        upserted, removed = _compare_all(state, engine)
    else:
        upserted, removed = _follow(state, engine, changed)
    reached = Mark(state.change, day_number(state.day), digest_of(state.taxonomy, state.geography))
    if reached != mark:
        engine.set_mark(reached)
    return SyncReport(changed is None, upserted, removed, state.change)


def _follow(state: "State", engine: Retrieval, changed: np.ndarray) -> tuple[int, int]:
    if not len(changed):
        return 0, 0
    people = listed_people(state, changed)
    gone = changed[~np.isin(changed, people.ids)]
    engine.remove(gone)
    engine.upsert(people)
    return len(people), len(gone)


def _compare_all(state: "State", engine: Retrieval) -> tuple[int, int]:
    ids, known = engine.stored()
    order = np.argsort(ids, kind="stable")
    ids, known = ids[order], known[order]
    here: list[np.ndarray] = []
    upserted = 0
    for rows, index in _parts(state, None):
        for start in range(0, len(rows), CHUNK):
            people = subset(index, rows[start : start + CHUNK])
            places = np.minimum(np.searchsorted(ids, people.ids), max(len(ids) - 1, 0))
            same = np.zeros(len(people), dtype=bool)
            if len(ids):
                same = (ids[places] == people.ids) & (known[places] == engine.fingerprints(people))
            engine.upsert(subset(people, np.flatnonzero(~same)))
            upserted += int((~same).sum())
            here.append(people.ids)
    gone = ids[~np.isin(ids, np.concatenate(here))] if here else ids
    engine.remove(gone)
    return upserted, len(gone)
