"""People: what matching needs, their identity (a table of its own), wishes and licences."""

from datetime import date, datetime

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from models.columns import EncryptedText, UtcDateTime, new_public_id, stored, utc_now
from models.enums import Education, Gender, Hours, Mobility, PersonStatus


class Person(SQLModel, table=True):
    """Warga binaan, or klien pemasyarakatan once released. Holds no identity and no record."""

    __table_args__ = (Index(None, "facility_id", "id"), Index(None, "bapas_id", "id"))

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    status: PersonStatus = Field(sa_type=stored(PersonStatus))
    facility_id: int | None = Field(default=None, foreign_key="facility.id")
    bapas_id: int = Field(foreign_key="bapas.id")
    user_id: int | None = Field(default=None, foreign_key="user_account.id", unique=True)
    officer_id: int | None = Field(default=None, foreign_key="user_account.id", index=True)
    expected_release: date | None = None
    available_from: date
    home_region_code: str = Field(foreign_key="region.code", index=True)
    education: Education = Field(sa_type=stored(Education))
    mobility: Mobility = Field(default=Mobility.COMMUTE, sa_type=stored(Mobility))
    commute_km: int = Field(default=30, ge=0, le=500)
    hours: int = Field(
        default=int(Hours.DAY | Hours.EVENING | Hours.NIGHT | Hours.WEEKEND),
        description="Hours flags the person can give",
    )
    least_wage: int | None = Field(default=None, ge=0, description="rupiah a month")
    is_synthetic: bool = Field(default=False, description="demo person, said on every page")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    version: int = 1


class PersonIdentity(SQLModel, table=True):
    """Who a person is. Never joined by employers' or public code."""

    __tablename__ = "person_identity"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    full_name: str = Field(max_length=200)
    gender: Gender | None = Field(default=None, sa_type=stored(Gender))
    nik: str | None = Field(
        default=None, sa_column=Column(EncryptedText("person_identity.nik"), nullable=True)
    )
    nik_digest: str | None = Field(default=None, unique=True, max_length=64)
    phone: str | None = Field(
        default=None, sa_column=Column(EncryptedText("person_identity.phone"), nullable=True)
    )
    phone_digest: str | None = Field(default=None, unique=True, max_length=64)
    birth_date: str | None = Field(
        default=None,
        sa_column=Column(EncryptedText("person_identity.birth_date"), nullable=True),
        description="ISO date",
    )


class PersonWish(SQLModel, table=True):
    """A trade a person wants to work in."""

    __tablename__ = "person_wish"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    occupation_code: str = Field(foreign_key="occupation.code", primary_key=True)


class PersonLicence(SQLModel, table=True):
    __tablename__ = "person_licence"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    licence_code: str = Field(foreign_key="licence.code", primary_key=True)
    expires_on: date | None = None


class OfficerNote(SQLModel, table=True):
    """What an officer writes down about a client."""

    __tablename__ = "officer_note"

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    person_id: int = Field(foreign_key="person.id", index=True)
    author_id: int = Field(foreign_key="user_account.id")
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    text: str = Field(sa_column=Column(EncryptedText("officer_note.text"), nullable=False))


class MonthlyReport(SQLModel, table=True):
    """Wajib lapor: a client reports to the officer once a month."""

    __tablename__ = "monthly_report"
    __table_args__ = (Index(None, "person_id", "reported_on"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    reported_on: date
    is_working: bool = False
    recorded_by: int | None = Field(default=None, foreign_key="user_account.id")
