"""Training and certificates: the evidence that speaks before a record does."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, new_public_id, stored, utc_now
from models.enums import TrainingStatus, Verification


class Training(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    person_id: int = Field(foreign_key="person.id", index=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    scheme_code: str = Field(foreign_key="scheme.code", index=True)
    hours: int = Field(ge=1, le=5000, description="hours of practice")
    started_on: date
    finished_on: date | None = None
    status: TrainingStatus = Field(default=TrainingStatus.RUNNING, sa_type=stored(TrainingStatus))
    recorded_by: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Certificate(SQLModel, table=True):
    __table_args__ = (Index(None, "verification", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    person_id: int = Field(foreign_key="person.id", index=True)
    scheme_code: str = Field(foreign_key="scheme.code", index=True)
    lsp_name: str = Field(max_length=200, description="the certification body")
    number: str = Field(unique=True, max_length=80)
    issued_on: date
    expires_on: date
    level: int = Field(ge=1, le=9, description="KKNI level")
    verification: Verification = Field(
        default=Verification.UNVERIFIED, sa_type=stored(Verification)
    )
    verified_by: int | None = Field(default=None, foreign_key="user_account.id")
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recorded_by: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class CertificateUnit(SQLModel, table=True):
    """A unit of competency that a certificate certifies."""

    __tablename__ = "certificate_unit"

    certificate_id: int = Field(foreign_key="certificate.id", primary_key=True)
    unit_code: str = Field(foreign_key="unit.code", primary_key=True)
