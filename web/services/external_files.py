"""The official files: ESCO as its portal gives it, lists of SKKNI units, lists of KBJI codes.

Every file is read and checked before anything is compared or stored. What is wrong is collected
as problems that name file, line, column and reason; one problem refuses everything.
"""

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath

from flask_babel import gettext as _

from matcher.text import normal, one_line
from models.enums import ExternalKind, ExternalRelationKind, ExternalSource
from seed_data.files import rows
from seed_data.taxonomy_files import TAXONOMY_FOLDER
from web.services import tables
from web.services.tables import Problem, TableRefused

MOST_UNPACKED = 200 * 1024 * 1024  # bytes of one file of ESCO; the largest has about 20 MB
LONGEST_TITLE = 300
LONGEST_CODE = 200
MOST_TITLE_LINES = 3  # of a cell; more: an open quotation mark swallowed the next rows
MOST_DANGLING = 0.01  # share of relations to concepts that are not there; more: wrong files
ISCO_FILE = "isco08.csv"


@dataclass(frozen=True, slots=True)
class FileProblem(Problem):
    """A problem of one of several files."""

    file: str = ""

    def __str__(self) -> str:
        return (
            f"{self.file}, {Problem.__str__(self)}" if self.row else f"{self.file}: {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class Concept:
    """An occupation, skill, unit or group as its official list words it."""

    code: str
    kind: ExternalKind
    title: str
    other_titles: tuple[str, ...] = ()
    description: str = ""
    language: str = "id"
    isco: str | None = None
    level: int | None = None
    sector: str = ""
    document: str = ""


Relation = tuple[str, str, ExternalRelationKind]  # code, related code, kind


@dataclass
class Release:
    """What an official list says.

    documents: those that the list holds whole, so that a stored unit of them which is not in it is
    gone; None: the list is the whole source. left_out: why rows were not taken -> where they stand.
    """

    source: ExternalSource
    filename: str
    version: str = ""
    concepts: dict[str, Concept] = field(default_factory=dict)
    relations: set[Relation] = field(default_factory=set)
    documents: frozenset[str] | None = None
    left_out: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@cache
def isco_codes() -> frozenset[str]:
    """The four-digit ISCO-08 unit groups."""
    return frozenset(row["code"] for _place, row in rows(TAXONOMY_FOLDER / ISCO_FILE, ("code",)))


def version_of(name: str) -> str:
    """The release a file's name speaks of ("ESCO dataset - v1.2.0 - …" -> "1.2.0"), or ""."""
    found = re.search(r"\d+\.\d+(?:\.\d+)?", name.removesuffix(".zip"))
    return found.group() if found else ""


# ESCO

ESCO_COLUMNS: dict[str, tuple[str, ...]] = {
    "ISCOGroups": ("conceptUri", "code", "preferredLabel"),
    "occupations": ("conceptUri", "iscoGroup", "preferredLabel", "altLabels"),
    "skills": ("conceptUri", "preferredLabel", "altLabels"),
    "skillGroups": ("conceptUri", "preferredLabel"),
    "occupationSkillRelations": ("occupationUri", "relationType", "skillUri"),
    "broaderRelationsSkillPillar": ("conceptUri", "broaderUri"),
    "broaderRelationsOccPillar": ("conceptUri", "broaderUri"),
}
ESCO_OPTIONAL = frozenset({"skillGroups", "broaderRelationsOccPillar"})
DESCRIBED = frozenset({"occupations", "skills", "skillGroups", "ISCOGroups"})


def read_esco(
    path: Path,
    language: str = "en",
    version: str | None = None,
    progress: Callable[[Iterable], Iterable] = iter,
) -> Release:
    """A release of ESCO from the portal's folder or zip; its files may be gzipped.

    Raises TableRefused with everything that is wrong.
    """
    found: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    names: dict[str, str] = {}
    problems: list[Problem] = []
    with _Esco(path, language) as files:
        for part in progress(list(files.parts)):
            try:
                names[part], content = files.read(part)
                found[part] = _esco_rows(part, names[part], content)
            except TableRefused as refused:
                problems += refused.problems
    if problems:
        raise TableRefused(problems)
    release = Release(
        ExternalSource.ESCO, path.name, version if version is not None else version_of(path.name)
    )
    reading = _EscoReading(release, language, names, found)
    reading.read()
    if reading.problems:
        raise TableRefused(reading.problems)
    return release


class _Esco:
    """The files of a release: parts maps the name of a part to what opens it."""

    def __init__(self, path: Path, language: str) -> None:
        self._path = path
        self._archive: zipfile.ZipFile | None = None
        self._language = language
        self.parts: dict[str, str] = {}

    def __enter__(self) -> "_Esco":
        try:
            if self._path.is_dir():
                names = [entry.name for entry in self._path.iterdir() if entry.is_file()]
            else:
                self._archive = zipfile.ZipFile(self._path)
                names = [name for name in self._archive.namelist() if "__MACOSX" not in name]
        except zipfile.BadZipFile:
            raise _refused(
                self._path.name, _("berkas zip ini rusak atau bukan zip; unduh lagi")
            ) from None
        except OSError as error:
            raise _refused(
                self._path.name, _("tidak bisa dibuka (%(why)s)", why=error.strerror or str(error))
            ) from None
        try:
            self._choose(names)
        except TableRefused:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        if self._archive is not None:
            self._archive.close()

    def _choose(self, names: list[str]) -> None:
        problems: list[Problem] = []
        for part in ESCO_COLUMNS:
            pattern = re.compile(rf"{part}(_{re.escape(self._language)})?\.csv(\.gz)?", re.I)
            fitting = [name for name in names if pattern.fullmatch(PurePosixPath(name).name)]
            if len(fitting) == 1:
                self.parts[part] = fitting[0]
            elif fitting:
                problems.append(
                    FileProblem(0, "", _("berkas ini ada dua kali"), file=", ".join(fitting))
                )
            elif part not in ESCO_OPTIONAL:
                wanted = f"{part}_{self._language}.csv" if part in DESCRIBED else f"{part}.csv"
                problems.append(FileProblem(0, "", _("berkas ini tidak ada"), file=wanted))
        if problems:
            raise TableRefused(problems)

    def read(self, part: str) -> tuple[str, bytes]:
        """The name and the unpacked content of a part. Raises TableRefused."""
        name = self.parts[part]
        try:
            return name, self._unpacked(name)
        except (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise _refused(name, _("tidak bisa dibongkar (%(why)s); unduh lagi", why=why)) from None

    def _unpacked(self, name: str) -> bytes:
        opened = self._archive.open(name) if self._archive else (self._path / name).open("rb")
        with opened as file:
            stream = gzip.GzipFile(fileobj=file) if name.casefold().endswith(".gz") else file
            content = stream.read(MOST_UNPACKED + 1)
        if len(content) > MOST_UNPACKED:
            raise _refused(
                name,
                _(
                    "berkas ini lebih dari %(most)s MB setelah dibongkar",
                    most=MOST_UNPACKED // 1024 // 1024,
                ),
            )
        return content


def _esco_rows(part: str, name: str, content: bytes) -> list[tuple[int, tuple[str, ...]]]:
    """(line, cells of the part's columns, then the description) of every row."""
    wanted = ESCO_COLUMNS[part] + (("description",) if part in DESCRIBED else ())
    optional = frozenset({"description"})
    problems: list[Problem] = []
    lines = _csv_lines(name, _utf8(name, content), problems)
    _line, header = next(lines, (1, []))
    header = [cell.strip().casefold() for cell in header]
    for column in wanted:
        if header.count(column.casefold()) > 1:
            problems.append(FileProblem(1, column, _("judul kolom ini ada dua kali"), file=name))
        elif column.casefold() not in header and column not in optional:
            problems.append(FileProblem(1, column, _("kolom ini tidak ada di berkas"), file=name))
    if problems:
        raise TableRefused(problems)
    places = [
        header.index(column.casefold()) if column.casefold() in header else None
        for column in wanted
    ]
    found = []
    for line, cells in lines:
        if len(cells) != len(header):
            reason = _(
                "ada %(given)s kolom, judulnya %(wanted)s; periksa tanda kutip dan pemisah",
                given=len(cells),
                wanted=len(header),
            )
            problems.append(FileProblem(line, "", reason, file=name))
            continue
        found.append((line, tuple("" if at is None else cells[at].strip() for at in places)))
    if not found and not problems:
        problems.append(FileProblem(0, "", _("berkas ini tidak berisi baris data"), file=name))
    if problems:
        raise TableRefused(problems)
    return found


def _csv_lines(name: str, text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """(line a row begins at, cells); stops at what is no CSV, and notes it."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    last = 0
    try:
        for cells in reader:
            if cells:
                yield last + 1, cells
            last = reader.line_num
    except csv.Error as error:
        problems.append(
            FileProblem(
                last + 1,
                "",
                _("baris ini tidak bisa dibaca (%(why)s)", why=str(error)),
                file=name,
            )
        )


def _utf8(name: str, content: bytes) -> str:
    if not content.strip():
        raise _refused(name, _("berkas ini kosong"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TableRefused(
            [FileProblem(line, "", _("baris ini bukan UTF-8; unduh lagi berkasnya"), file=name)]
        ) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise TableRefused(
            [FileProblem(line, "", _("baris ini bukan UTF-8; unduh lagi berkasnya"), file=name)]
        )
    return text


def _refused(file: str, reason: str) -> TableRefused:
    return TableRefused([FileProblem(0, "", reason, file=file)])


class _EscoReading:
    """Turns the rows of ESCO's files into concepts and relations, and notes what is wrong."""

    def __init__(
        self,
        release: Release,
        language: str,
        names: dict[str, str],
        found: dict[str, list[tuple[int, tuple[str, ...]]]],
    ) -> None:
        self.release = release
        self.problems: list[Problem] = []
        self._language = language
        self._names = names
        self._found = found
        self._first_line: dict[str, str] = {}
        self._isco: set[str] = set()

    def read(self) -> None:
        for line, (uri, code, title, description) in self._found["ISCOGroups"]:
            if not re.fullmatch("[0-9]{1,4}", code):
                self._refuse("ISCOGroups", line, "code", _("tulis 1 sampai 4 angka"))
            self._isco.add(code)
            self._add("ISCOGroups", line, uri, ExternalKind.GROUP, title, "", description, code)
        for line, (uri, isco, title, other, description) in self._found["occupations"]:
            if isco not in self._isco:
                reason = _("golongan ISCO %(code)s tidak dikenal", code=isco or "—")
                self._refuse("occupations", line, "iscoGroup", reason)
            kind = ExternalKind.OCCUPATION
            self._add("occupations", line, uri, kind, title, other, description, isco)
        for line, (uri, title, other, description) in self._found["skills"]:
            self._add("skills", line, uri, ExternalKind.SKILL, title, other, description)
        for line, (uri, title, description) in self._found.get("skillGroups", ()):
            self._add("skillGroups", line, uri, ExternalKind.GROUP, title, "", description)
        self._read_needs()
        for part in ("broaderRelationsSkillPillar", "broaderRelationsOccPillar"):
            self._read_broader(part)

    def _add(
        self,
        part: str,
        line: int,
        uri: str,
        kind: ExternalKind,
        title: str,
        other: str,
        description: str,
        isco: str | None = None,
    ) -> None:
        column = "conceptUri"
        place = f"{self._names[part]}:{line}"
        if not re.fullmatch(r"https?://\S+", uri) or len(uri) > LONGEST_CODE:
            self._refuse(part, line, column, _("harus URI, misalnya http://data.europa.eu/esco/…"))
        elif uri in self._first_line:
            reason = _("sudah ada di %(place)s", place=self._first_line[uri])
            self._refuse(part, line, column, reason)
        self._first_line.setdefault(uri, place)
        title = one_line(title)
        if reason := _wrong_title(title):
            self._refuse(part, line, "preferredLabel", reason)
        others = tuple(
            dict.fromkeys(text for text in map(one_line, other.split("\n")) if normal(text))
        )
        self.release.concepts[uri] = Concept(
            uri,
            kind,
            title,
            tuple(text for text in others if text != title),
            description,
            self._language,
            isco,
        )

    def _read_needs(self) -> None:
        part = "occupationSkillRelations"
        wrong_concepts = bool(self.problems)  # relations of these dangle for a reason said already
        kinds = {
            "essential": ExternalRelationKind.ESSENTIAL,
            "optional": ExternalRelationKind.OPTIONAL,
        }
        seen: dict[tuple[str, str], ExternalRelationKind] = {}
        dangling = "relations of an occupation or skill that is not in the files"
        for line, (occupation, kind, skill) in self._found[part]:
            if kind not in kinds:
                reason = _("tulis salah satu: %(choices)s", choices="essential; optional")
                self._refuse(part, line, "relationType", reason)
                continue
            if seen.setdefault((occupation, skill), kinds[kind]) != kinds[kind]:
                reason = _("pasangan ini sudah ada dengan jenis lain")
                self._refuse(part, line, "relationType", reason)
            if self._is(occupation, ExternalKind.OCCUPATION) and self._is(
                skill, ExternalKind.SKILL
            ):
                self.release.relations.add((occupation, skill, kinds[kind]))
            else:
                self.release.left_out[dangling].append(f"{self._names[part]}:{line}")
        missing = len(self.release.left_out.get(dangling, ()))
        if not wrong_concepts and missing > MOST_DANGLING * len(self._found[part]):
            reason = _(
                "%(count)s hubungan menunjuk konsep yang tidak ada; berkas-berkas ini tidak sepasang",
                count=missing,
            )
            self.problems.append(FileProblem(0, "", reason, file=self._names[part]))

    def _read_broader(self, part: str) -> None:
        reason = "broader relations of a group that is not in the files"
        concepts = self.release.concepts
        for line, (uri, broader) in self._found.get(part, ()):
            if uri in concepts and broader in concepts:
                self.release.relations.add((uri, broader, ExternalRelationKind.BROADER))
            else:
                self.release.left_out[reason].append(f"{self._names[part]}:{line}")

    def _is(self, uri: str, kind: ExternalKind) -> bool:
        return uri in self.release.concepts and self.release.concepts[uri].kind is kind

    def _refuse(self, part: str, line: int, column: str, reason: str) -> None:
        self.problems.append(FileProblem(line, column, reason, file=self._names[part]))


def _wrong_title(title: str) -> str | None:
    if not normal(title):
        return _("harus berisi kata")
    if len(title) > LONGEST_TITLE:
        return _("paling banyak %(most)s huruf", most=LONGEST_TITLE)
    return None


# Lists of units and of codes, which come in tables of any usual form

SKKNI_COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("code", "kode", "kode unit", "kode unit kompetensi", "unit code", "kode uk"),
    "title": ("title", "judul", "judul unit", "judul unit kompetensi", "unit title", "nama unit"),
    "level": ("level", "jenjang", "level kkni", "jenjang kkni", "kkni"),
    "sector": ("sector", "sektor", "bidang", "lapangan usaha", "kategori"),
    "document": ("document", "dokumen", "skkni", "nomor skkni", "no skkni", "kepmen", "kepmenaker"),
}
KBJI_COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("code", "kode", "kode kbji", "kode jabatan", "kbji"),
    "title": ("title", "judul", "jabatan", "nama jabatan", "judul jabatan", "golongan"),
    "description": ("description", "deskripsi", "uraian", "uraian tugas", "keterangan"),
}
UNIT_CODE = re.compile(r"[A-Z]{1,5}(?:\.[0-9A-Z]{1,12}){2,5}")  # C.25LAS01.001.1, TIK.JK02.001.01
ROMAN = dict(
    zip(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"), range(1, 10), strict=True)
)


def read_skkni(path: Path, version: str | None = None, document: str | None = None) -> Release:
    """A list of units of competency. document: of all units, where the list has no such column.

    Raises TableRefused with everything that is wrong.
    """
    lines = _Lines(path, SKKNI_COLUMNS, needed=("code", "title"))
    release = Release(
        ExternalSource.SKKNI, path.name, version if version is not None else version_of(path.stem)
    )
    release.left_out = lines.unknown
    for number, cells in lines.rows:
        code = re.sub(r"\s+", "", cells["code"]).upper().strip(".")
        if not UNIT_CODE.fullmatch(code):
            lines.refuse(number, "code", _("tulis kode unit seperti C.25LAS01.001.1"))
        title = lines.title(number, cells)
        lines.once(number, code)
        release.concepts[code] = Concept(
            code,
            ExternalKind.UNIT,
            title,
            level=lines.level(number, cells["level"]),
            sector=lines.short(number, "sector", cells["sector"]),
            document=lines.short(number, "document", cells["document"] or document or ""),
        )
    lines.end()
    release.documents = frozenset(
        concept.document for concept in release.concepts.values() if concept.document
    )
    return release


def read_kbji(path: Path, version: str | None = None) -> Release:
    """The groups of KBJI, codes of 1 to 4 digits; each lies under the one a digit shorter.

    Raises TableRefused with everything that is wrong.
    """
    lines = _Lines(path, KBJI_COLUMNS, needed=("code", "title"))
    release = Release(
        ExternalSource.KBJI, path.name, version if version is not None else version_of(path.stem)
    )
    release.left_out = lines.unknown
    known = {code[:length] for code in isco_codes() for length in range(1, 5)}
    for number, cells in lines.rows:
        code = re.sub(r"\s+", "", cells["code"])
        if not re.fullmatch(r"[0-9]{1,4}", code):
            lines.refuse(number, "code", _("tulis 1 sampai 4 angka"))
        elif code not in known:
            release.left_out["codes that ISCO-08 does not have, kept without a link"].append(
                f"{path.name}:{number} {code}"
            )
        title = lines.title(number, cells)
        lines.once(number, code)
        release.concepts[code] = Concept(
            code,
            ExternalKind.GROUP,
            title,
            description=cells["description"],
            isco=code if code in known else None,
        )
    lines.end()
    release.relations = {
        (code, code[:-1], ExternalRelationKind.BROADER)
        for code in release.concepts
        if code[:-1] in release.concepts
    }
    return release


class _Lines:
    """The rows of a list while they are read, and what is wrong with them."""

    def __init__(
        self, path: Path, columns: dict[str, tuple[str, ...]], needed: Sequence[str]
    ) -> None:
        self._file = path.name
        self._problems: list[Problem] = []
        self._first: dict[str, int] = {}
        self.unknown: dict[str, list[str]] = defaultdict(list)
        try:
            table = tables.read_path(path)
        except TableRefused as refused:
            raise TableRefused([self._named(problem) for problem in refused.problems]) from None
        self._headers = self._read_header(table.header, columns, needed)
        self.rows = [
            (
                number,
                {name: row.get(self._headers.get(name, ""), "") for name in columns},
            )
            for number, row in table.rows
        ]

    def _named(self, problem: Problem) -> FileProblem:
        return FileProblem(problem.row, problem.column, problem.reason, file=self._file)

    def _read_header(
        self, header: list[str], columns: dict[str, tuple[str, ...]], needed: Sequence[str]
    ) -> dict[str, str]:
        found: dict[str, str] = {}
        for heading in header:
            name = next((name for name, words in columns.items() if normal(heading) in words), None)
            if name is None:
                if normal(heading) not in ("no", "nomor", "no urut"):
                    self.unknown["columns that are not taken"].append(heading)
            elif name in found:
                reason = _("judul kolom ini ada dua kali")
                self._problems.append(FileProblem(1, heading, reason, file=self._file))
            else:
                found[name] = heading
        for name in needed:
            if name not in found:
                reason = _(
                    "kolom ini tidak ada di berkas; judulnya boleh %(names)s",
                    names=", ".join(columns[name]),
                )
                self._problems.append(FileProblem(1, name, reason, file=self._file))
        self.end()
        return found

    def refuse(self, number: int, name: str, reason: str) -> None:
        column = self._headers.get(name, name)
        self._problems.append(FileProblem(number, column, reason, file=self._file))

    def title(self, number: int, cells: dict[str, str]) -> str:
        title = one_line(cells["title"])
        reason = _wrong_title(title)
        if not reason and len(cells["title"].splitlines()) > MOST_TITLE_LINES:
            reason = _("isi ini memuat beberapa baris; periksa tanda kutipnya")
        if reason:
            self.refuse(number, "title", reason)
        return title

    def once(self, number: int, code: str) -> None:
        if code in self._first:
            self.refuse(number, "code", _("sudah ada di baris %(row)s", row=self._first[code]))
        self._first.setdefault(code, number)

    def level(self, number: int, text: str) -> int | None:
        """1 to 9, written as a number or in Roman, with or without a word before it."""
        if not text:
            return None
        last = normal(text).split()[-1:] or [""]
        level = ROMAN.get(last[0]) or (int(last[0]) if re.fullmatch("[1-9]", last[0]) else None)
        if level is None:
            self.refuse(
                number, "level", _("tulis angka dari %(least)s sampai %(most)s", least=1, most=9)
            )
        return level

    def short(self, number: int, name: str, text: str) -> str:
        if len(text) > 200:
            self.refuse(number, name, _("paling banyak %(most)s huruf", most=200))
        return one_line(text)

    def end(self) -> None:
        """Raises TableRefused when anything was wrong so far."""
        if self._problems:
            raise TableRefused(sorted(self._problems, key=lambda problem: problem.row))
