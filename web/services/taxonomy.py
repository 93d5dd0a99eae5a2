"""The taxonomy between the database and the engine."""

from sqlmodel import Session, col, delete, select

from matcher import taxonomy as engine
from models import taxonomy as stored
from models.enums import AliasKind
from models.matching import ChangeKind
from seed_data.taxonomy_files import read_outside
from web.services.changes import note_change


def load(session: Session) -> engine.Taxonomy:
    """The stored taxonomy, for the engine, with the words of work that no taxonomy of ours holds."""
    licences_of: dict[str, list[str]] = {}
    for link in session.exec(select(stored.OccupationLicence)):
        licences_of.setdefault(link.occupation_code, []).append(link.licence_code)
    units_of: dict[str, list[str]] = {}
    for link in session.exec(select(stored.SchemeUnit)):
        units_of.setdefault(link.scheme_code, []).append(link.unit_code)
    return engine.Taxonomy(
        occupations=[
            engine.Occupation(
                row.code,
                row.title_id,
                row.title_en,
                row.isco,
                tuple(part for part in row.duties_id.split("; ") if part),
                tuple(sorted(licences_of.get(row.code, ()))),
                row.sector,
            )
            for row in session.exec(select(stored.Occupation))
        ],
        units=[
            engine.Unit(
                row.code, row.occupation_code, row.title_id, row.title_en, row.level, row.skkni_code
            )
            for row in session.exec(select(stored.Unit))
        ],
        schemes=[
            engine.Scheme(
                row.code,
                row.occupation_code,
                row.title_id,
                row.title_en,
                row.kkni_level,
                tuple(sorted(units_of.get(row.code, ()))),
            )
            for row in session.exec(select(stored.Scheme))
        ],
        licences=[
            engine.Licence(row.code, row.title_id, row.title_en)
            for row in session.exec(select(stored.Licence))
        ],
        aliases=[
            engine.Alias(row.target, row.text, row.language, AliasKind(row.kind).value)
            for row in session.exec(select(stored.Alias))
        ],
        neighbours=[
            engine.Neighbour(row.occupation_code, row.neighbour_code, row.closeness)
            for row in session.exec(
                select(stored.Neighbour).order_by(
                    col(stored.Neighbour.occupation_code), col(stored.Neighbour.neighbour_code)
                )
            )
        ],
        outside=read_outside(),
    )


def save(session: Session, taxonomy: engine.Taxonomy) -> None:
    """Make the stored taxonomy equal to the given one. Codes in use by people or vacancies stay.

    Raises IntegrityError when a code that is still in use would vanish; nothing is then changed.
    """
    for entry in taxonomy.occupations.values():
        session.merge(
            stored.Occupation(
                code=entry.code,
                title_id=entry.title_id,
                title_en=entry.title_en,
                isco=entry.isco,
                duties_id="; ".join(entry.duties),
                sector=entry.sector,
            )
        )
    for licence in taxonomy.licences.values():
        session.merge(
            stored.Licence(code=licence.code, title_id=licence.title_id, title_en=licence.title_en)
        )
    session.flush()
    for unit in taxonomy.units.values():
        session.merge(
            stored.Unit(
                code=unit.code,
                occupation_code=unit.occupation,
                title_id=unit.title_id,
                title_en=unit.title_en,
                level=unit.level,
                skkni_code=unit.skkni_code,
            )
        )
    for scheme in taxonomy.schemes.values():
        session.merge(
            stored.Scheme(
                code=scheme.code,
                occupation_code=scheme.occupation,
                title_id=scheme.title_id,
                title_en=scheme.title_en,
                kkni_level=scheme.kkni_level,
            )
        )
    session.flush()
    _replace_links(session, taxonomy)
    _remove_vanished(session, taxonomy)
    note_change(session, ChangeKind.TAXONOMY)
    session.flush()


def _replace_links(session: Session, taxonomy: engine.Taxonomy) -> None:
    for table in (stored.Alias, stored.Neighbour, stored.SchemeUnit, stored.OccupationLicence):
        session.exec(delete(table))
    session.add_all(
        stored.OccupationLicence(occupation_code=entry.code, licence_code=code)
        for entry in taxonomy.occupations.values()
        for code in entry.licences
    )
    session.add_all(
        stored.SchemeUnit(scheme_code=scheme.code, unit_code=unit)
        for scheme in taxonomy.schemes.values()
        for unit in scheme.units
    )
    session.add_all(
        stored.Alias(target=alias.target, text=alias.text, language=alias.language, kind=alias.kind)
        for alias in taxonomy.aliases
    )
    session.add_all(
        stored.Neighbour(
            occupation_code=pair.occupation,
            neighbour_code=pair.neighbour,
            closeness=pair.closeness,
        )
        for pair in taxonomy.neighbours
    )
    session.flush()


def _remove_vanished(session: Session, taxonomy: engine.Taxonomy) -> None:
    for table, kept in (
        (stored.Scheme, taxonomy.schemes),
        (stored.Unit, taxonomy.units),
        (stored.Licence, taxonomy.licences),
        (stored.Occupation, taxonomy.occupations),
    ):
        for row in session.exec(select(table)):
            if row.code not in kept:
                session.delete(row)
        session.flush()
