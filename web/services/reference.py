"""Putting the seed data every installation needs into the database: places, roles, taxonomy."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, SQLModel, select

from models.accounts import Role
from models.employers import VacancyRequirement
from models.enums import ConceptKind, FacilityKind, RegionKind, RoleName
from models.regions import Bapas, BapasRegion, Facility, PlaceName, Province, Region
from seed_data.region_files import read_regions
from seed_data.taxonomy_files import read_taxonomy
from web.services import matching, taxonomy, vacancy_imports


def load(session: Session) -> bool:
    """Make the reference data equal to the seed files; whether anything changed. The caller commits.

    Raises SeedDataError or TaxonomyError when a seed file is wrong.
    """
    changed = _put(session, Role, "name", ({"name": role} for role in RoleName))
    changed |= _load_regions(session)
    wanted = read_taxonomy()
    if taxonomy.load(session).digest != wanted.digest:
        taxonomy.save(session, wanted)
        changed = True
    vacancy_imports.store_known_sources(session)
    return changed


def _load_regions(session: Session) -> bool:
    changed = _put(session, Province, "code", read_regions("provinces"))
    changed |= _put(
        session,
        Region,
        "code",
        (
            {
                "code": row["code"],
                "province_code": row["province"],
                "kind": RegionKind(row["kind"]),
                "name": row["name"],
                "lat": float(row["lat"]),
                "lon": float(row["lon"]),
                "timezone": row["timezone"],
            }
            for row in read_regions("regencies")
        ),
    )
    changed |= _put(
        session,
        PlaceName,
        "place",
        ({"place": row["place"], "region_code": row["region"]} for row in read_regions("places")),
    )
    changed |= _put(
        session,
        Bapas,
        "code",
        (
            {"code": row["code"], "name": row["name"], "region_code": row["region"]}
            for row in read_regions("bapas")
        ),
    )
    bapas = dict(session.exec(select(Bapas.code, Bapas.id)).all())
    changed |= _put(
        session,
        BapasRegion,
        "region_code",
        (
            {"region_code": row["region"], "bapas_id": bapas[row["bapas"]]}
            for row in read_regions("bapas_regions")
        ),
    )
    changed |= _put(
        session,
        Facility,
        "code",
        (
            {
                "code": row["code"],
                "kind": FacilityKind(row["kind"]),
                "name": row["name"],
                "region_code": row["region"],
                "bapas_id": bapas[row["bapas"]],
            }
            for row in read_regions("facilities")
        ),
    )
    return changed


def _put(session: Session, table: type[SQLModel], key: str, rows: Iterable[dict[str, Any]]) -> bool:
    """Insert what is missing and update what differs; rows that vanished from the files stay."""
    stored = {getattr(row, key): row for row in session.exec(select(table))}
    changed = False
    for values in rows:
        row = stored.get(values[key])
        if row is None:
            session.add(table(**values))
            changed = True
            continue
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                session.add(row)
                changed = True
    session.flush()
    return changed


def refresh_text_vectors(session: Session) -> int:
    """Embed anew the free-text requirements of another encoder or taxonomy; how many. The caller
    commits."""
    space = matching.engine().state(session).embeddings.space
    stale = session.exec(
        select(VacancyRequirement).where(
            VacancyRequirement.kind == ConceptKind.TEXT, VacancyRequirement.vector_space != space
        )
    ).all()
    if stale:
        linker = matching.engine().linker(session)
        vectors = linker.vectors([row.text for row in stale]).astype("<f2")
        for row, vector in zip(stale, vectors, strict=True):
            row.vector, row.vector_space = vector.tobytes(), space
            session.add(row)
        session.flush()
    return len(stale)
