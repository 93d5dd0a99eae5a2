"""Introductions between a person and a vacancy, and the consents they rest on."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from models.columns import UtcDateTime, new_public_id, stored, utc_now
from models.enums import ConsentPurpose, IntroductionState, RoleName


class Introduction(SQLModel, table=True):
    """Pengantar. One row for each person and vacancy; `version` guards against lost updates."""

    __table_args__ = (
        UniqueConstraint("vacancy_id", "person_id"),
        Index(None, "state", "person_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    vacancy_id: int = Field(foreign_key="vacancy.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    state: IntroductionState = Field(
        default=IntroductionState.PROPOSED, sa_type=stored(IntroductionState)
    )
    proposed_by: RoleName = Field(sa_type=stored(RoleName))
    proposed_by_user: int | None = Field(default=None, foreign_key="user_account.id")
    score: float | None = Field(default=None, description="score when proposed, 0 to 1")
    message: str = Field(default="", max_length=1000)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    version: int = 1


class IntroductionStep(SQLModel, table=True):
    """One step an introduction took, by whom and why."""

    __tablename__ = "introduction_step"

    id: int | None = Field(default=None, primary_key=True)
    introduction_id: int = Field(foreign_key="introduction.id", index=True)
    from_state: IntroductionState | None = Field(default=None, sa_type=stored(IntroductionState))
    to_state: IntroductionState = Field(sa_type=stored(IntroductionState))
    actor_role: RoleName = Field(sa_type=stored(RoleName))
    actor_id: int | None = Field(default=None, foreign_key="user_account.id")
    reason: str = Field(default="", max_length=500)
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Consent(SQLModel, table=True):
    """What a person allowed, in the words they saw, until they withdraw it."""

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    person_id: int = Field(foreign_key="person.id", index=True)
    purpose: ConsentPurpose = Field(sa_type=stored(ConsentPurpose))
    introduction_id: int | None = Field(default=None, foreign_key="introduction.id", index=True)
    wording: str = Field(max_length=2000, description="the text as shown when consent was given")
    channel: str = Field(default="web", max_length=20, description="web or paper")
    given_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
