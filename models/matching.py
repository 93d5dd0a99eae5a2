"""What tells the web workers that their matching index is out of date."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, stored, utc_now
from models.enums import LabelledEnum


class ChangeKind(LabelledEnum):
    PERSON = "person", "Orang"
    VACANCY = "vacancy", "Lowongan"
    TAXONOMY = "taxonomy", "Taksonomi"


class MatchingChange(SQLModel, table=True):
    """One change that ranking must see, written in the same transaction as the change itself.

    `subject_id` is the row id of the person or vacancy; None means everything of that kind.
    """

    __tablename__ = "matching_change"
    __table_args__ = (Index(None, "kind", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: ChangeKind = Field(sa_type=stored(ChangeKind))
    subject_id: int | None = None
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
