"""What the workers' engines must read again: noted in the transaction of the change itself."""

from sqlalchemy import text
from sqlmodel import Session

from models.matching import ChangeKind, MatchingChange

CHANGES_LOCK = 7_418_350_927  # any number that nothing else in the database locks by


def note_change(session: Session, kind: ChangeKind, subject_id: int | None = None) -> None:
    """Tell every worker, with the change itself, that a person or vacancy must be read again.

    Workers look for numbers above the last they saw, so numbers must be committed in their order:
    on PostgreSQL whoever notes a change waits for the transactions that noted one before. (SQLite
    lets one transaction write at a time anyway.)
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHANGES_LOCK})
    session.add(MatchingChange(kind=kind, subject_id=subject_id))
