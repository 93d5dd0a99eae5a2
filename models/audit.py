"""The record of who did what."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, utc_now


class AuditEvent(SQLModel, table=True):
    """Append-only. Names what was read or changed, never the sensitive value itself."""

    __tablename__ = "audit_event"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
    actor_id: int | None = Field(default=None, foreign_key="user_account.id", index=True)
    actor_role: str = Field(default="", max_length=20)
    action: str = Field(max_length=60, description="noun.verb, e.g. certificate.verified")
    subject: str = Field(default="", max_length=80, description="table:public_id")
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    detail: str = Field(default="", max_length=1000)
    request_id: str = Field(default="", max_length=32)
