"""Every table on both databases: what goes in comes out, and what must not go in is refused."""

import uuid
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, LargeBinary, Table, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from models.accounts import Role, SignInAttempt, SignInCode, User, UserRole
from models.audit import AuditEvent
from models.certificates import Certificate, CertificateUnit, Training
from models.columns import EncryptedText
from models.employers import (
    Employer,
    EmployerMember,
    Vacancy,
    VacancyReading,
    VacancyRequirement,
)
from models.enums import (
    AliasKind,
    ConceptKind,
    ConsentPurpose,
    Education,
    ExternalKind,
    ExternalRelationKind,
    ExternalSource,
    FacilityKind,
    Gender,
    Importance,
    IntroductionState,
    LinkStatus,
    Mobility,
    OffenceFamily,
    PersonStatus,
    RegionKind,
    RestrictionKind,
    RoleName,
    TrainingStatus,
    VacancyStatus,
    Verification,
)
from models.external import ExternalConcept, ExternalLink, ExternalRelation
from models.imports import ColumnMap, ImportBatch
from models.introductions import Consent, Introduction, IntroductionStep
from models.matching import ChangeKind, MatchingChange
from models.metadata import metadata
from models.people import (
    MonthlyReport,
    OfficerNote,
    Person,
    PersonIdentity,
    PersonLicence,
    PersonWish,
)
from models.records import ExclusionRule, OffenceRecord, Restriction
from models.regions import Bapas, BapasRegion, Facility, PlaceName, Province, Region
from models.taxonomy import (
    Alias,
    Licence,
    Neighbour,
    Occupation,
    OccupationLicence,
    Scheme,
    SchemeUnit,
    Unit,
)

DAY = date(2026, 8, 17)
TIME = datetime(2026, 8, 17, 3, 4, 5, 678901, tzinfo=UTC)
NIK, PHONE, BORN = "3275990000000001", "+6289900000001", "1990-02-03"
OFFENCE, DETAIL, SENTENCE, NOTE = "narcotics", "Pasal 112 ayat 1", "48", "Ibunya sedang sakit."

# One row of every table with every column filled, each after the rows it points at.
ROWS: list[tuple[type[SQLModel], dict[str, Any]]] = [
    (
        Province,
        {"code": "32", "name": "Jawa Barat", "name_en": "West Java", "timezone": "Asia/Jakarta"},
    ),
    (
        Region,
        {
            "code": "32.75",
            "province_code": "32",
            "kind": RegionKind.KOTA,
            "name": "Bekasi",
            "lat": -6.235,
            "lon": 106.992,
            "timezone": "Asia/Jakarta",
        },
    ),
    (PlaceName, {"place": "bekasi", "region_code": "32.75"}),
    (Bapas, {"id": 1, "code": "bapas-bekasi", "name": "Bapas Bekasi", "region_code": "32.75"}),
    (BapasRegion, {"region_code": "32.75", "bapas_id": 1}),
    (
        Facility,
        {
            "id": 1,
            "code": "lapas-bekasi",
            "kind": FacilityKind.LAPAS,
            "name": "Lapas Kelas IIA Bekasi",
            "region_code": "32.75",
            "bapas_id": 1,
        },
    ),
    (
        Occupation,
        {
            "code": "smaw-welder",
            "title_id": "Juru Las",
            "title_en": "Welder",
            "isco": "7212",
            "duties_id": "mengelas pelat; menggerinda",
            "sector": "metal",
        },
    ),
    (
        Occupation,
        {
            "code": "pipe-fitter",
            "title_id": "Tukang Pipa",
            "title_en": "Pipe fitter",
            "isco": "7126",
            "duties_id": "merakit pipa",
            "sector": "metal",
        },
    ),
    (Licence, {"code": "SIM-B1", "title_id": "SIM B1", "title_en": "Lorry licence"}),
    (OccupationLicence, {"occupation_code": "smaw-welder", "licence_code": "SIM-B1"}),
    (
        Unit,
        {
            "code": "smaw-welder.01",
            "occupation_code": "smaw-welder",
            "title_id": "Mengelas pelat",
            "title_en": "Weld plate",
            "level": 2,
            "skkni_code": "C.24LAS01.001.1",
        },
    ),
    (
        Scheme,
        {
            "code": "smaw-welder-s1",
            "occupation_code": "smaw-welder",
            "title_id": "KKNI Level II Juru Las",
            "title_en": "KKNI Level II Welder",
            "kkni_level": 2,
        },
    ),
    (SchemeUnit, {"scheme_code": "smaw-welder-s1", "unit_code": "smaw-welder.01"}),
    (
        Alias,
        {
            "id": 1,
            "target": "smaw-welder",
            "text": "tukang las",
            "language": "id",
            "kind": AliasKind.COLLOQUIAL,
        },
    ),
    (
        Neighbour,
        {"occupation_code": "smaw-welder", "neighbour_code": "pipe-fitter", "closeness": 0.4},
    ),
    (Role, {"id": 1, "name": RoleName.OFFICER}),
    (
        User,
        {
            "id": 1,
            "public_id": "user2345abcd",
            "fs_uniquifier": "u" * 64,
            "email": "petugas@titian.example",
            "password": "$argon2id$…",
            "name": "Petugas Contoh",
            "active": False,
            "language": "en",
            "created_at": TIME,
            "bapas_id": 1,
            "facility_id": 1,
        },
    ),
    (UserRole, {"user_id": 1, "role_id": 1}),
    (SignInAttempt, {"id": 1, "key_hash": "a" * 64, "at": TIME}),
    (
        Person,
        {
            "id": 1,
            "public_id": "pers2345abcd",
            "status": PersonStatus.CONDITIONAL_RELEASE,
            "facility_id": 1,
            "bapas_id": 1,
            "user_id": 1,
            "officer_id": 1,
            "expected_release": DAY,
            "available_from": DAY,
            "home_region_code": "32.75",
            "education": Education.LOWER_SECONDARY,
            "mobility": Mobility.PROVINCE,
            "commute_km": 0,
            "hours": 5,
            "least_wage": 3_000_000,
            "is_synthetic": True,
            "created_at": TIME,
            "updated_at": TIME,
            "version": 7,
        },
    ),
    (
        PersonIdentity,
        {
            "person_id": 1,
            "full_name": "Contoh Orang",
            "gender": Gender.FEMALE,
            "nik": NIK,
            "nik_digest": "b" * 64,
            "phone": PHONE,
            "phone_digest": "c" * 64,
            "birth_date": BORN,
        },
    ),
    (PersonWish, {"person_id": 1, "occupation_code": "smaw-welder"}),
    (PersonLicence, {"person_id": 1, "licence_code": "SIM-B1", "expires_on": DAY}),
    (
        OfficerNote,
        {
            "id": 1,
            "public_id": "note2345abcd",
            "person_id": 1,
            "author_id": 1,
            "at": TIME,
            "text": NOTE,
        },
    ),
    (
        MonthlyReport,
        {"id": 1, "person_id": 1, "reported_on": DAY, "is_working": True, "recorded_by": 1},
    ),
    (
        OffenceRecord,
        {
            "id": 1,
            "person_id": 1,
            "family": OFFENCE,
            "detail": DETAIL,
            "sentence_months": SENTENCE,
            "recorded_at": TIME,
        },
    ),
    (
        Restriction,
        {
            "id": 1,
            "public_id": "rest2345abcd",
            "person_id": 1,
            "kind": RestrictionKind.STAY_IN_PROVINCE,
            "legal_basis": "Surat keputusan 1",
            "until": DAY,
            "decided_by": "Kepala Bapas",
            "recorded_by": 1,
            "recorded_at": TIME,
            "ended_at": TIME,
        },
    ),
    (
        ExclusionRule,
        {
            "id": 1,
            "code": "anak",
            "family": OffenceFamily.CHILDREN,
            "trait": 1,
            "legal_basis": "Undang-undang 1",
            "decided_by": "Pengelola",
            "until": DAY,
        },
    ),
    (
        SignInCode,
        {
            "id": 1,
            "person_id": 1,
            "code_hash": "d" * 64,
            "created_by": 1,
            "created_at": TIME,
            "expires_at": TIME,
            "used_at": TIME,
        },
    ),
    (
        Training,
        {
            "id": 1,
            "public_id": "trai2345abcd",
            "person_id": 1,
            "facility_id": 1,
            "scheme_code": "smaw-welder-s1",
            "hours": 160,
            "started_on": DAY,
            "finished_on": DAY,
            "status": TrainingStatus.STOPPED,
            "recorded_by": 1,
            "created_at": TIME,
        },
    ),
    (
        Certificate,
        {
            "id": 1,
            "public_id": "cert2345abcd",
            "person_id": 1,
            "scheme_code": "smaw-welder-s1",
            "lsp_name": "LSP Las (contoh)",
            "number": "CONTOH-1",
            "issued_on": DAY,
            "expires_on": DAY,
            "level": 2,
            "verification": Verification.REVOKED,
            "verified_by": 1,
            "verified_at": TIME,
            "recorded_by": 1,
            "created_at": TIME,
        },
    ),
    (CertificateUnit, {"certificate_id": 1, "unit_code": "smaw-welder.01"}),
    (
        Employer,
        {
            "id": 1,
            "public_id": "empl2345abcd",
            "name": "PT Baja (contoh)",
            "nib": "1234567890123",
            "region_code": "32.75",
            "sector": "Manufaktur",
            "about": "Bengkel las",
            "verified_at": TIME,
            "verified_by": 1,
            "is_synthetic": True,
            "created_at": TIME,
        },
    ),
    (EmployerMember, {"user_id": 1, "employer_id": 1}),
    (
        ColumnMap,
        {
            "source": "karirhub",
            "kind": "vacancies",
            "columns": {"title": "Judul", "lain": ["á", 1, None]},
        },
    ),
    (
        ImportBatch,
        {
            "id": 1,
            "public_id": "batc2345abcd",
            "source": "karirhub",
            "kind": "vacancies",
            "filename": "lowongan.csv",
            "rows": 3,
            "created_by": 1,
            "created_at": TIME,
        },
    ),
    (
        Vacancy,
        {
            "id": 1,
            "public_id": "vaca2345abcd",
            "employer_id": 1,
            "title": "Juru las 3G",
            "text": "Dicari juru las.\n- Wajib las 3G 😀",
            "occupation_code": "smaw-welder",
            "occupation_confidence": 0.875,
            "region_code": "32.75",
            "province_code": "32",
            "positions": 3,
            "wage_min": 3_000_000,
            "wage_max": 2_000_000_000,
            "hours": 5,
            "traits": 34,
            "education": Education.PRIMARY,
            "start_on": DAY,
            "closes_on": DAY,
            "status": VacancyStatus.CLOSED,
            "published_at": TIME,
            "import_batch_id": 1,
            "source_key": "e" * 64,
            "created_by": 1,
            "created_at": TIME,
            "version": 4,
        },
    ),
    (VacancyReading, {"vacancy_id": 1, "digest": "d" * 64, "reading": '{"unread": []}'}),
    (
        VacancyRequirement,
        {
            "id": 1,
            "vacancy_id": 1,
            "position": 2,
            "text": "las 3G",
            "kind": ConceptKind.TEXT,
            "concept_code": "smaw-welder.01",
            "importance": Importance.NICE,
            "weight": 0.1,
            "least_level": 3,
            "confidence": 0.7,
            "span_start": 25,
            "span_end": 31,
            "vector": bytes(range(256)),
            "vector_space": "e5/1",
        },
    ),
    (
        Introduction,
        {
            "id": 1,
            "public_id": "intr2345abcd",
            "vacancy_id": 1,
            "person_id": 1,
            "state": IntroductionState.RETAINED_12,
            "proposed_by": RoleName.EMPLOYER,
            "proposed_by_user": 1,
            "score": 0.625,
            "message": "Bisa mulai Senin?",
            "created_at": TIME,
            "updated_at": TIME,
            "version": 9,
        },
    ),
    (
        IntroductionStep,
        {
            "id": 1,
            "introduction_id": 1,
            "from_state": IntroductionState.PROPOSED,
            "to_state": IntroductionState.DECLINED_BY_EMPLOYER,
            "actor_role": RoleName.EMPLOYER,
            "actor_id": 1,
            "reason": "Sudah ada orang",
            "at": TIME,
        },
    ),
    (
        Consent,
        {
            "id": 1,
            "public_id": "cons2345abcd",
            "person_id": 1,
            "purpose": ConsentPurpose.INTRODUCTION,
            "introduction_id": 1,
            "wording": "Saya setuju.",
            "channel": "paper",
            "given_at": TIME,
            "withdrawn_at": TIME,
        },
    ),
    (
        AuditEvent,
        {
            "id": 1,
            "at": TIME,
            "actor_id": 1,
            "actor_role": "officer",
            "action": "certificate.verified",
            "subject": "certificate:cert2345abcd",
            "person_id": 1,
            "detail": "oleh petugas",
            "request_id": "f" * 32,
        },
    ),
    (MatchingChange, {"id": 1, "kind": ChangeKind.TAXONOMY, "subject_id": 1, "at": TIME}),
    (
        ExternalConcept,
        {
            "id": 1,
            "public_id": "conc2345abcd",
            "source": ExternalSource.ESCO,
            "code": "http://data.europa.eu/esco/occupation/contoh",
            "kind": ExternalKind.OCCUPATION,
            "title": "welder",
            "other_titles": "metal welder\narc welder",
            "description": "Joins metal.",
            "language": "en",
            "isco": "7212",
            "level": 2,
            "sector": "Manufaktur",
            "document": "Keputusan contoh",
            "version": "1.1.1",
            "is_gone": True,
            "linked_with": "f" * 16,
            "added_at": TIME,
            "changed_at": TIME,
        },
    ),
    (
        ExternalRelation,
        {"concept_id": 1, "related_id": 1, "kind": ExternalRelationKind.ESSENTIAL},
    ),
    (
        ExternalLink,
        {
            "id": 1,
            "public_id": "link2345abcd",
            "concept_id": 1,
            "target": "smaw-welder",
            "confidence": 0.875,
            "status": LinkStatus.ACCEPTED,
            "proposed_at": TIME,
            "reviewed_by": 1,
            "reviewed_at": TIME,
        },
    ),
]

# What must stand once in the whole country, and once for each pair.
UNIQUE = [
    ("person_identity", ("nik_digest",)),
    ("person_identity", ("phone_digest",)),
    ("person", ("user_id",)),
    ("certificate", ("number",)),
    ("employer", ("nib",)),
    ("introduction", ("vacancy_id", "person_id")),
    ("vacancy", ("source_key",)),
    ("user_account", ("email",)),
    ("user_account", ("fs_uniquifier",)),
    ("role", ("name",)),
    ("bapas", ("code",)),
    ("facility", ("code",)),
    ("exclusion_rule", ("code",)),
    ("external_concept", ("source", "code")),
    ("external_link", ("concept_id", "target")),
    *((name, ("public_id",)) for name, table in metadata.tables.items() if "public_id" in table.c),
]

# Columns that end like links but name what lies outside or may: a region or a whole province, a
# row of either of two tables, the taxonomy of an older day, a code of the ministry, a request.
NO_LINKS = {
    "place_name.region_code",
    "matching_change.subject_id",
    "vacancy_requirement.concept_code",
    "unit.skkni_code",
    "audit_event.request_id",
}


def _table(row: type[SQLModel]) -> Table:
    return row.__table__  # type: ignore[attr-defined]


def _fill(engine: Engine) -> None:
    with Session(engine) as session:
        for row, values in ROWS:
            session.add(row(**values))
            session.flush()
        session.commit()


def _values(table: str) -> dict[str, Any]:
    return next(dict(values) for row, values in ROWS if row.__tablename__ == table)


def _is_refused(connection: Connection, statement: Any) -> bool:
    point = connection.begin_nested()
    try:
        connection.execute(statement)
    except IntegrityError:
        point.rollback()
        return True
    point.rollback()
    return False


# Round trips


def test_the_rows_below_fill_every_column_of_every_table() -> None:
    assert {row.__tablename__ for row, _ in ROWS} == set(metadata.tables)
    for row, values in ROWS:
        assert set(values) == set(_table(row).columns.keys()), row.__tablename__
        assert None not in values.values()


def test_every_table_round_trips(database_engine: Engine) -> None:
    _fill(database_engine)
    with Session(database_engine) as session:
        for row, values in ROWS:
            key = tuple(values[column.name] for column in _table(row).primary_key)
            found = session.get_one(row, key if len(key) > 1 else key[0])
            for name, value in values.items():
                read = getattr(found, name)
                assert read == value, f"{row.__tablename__}.{name}"
                assert type(read) is type(value), f"{row.__tablename__}.{name}"


def test_row_with_only_what_is_required_round_trips(database_engine: Engine) -> None:
    _fill(database_engine)
    with database_engine.begin() as connection:
        for row, values in ROWS:
            optional = {column.name: None for column in _table(row).columns if column.nullable}
            keys = [column == values[column.name] for column in _table(row).primary_key]
            if optional:
                connection.execute(update(_table(row)).where(*keys).values(optional))
                found = connection.execute(select(_table(row)).where(*keys)).mappings().one()
                assert {name: found[name] for name in optional} == optional


def test_defaults_of_a_new_person_promise_nothing(database_engine: Engine) -> None:
    """Nothing assumed of a person may make them look more mobile, or be somebody's demo."""
    _fill(database_engine)
    with Session(database_engine) as session:
        person = Person(
            id=2,
            status=PersonStatus.FREE,
            bapas_id=1,
            available_from=DAY,
            home_region_code="32.75",
            education=Education.NONE,
        )
        session.add(person)
        session.commit()
        session.refresh(person)
        assert person.mobility is Mobility.COMMUTE
        assert not person.is_synthetic
        assert person.version == 1
        assert person.created_at.utcoffset() is not None


def test_new_vacancy_is_a_draft_and_new_certificate_unverified() -> None:
    assert Vacancy(employer_id=1, title="", text="").status is VacancyStatus.DRAFT
    certificate = Certificate(
        person_id=1,
        scheme_code="s",
        lsp_name="",
        number="1",
        issued_on=DAY,
        expires_on=DAY,
        level=2,
    )
    assert certificate.verification is Verification.UNVERIFIED


def test_rows_get_public_ids_of_their_own() -> None:
    made = [
        row(**{k: v for k, v in values.items() if k != "public_id"}) for row, values in ROWS * 3
    ]
    ids = [row.public_id for row in made if hasattr(row, "public_id")]
    assert len(ids) == 3 * sum("public_id" in values for _, values in ROWS) >= 30
    assert len(set(ids)) == len(ids)


# Constraints


def test_value_that_must_stand_once_is_refused_twice(database_engine: Engine) -> None:
    _fill(database_engine)
    with database_engine.begin() as connection:
        second = {**_values("person"), "id": 9, "public_id": "pers2345wxyz", "user_id": None}
        connection.execute(insert(Person).values(second))
        for table, columns in UNIQUE:
            kind, taken = metadata.tables[table], _values(table)
            fresh = _another_row(kind, taken)
            assert not _is_refused(connection, insert(kind).values(fresh)), table
            clashing = fresh | {name: taken[name] for name in columns}
            assert _is_refused(connection, insert(kind).values(clashing)), f"{table} {columns}"


def _another_row(table: Table, taken: dict[str, Any]) -> dict[str, Any]:
    """A row that shares as little as may be with the one there."""
    fresh: dict[str, Any] = {}
    for name, value in taken.items():
        if table.c[name].nullable:
            fresh[name] = None
        elif table.c[name].foreign_keys:
            fresh[name] = value
        else:
            fresh[name] = _other(value)
    if {"vacancy_id", "person_id"} <= set(fresh) or "id" not in fresh:
        fresh["person_id"] = 9
    return fresh


def _other(value: Any) -> Any:
    """Another value of the same kind, as long as the one given."""
    if isinstance(value, Enum):
        return next(member for member in type(value) if member is not value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return uuid.uuid4().hex[: len(value)]
    return value + timedelta(days=1) if isinstance(value, date) else value + 1


def test_many_people_may_have_no_nik_and_no_phone(database_engine: Engine) -> None:
    _fill(database_engine)
    with database_engine.begin() as connection:
        for number in (2, 3):
            person = {**_values("person"), "id": number, "public_id": f"p{number}", "user_id": None}
            connection.execute(insert(Person).values(person))
            connection.execute(insert(PersonIdentity).values(person_id=number, full_name="Tanpa"))
    with Session(database_engine) as session:
        assert session.get_one(PersonIdentity, 3).nik_digest is None


def test_columns_named_as_links_are_foreign_keys() -> None:
    links = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.name.endswith(("_id", "_code", "_by", "_by_user"))
        and column.name not in ("public_id", "title_id", "duties_id", "decided_by", "proposed_by")
    }
    held = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.foreign_keys
    }
    assert links - held == NO_LINKS
    assert held <= links


def test_every_foreign_key_refuses_what_does_not_exist(database_engine: Engine) -> None:
    _fill(database_engine)
    checked = 0
    with database_engine.begin() as connection:
        for table in metadata.tables.values():
            for column in table.columns:
                if column.foreign_keys:
                    nothing = 987654 if column.type.python_type is int else "zz"
                    statement = update(table).values({column.name: nothing})
                    assert _is_refused(connection, statement), f"{table.name}.{column.name}"
                    checked += 1
    assert checked >= 60


def test_row_that_others_point_at_cannot_be_deleted(database_engine: Engine) -> None:
    _fill(database_engine)
    pointed_at = {key.column.table.name for t in metadata.tables.values() for key in t.foreign_keys}
    assert {"person", "employer", "vacancy", "introduction", "certificate"} <= pointed_at
    with database_engine.begin() as connection:
        for table in sorted(pointed_at):
            assert _is_refused(connection, metadata.tables[table].delete()), table


def test_every_required_column_refuses_null(database_engine: Engine) -> None:
    _fill(database_engine)
    with database_engine.begin() as connection:
        for table in metadata.tables.values():
            for column in table.columns:
                if not column.nullable and not column.primary_key:
                    statement = text(f'UPDATE "{table.name}" SET "{column.name}" = NULL')
                    assert _is_refused(connection, statement), f"{table.name}.{column.name}"


@pytest.mark.parametrize(
    "column",
    [
        "certificate.number",
        "certificate.expires_on",
        "offence_record.family",
        "restriction.legal_basis",
        "restriction.decided_by",
        "exclusion_rule.legal_basis",
        "exclusion_rule.decided_by",
        "consent.wording",
        "officer_note.author_id",
        "person.bapas_id",
        "introduction.proposed_by",
        "audit_event.action",
    ],
)
def test_what_the_law_or_the_matching_needs_is_required(column: str) -> None:
    table, name = column.split(".")
    assert not metadata.tables[table].c[name].nullable


# Identity and records stand apart


def _columns_with(words: tuple[str, ...]) -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if set(column.name.split("_")) & set(words)
    }


def test_person_holds_what_matching_needs_and_neither_identity_nor_record() -> None:
    assert set(_table(Person).columns.keys()) == {
        "id",
        "public_id",
        "status",
        "facility_id",
        "bapas_id",
        "user_id",
        "officer_id",
        "expected_release",
        "available_from",
        "home_region_code",
        "education",
        "mobility",
        "commute_km",
        "hours",
        "least_wage",
        "is_synthetic",
        "created_at",
        "updated_at",
        "version",
    }


def test_nik_phone_gender_and_birth_stand_in_the_identity_alone() -> None:
    words = ("nik", "phone", "gender", "sex", "birth", "born", "full", "mother", "religion", "ktp")
    assert _columns_with(words) == {
        "person_identity.full_name",
        "person_identity.gender",
        "person_identity.nik",
        "person_identity.nik_digest",
        "person_identity.phone",
        "person_identity.phone_digest",
        "person_identity.birth_date",
    }


def test_offences_stand_in_records_and_in_the_rules_of_exclusion_alone() -> None:
    words = ("offence", "offense", "family", "sentence", "crime", "criminal", "conviction")
    assert _columns_with(words) == {
        "offence_record.family",
        "offence_record.sentence_months",
        "exclusion_rule.family",
    }


def test_no_table_has_both_identity_and_record() -> None:
    for table in metadata.tables.values():
        targets = {key.column.table.name for key in table.foreign_keys}
        assert not targets & {"person_identity", "offence_record"}, table.name


def test_every_column_of_a_record_but_its_link_and_time_is_encrypted() -> None:
    plain = {
        column.name
        for column in _table(OffenceRecord).columns
        if not isinstance(column.type, EncryptedText)
    }
    assert plain == {"id", "person_id", "recorded_at"}


def test_nik_phone_birth_date_and_notes_are_encrypted_each_for_its_own_column() -> None:
    found = {
        f"{table.name}.{column.name}": column.type.where
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    }
    assert set(found) == {
        "person_identity.nik",
        "person_identity.phone",
        "person_identity.birth_date",
        "offence_record.family",
        "offence_record.detail",
        "offence_record.sentence_months",
        "officer_note.text",
    }
    assert all(where == column for column, where in found.items())


def test_no_secret_stands_readable_anywhere_in_the_database(database_engine: Engine) -> None:
    _fill(database_engine)
    held = b""
    with database_engine.begin() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"')):
                held += b"|".join(
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for value in row
                )
    assert b"Contoh Orang" in held  # the name is no secret of this kind
    for secret in (NIK, PHONE, PHONE[3:], BORN, OFFENCE, DETAIL, NOTE):
        assert secret.encode() not in held


def test_encrypted_columns_are_binary_in_the_database() -> None:
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, EncryptedText):
                assert isinstance(column.type.impl_instance, LargeBinary)
