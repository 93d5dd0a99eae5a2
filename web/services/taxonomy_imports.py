"""Storing official taxonomies: what a release changes, written whole or not at all.

Reading and linking need no lock. What changes is worked out and written in one transaction, so
that two imports, or an import and a review, never mix. The same release twice changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, text, update
from sqlmodel import Session, col, select

from models.columns import new_public_id, utc_now
from models.enums import ExternalKind, ExternalRelationKind, ExternalSource, LinkStatus
from models.external import ExternalConcept, ExternalLink, ExternalRelation
from models.imports import ImportBatch
from web.permissions import Actor
from web.services import audit
from web.services.external_files import Concept, Relation, Release
from web.services.external_linking import Linked, Standing, StoredLink, to_stand

KIND = "taxonomy"


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A proposal that comes, goes, or is surer or less sure than it was."""

    code: str
    title: str
    target: str
    confidence: float
    before: float | None = None


@dataclass
class Changes:
    """What a release changes in the database, or would."""

    source: ExternalSource
    rows: int
    added: list[Concept] = field(default_factory=list)
    changed: list[tuple[Concept, Concept]] = field(default_factory=list)
    gone: list[Concept] = field(default_factory=list)
    back: list[Concept] = field(default_factory=list)
    relations_added: list[Relation] = field(default_factory=list)
    relations_gone: list[Relation] = field(default_factory=list)
    links_added: list[LinkChange] = field(default_factory=list)
    links_changed: list[LinkChange] = field(default_factory=list)
    links_gone: list[LinkChange] = field(default_factory=list)
    renewed: int = 0  # rows that are as they were, seen in a newer release or linked anew
    lost_targets: list[LinkChange] = field(
        default_factory=list
    )  # accepted, but ours has no such code
    stored: bool = False

    @property
    def is_empty(self) -> bool:
        return not (
            self.added
            or self.changed
            or self.gone
            or self.back
            or self.relations_added
            or self.relations_gone
            or self.links_added
            or self.links_changed
            or self.links_gone
            or self.renewed
        )


def standing(session: Session, source: ExternalSource) -> Standing:
    """What linking must know of what is stored: digests of the last linking, and the links."""
    links: dict[str, list[StoredLink]] = {}
    for code, target, confidence, status in session.exec(
        select(
            ExternalConcept.code, ExternalLink.target, ExternalLink.confidence, ExternalLink.status
        )
        .join(ExternalConcept, col(ExternalConcept.id) == col(ExternalLink.concept_id))
        .where(ExternalConcept.source == source)
    ):
        links.setdefault(code, []).append(StoredLink(target, confidence, status))
    digests = dict(
        session.exec(
            select(ExternalConcept.code, ExternalConcept.linked_with).where(
                ExternalConcept.source == source, col(ExternalConcept.is_gone).is_(False)
            )
        ).all()
    )
    return Standing(digests, links)


def compare(session: Session, release: Release, linked: Linked) -> Changes:
    """What storing the release would change. Writes nothing."""
    return _Comparison(session, release, linked).changes


def store(session: Session, actor: Actor | None, release: Release, linked: Linked) -> Changes:
    """Write a release in one transaction, and say what changed. Nothing is written, not even
    that it was tried, when nothing changes."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        session.execute(
            text("LOCK TABLE external_concept, external_link IN SHARE ROW EXCLUSIVE MODE")
        )
    comparison = _Comparison(session, release, linked)
    changes = comparison.changes
    if changes.is_empty:
        session.rollback()
        return changes
    comparison.write()
    batch = ImportBatch(
        source=release.source.value,
        kind=KIND,
        filename=release.filename[-200:],
        rows=changes.rows,
        created_by=actor.user_id if actor else None,
    )
    session.add(batch)
    session.flush()
    audit.record(session, actor, "taxonomy.imported", f"import_batch:{batch.public_id}")
    session.commit()
    changes.stored = True
    return changes


class _Comparison:
    """A release beside what is stored, and the statements that make the two equal."""

    def __init__(self, session: Session, release: Release, linked: Linked) -> None:
        self._session = session
        self._release = release
        self._linked = linked
        self._stored: dict[str, Row] = {
            row.code: row
            for row in session.execute(
                select(*ExternalConcept.__table__.columns).where(
                    ExternalConcept.source == release.source
                )
            )
        }
        self._code_of = {row.id: code for code, row in self._stored.items()}
        self._links: dict[str, list[Row]] = {}
        for row in session.execute(select(*ExternalLink.__table__.columns)):
            if row.concept_id in self._code_of:
                self._links.setdefault(self._code_of[row.concept_id], []).append(row)
        self.changes = Changes(release.source, rows=len(release.concepts))
        self._compare_concepts()
        self._compare_relations()
        self._compare_links()

    def _compare_concepts(self) -> None:
        changes, version = self.changes, self._release.version
        for code, concept in self._release.concepts.items():
            row = self._stored.get(code)
            if row is None:
                changes.added.append(concept)
                continue
            before = _concept(row)
            if row.is_gone:
                changes.back.append(concept)
            elif before != concept:
                changes.changed.append((before, concept))
            elif (version and row.version != version) or self._digest(row) != row.linked_with:
                changes.renewed += 1
        whole = self._release.documents
        changes.gone = [
            _concept(row)
            for code, row in self._stored.items()
            if code not in self._release.concepts
            and not row.is_gone
            and (whole is None or row.document in whole)
        ]

    def _digest(self, row: Row) -> str:
        return self._linked.digests.get(row.code, row.linked_with)

    def _compare_relations(self) -> None:
        stored: set[Relation] = set()
        if self._stored:
            for one, other, kind in self._session.execute(
                select(*ExternalRelation.__table__.columns)
            ):
                if one in self._code_of:
                    stored.add((self._code_of[one], self._code_of[other], kind))
        self.changes.relations_added = sorted(self._release.relations - stored)
        self.changes.relations_gone = sorted(stored - self._release.relations)

    def _compare_links(self) -> None:
        changes = self.changes
        for code in self._linked.proposals:
            title = self._release.concepts[code].title
            stored = {row.target: row for row in self._links.get(code, ())}
            status = {target: LinkStatus(row.status) for target, row in stored.items()}
            wanted = to_stand(self._linked, code, status)
            for entry in wanted:
                row = stored.get(entry.target)
                change = LinkChange(code, title, entry.target, entry.confidence)
                if row is None:
                    changes.links_added.append(change)
                elif row.confidence != entry.confidence:
                    changes.links_changed.append(
                        LinkChange(code, title, entry.target, entry.confidence, row.confidence)
                    )
            kept = {entry.target for entry in wanted}
            changes.links_gone += [
                LinkChange(code, title, target, row.confidence)
                for target, row in stored.items()
                if target not in kept and status[target] == LinkStatus.PROPOSED
            ]
        for concept in changes.gone:
            changes.links_gone += [
                LinkChange(concept.code, concept.title, row.target, row.confidence)
                for row in self._links.get(concept.code, ())
                if row.status == LinkStatus.PROPOSED
            ]
        changes.lost_targets = [
            LinkChange(code, self._stored[code].title, row.target, row.confidence)
            for code, rows in self._links.items()
            for row in rows
            if row.status == LinkStatus.ACCEPTED and row.target not in self._linked.known_targets
        ]

    # Writing

    def write(self) -> None:
        self._write_concepts()
        ids = dict(
            self._session.execute(
                select(ExternalConcept.code, ExternalConcept.id).where(
                    ExternalConcept.source == self._release.source
                )
            ).all()
        )
        self._write_relations(ids)
        self._write_links(ids)

    def _write_concepts(self) -> None:
        now, version, changes = utc_now(), self._release.version, self.changes
        common = {"source": self._release.source, "is_gone": False}
        table = ExternalConcept.__table__
        self._run(
            insert(table),
            [
                {
                    **_columns(concept),
                    **common,
                    "public_id": new_public_id(),
                    "version": version,
                    "linked_with": self._linked.digests.get(concept.code, ""),
                    "added_at": now,
                    "changed_at": now,
                }
                for concept in changes.added
            ],
        )
        altered = [new for _old, new in changes.changed] + changes.back
        by_id = update(table).where(table.c.id == bindparam("row_id"))
        self._run(
            by_id,
            [
                {
                    **_columns(concept),
                    "is_gone": False,
                    "changed_at": now,
                    "row_id": self._stored[concept.code].id,
                }
                for concept in altered
            ],
        )
        self._run(
            by_id,
            [
                {"is_gone": True, "linked_with": "", "changed_at": now, "row_id": row.id}
                for row in (self._stored[concept.code] for concept in changes.gone)
            ],
        )
        present = [row for code, row in self._stored.items() if code in self._release.concepts]
        self._run(
            by_id,
            [
                {
                    "version": version or row.version,
                    "linked_with": self._digest(row),
                    "row_id": row.id,
                }
                for row in present
                if (version and row.version != version) or self._digest(row) != row.linked_with
            ],
        )

    def _write_relations(self, ids: dict[str, int]) -> None:
        table = ExternalRelation.__table__
        self._run(
            delete(table).where(
                table.c.concept_id == bindparam("one"),
                table.c.related_id == bindparam("other"),
                table.c.kind == bindparam("what"),
            ),
            [
                {"one": ids[one], "other": ids[other], "what": ExternalRelationKind(kind)}
                for one, other, kind in self.changes.relations_gone
            ],
        )
        self._run(
            insert(table),
            [
                {"concept_id": ids[one], "related_id": ids[other], "kind": kind}
                for one, other, kind in self.changes.relations_added
            ],
        )

    def _write_links(self, ids: dict[str, int]) -> None:
        now, table = utc_now(), ExternalLink.__table__
        same = (table.c.concept_id == bindparam("one"), table.c.target == bindparam("ours"))
        self._run(
            delete(table).where(*same, table.c.status == LinkStatus.PROPOSED),
            [{"one": ids[entry.code], "ours": entry.target} for entry in self.changes.links_gone],
        )
        self._run(
            update(table)
            .where(*same, table.c.status == LinkStatus.PROPOSED)
            .values(confidence=bindparam("new"), proposed_at=now),
            [
                {"one": ids[entry.code], "ours": entry.target, "new": entry.confidence}
                for entry in self.changes.links_changed
            ],
        )
        self._run(
            insert(table),
            [
                {
                    "public_id": new_public_id(),
                    "concept_id": ids[entry.code],
                    "target": entry.target,
                    "confidence": entry.confidence,
                    "status": LinkStatus.PROPOSED,
                    "proposed_at": now,
                }
                for entry in self.changes.links_added
            ],
        )

    def _run(self, statement: Any, values: list[dict[str, Any]]) -> None:
        if values:
            self._session.execute(statement, values)


def _columns(concept: Concept) -> dict[str, Any]:
    return {
        "code": concept.code,
        "kind": concept.kind,
        "title": concept.title,
        "other_titles": "\n".join(concept.other_titles),
        "description": concept.description,
        "language": concept.language,
        "isco": concept.isco,
        "level": concept.level,
        "sector": concept.sector,
        "document": concept.document,
    }


def _concept(row: Row) -> Concept:
    return Concept(
        row.code,
        ExternalKind(row.kind),
        row.title,
        tuple(row.other_titles.split("\n")) if row.other_titles else (),
        row.description,
        row.language,
        row.isco,
        row.level,
        row.sector,
        row.document,
    )


def differences(before: Concept, after: Concept) -> Iterable[tuple[str, str, str]]:
    """(column, before, after) of what differs between two wordings of a concept."""
    old, new = _columns(before), _columns(after)
    for name, value in new.items():
        if old[name] != value:
            yield name, str(old[name] or ""), str(value or "")
