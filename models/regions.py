"""Provinces, kabupaten and kota with Kemendagri codes, correctional facilities and Bapas."""

from sqlmodel import Field, SQLModel

from models.columns import stored
from models.enums import FacilityKind, RegionKind


class Province(SQLModel, table=True):
    code: str = Field(primary_key=True, max_length=2)
    name: str
    name_en: str
    timezone: str = Field(description="IANA name: WIB, WITA or WIT")


class Region(SQLModel, table=True):
    """A kabupaten or kota, with a centroid in degrees."""

    code: str = Field(primary_key=True, max_length=5)
    province_code: str = Field(foreign_key="province.code", index=True)
    kind: RegionKind = Field(sa_type=stored(RegionKind))
    name: str
    lat: float
    lon: float
    timezone: str

    @property
    def full_name(self) -> str:
        """The name as written in addresses: "Kota Bekasi", "Kabupaten Bekasi"."""
        return f"{RegionKind(self.kind).label} {self.name}"


class PlaceName(SQLModel, table=True):
    """A name that vacancies use for a place; `region_code` is a region or a whole province."""

    __tablename__ = "place_name"

    place: str = Field(primary_key=True, max_length=80)
    region_code: str = Field(max_length=5)


class Bapas(SQLModel, table=True):
    """Balai Pemasyarakatan: guides clients after release."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=60)
    name: str
    region_code: str = Field(foreign_key="region.code")


class BapasRegion(SQLModel, table=True):
    """Which Bapas serves a region."""

    __tablename__ = "bapas_region"

    region_code: str = Field(foreign_key="region.code", primary_key=True)
    bapas_id: int = Field(foreign_key="bapas.id", index=True)


class Facility(SQLModel, table=True):
    """Lapas, Rutan or LPKA. Its name never leaves officers', trainers' and admins' pages."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=60)
    kind: FacilityKind = Field(sa_type=stored(FacilityKind))
    name: str
    region_code: str = Field(foreign_key="region.code")
    bapas_id: int = Field(foreign_key="bapas.id")
