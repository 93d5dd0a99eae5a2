"""Occupations, schemes, units of competency, licences, and the words people use for them."""

from sqlmodel import Field, SQLModel

from models.columns import stored
from models.enums import AliasKind


class Occupation(SQLModel, table=True):
    code: str = Field(primary_key=True, max_length=60)
    title_id: str
    title_en: str
    isco: str = Field(max_length=4, index=True, description="ISCO-08 = KBJI unit group")
    duties_id: str = Field(description="typical duties, joined with '; '")
    sector: str = Field(max_length=20)


class Licence(SQLModel, table=True):
    """A licence the law asks for: SIM B1, SIO forklift, STR."""

    code: str = Field(primary_key=True, max_length=20)
    title_id: str
    title_en: str


class OccupationLicence(SQLModel, table=True):
    __tablename__ = "occupation_licence"

    occupation_code: str = Field(foreign_key="occupation.code", primary_key=True)
    licence_code: str = Field(foreign_key="licence.code", primary_key=True)


class Unit(SQLModel, table=True):
    """A unit of competency (unit kompetensi)."""

    code: str = Field(primary_key=True, max_length=64)
    occupation_code: str = Field(foreign_key="occupation.code", index=True)
    title_id: str
    title_en: str
    level: int = Field(ge=1, le=9, description="KKNI level the unit usually sits at")
    skkni_code: str | None = Field(default=None, max_length=40)


class Scheme(SQLModel, table=True):
    """A certification scheme (skema sertifikasi)."""

    code: str = Field(primary_key=True, max_length=64)
    occupation_code: str = Field(foreign_key="occupation.code", index=True)
    title_id: str
    title_en: str
    kkni_level: int | None = Field(default=None, ge=1, le=9)


class SchemeUnit(SQLModel, table=True):
    __tablename__ = "scheme_unit"

    scheme_code: str = Field(foreign_key="scheme.code", primary_key=True)
    unit_code: str = Field(foreign_key="unit.code", primary_key=True)


class Alias(SQLModel, table=True):
    """A wording that means an occupation or a unit; `target` is the code of either."""

    id: int | None = Field(default=None, primary_key=True)
    target: str = Field(index=True, max_length=64)
    text: str
    language: str = Field(max_length=5)
    kind: AliasKind = Field(sa_type=stored(AliasKind))


class Neighbour(SQLModel, table=True):
    """Two occupations whose skills carry over; closeness in (0, 1), stored once a pair."""

    occupation_code: str = Field(foreign_key="occupation.code", primary_key=True)
    neighbour_code: str = Field(foreign_key="occupation.code", primary_key=True)
    closeness: float = Field(gt=0, lt=1)
