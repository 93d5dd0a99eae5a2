"""Vacancies from other systems' files: columns mapped per source, every row linked as if written here.

Checking and linking need no lock; storing is one transaction. A row that comes again is known by
the digest of its source, title, employer and place, and updates what it made before.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlmodel import Session, col, select

from matcher import vacancy_text
from matcher.linking import Linker
from matcher.text import normal
from models.employers import Employer, Vacancy, VacancyRequirement
from models.enums import ConceptKind, VacancyStatus
from models.imports import ColumnMap, ImportBatch
from web.permissions import Actor
from web.services import audit, cells, vacancies
from web.services.tables import Problem, Table, TableRefused

KIND = "vacancies"
REQUIRED = ("title", "employer")
FIELDS = (*REQUIRED, "text", "place", "wage")

# Which column of a source's files is which field; kept in the database, where more can be added.
KNOWN_SOURCES: dict[str, dict[str, str]] = {
    "karirhub": {
        "title": "Title",
        "employer": "Perusahaan",
        "text": "Skills",
        "place": "Lokasi",
    },
    "jobstreet": {
        "title": "title",
        "employer": "employer",
        "place": "location",
        "wage": "monthly_wage_idr",
    },
}


class UnknownSource(ValueError):
    """No stored column map fits; the message says what to do."""


@dataclass
class ImportedVacancy:
    """One good row, linked. key: digest of source and row."""

    row: int
    employer: str
    key: str
    fields: vacancies.VacancyFields


@dataclass
class VacancyReport:
    """What an import did, or would do."""

    source: str
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    new_employers: int = 0
    without_occupation: int = 0
    without_place: int = 0
    stored: bool = False
    vacancy_ids: list[int] = field(default_factory=list)


def store_known_sources(session: Session) -> None:
    """Put the column maps of KNOWN_SOURCES into the database where they are missing."""
    for source, columns in KNOWN_SOURCES.items():
        if session.get(ColumnMap, source) is None:
            session.add(ColumnMap(source=source, kind=KIND, columns=columns))
    session.flush()


def column_map(session: Session, header: list[str], source: str | None = None) -> ColumnMap:
    """The stored map of a source, or the one whose columns all stand in the header.

    Raises UnknownSource.
    """
    maps = list(session.exec(select(ColumnMap).where(ColumnMap.kind == KIND)))
    if source is not None:
        found = next((entry for entry in maps if entry.source == source), None)
        if found is None:
            known = ", ".join(sorted(entry.source for entry in maps))
            raise UnknownSource(
                _(
                    "sumber %(source)s tidak dikenal; yang ada: %(known)s",
                    source=source,
                    known=known,
                )
            )
        return found
    fitting = [entry for entry in maps if set(entry.columns.values()) <= set(header)]
    if not fitting:
        raise UnknownSource(
            _(
                "tidak ada peta kolom untuk judul %(header)s; sebut kolomnya dengan --column",
                header=", ".join(header),
            )
        )
    return max(fitting, key=lambda entry: (len(entry.columns), entry.source))


def remember_columns(session: Session, source: str, columns: dict[str, str]) -> ColumnMap:
    """Store a source's column map. Raises UnknownSource when it lacks a title or an employer."""
    unknown = sorted(set(columns) - set(FIELDS))
    missing = [name for name in REQUIRED if not columns.get(name)]
    if unknown or missing:
        raise UnknownSource(
            _(
                "peta kolom harus memuat %(required)s dan boleh memuat %(others)s",
                required=", ".join(REQUIRED),
                others=", ".join(FIELDS[len(REQUIRED) :]),
            )
        )
    found = session.get(ColumnMap, source) or ColumnMap(source=source, kind=KIND, columns={})
    found.columns = dict(columns)
    session.add(found)
    session.flush()
    return found


def check(table: Table, source: ColumnMap) -> list[tuple[int, dict[str, str]]]:
    """(row, our fields) of every row. Raises TableRefused with every bad cell."""
    missing = [name for name in source.columns.values() if name not in table.header]
    if missing:
        raise TableRefused(
            [Problem(1, name, _("kolom ini tidak ada di berkas")) for name in missing]
        )
    problems: list[Problem] = []
    rows = []
    for number, row in table.rows:
        found = {name: row[column] for name, column in source.columns.items()}
        problems += _problems(number, found, source.columns)
        rows.append((number, found))
    if problems:
        raise TableRefused(problems)
    return rows


def _problems(number: int, found: dict[str, str], columns: dict[str, str]) -> Iterable[Problem]:
    for name in REQUIRED:
        if not normal(found[name]):
            yield Problem(number, columns[name], _("harus berisi kata"))
    if len(found["title"]) > vacancies.LONGEST_TITLE:
        yield Problem(
            number,
            columns["title"],
            _("paling banyak %(most)s huruf", most=vacancies.LONGEST_TITLE),
        )
    if len(found["employer"]) > 200:
        yield Problem(number, columns["employer"], _("paling banyak %(most)s huruf", most=200))
    wage = found.get("wage", "")
    if wage and cells.rupiah(wage) is None:
        yield Problem(number, columns["wage"], _("harus jumlah rupiah sebulan, misalnya 4500000"))


def link(
    linker: Linker,
    places: dict[str, str],
    source: str,
    rows: list[tuple[int, dict[str, str]]],
    progress: Callable[[Iterable], Iterable] = iter,
) -> list[ImportedVacancy]:
    """Every row as a vacancy with occupation, requirements and place."""
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for number, row in progress(rows):
        title, text = row["title"], row.get("text", "")
        linked = linker.link(text, title)
        fields = vacancies.fields_of(title, text, linked)
        place = vacancy_text.place(row.get("place", ""), places)
        if place:
            code = str(place.value)
            fields.region_code = code if "." in code else None
            fields.province_code = None if "." in code else code
        wage = cells.rupiah(row.get("wage", ""))
        if wage:
            fields.wage_min = fields.wage_max = wage
        free = [entry for entry in fields.requirements if entry.kind == ConceptKind.TEXT]
        if free:  # now, so that storing holds no lock while the encoder works
            vacancies.embed_texts(linker, free)
        identity = (source, normal(title), normal(row["employer"]), normal(row.get("place", "")))
        seen[identity] += 1
        digest = hashlib.sha256("\x00".join([*identity, str(seen[identity])]).encode())
        found.append(ImportedVacancy(number, row["employer"], digest.hexdigest(), fields))
    return found


def store(
    session: Session,
    actor: Actor | None,
    source: str,
    filename: str,
    found: list[ImportedVacancy],
    dry_run: bool = False,
) -> VacancyReport:
    """Write all rows in one transaction and say what changed; dry_run rolls it back."""
    report = VacancyReport(
        source,
        rows=len(found),
        without_occupation=sum(not entry.fields.occupation_code for entry in found),
        without_place=sum(
            not (entry.fields.region_code or entry.fields.province_code) for entry in found
        ),
    )
    batch = ImportBatch(
        source=source,
        kind=KIND,
        filename=filename[-200:],
        rows=len(found),
        created_by=actor.user_id if actor else None,
    )
    session.add(batch)
    session.flush()
    employers = _employers(session, report, found)
    existing = {
        vacancy.source_key: vacancy
        for vacancy in session.exec(select(Vacancy).where(col(Vacancy.source_key).is_not(None)))
    }
    for entry in found:
        _store_one(session, actor, report, batch, employers, existing.get(entry.key), entry)
    audit.record(session, actor, "vacancies.imported", f"import_batch:{batch.public_id}")
    if dry_run:
        session.rollback()
        report.vacancy_ids = []
    else:
        session.commit()
        report.stored = True
    return report


def _employers(
    session: Session, report: VacancyReport, found: list[ImportedVacancy]
) -> dict[str, int]:
    known = {
        normal(name): number for number, name in session.exec(select(Employer.id, Employer.name))
    }
    for entry in found:
        name = normal(entry.employer)
        if name not in known:
            employer = Employer(name=entry.employer)
            session.add(employer)
            session.flush()
            known[name] = employer.id
            report.new_employers += 1
    return known


def _store_one(
    session: Session,
    actor: Actor | None,
    report: VacancyReport,
    batch: ImportBatch,
    employers: dict[str, int],
    vacancy: Vacancy | None,
    entry: ImportedVacancy,
) -> None:
    if vacancy is None:
        vacancy = vacancies.create(
            session,
            actor,
            employers[normal(entry.employer)],
            entry.fields,
            VacancyStatus.PUBLISHED,
            commit=False,
            import_batch_id=batch.id,
            source_key=entry.key,
        )
        report.new += 1
    elif _is_same(session, vacancy, entry.fields):
        report.unchanged += 1
    else:
        vacancies.change(session, actor, vacancy, entry.fields, commit=False)
        report.changed += 1
    report.vacancy_ids.append(vacancy.id)


def _is_same(session: Session, vacancy: Vacancy, fields: vacancies.VacancyFields) -> bool:
    stored = session.exec(
        select(VacancyRequirement)
        .where(VacancyRequirement.vacancy_id == vacancy.id)
        .order_by(col(VacancyRequirement.position))
    ).all()
    return (
        (vacancy.title, vacancy.text, vacancy.occupation_code)
        == (fields.title, fields.text, fields.occupation_code)
        and (vacancy.region_code, vacancy.province_code)
        == (fields.region_code, fields.province_code)
        and (vacancy.wage_min, vacancy.wage_max) == (fields.wage_min, fields.wage_max)
        and [(row.text, row.concept_code, row.importance) for row in stored]
        == [(row.text, row.concept_code, row.importance) for row in fields.requirements]
    )
