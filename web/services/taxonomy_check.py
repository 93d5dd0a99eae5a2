"""A check of the taxonomy's files that finds everything that is wrong, with file and line.

`seed_data.taxonomy_files` stops at the first fault, as a reader must; whoever writes the files
wants all of them at once.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from matcher.text import normal
from models.enums import AliasKind
from seed_data.taxonomy_files import TAXONOMY_FOLDER

COLUMNS: dict[str, tuple[str, ...]] = {
    "occupations": ("code", "title_id", "title_en", "isco", "duties_id", "licences"),
    "units": ("code", "occupation", "title_id", "title_en", "level", "skkni_code"),
    "schemes": ("code", "occupation", "title_id", "title_en", "kkni_level", "units"),
    "aliases": ("target", "alias", "language", "kind"),
    "neighbours": ("occupation", "neighbour", "closeness"),
}
OUTSIDE = ("work", "wording")
LICENCES = ("code", "title_id", "title_en")
LONGEST_CODE = {"occupations": 60, "units": 64, "schemes": 64, "licences": 20}
LONGEST_ALIAS = 80

# Words that an advertisement puts before a skill, and that say nothing about it.
FILLERS = frozenset(
    [
        "berpengalaman",
        "bersedia",
        "bisa",
        "butuh",
        "cakap",
        "dapat",
        "dibutuhkan",
        "dicari",
        "diperlukan",
        "diutamakan",
        "harus",
        "loker",
        "lowongan",
        "mahir",
        "mampu",
        "memahami",
        "memiliki",
        "menguasai",
        "mengerti",
        "minimal",
        "paham",
        "punya",
        "sanggup",
        "terampil",
        "terbiasa",
    ]
)
# Words that name somebody who works, of whatever trade: an alias of nothing else fits every trade.
VAGUE = frozenset(
    [
        "anggota",
        "buruh",
        "employee",
        "graduate",
        "harian",
        "intern",
        "job",
        "junior",
        "karyawan",
        "karyawati",
        "kerja",
        "labor",
        "labour",
        "lulusan",
        "magang",
        "pegawai",
        "pekerja",
        "pekerjaan",
        "pemula",
        "personil",
        "pria",
        "senior",
        "staf",
        "staff",
        "tenaga",
        "trainee",
        "wanita",
        "worker",
    ]
)
# The same of words that say something only beside others ("tukang las", "kepala tukang").
GENERAL = VAGUE | frozenset(
    (
        "admin",
        "ahli",
        "asisten",
        "assistant",
        "disiplin",
        "fresh graduate",
        "helper",
        "jujur",
        "kepala",
        "keterampilan",
        "kerja sama",
        "kerjasama",
        "komunikasi",
        "koordinator",
        "manager",
        "manajer",
        "mekanik",
        "montir",
        "operator",
        "pelatihan",
        "pengalaman",
        "petugas",
        "profesional",
        "rajin",
        "skill",
        "specialist",
        "spesialis",
        "supervisor",
        "tanggung jawab",
        "technician",
        "teknisi",
        "teliti",
        "tukang",
        "usaha",
    )
)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong, and where. line 0 means the whole file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.reason}"
            if self.line
            else f"{self.file}: {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A row and where it stands."""

    file: str
    line: int
    row: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass
class Report:
    """faults: everything that is wrong, by file and line; counts: rows by the kind of file."""

    faults: list[Fault] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def check(folder: Path = TAXONOMY_FOLDER) -> Report:
    """Everything that is wrong with the taxonomy's files in a folder."""
    checked = _Check(folder)
    checked.run()
    order = ("occupations", "units", "schemes", "licences", "aliases", "neighbours", "outside")
    return Report(sorted(set(checked.faults)), {name: len(checked.entries[name]) for name in order})


class _Check:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.faults: list[Fault] = []
        self.entries: dict[str, list[Entry]] = defaultdict(list)
        self._by_code: dict[str, dict[str, Entry]] = defaultdict(dict)

    def run(self) -> None:
        self._read()
        isco = self._isco()
        for kind in ("occupations", "units", "schemes", "licences"):
            self._check_codes(kind)
        self._check_code_meanings()
        self._check_titles()
        for entry in self.entries["occupations"]:
            self._check_occupation(entry, isco)
        for entry in self.entries["units"]:
            self._check_unit(entry)
        for entry in self.entries["schemes"]:
            self._check_scheme(entry)
        self._check_aliases()
        self._check_neighbours()
        self._check_orphans()

    def _say(self, entry: Entry, reason: str) -> None:
        self.faults.append(Fault(entry.file, entry.line, reason))

    # Reading

    def _read(self) -> None:
        sectors = sorted(path for path in self._folder.iterdir() if path.is_dir())
        if not sectors:
            self.faults.append(Fault(str(self._folder), 0, "holds no folder of a sector"))
        for sector in sectors:
            for kind, columns in COLUMNS.items():
                self._read_file(sector / f"{kind}.csv", kind, columns)
        self._read_file(self._folder / "licences.csv", "licences", LICENCES)
        if (self._folder / "neighbours.csv").exists():
            self._read_file(self._folder / "neighbours.csv", "neighbours", COLUMNS["neighbours"])
        if (self._folder / "outside.csv").exists():
            self._read_file(self._folder / "outside.csv", "outside", OUTSIDE)

    def _read_file(self, path: Path, kind: str, columns: tuple[str, ...]) -> None:
        name = str(path.relative_to(self._folder))
        for line, cells in self._lines(path, name):
            if line == 0:
                if tuple(cells) != columns:
                    wanted = ",".join(columns)
                    self.faults.append(Fault(name, 1, f"columns must be {wanted}"))
                    return
            elif len(cells) != len(columns):
                reason = f"{len(cells)} columns instead of {len(columns)}"
                self.faults.append(Fault(name, line, reason))
            else:
                entry = Entry(name, line, dict(zip(columns, cells, strict=True)))
                self.entries[kind].append(entry)
                for column, cell in entry.row.items():
                    if cell != cell.strip():
                        self._say(entry, f"column {column}: white space around {cell.strip()!r}")

    def _lines(self, path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
        """(line, cells) of each row, the header as line 0."""
        try:
            text = path.read_bytes().decode("utf-8")
        except OSError as error:
            self.faults.append(Fault(name, 0, f"cannot be read ({error.strerror})"))
            return
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            self.faults.append(Fault(name, line, "not UTF-8"))
            return
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        last = 0
        try:
            yield 0, next(reader, [])
            last = reader.line_num
            for cells in reader:
                yield last + 1, cells
                last = reader.line_num
        except csv.Error as error:
            self.faults.append(Fault(name, last + 1, f"not CSV ({error})"))

    def _isco(self) -> frozenset[str]:
        """The unit groups of ISCO-08; a folder without the list is checked against Titian's own."""
        own = self._folder / "isco08.csv"
        path = own if own.exists() else TAXONOMY_FOLDER / "isco08.csv"
        found: set[str] = set()
        for line, cells in self._lines(path, path.name):
            if line and (len(cells) != 1 or not re.fullmatch(r"\d{4}", cells[0])):
                self.faults.append(Fault(path.name, line, "must be a code of four digits"))
            elif line and cells[0] in found:
                self.faults.append(Fault(path.name, line, f"{cells[0]} stands twice"))
            elif line:
                found.add(cells[0])
            elif cells != ["code"]:
                self.faults.append(Fault(path.name, 1, "columns must be code"))
        return frozenset(found)

    # Codes and titles

    def _check_codes(self, kind: str) -> None:
        for entry in self.entries[kind]:
            code = entry.row["code"]
            first = self._by_code[kind].setdefault(code, entry)
            if not code:
                self._say(entry, "column code: empty")
            elif first is not entry:
                self._say(entry, f"code {code!r} stands twice, first in {first.place}")
            elif len(code) > LONGEST_CODE[kind]:
                self._say(entry, f"code {code!r} is longer than {LONGEST_CODE[kind]} characters")
            elif kind != "licences" and not re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", code):
                self._say(entry, f"code {code!r}: use small letters, digits, hyphens and dots")

    def _check_code_meanings(self) -> None:
        """Codes of occupations, units and licences share one space: aliases and needs name them."""
        meant: dict[str, Entry] = {}
        for kind in ("occupations", "units", "licences"):
            for code, entry in self._by_code[kind].items():
                first = meant.setdefault(code, entry)
                if code and first is not entry:
                    self._say(entry, f"code {code!r} means something else in {first.place}")

    def _check_titles(self) -> None:
        for kind in ("occupations", "units", "schemes", "licences"):
            for column in ("title_id", "title_en"):
                for entry in self.entries[kind]:
                    if not normal(entry.row[column]):
                        self._say(entry, f"column {column}: empty")
        seen: dict[str, Entry] = {}  # titles of occupations and units are compared with the aliases
        for entry in self.entries["schemes"]:
            title = normal(entry.row["title_id"])
            first = seen.setdefault(title, entry)
            if title and first is not entry:
                words = entry.row["title_id"]
                self._say(entry, f"title {words!r} stands twice, first in {first.place}")

    # Rows

    def _check_occupation(self, entry: Entry, isco: frozenset[str]) -> None:
        group = entry.row["isco"]
        if group not in isco:
            self._say(entry, f"column isco: {group!r} is no unit group of ISCO-08")
        if not _split(entry.row["duties_id"], ";"):
            self._say(entry, "column duties_id: no duty")
        self._check_list(entry, "licences", "licences")

    def _check_unit(self, entry: Entry) -> None:
        self._check_reference(entry, "occupation", "occupations")
        code, occupation = entry.row["code"], entry.row["occupation"]
        if code and not code.startswith(f"{occupation}."):
            self._say(entry, f"code {code!r} must begin with its occupation, {occupation}.")
        self._check_level(entry, "level")

    def _check_scheme(self, entry: Entry) -> None:
        self._check_reference(entry, "occupation", "occupations")
        if not _split(entry.row["units"], "|"):
            self._say(entry, f"scheme {entry.row['code']} has no unit")
        self._check_list(entry, "units", "units")
        if entry.row["kkni_level"]:
            self._check_level(entry, "kkni_level")

    def _check_reference(self, entry: Entry, column: str, kind: str) -> None:
        code = entry.row[column]
        if code not in self._by_code[kind]:
            self._say(entry, f"column {column}: {code!r} is in no {kind}.csv")

    def _check_list(self, entry: Entry, column: str, kind: str) -> None:
        codes = _split(entry.row[column], "|")
        for code in sorted(set(codes)):
            if code not in self._by_code[kind]:
                self._say(entry, f"column {column}: {code!r} is in no {kind}.csv")
            if codes.count(code) > 1:
                self._say(entry, f"column {column}: {code!r} stands twice")

    def _check_level(self, entry: Entry, column: str) -> None:
        if not re.fullmatch(r"[1-9]", entry.row[column]):
            self._say(entry, f"column {column}: must be 1 to 9, not {entry.row[column]!r}")

    # Aliases

    def _check_aliases(self) -> None:
        kinds = {kind.value for kind in AliasKind}
        for entry in self.entries["aliases"]:
            target = entry.row["target"]
            if target not in self._by_code["units"] and target not in self._by_code["occupations"]:
                self._say(entry, f"column target: {target!r} is neither an occupation nor a unit")
            if entry.row["kind"] not in kinds:
                self._say(entry, f"column kind: unknown kind {entry.row['kind']!r}")
            if not re.fullmatch(r"[a-z]{2,3}", entry.row["language"]):
                self._say(
                    entry, f"column language: no code of a language: {entry.row['language']!r}"
                )
            if reason := wrong_alias(entry.row["alias"]):
                self._say(entry, f"alias {entry.row['alias']!r} {reason}")
        self._check_meanings()

    def _check_meanings(self) -> None:
        """A wording means one occupation or unit, whether it is a title or an alias, or work outside."""
        meant: dict[str, tuple[str, Entry]] = {}
        for kind in ("occupations", "units"):
            for entry in self.entries[kind]:
                for column in ("title_id", "title_en"):
                    self._take(meant, entry, entry.row[column], entry.row["code"])
        seen: dict[tuple[str, str], Entry] = {}
        for entry in self.entries["aliases"]:
            target, words = entry.row["target"], entry.row["alias"]
            first = seen.setdefault((target, words.casefold()), entry)
            if first is not entry:
                self._say(entry, f"alias {words!r} stands twice, first in {first.place}")
            self._take(meant, entry, words, target)
        for entry in self.entries["outside"]:
            work, words = entry.row["work"], entry.row["wording"]
            first = seen.setdefault((f"outside/{work}", words.casefold()), entry)
            if first is not entry:
                self._say(entry, f"wording {words!r} stands twice, first in {first.place}")
            self._take(meant, entry, words, f"work outside ({work})")

    def _take(
        self, meant: dict[str, tuple[str, Entry]], entry: Entry, words: str, code: str
    ) -> None:
        plain = " ".join(normal(re.sub(r"[-–/]", " ", words)).split())  # as texts are searched
        if not plain:
            return
        other, first = meant.setdefault(plain, (code, entry))
        if other != code:
            self._say(entry, f"{words!r} means {code} here and {other} in {first.place}")

    # Neighbours and orphans

    def _check_neighbours(self) -> None:
        seen: dict[frozenset[str], Entry] = {}
        for entry in self.entries["neighbours"]:
            self._check_reference(entry, "occupation", "occupations")
            self._check_reference(entry, "neighbour", "occupations")
            pair = frozenset((entry.row["occupation"], entry.row["neighbour"]))
            if len(pair) == 1:
                self._say(entry, f"{entry.row['occupation']} is named as its own neighbour")
            first = seen.setdefault(pair, entry)
            if first is not entry:
                self._say(entry, f"{' and '.join(sorted(pair))} stand already in {first.place}")
            if not re.fullmatch(r"0?\.\d*[1-9]\d*", entry.row["closeness"]):
                self._say(
                    entry,
                    f"column closeness: must lie between 0 and 1, not {entry.row['closeness']!r}",
                )

    def _check_orphans(self) -> None:
        in_schemes = _named(self.entries["schemes"], lambda row: _split(row["units"], "|"))
        for entry in self.entries["units"]:
            if entry.row["code"] not in in_schemes:
                self._say(entry, f"unit {entry.row['code']} stands in no scheme")
        with_units = _named(self.entries["units"], lambda row: (row["occupation"],))
        with_schemes = _named(self.entries["schemes"], lambda row: (row["occupation"],))
        with_aliases = _named(self.entries["aliases"], lambda row: (row["target"],))
        near = _named(self.entries["neighbours"], lambda row: (row["occupation"], row["neighbour"]))
        for entry in self.entries["occupations"]:
            code = entry.row["code"]
            for having, what in (
                (with_units, "unit"),
                (with_schemes, "scheme"),
                (with_aliases, "alias"),
                (near, "neighbour"),
            ):
                if code not in having:
                    self._say(entry, f"occupation {code} has no {what}")


def wrong_alias(text: str) -> str | None:
    """Why a wording cannot be an alias, or None."""
    words = normal(text).split()
    if not words:
        return "is empty"
    if len("".join(words)) < 2:
        return "is a single letter"
    if len(text) > LONGEST_ALIAS:
        return f"is longer than {LONGEST_ALIAS} characters"
    if text != " ".join(text.split()):
        return "has white space that is not one space between words"
    if words[0] in FILLERS:
        return f"begins with {words[0]!r}, which says nothing of the trade"
    if " ".join(words) in GENERAL or all(word in VAGUE for word in words):
        return "fits every trade"
    return None


def _split(text: str, sign: str) -> list[str]:
    return [part.strip() for part in text.split(sign) if part.strip()]


def _named(entries: Iterable[Entry], names: object) -> set[str]:
    return {name for entry in entries for name in names(entry.row)}  # type: ignore[operator]
