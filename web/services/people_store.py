"""The engine's people: read from the database, and kept in a snapshot file once they are many.

The snapshot can be deleted, cut short or lost at any time: it is verified before use, bound to the
taxonomy, the day and the very database it was read from, and read anew from there.
"""

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sqlmodel import Session, func, select

from matcher.evidence import STRENGTH_SCALE
from matcher.geography import Geography
from matcher.people_index import LivePeople, PeopleIndex
from matcher.snapshot import SnapshotError, read_notes, read_snapshot, write_snapshot
from matcher.taxonomy import Taxonomy
from models.matching import MatchingChange
from web.services.circumstances import read_circumstances
from web.services.evidence import read_evidence

SNAPSHOT_FROM = 20_000  # people from which a snapshot is worth its file
LICENCE_LEVEL = 9  # a licence is held or not; no level can be asked of it
NEW_ENOUGH = 500  # changes that a snapshot may lack without being built anew
REBUILD_PAUSE = 10.0  # seconds between two rebuilds started by one process


@dataclass(frozen=True, slots=True)
class Source:
    """What the people are read for; a snapshot made for another is of no use."""

    taxonomy: Taxonomy
    geography: Geography
    day: date

    def notes(self) -> dict[str, Any]:
        regions = hashlib.sha256("\n".join(self.geography.codes).encode()).hexdigest()
        return {"taxonomy": self.taxonomy.digest, "regions": regions, "day": self.day.isoformat()}


def read_people(session: Session, source: Source, ids: list[int] | None = None) -> PeopleIndex:
    """Everybody stored, or those of some ids, as ranking reads them."""
    taxonomy, day = source.taxonomy, source.day
    people, circumstances = read_circumstances(session, taxonomy, source.geography, day, ids)
    found = [read_evidence(session, taxonomy, day, people, ids)]
    for place, code in enumerate(taxonomy.licences):
        holders = np.flatnonzero(circumstances.licences >> np.uint64(place) & np.uint64(1))
        concept, size = taxonomy.concept_number[code], len(holders)
        found.append(
            (
                holders,
                np.full(size, concept),
                np.full(size, STRENGTH_SCALE),
                np.full(size, LICENCE_LEVEL),
            )
        )
    rows, concepts, strengths, levels = (
        np.concatenate(columns) for columns in zip(*found, strict=True)
    )
    return PeopleIndex(
        people, circumstances, len(taxonomy.concepts), rows, concepts, strengths, levels
    )


class PeopleStore:
    """Where one deployment's snapshot lies. Every worker has a store over the same folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "people.snapshot"
        self._lock_path = folder / "people.lock"
        self._rebuild: subprocess.Popen | None = None
        self._rebuild_began = -REBUILD_PAUSE

    def open(self, session: Session, source: Source, at_least: int = 0) -> tuple[LivePeople, int]:
        """The people as of a change number, which is at least `at_least`.

        From the snapshot where it serves, else from the database; whoever waits for another
        process that reads the database takes what that one wrote.
        """
        found = self.load(session, source, at_least)
        if found is not None:
            return found
        with self._locked():
            found = self.load(session, source, at_least)
            return found if found is not None else self.build(session, source)

    def load(
        self, session: Session, source: Source, at_least: int = 0
    ) -> tuple[LivePeople, int] | None:
        """The snapshot's people and change number; None where it does not serve."""
        try:
            if not self._serves(session, source, at_least, read_notes(self.path)):
                return None
            snapshot = read_snapshot(self.path)
        except SnapshotError:
            return None
        if not self._serves(session, source, at_least, snapshot.notes):
            return None
        return LivePeople(PeopleIndex.of_arrays(snapshot.arrays)), snapshot.notes["change"]

    def build(self, session: Session, source: Source) -> tuple[LivePeople, int]:
        """Read everybody from the database; write the snapshot where they are many."""
        change, at = _newest(session)
        index = read_people(session, source)
        if len(index) < SNAPSHOT_FROM or not change:
            return LivePeople(index), change
        notes = source.notes() | {"change": change, "change_at": at, "people": len(index)}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_snapshot(self.path, notes, index.arrays())
            return LivePeople(PeopleIndex.of_arrays(read_snapshot(self.path).arrays)), change
        except (
            OSError,
            SnapshotError,
        ):  # a full disk, say: this process serves from its own memory
            return LivePeople(index), change

    def rebuild(self, session: Session, source: Source) -> bool:
        """Build, unless another process is at it or has just done it. Returns whether it was done."""
        with self._locked(wait=False) as is_ours:
            newest, _ = _newest(session)
            if not is_ours or self.load(session, source, max(newest - NEW_ENOUGH, 1)) is not None:
                return False
            self.build(session, source)
            return True

    def request_rebuild(self) -> None:
        """Have another process rebuild; this one goes on serving what it has."""
        if self._rebuild is not None and self._rebuild.poll() is None:
            return
        if time.monotonic() - self._rebuild_began < REBUILD_PAUSE:
            return
        self._rebuild_began = time.monotonic()
        self._rebuild = subprocess.Popen(
            [sys.executable, "-m", "web.cli", "index", "build"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _serves(
        self, session: Session, source: Source, at_least: int, notes: dict[str, Any]
    ) -> bool:
        if any(notes.get(name) != value for name, value in source.notes().items()):
            return False
        change = notes.get("change")
        if not isinstance(change, int) or change < at_least:
            return False
        # change numbers start anew in a database that was restored or is another one
        stored = session.get(MatchingChange, change)
        return stored is not None and stored.at.isoformat() == notes.get("change_at")

    @contextlib.contextmanager
    def _locked(self, wait: bool = True) -> Iterator[bool]:
        """Hold the folder's lock; yields whether it is held. It ends with the process."""
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(handle)


def _newest(session: Session) -> tuple[int, str]:
    """Number and time of the last change; 0 and nothing where there was none."""
    number = session.exec(select(func.max(MatchingChange.id))).one()
    if number is None:
        return 0, ""
    return number, session.get(MatchingChange, number).at.isoformat()
