"""Employers and their vacancies."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, new_public_id, stored, utc_now
from models.enums import ConceptKind, Education, Hours, Importance, VacancyStatus


class Employer(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    name: str = Field(max_length=200)
    nib: str | None = Field(default=None, unique=True, max_length=13, description="13 digits")
    region_code: str | None = Field(default=None, foreign_key="region.code")
    sector: str = Field(default="", max_length=100)
    about: str = Field(default="", max_length=2000)
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    verified_by: int | None = Field(default=None, foreign_key="user_account.id")
    is_synthetic: bool = False
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class EmployerMember(SQLModel, table=True):
    """A user who acts for an employer."""

    __tablename__ = "employer_member"

    user_id: int = Field(foreign_key="user_account.id", primary_key=True)
    employer_id: int = Field(foreign_key="employer.id", index=True)


class Vacancy(SQLModel, table=True):
    __table_args__ = (Index(None, "status", "published_at", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    employer_id: int = Field(foreign_key="employer.id", index=True)
    title: str = Field(max_length=200)
    text: str = Field(max_length=20000)
    occupation_code: str | None = Field(default=None, foreign_key="occupation.code", index=True)
    occupation_confidence: float | None = None
    region_code: str | None = Field(default=None, foreign_key="region.code", index=True)
    province_code: str | None = Field(
        default=None, foreign_key="province.code", description="when no region is known"
    )
    positions: int = Field(default=1, ge=1, le=1000)
    wage_min: int | None = Field(default=None, ge=0, description="rupiah a month")
    wage_max: int | None = Field(default=None, ge=0, description="rupiah a month")
    hours: int = Field(default=int(Hours.DAY), description="Hours flags the work needs")
    traits: int = Field(default=0, description="VacancyTrait flags")
    education: Education = Field(default=Education.NONE, sa_type=stored(Education))
    start_on: date | None = None
    closes_on: date | None = None
    status: VacancyStatus = Field(default=VacancyStatus.DRAFT, sa_type=stored(VacancyStatus))
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    import_batch_id: int | None = Field(default=None, foreign_key="import_batch.id", index=True)
    source_key: str | None = Field(
        default=None, unique=True, max_length=64, description="digest of source and row"
    )
    created_by: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    version: int = 1


class VacancyRequirement(SQLModel, table=True):
    """One thing a vacancy asks for, with the words of the text it came from."""

    __tablename__ = "vacancy_requirement"

    id: int | None = Field(default=None, primary_key=True)
    vacancy_id: int = Field(foreign_key="vacancy.id", index=True)
    position: int = 0
    text: str = Field(max_length=300)
    kind: ConceptKind = Field(sa_type=stored(ConceptKind))
    concept_code: str | None = Field(default=None, max_length=64)
    importance: Importance = Field(default=Importance.MUST, sa_type=stored(Importance))
    weight: float = Field(default=1.0, gt=0)
    least_level: int | None = Field(default=None, ge=1, le=9)
    confidence: float | None = Field(default=None, ge=0, le=1)
    span_start: int | None = None
    span_end: int | None = None
    vector: bytes | None = Field(
        default=None, description="embedding of the text, little-endian float16[d], kind TEXT only"
    )
    vector_space: str | None = Field(
        default=None, max_length=240, description="encoder and centring the vector belongs to"
    )


class VacancyReading(SQLModel, table=True):
    """What was read in a vacancy and stands in no requirement, until its words change."""

    __tablename__ = "vacancy_reading"

    vacancy_id: int = Field(foreign_key="vacancy.id", primary_key=True)
    digest: str = Field(max_length=64, description="of the taxonomy, the title and the text")
    reading: str = Field(description="JSON of web.services.vacancy_readings.Reading")
