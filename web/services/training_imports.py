"""People, training and certificates from a trainer's files: all or nothing, every bad cell named."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from matcher.text import normal
from models.certificates import Certificate
from models.enums import PersonStatus, TrainingStatus
from models.imports import ImportBatch
from models.people import Person, PersonIdentity
from models.regions import Facility, PlaceName, Region
from models.taxonomy import Scheme, SchemeUnit, Unit
from web.permissions import Actor
from web.services import accounts, audit, cells, certificates, people
from web.services.cells import CellError
from web.services.tables import Problem, Table, TableRefused

CHUNK = 500  # values in one IN (…)


class ImportKind(Enum):
    """What a file holds; the value is its name in addresses and commands."""

    PEOPLE = "people"
    TRAINING = "training"
    CERTIFICATES = "certificates"


@dataclass(frozen=True)
class Column:
    """A column of a file. names: header as we write it, then other usual ones."""

    field: str
    names: tuple[str, ...]
    needed: bool
    example: str


COLUMNS: dict[ImportKind, tuple[Column, ...]] = {
    ImportKind.PEOPLE: (
        Column("nik", ("NIK", "nomor induk kependudukan"), True, "3275990000000001"),
        Column("full_name", ("Nama", "nama lengkap"), True, "Budi Contoh"),
        Column("status", ("Status",), True, "Masih menjalani pembinaan"),
        Column("home", ("Daerah asal", "kabupaten/kota", "domisili"), True, "Kota Bekasi"),
        Column("education", ("Pendidikan", "pendidikan terakhir"), True, "SMP"),
        Column("phone", ("Telepon", "no hp", "nomor hp", "nomor telepon"), False, "0812 3456 7890"),
        Column("gender", ("Jenis kelamin", "l/p", "jk"), False, "L"),
        Column("birth_date", ("Tanggal lahir", "tgl lahir"), False, "27/03/1990"),
        Column("release", ("Perkiraan bebas", "tanggal bebas"), False, "15/02/2027"),
        Column("available", ("Bisa mulai",), False, "01/03/2027"),
    ),
    ImportKind.TRAINING: (
        Column("nik", ("NIK", "nomor induk kependudukan"), True, "3275990000000001"),
        Column("scheme", ("Skema", "skema sertifikasi", "pelatihan"), True, "smaw-welder-s1"),
        Column("hours", ("Jam", "jam pelatihan"), True, "120"),
        Column("started", ("Mulai", "tanggal mulai"), True, "01/06/2026"),
        Column("finished", ("Selesai", "tanggal selesai"), False, "15/07/2026"),
    ),
    ImportKind.CERTIFICATES: (
        Column("nik", ("NIK", "nomor induk kependudukan"), True, "3275990000000001"),
        Column("scheme", ("Skema", "skema sertifikasi"), True, "smaw-welder-s1"),
        Column("number", ("Nomor sertifikat", "nomor", "no sertifikat"), True, "CONTOH-2026-001"),
        Column("lsp", ("LSP", "lembaga sertifikasi"), True, "LSP Contoh Manufaktur"),
        Column("issued", ("Terbit", "tanggal terbit"), True, "20/07/2026"),
        Column("expires", ("Berlaku sampai", "habis berlaku"), True, "20/07/2029"),
        Column("level", ("Level", "jenjang", "level kkni"), True, "2"),
        Column("units", ("Unit", "unit kompetensi"), False, "smaw-welder.01|smaw-welder.02"),
    ),
}

KIND_LABELS = {
    ImportKind.PEOPLE: lazy_gettext("Peserta"),
    ImportKind.TRAINING: lazy_gettext("Pelatihan"),
    ImportKind.CERTIFICATES: lazy_gettext("Sertifikat"),
}


@dataclass
class Known:
    """What cells may refer to, read once for a whole file."""

    places: dict[str, str]
    regions: frozenset[str]
    schemes: dict[str, str]  # code or normal title -> code
    scheme_units: dict[str, tuple[str, ...]]
    units: frozenset[str]
    people: dict[str, int]  # NIK digest -> person id, of the facility
    today: date


@dataclass
class Checked:
    """The good rows of a file, ready to be stored."""

    kind: ImportKind
    facility: Facility
    rows: list[tuple[int, Any]] = field(default_factory=list)


def template(kind: ImportKind) -> str:
    """A CSV with the columns and one row of made-up content, to fill in."""
    columns = COLUMNS[kind]
    return "\n".join(
        (
            ",".join(column.names[0] for column in columns),
            ",".join(column.example for column in columns),
            "",
        )
    )


def check(
    session: Session, facility: Facility, kind: ImportKind, table: Table, today: date
) -> Checked:
    """Every row as fields of its kind. Raises TableRefused with every bad cell; writes nothing."""
    places = _header(kind, table)
    known = _known(session, facility, today)
    problems: list[Problem] = []
    checked = Checked(kind, facility)
    read: list[tuple[int, Any]] = []  # bad rows too: what stands twice is named with the rest
    make = {
        ImportKind.PEOPLE: _person,
        ImportKind.TRAINING: _training,
        ImportKind.CERTIFICATES: _certificate,
    }[kind]
    for number, row in table.rows:
        line = _Line(number, row, places, problems)
        read.append((number, make(line, known)))
        if not line.is_bad:
            checked.rows.append(read[-1])
    problems += _repeated(session, kind, read, places)
    if problems:
        raise TableRefused(sorted(problems, key=lambda problem: problem.row))
    return checked


def store(session: Session, actor: Actor | None, filename: str, checked: Checked) -> int:
    """Write all rows in one transaction; the number of rows. Raises TableRefused when somebody
    stored one of them meanwhile; nothing is then written."""
    batch = ImportBatch(
        source=f"facility:{checked.facility.code}"[:60],
        kind=checked.kind.value,
        filename=filename[-200:],
        rows=len(checked.rows),
        created_by=actor.user_id if actor else None,
    )
    session.add(batch)
    row = 0
    try:
        for number, found in checked.rows:
            row = number
            _store_one(session, actor, checked, found)
        audit.record(
            session, actor, f"{checked.kind.value}.imported", f"import_batch:{batch.public_id}"
        )
        session.commit()
    except (
        IntegrityError,
        people.NikTaken,
        people.PhoneTaken,
        certificates.NumberTaken,
    ):
        session.rollback()
        raise TableRefused(
            [Problem(row, "", _("baris ini baru saja dicatat oleh orang lain; periksa lagi"))]
        ) from None
    return len(checked.rows)


def _store_one(session: Session, actor: Actor | None, checked: Checked, found: Any) -> None:
    if checked.kind is ImportKind.PEOPLE:
        people.register(session, actor, checked.facility, found, date.today())  # noqa: DTZ011
        return
    person_id, fields = found
    person = session.get_one(Person, person_id)
    if checked.kind is ImportKind.TRAINING:
        certificates.record_training(session, actor, person, checked.facility.id, fields)
    else:
        certificates.record_certificate(session, actor, person, fields)


# Cells


class _Line:
    """One row while it is read; a bad cell is noted and reads as None."""

    def __init__(
        self,
        number: int,
        row: dict[str, str],
        places: dict[str, str],
        problems: list[Problem],
    ) -> None:
        self.number = number
        self._row = row
        self._places = places
        self._problems = problems
        self.is_bad = False

    def cell(self, name: str) -> str:
        return self._row.get(self._places.get(name, ""), "")

    def read(self, name: str, parse: Callable[[str], Any], needed: bool = True) -> Any:
        text = self.cell(name)
        if not text:
            if needed:
                self.refuse(name, _("harus diisi"))
            return None
        try:
            return parse(text)
        except CellError as error:
            self.refuse(name, str(error))
            return None

    def refuse(self, name: str, reason: str) -> None:
        self.is_bad = True
        self._problems.append(Problem(self.number, self._places.get(name, name), reason))


def _person(line: _Line, known: Known) -> people.PersonFields:
    fields = people.PersonFields(
        full_name=line.read("full_name", lambda text: cells.short(text, 200)),
        nik=line.read("nik", cells.nik),
        status=line.read("status", lambda text: cells.choice(text, PersonStatus, STATUS_WORDS)),
        home_region_code=line.read("home", lambda text: _region(text, known)),
        education=line.read("education", cells.schooling),
        phone=line.read("phone", _phone, needed=False),
        gender=line.read("gender", cells.gender, needed=False),
        birth_date=line.read("birth_date", cells.day, needed=False),
        expected_release=line.read("release", cells.day, needed=False),
        available_from=line.read("available", cells.day, needed=False),
    )
    if fields.birth_date and fields.birth_date >= known.today:
        line.refuse("birth_date", _("tanggal ini belum tiba"))
    if fields.status is PersonStatus.IN_CUSTODY and not line.cell("release"):
        line.refuse("release", _("harus diisi selama masih menjalani pembinaan"))
    return fields


def _training(line: _Line, known: Known) -> tuple[int, certificates.TrainingFields]:
    person = line.read("nik", lambda text: _person_of(text, known))
    started = line.read("started", cells.day)
    finished = line.read("finished", cells.day, needed=False)
    if started and started > known.today:
        line.refuse("started", _("tanggal ini belum tiba"))
    if finished and finished > known.today:
        line.refuse("finished", _("tanggal ini belum tiba"))
    if started and finished and finished < started:
        line.refuse("finished", _("selesai sebelum mulai"))
    fields = certificates.TrainingFields(
        scheme_code=line.read("scheme", lambda text: _scheme(text, known)),
        hours=line.read("hours", lambda text: cells.whole_number(text, 1, 5000)),
        started_on=started,
        finished_on=finished,
        status=TrainingStatus.FINISHED if finished else TrainingStatus.RUNNING,
    )
    return person, fields


def _certificate(line: _Line, known: Known) -> tuple[int, certificates.CertificateFields]:
    person = line.read("nik", lambda text: _person_of(text, known))
    issued, expires = line.read("issued", cells.day), line.read("expires", cells.day)
    if issued and issued > known.today:
        line.refuse("issued", _("tanggal ini belum tiba"))
    if issued and expires and expires <= issued:
        line.refuse("expires", _("habis berlaku sebelum atau pada hari terbit"))
    scheme = line.read("scheme", lambda text: _scheme(text, known))
    units = line.read("units", lambda text: _units(text, known), needed=False)
    foreign = [code for code in units or () if code not in known.scheme_units.get(scheme, ())]
    if scheme and foreign:
        line.refuse(
            "units",
            _(
                "bukan unit dari skema %(scheme)s: %(codes)s",
                scheme=scheme,
                codes=", ".join(foreign[:5]),
            ),
        )
    fields = certificates.CertificateFields(
        scheme_code=scheme,
        lsp_name=line.read("lsp", lambda text: cells.short(text, 200)),
        number=line.read("number", lambda text: cells.short(certificates.normal_number(text), 80)),
        issued_on=issued,
        expires_on=expires,
        level=line.read("level", lambda text: cells.whole_number(text, 1, 9)),
        unit_codes=units or list(known.scheme_units.get(scheme, ())),
    )
    return person, fields


STATUS_WORDS = {
    "wbp": PersonStatus.IN_CUSTODY,
    "dalam pembinaan": PersonStatus.IN_CUSTODY,
    "asimilasi": PersonStatus.ASSIMILATION,
    "pb": PersonStatus.CONDITIONAL_RELEASE,
    "pembebasan bersyarat": PersonStatus.CONDITIONAL_RELEASE,
    "cb": PersonStatus.CONDITIONAL_LEAVE,
    "cuti bersyarat": PersonStatus.CONDITIONAL_LEAVE,
    "cmb": PersonStatus.LEAVE_BEFORE_RELEASE,
    "cuti menjelang bebas": PersonStatus.LEAVE_BEFORE_RELEASE,
    "bebas murni": PersonStatus.FREE,
}


def _region(text: str, known: Known) -> str:
    code = text if text in known.regions else known.places.get(normal(text), "")
    if code not in known.regions:
        raise CellError(_("tulis kabupaten atau kota, misalnya Kota Bekasi atau 32.75"))
    return code


def _phone(text: str) -> str:
    found = accounts.normal_phone(text)
    if found is None:
        raise CellError(_("tulis nomor telepon lengkap, misalnya 0812 3456 7890"))
    return found


def _scheme(text: str, known: Known) -> str:
    code = known.schemes.get(normal(text)) or known.schemes.get(text.casefold())
    if code is None:
        raise CellError(_("skema ini tidak ada di daftar; tulis kode atau judulnya"))
    return code


def _units(text: str, known: Known) -> list[str]:
    codes = [part.strip() for part in text.replace(";", "|").split("|") if part.strip()]
    unknown = [code for code in codes if code not in known.units]
    if unknown:
        raise CellError(_("unit tidak dikenal: %(codes)s", codes=", ".join(unknown[:5])))
    return codes


def _person_of(text: str, known: Known) -> int:
    digits = cells.nik(text)
    person = known.people.get(people.nik_digest(digits))
    if person is None:
        raise CellError(
            _(
                "orang dengan NIK %(nik)s tidak terdaftar di tempat Anda",
                nik=cells.masked_nik(digits),
            )
        )
    return person


# The file as a whole


def _header(kind: ImportKind, table: Table) -> dict[str, str]:
    """Our field -> column of the file. Raises TableRefused for missing and unknown columns."""
    by_name = {normal(name): column for column in COLUMNS[kind] for name in column.names}
    by_name |= {normal(column.field): column for column in COLUMNS[kind]}
    places: dict[str, str] = {}
    problems = []
    for title in table.header:
        column = by_name.get(normal(title))
        if column is None:
            known = ", ".join(entry.names[0] for entry in COLUMNS[kind])
            problems.append(
                Problem(
                    1, title, _("kolom ini tidak dikenal; yang dikenal: %(known)s", known=known)
                )
            )
        elif column.field in places:
            problems.append(Problem(1, title, _("kolom ini ada dua kali")))
        else:
            places[column.field] = title
    problems += [
        Problem(1, column.names[0], _("kolom ini tidak ada di berkas"))
        for column in COLUMNS[kind]
        if column.needed and column.field not in places
    ]
    if problems:
        raise TableRefused(problems)
    return places


def _known(session: Session, facility: Facility, today: date) -> Known:
    schemes = {}
    for code, title_id, title_en in session.exec(
        select(Scheme.code, Scheme.title_id, Scheme.title_en)
    ):
        schemes |= {code.casefold(): code, normal(title_id): code, normal(title_en): code}
        schemes[normal(code)] = code
    scheme_units: dict[str, list[str]] = {}
    for scheme, unit in session.exec(
        select(SchemeUnit.scheme_code, SchemeUnit.unit_code).order_by(col(SchemeUnit.unit_code))
    ):
        scheme_units.setdefault(scheme, []).append(unit)
    return Known(
        places={normal(row.place): row.region_code for row in session.exec(select(PlaceName))},
        regions=frozenset(session.exec(select(Region.code))),
        schemes=schemes,
        scheme_units={code: tuple(units) for code, units in scheme_units.items()},
        units=frozenset(session.exec(select(Unit.code))),
        people=dict(
            session.exec(
                select(PersonIdentity.nik_digest, PersonIdentity.person_id)
                .join(Person, col(Person.id) == col(PersonIdentity.person_id))
                .where(Person.facility_id == facility.id)
            ).all()
        ),
        today=today,
    )


def _repeated(
    session: Session, kind: ImportKind, rows: list[tuple[int, Any]], places: dict[str, str]
) -> Iterator[Problem]:
    """Rows that stand twice in the file, or in the database already."""
    if kind is ImportKind.PEOPLE:
        niks = [(row, fields.nik) for row, fields in rows if fields.nik]
        yield from _twice(niks, places["nik"])
        taken = _taken(
            session, col(PersonIdentity.nik_digest), [people.nik_digest(nik) for _row, nik in niks]
        )
        for row, nik in niks:
            if people.nik_digest(nik) in taken:
                reason = _("NIK %(nik)s sudah terdaftar", nik=cells.masked_nik(nik))
                yield Problem(row, places["nik"], reason)
        phones = [(row, fields.phone) for row, fields in rows if fields.phone]
        yield from _twice(phones, places.get("phone", ""))
        taken = _taken(
            session,
            col(PersonIdentity.phone_digest),
            [accounts.phone_digest(phone) for _row, phone in phones],
        )
        for row, phone in phones:
            if accounts.phone_digest(phone) in taken:
                yield Problem(row, places["phone"], _("nomor telepon ini milik orang lain"))
    if kind is ImportKind.CERTIFICATES:
        numbers = [(row, fields.number) for row, (_person_id, fields) in rows if fields.number]
        yield from _twice(numbers, places["number"])
        taken = _taken(session, col(Certificate.number), [number for _row, number in numbers])
        for row, number in numbers:
            if number in taken:
                yield Problem(row, places["number"], _("nomor sertifikat ini sudah tercatat"))


def _twice(values: Iterable[tuple[int, str]], column: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row, value in values:
        if value in first:
            yield Problem(row, column, _("sama dengan baris %(row)s", row=first[value]))
        else:
            first[value] = row


def _taken(session: Session, column: Any, values: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(values), CHUNK):
        found |= set(
            session.exec(select(column).where(column.in_(values[start : start + CHUNK]))).all()
        )
    return found
