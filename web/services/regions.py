"""Places for pages: choices and names."""

from sqlmodel import Session, col, select

from models.regions import Province, Region


def choices(session: Session) -> list[tuple[str, str]]:
    """(code, "Kota Bekasi, Jawa Barat") of every kabupaten and kota, by name."""
    rows = session.exec(
        select(Region, Province.name)
        .join(Province, col(Province.code) == col(Region.province_code))
        .order_by(col(Region.name), col(Region.kind))
    )
    return [(region.code, f"{region.full_name}, {province}") for region, province in rows]


def provinces(session: Session) -> list[tuple[str, str]]:
    """(code, name) of every province, by name."""
    rows = session.exec(select(Province.code, Province.name).order_by(col(Province.name)))
    return [(code, name) for code, name in rows]


def name(session: Session, code: str | None) -> str:
    """The name in full of a region or a province; empty when there is none of this code."""
    if not code:
        return ""
    if "." in code:
        region = session.get(Region, code)
        return region.full_name if region else ""
    province = session.get(Province, code)
    return province.name if province else ""
