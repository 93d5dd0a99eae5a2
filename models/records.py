"""What the law makes most sensitive, in tables of its own: records and guidance conditions."""

from datetime import date, datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from models.columns import EncryptedText, UtcDateTime, new_public_id, stored, utc_now
from models.enums import OffenceFamily, RestrictionKind


class OffenceRecord(SQLModel, table=True):
    """Specific personal data (UU 27/2022). Every column but the link is encrypted."""

    __tablename__ = "offence_record"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    family: str = Field(
        sa_column=Column(EncryptedText("offence_record.family"), nullable=False),
        description="an OffenceFamily value",
    )
    detail: str | None = Field(
        default=None, sa_column=Column(EncryptedText("offence_record.detail"), nullable=True)
    )
    sentence_months: str | None = Field(
        default=None,
        sa_column=Column(EncryptedText("offence_record.sentence_months"), nullable=True),
    )
    recorded_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Restriction(SQLModel, table=True):
    """A condition of guidance (syarat pembimbingan) that becomes eligibility at once."""

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: RestrictionKind = Field(sa_type=stored(RestrictionKind))
    legal_basis: str = Field(max_length=300)
    until: date | None = None
    decided_by: str = Field(max_length=200)
    recorded_by: int | None = Field(default=None, foreign_key="user_account.id")
    recorded_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ExclusionRule(SQLModel, table=True):
    """A lawful exclusion (larangan yang sah): people with a record of this family may not take
    vacancies with this trait. Applied beside the ranking; officers see it, employers never."""

    __tablename__ = "exclusion_rule"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=60)
    family: OffenceFamily = Field(sa_type=stored(OffenceFamily))
    trait: int = Field(description="one VacancyTrait flag")
    legal_basis: str = Field(max_length=300)
    decided_by: str = Field(max_length=200)
    until: date | None = None
