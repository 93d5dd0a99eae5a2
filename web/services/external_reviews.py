"""Links between official concepts and ours, for somebody to look through and decide.

Decisions travel as a table: `links` writes it, a reviewer fills the column `decision`, `review`
takes it back, every row or none.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from typing import TextIO

from flask_babel import gettext as _
from sqlmodel import Session, col, select

from matcher.taxonomy import Taxonomy
from models.accounts import User
from models.columns import utc_now
from models.enums import ExternalSource, LinkStatus
from models.external import ExternalConcept, ExternalLink
from web.permissions import Actor
from web.services import audit, cells
from web.services.cells import CellError
from web.services.tables import Problem, Table, TableRefused

NEEDED = ("link", "decision")
FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would run
DECISIONS = {
    "ya": LinkStatus.ACCEPTED,
    "y": LinkStatus.ACCEPTED,
    "yes": LinkStatus.ACCEPTED,
    "terima": LinkStatus.ACCEPTED,
    "tidak": LinkStatus.REJECTED,
    "n": LinkStatus.REJECTED,
    "no": LinkStatus.REJECTED,
    "tolak": LinkStatus.REJECTED,
}


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link as a line of the table. link: its public id; ours: title of the target."""

    link: str
    source: str
    kind: str
    code: str
    isco: str
    title: str
    target: str
    ours: str
    confidence: float
    status: str
    decision: str = ""


COLUMNS = tuple(entry.name for entry in fields(LinkLine))


@dataclass
class Review:
    """How many links a review accepted, rejected, opened again, or found decided so already."""

    accepted: int = 0
    rejected: int = 0
    reopened: int = 0
    unchanged: int = 0
    undecided: int = 0


def links(
    session: Session,
    taxonomy: Taxonomy,
    source: ExternalSource,
    below: float | None = None,
    status: LinkStatus = LinkStatus.PROPOSED,
) -> list[LinkLine]:
    """The links of a source with a status, surest first; below: only less sure ones."""
    statement = (
        select(ExternalConcept, ExternalLink)
        .join(ExternalLink, col(ExternalLink.concept_id) == col(ExternalConcept.id))
        .where(ExternalConcept.source == source, ExternalLink.status == status)
        .order_by(col(ExternalLink.confidence).desc(), ExternalConcept.code, ExternalLink.target)
    )
    if below is not None:
        statement = statement.where(ExternalLink.confidence < below)
    return [
        LinkLine(
            link.public_id,
            source.value,
            concept.kind.value,
            concept.code,
            concept.isco or "",
            concept.title,
            link.target,
            _title(taxonomy, link.target),
            link.confidence,
            link.status.value,
        )
        for concept, link in session.exec(statement)
    ]


def _title(taxonomy: Taxonomy, target: str) -> str:
    known = taxonomy.units.get(target) or taxonomy.occupations.get(target)
    return known.title_id if known else "?"


def write_csv(lines: Iterable[LinkLine], file: TextIO) -> None:
    """The table a reviewer fills in; no cell of it is a formula."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow(
            f"'{cell}" if str(cell).startswith(FORMULA) else cell for cell in astuple(line)
        )


def review(
    session: Session, actor: Actor | None, table: Table, reviewer: User | None = None
) -> Review:
    """Take decisions back in one transaction. A row without a decision is left as it is.

    Raises TableRefused with every bad cell; nothing is then decided.
    """
    missing = [name for name in NEEDED if name not in table.header]
    if missing:
        raise TableRefused(
            [Problem(1, name, _("kolom ini tidak ada di berkas")) for name in missing]
        )
    decided = _decisions(session, table)
    done = Review(undecided=sum(not row["decision"] for _number, row in table.rows))
    now = utc_now()
    for link, decision in decided:
        if link.status == decision:
            done.unchanged += 1
            continue
        link.status = decision
        is_open = decision == LinkStatus.PROPOSED
        link.reviewed_at = None if is_open else now
        link.reviewed_by = None if is_open or reviewer is None else reviewer.id
        session.add(link)
        done.accepted += decision == LinkStatus.ACCEPTED
        done.rejected += decision == LinkStatus.REJECTED
        done.reopened += is_open
    if done.accepted or done.rejected or done.reopened:
        detail = f"{done.accepted} accepted, {done.rejected} rejected, {done.reopened} reopened"
        audit.record(session, actor, "external_links.reviewed", detail=detail)
    session.commit()
    return done


def _decisions(session: Session, table: Table) -> list[tuple[ExternalLink, LinkStatus]]:
    wanted = [row["link"] for _number, row in table.rows]
    known = _links_of(session, wanted)
    problems: list[Problem] = []
    found: dict[str, tuple[ExternalLink, LinkStatus]] = {}
    for number, row in table.rows:
        link = known.get(row["link"])
        if link is None:
            reason = _("tautan ini tidak ada (lagi); buat daftarnya sekali lagi")
            problems.append(Problem(number, "link", reason))
        elif row.get("target", link.target) != link.target:
            reason = _("tautan ini menunjuk %(target)s", target=link.target)
            problems.append(Problem(number, "target", reason))
        if not row["decision"]:
            continue
        try:
            decision = cells.choice(row["decision"], LinkStatus, DECISIONS)
        except CellError as error:
            problems.append(Problem(number, "decision", str(error)))
            continue
        if link is None:
            continue
        if found.setdefault(row["link"], (link, decision))[1] != decision:
            problems.append(
                Problem(number, "decision", _("tautan ini sudah diputuskan lain di atas"))
            )
    if problems:
        raise TableRefused(problems)
    return list(found.values())


def _links_of(session: Session, public_ids: Sequence[str]) -> dict[str, ExternalLink]:
    found: dict[str, ExternalLink] = {}
    for start in range(0, len(public_ids), 500):
        some = public_ids[start : start + 500]
        for link in session.exec(select(ExternalLink).where(col(ExternalLink.public_id).in_(some))):
            found[link.public_id] = link
    return found
