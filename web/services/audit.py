"""Writing down who did what, in the same transaction as the deed."""

from flask import g, has_request_context
from sqlmodel import Session

from models.audit import AuditEvent
from web.permissions import Actor


def record(
    session: Session,
    actor: Actor | None,
    action: str,
    subject: str = "",
    person_id: int | None = None,
    detail: str = "",
) -> None:
    """Add an audit event to the session's transaction.

    action: "noun.verb"; subject: "table:public_id"; detail never holds a sensitive value.
    """
    session.add(
        AuditEvent(
            actor_id=actor.user_id if actor else None,
            actor_role=actor.role.value if actor else "",
            action=action,
            subject=subject,
            person_id=person_id,
            detail=detail,
            request_id=g.get("request_id", "") if has_request_context() else "",
        )
    )
