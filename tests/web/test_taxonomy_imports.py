"""Official taxonomies: read whole or refused, joined to ours, reviewed, and never doubled."""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import open_encoder
from matcher.linking import Linker
from matcher.taxonomy import Alias, Neighbour, Occupation, Scheme, Taxonomy, Unit
from models import migrations
from models.audit import AuditEvent
from models.enums import ExternalKind, ExternalRelationKind, ExternalSource, LinkStatus
from models.external import ExternalConcept, ExternalLink, ExternalRelation
from models.imports import ImportBatch
from models.metadata import metadata
from tests.conftest import TEST_KEY
from tests.web.conftest import settings_for
from web.app import create_app
from web.cli import main
from web.services import external_linking, external_reviews, reference, tables, taxonomy_imports
from web.services import taxonomy as taxonomies
from web.services.external_files import (
    Release,
    isco_codes,
    read_esco,
    read_kbji,
    read_skkni,
    version_of,
)
from web.services.tables import TableRefused
from web.services.taxonomy_imports import Changes

# A small taxonomy of ours

OCCUPATIONS = (
    ("cook", "Juru Masak", "Cook", "5120"),
    ("mason", "Tukang Batu", "Bricklayer", "7112"),
    ("tailor", "Penjahit", "Tailor", "7531"),
    ("welder", "Juru Las", "Welder", "7212"),
)
UNITS = (
    ("cook.01", "Memasak nasi dan lauk", "Cook rice and side dishes", None),
    ("cook.02", "Menjaga kebersihan dapur", "Keep a kitchen clean", None),
    ("mason.01", "Memasang dinding bata", "Lay brick walls", "F.439312.001.01"),
    ("mason.02", "Mengaduk adukan semen", "Mix cement mortar", None),
    ("tailor.01", "Menjahit kemeja", "Sew shirts", None),
    ("tailor.02", "Membuat pola pakaian", "Draft clothing patterns", None),
    ("welder.01", "Mengelas pelat dengan proses SMAW", "Weld plate by SMAW", None),
    ("welder.02", "Menggerinda hasil las", "Grind welds", None),
)


def small_taxonomy(**changes: list) -> Taxonomy:
    parts: dict[str, list] = {
        "occupations": [
            Occupation(code, title_id, title_en, isco, ("bekerja",), (), "craft")
            for code, title_id, title_en, isco in OCCUPATIONS
        ],
        "units": [
            Unit(code, code.partition(".")[0], title_id, title_en, 2, skkni)
            for code, title_id, title_en, skkni in UNITS
        ],
        "schemes": [Scheme("cook-s1", "cook", "Okupasi Juru Masak", "Cook", 2, ("cook.01",))],
        "licences": [],
        "aliases": [
            Alias("welder", "tukang las"),
            Alias("cook", "koki"),
            Alias("tailor", "tukang jahit"),
            Alias("mason", "bricklayer and plasterer", "en", "english"),
        ],
        "neighbours": [Neighbour("mason", "welder", 0.3)],
    }
    return Taxonomy(**(parts | changes))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Embeddings of the small taxonomy, apart from the real one's."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def linker(cache: Path) -> Linker:
    taxonomy, encoder = small_taxonomy(), open_encoder("builtin")
    return Linker(taxonomy, encoder, TaxonomyEmbeddings.open(taxonomy, encoder, cache))


@pytest.fixture(scope="module", autouse=True)
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application around every test, so that messages are worded as commands word them."""
    home = tmp_path_factory.mktemp("home")
    made = create_app(settings_for(f"sqlite:///{home / 'unused.db'}", home))
    with made.app_context():
        yield made


@pytest.fixture
def session(database_engine: Engine) -> Iterator[Session]:
    with Session(database_engine, expire_on_commit=False) as opened:
        taxonomies.save(opened, small_taxonomy())
        opened.commit()
        yield opened


# Official files, made up

ESCO = "http://data.europa.eu/esco"
WELDER, CHEF, JUGGLER = (f"{ESCO}/occupation/{name}" for name in ("welder", "chef", "juggler"))
WELDING, COOKING, JUGGLING = (f"{ESCO}/skill/{name}" for name in ("weld", "cook", "juggle"))
ESCO_FILES = {
    "ISCOGroups_en.csv": [
        ["conceptType", "conceptUri", "code", "preferredLabel", "description"],
        ["ISCOGroup", f"{ESCO}/isco/C5120", "5120", "Cooks", "They cook."],
        ["ISCOGroup", f"{ESCO}/isco/C7212", "7212", "Welders and flame cutters", ""],
        ["ISCOGroup", f"{ESCO}/isco/C2659", "2659", "Creative and performing artists", ""],
    ],
    "occupations_en.csv": [
        ["conceptType", "conceptUri", "iscoGroup", "preferredLabel", "altLabels", "code"],
        ["Occupation", WELDER, "7212", "welder", "arc welder\nwelding operator", "7212.1"],
        ["Occupation", CHEF, "5120", "cook", "line cook\nkitchen cook", "5120.1"],
        ["Occupation", JUGGLER, "2659", "juggler", "circus artist", "2659.9"],
    ],
    "skills_en.csv": [
        ["conceptType", "conceptUri", "skillType", "preferredLabel", "altLabels", "description"],
        ["Skill", WELDING, "skill/competence", "weld plate by SMAW", "stick welding", "Welding."],
        ["Skill", COOKING, "skill/competence", "cook rice", "", ""],
        ["Skill", JUGGLING, "knowledge", "juggle with burning torches", "", ""],
    ],
    "occupationSkillRelations.csv": [
        ["occupationUri", "relationType", "skillType", "skillUri"],
        [WELDER, "essential", "skill/competence", WELDING],
        [CHEF, "essential", "skill/competence", COOKING],
        [CHEF, "optional", "skill/competence", WELDING],
        [JUGGLER, "essential", "knowledge", JUGGLING],
    ],
    "broaderRelationsSkillPillar.csv": [
        ["conceptType", "conceptUri", "broaderType", "broaderUri"],
        ["Skill", COOKING, "Skill", WELDING],
        ["Skill", WELDING, "SkillGroup", f"{ESCO}/skill/S1"],
    ],
}
Rows = list[list[str]]


def esco_files(**changes: Callable[[Rows], object]) -> dict[str, Rows]:
    """The files above; a change gets the rows of a file (named without its end) to bend."""
    files = {}
    for name, rows in ESCO_FILES.items():
        copied = [list(row) for row in rows]
        change = changes.get(name.partition(".")[0])
        bent = change(copied) if change else copied
        files[name] = bent if isinstance(bent, list) else copied  # or bent in place
    return files


def as_csv(rows: Rows) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def esco_folder(folder: Path, **changes: Callable[[Rows], object]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in esco_files(**changes).items():
        (folder / name).write_bytes(as_csv(rows))
    return folder


def written(folder: Path, content: str | bytes, name: str = "list.csv") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def problems_of(read: Callable[[], object]) -> list[str]:
    with pytest.raises(TableRefused) as refusal:
        read()
    return [str(problem) for problem in refusal.value.problems]


def bring(session: Session, linker: Linker, release: Release, relink: bool = False) -> Changes:
    """Link and store a release, as the command does."""
    standing = taxonomy_imports.standing(session, release.source)
    linked = external_linking.propose(linker, "space", release, standing, relink)
    session.rollback()
    return taxonomy_imports.store(session, None, release, linked)


def stored_tables(session: Session) -> dict[str, list[tuple]]:
    """Every row of every table."""
    session.rollback()
    return {
        table.name: sorted(map(tuple, session.execute(select(*table.columns))), key=repr)
        for table in metadata.sorted_tables
    }


def links_of(session: Session, code: str) -> dict[str, ExternalLink]:
    found = session.exec(
        select(ExternalLink)
        .join(ExternalConcept, col(ExternalConcept.id) == col(ExternalLink.concept_id))
        .where(ExternalConcept.code == code)
    )
    return {link.target: link for link in found}


# Reading ESCO


def test_folder_of_esco_is_read_with_titles_groups_and_relations(tmp_path: Path) -> None:
    release = read_esco(esco_folder(tmp_path / "ESCO dataset - v1.2.0 - en"))
    assert release.source is ExternalSource.ESCO
    assert release.version == "1.2.0"
    welder = release.concepts[WELDER]
    assert (welder.kind, welder.title, welder.isco) == (ExternalKind.OCCUPATION, "welder", "7212")
    assert welder.other_titles == ("arc welder", "welding operator")
    assert release.concepts[WELDING].description == "Welding."
    assert release.concepts[f"{ESCO}/isco/C5120"].kind is ExternalKind.GROUP
    assert release.relations == {
        (WELDER, WELDING, ExternalRelationKind.ESSENTIAL),
        (CHEF, COOKING, ExternalRelationKind.ESSENTIAL),
        (CHEF, WELDING, ExternalRelationKind.OPTIONAL),
        (JUGGLER, JUGGLING, ExternalRelationKind.ESSENTIAL),
        (COOKING, WELDING, ExternalRelationKind.BROADER),
    }
    assert list(release.left_out.values()) == [["broaderRelationsSkillPillar.csv:3"]]


def test_gzipped_files_and_zips_say_the_same_as_the_folder(tmp_path: Path) -> None:
    wanted = read_esco(esco_folder(tmp_path / "plain"))
    packed = tmp_path / "packed"
    packed.mkdir()
    archive = tmp_path / "ESCO.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, rows in ESCO_FILES.items():
            with gzip.open(packed / f"{name}.gz", "wb") as member:
                member.write(as_csv(rows))
            file.writestr(f"ESCO dataset/{name}", as_csv(rows))
            file.writestr(f"__MACOSX/ESCO dataset/{name}", b"\x00\x05")
    for path in (packed, archive):
        found = read_esco(path)
        assert (found.concepts, found.relations) == (wanted.concepts, wanted.relations)


def test_byte_order_mark_semicolons_and_other_order_of_columns_do_not_matter(
    tmp_path: Path,
) -> None:
    wanted = read_esco(esco_folder(tmp_path / "plain"))
    folder = esco_folder(tmp_path / "other")
    rows = [list(reversed(row)) for row in ESCO_FILES["occupations_en.csv"]]
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    written(folder, text.getvalue().encode("utf-8-sig"), "occupations_en.csv")
    assert read_esco(folder).concepts == wanted.concepts


def test_groups_of_skills_are_read_where_their_file_is_there(tmp_path: Path) -> None:
    folder = esco_folder(tmp_path / "esco")
    rows = [["conceptUri", "preferredLabel"], [f"{ESCO}/skill/S1", "working with machines"]]
    written(folder, as_csv(rows), "skillGroups_en.csv")
    release = read_esco(folder)
    assert (WELDING, f"{ESCO}/skill/S1", ExternalRelationKind.BROADER) in release.relations
    assert not any(release.left_out.values())


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("ESCO dataset - v1.2.0 - classification - en - csv.zip", "1.2.0"),
        ("esco-1.1.1", "1.1.1"),
        ("v1.2", "1.2"),
        ("esco.zip", ""),
    ],
)
def test_release_is_read_from_the_name(name: str, version: str) -> None:
    assert version_of(name) == version


BENT: list[tuple[str, Callable[[Rows], object], str]] = [
    (
        "occupations_en",
        lambda rows: rows[2].__setitem__(2, "7219"),
        "occupations_en.csv, row 4, column iscoGroup",
    ),
    (
        "occupations_en",
        lambda rows: rows[2].__setitem__(2, ""),
        "occupations_en.csv, row 4, column iscoGroup",
    ),
    (
        "occupations_en",
        lambda rows: rows[1].__setitem__(3, " "),
        "occupations_en.csv, row 2, column preferredLabel",
    ),
    (
        "occupations_en",
        lambda rows: rows[1].__setitem__(3, "x" * 301),
        "occupations_en.csv, row 2, column preferredLabel",
    ),
    ("occupations_en", lambda rows: rows[1].pop(), "occupations_en.csv, row 2"),
    ("occupations_en", lambda rows: rows[3].append("x"), "occupations_en.csv, row 6"),
    (
        "occupations_en",
        lambda rows: [row[:3] + row[4:] for row in rows],
        "occupations_en.csv, row 1, column preferredLabel",
    ),
    (
        "occupations_en",
        lambda rows: [[*row, row[3]] for row in rows],
        "occupations_en.csv, row 1, column preferredLabel",
    ),
    ("skills_en", lambda rows: rows[:1], "skills_en.csv: "),
    ("skills_en", lambda rows: rows[2].__setitem__(1, WELDING), "row 3, column conceptUri"),
    ("skills_en", lambda rows: rows[2].__setitem__(1, WELDER), "row 3, column conceptUri"),
    ("skills_en", lambda rows: rows[2].__setitem__(1, "weld"), "row 3, column conceptUri"),
    ("ISCOGroups_en", lambda rows: rows[3].__setitem__(2, "72x2"), "row 4, column code"),
    (
        "occupationSkillRelations",
        lambda rows: rows[2].__setitem__(1, "needed"),
        "occupationSkillRelations.csv, row 3, column relationType",
    ),
    (
        "occupationSkillRelations",
        lambda rows: rows.append([WELDER, "optional", "", WELDING]),
        "occupationSkillRelations.csv, row 6, column relationType",
    ),
    (
        "occupationSkillRelations",
        lambda rows: rows[1].__setitem__(3, f"{ESCO}/skill/none"),
        "occupationSkillRelations.csv: ",
    ),
]


@pytest.mark.parametrize(("file", "change", "place"), BENT)
def test_bad_row_refuses_esco_and_is_named_with_file_line_and_column(
    tmp_path: Path, file: str, change: Callable[[Rows], object], place: str
) -> None:
    folder = esco_folder(tmp_path / "esco", **{file: change})
    problems = problems_of(lambda: read_esco(folder))
    assert place in problems[0]
    assert len(problems) == (2 if file == "ISCOGroups_en" else 1)  # one for what is of that group


def test_every_bad_row_of_every_file_is_named_at_once(tmp_path: Path) -> None:
    folder = esco_folder(
        tmp_path / "esco",
        occupations_en=lambda rows: rows[1].__setitem__(2, "9"),
        skills_en=lambda rows: rows[1].__setitem__(3, ""),
        occupationSkillRelations=lambda rows: rows[4].__setitem__(1, "some"),
    )
    problems = problems_of(lambda: read_esco(folder))
    assert [problem.partition(", ")[0] for problem in problems] == [
        "occupations_en.csv",
        "skills_en.csv",
        "occupationSkillRelations.csv",
    ]


def test_ragged_rows_of_two_files_are_named_together(tmp_path: Path) -> None:
    folder = esco_folder(
        tmp_path / "esco",
        occupations_en=lambda rows: [*rows[:2], rows[2][:3], [*rows[3], "more"]],
        broaderRelationsSkillPillar=lambda rows: [*rows, ["Skill", COOKING]],
    )
    places = [problem.rpartition(": ")[0] for problem in problems_of(lambda: read_esco(folder))]
    assert places == [
        "occupations_en.csv, row 4",
        "occupations_en.csv, row 5",
        "broaderRelationsSkillPillar.csv, row 4",
    ]


def test_missing_and_doubled_files_are_all_named(tmp_path: Path) -> None:
    folder = esco_folder(tmp_path / "esco")
    (folder / "skills_en.csv").rename(folder / "skills_fr.csv")
    (folder / "ISCOGroups_en.csv").unlink()
    (folder / "occupations_en.csv.gz").write_bytes(b"")
    problems = problems_of(lambda: read_esco(folder))
    assert [problem.partition(": ")[0] for problem in problems] == [
        "ISCOGroups_en.csv",
        "occupations_en.csv, occupations_en.csv.gz"
        if "occupations_en.csv, " in problems[1]
        else "occupations_en.csv.gz, occupations_en.csv",
        "skills_en.csv",
    ]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (
            as_csv(ESCO_FILES["skills_en.csv"]).replace(b"rice", b"\xe9clairs"),
            "skills_en.csv, row 3",
        ),
        (as_csv(ESCO_FILES["skills_en.csv"]).decode().encode("utf-16"), "skills_en.csv, row 1"),
        (as_csv(ESCO_FILES["skills_en.csv"]).replace(b"rice", b"ri\x00ce"), "skills_en.csv, row 3"),
        (as_csv(ESCO_FILES["skills_en.csv"]) + b'Skill,"open', "skills_en.csv, row 5"),
        (b"", "skills_en.csv: "),
        (b"\n\n", "skills_en.csv: "),
    ],
)
def test_file_in_another_encoding_or_no_csv_is_named_with_its_line(
    tmp_path: Path, content: bytes, place: str
) -> None:
    folder = esco_folder(tmp_path / "esco")
    written(folder, content, "skills_en.csv")
    (problem,) = problems_of(lambda: read_esco(folder))
    assert problem.startswith(place)


def broken_zip(tmp_path: Path, damage: Callable[[bytes], bytes]) -> Path:
    path = tmp_path / "esco.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, rows in ESCO_FILES.items():
            file.writestr(name, as_csv(rows))
    path.write_bytes(damage(path.read_bytes()))
    return path


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: b"kode;judul\n1;Las\n",
        lambda data: data[:60] + bytes(byte ^ 255 for byte in data[60:90]) + data[90:],
    ],
)
def test_broken_zip_is_refused_calmly(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = broken_zip(tmp_path, damage)
    assert len(problems_of(lambda: read_esco(path))) >= 1


def test_broken_gzip_is_named(tmp_path: Path) -> None:
    folder = esco_folder(tmp_path / "esco")
    content = gzip.compress(as_csv(ESCO_FILES["skills_en.csv"]))
    (folder / "skills_en.csv").unlink()
    for damaged in (content[: len(content) // 2], b"no gzip at all", content[:-8] + b"\x00" * 8):
        written(folder, damaged, "skills_en.csv.gz")
        (problem,) = problems_of(lambda: read_esco(folder))
        assert problem.startswith("skills_en.csv.gz: ")


def test_damage_in_two_files_is_named_at_once(tmp_path: Path) -> None:
    folder = esco_folder(tmp_path / "esco", occupations_en=lambda rows: rows[1].pop())
    (folder / "skills_en.csv").unlink()
    written(folder, b"no gzip at all", "skills_en.csv.gz")
    problems = problems_of(lambda: read_esco(folder))
    assert [problem.partition(".csv")[0] for problem in problems] == ["occupations_en", "skills_en"]


def test_file_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.services.external_files.MOST_UNPACKED", 1000)
    folder = esco_folder(tmp_path / "esco")
    (folder / "skills_en.csv").unlink()
    written(folder, gzip.compress(b"x" * 1001), "skills_en.csv.gz")
    (problem,) = problems_of(lambda: read_esco(folder))
    assert problem.startswith("skills_en.csv.gz: ")


def test_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (problem,) = problems_of(lambda: read_esco(tmp_path / "nothing"))
    assert problem.startswith("nothing: ")


# Reading lists of units and of codes

UNITS_FILE = (
    "No;Kode Unit;Judul Unit;Jenjang;Bidang;Dokumen;Tahun\n"
    "1;C.25LAS01.001.1;Mengelas Pelat dengan Proses SMAW;2;Pengelasan;SKKNI 98/2018;2018\n"
    "2; c.25las01.002.1 ;Menggerinda Hasil Las;Level III;Pengelasan;SKKNI 98/2018;2018\n"
    "3;F.439312.001.01;Memasang Bata;;Konstruksi;SKKNI 205/2015;2015\n"
)


def test_list_of_units_is_read_whatever_its_columns_are_called(tmp_path: Path) -> None:
    release = read_skkni(written(tmp_path, UNITS_FILE.encode("cp1252"), "skkni.csv"))
    assert list(release.concepts) == ["C.25LAS01.001.1", "C.25LAS01.002.1", "F.439312.001.01"]
    first = release.concepts["C.25LAS01.001.1"]
    assert (first.kind, first.level, first.sector, first.document) == (
        *(ExternalKind.UNIT, 2, "Pengelasan"),
        "SKKNI 98/2018",
    )
    assert release.concepts["C.25LAS01.002.1"].level == 3
    assert release.concepts["F.439312.001.01"].level is None
    assert release.documents == {"SKKNI 98/2018", "SKKNI 205/2015"}
    assert release.left_out == {"columns that are not taken": ["Tahun"]}


def test_english_headers_and_a_document_for_all_units_are_taken(tmp_path: Path) -> None:
    path = written(tmp_path, "code,title\nTIK.JK02.001.01,Merakit Komputer\n")
    release = read_skkni(path, document="SKKNI 24/2015")
    assert release.concepts["TIK.JK02.001.01"].document == "SKKNI 24/2015"
    assert read_skkni(path).documents == frozenset()


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("25LAS,Mengelas,2", "row 3, column Kode Unit"),
        (",Mengelas,2", "row 3, column Kode Unit"),
        ("C.25LAS01.001.1,Mengelas,2", "row 3, column Kode Unit"),
        ("C.25LAS01.002.1,,2", "row 3, column Judul Unit"),
        ("C.25LAS01.002.1,???,2", "row 3, column Judul Unit"),
        ("C.25LAS01.002.1,Mengelas,10", "row 3, column Level"),
        ("C.25LAS01.002.1,Mengelas,tinggi", "row 3, column Level"),
        ("C.25LAS01.002.1,Mengelas,2,lagi", "row 3"),
    ],
)
def test_bad_row_of_a_list_of_units_is_named(tmp_path: Path, line: str, place: str) -> None:
    path = written(
        tmp_path, f"Kode Unit,Judul Unit,Level\nC.25LAS01.001.1,Mengelas Pelat,2\n{line}\n"
    )
    (problem,) = problems_of(lambda: read_skkni(path))
    assert problem.startswith(f"list.csv, {place}: ")


def test_list_without_the_needed_columns_or_with_one_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "Kode,Kode Unit,Jenis\nC.25LAS01.001.1,C.25LAS01.001.1,inti\n")
    problems = problems_of(lambda: read_skkni(path))
    assert [problem.partition(": ")[0] for problem in problems] == [
        "list.csv, row 1, column Kode Unit",
        "list.csv, row 1, column title",
    ]


def test_open_quotation_mark_does_not_swallow_the_rest_of_a_list(tmp_path: Path) -> None:
    rows = "".join(f"C.25LAS01.{n:03}.1,Mengelas {n}\n" for n in range(10, 30))
    path = written(tmp_path, f'kode,judul\nC.25LAS01.001.1,"Mengelas\n{rows}')
    (problem,) = problems_of(lambda: read_skkni(path))
    assert problem.startswith("list.csv, row 2, column judul: ")


KBJI_FILE = "Kode KBJI,Nama Jabatan,Uraian\n7,Pekerja Terampil,\n72,Pekerja Logam,\n"
KBJI_FILE += "721,Pengecor dan Tukang Las,\n7212,Tukang Las dan Pemotong,Mengelas logam\n"


def test_groups_of_kbji_are_read_with_what_they_lie_under(tmp_path: Path) -> None:
    release = read_kbji(written(tmp_path, KBJI_FILE, "kbji-2014.csv"))
    assert release.concepts["7212"].description == "Mengelas logam"
    assert release.concepts["7212"].isco == "7212"
    assert release.relations == {
        ("7212", "721", ExternalRelationKind.BROADER),
        ("721", "72", ExternalRelationKind.BROADER),
        ("72", "7", ExternalRelationKind.BROADER),
    }


def test_code_that_isco_does_not_have_is_kept_without_a_group_and_mentioned(
    tmp_path: Path,
) -> None:
    release = read_kbji(written(tmp_path, f"{KBJI_FILE}7219,Tukang Lain,\n"))
    assert release.concepts["7219"].isco is None
    assert list(release.left_out.values()) == [["list.csv:6 7219"]]


@pytest.mark.parametrize("code", ["72123", "72.1", "tujuh", "", "٧"])
def test_code_of_kbji_has_one_to_four_digits(tmp_path: Path, code: str) -> None:
    path = written(tmp_path, f"kode,judul\n7,Pekerja\n{code},Lain\n")
    (problem,) = problems_of(lambda: read_kbji(path))
    assert problem.startswith("list.csv, row 3, column kode: ")


def test_there_are_436_unit_groups_of_isco() -> None:
    assert len(isco_codes()) == 436
    assert {"0110", "7212", "9629"} <= isco_codes()


# Linking


def test_occupation_is_joined_to_ours_of_the_same_group(linker: Linker, tmp_path: Path) -> None:
    release = read_esco(esco_folder(tmp_path / "esco"))
    linked = external_linking.propose(linker, "space", release, external_linking.Standing())
    best = {code: proposals[0] for code, proposals in linked.proposals.items() if proposals}
    assert best[WELDER].target == "welder"
    assert best[CHEF].target == "cook"
    assert best[WELDING].target == "welder.01"
    assert best[COOKING].target == "cook.01"
    assert JUGGLER not in best
    assert JUGGLING not in best
    assert all(0.5 <= entry.confidence <= 1 for entry in best.values())


def test_group_of_isco_moves_the_confidence_of_a_title(linker: Linker, tmp_path: Path) -> None:
    def confidence(isco: str) -> float:
        folder = esco_folder(
            tmp_path / f"esco-{isco}",
            ISCOGroups_en=lambda rows: rows[2].__setitem__(2, isco),
            occupations_en=lambda rows: rows[1].__setitem__(2, isco),
        )
        linked = external_linking.propose(
            linker, "space", read_esco(folder), external_linking.Standing()
        )
        found = {entry.target: entry.confidence for entry in linked.proposals[WELDER]}
        return found.get("welder", 0.0)

    assert confidence("7212") > confidence("7213") > confidence("7223") > confidence("8341")


def test_skill_is_likelier_a_unit_of_the_trade_it_belongs_to(
    linker: Linker, tmp_path: Path
) -> None:
    def confidence(occupation: str) -> float:
        folder = esco_folder(
            tmp_path / occupation.rpartition("/")[2],
            skills_en=lambda rows: rows[1].__setitem__(3, "grinding of metal"),
            occupationSkillRelations=lambda rows: [
                rows[0],
                [occupation, "essential", "", WELDING],
                [occupation, "essential", "", COOKING],
            ],
        )
        linked = external_linking.propose(
            linker, "space", read_esco(folder), external_linking.Standing()
        )
        found = {entry.target: entry.confidence for entry in linked.proposals[WELDING]}
        return found.get("welder.02", 0.0)

    assert confidence(WELDER) > confidence(JUGGLER)


def test_unit_whose_code_ours_names_is_certain(
    session: Session, linker: Linker, tmp_path: Path
) -> None:
    bring(session, linker, read_skkni(written(tmp_path, UNITS_FILE)))
    assert links_of(session, "F.439312.001.01")["mason.01"].confidence == 1.0
    assert "welder.01" in links_of(session, "C.25LAS01.001.1")
    assert "welder.02" in links_of(session, "C.25LAS01.002.1")


def test_unit_is_likelier_one_of_the_trade_its_document_is_about(
    linker: Linker, tmp_path: Path
) -> None:
    def confidence(document: str) -> float:
        rows = (
            f"C.25LAS01.001.1,Mengelas pelat dengan SMAW,{document}\n"
            f"C.25LAS01.002.1,Mengelas pelat baja,{document}\n"
            f"C.25LAS01.003.1,Menggerinda logam,{document}\n"
        )
        release = read_skkni(written(tmp_path, f"kode,judul,dokumen\n{rows}"))
        linked = external_linking.propose(linker, "space", release, external_linking.Standing())
        found = {entry.target: entry.confidence for entry in linked.proposals["C.25LAS01.003.1"]}
        return found.get("welder.02", 0.0)

    assert confidence("SKKNI 98/2018") > confidence("")


def test_unit_group_of_kbji_is_joined_and_broader_groups_are_not(
    session: Session, linker: Linker, tmp_path: Path
) -> None:
    bring(session, linker, read_kbji(written(tmp_path, f"{KBJI_FILE}7219,Tukang Las Lain,\n")))
    assert set(links_of(session, "7212")) == {"welder"}
    assert [links_of(session, code) for code in ("7", "72", "721", "7219")] == [{}, {}, {}, {}]


def test_each_title_is_linked_once_and_in_batches(
    linker: Linker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external_linking, "BATCH", 2)
    seen: list[str] = []

    class Counting:
        taxonomy = linker.taxonomy

        def occupations_of(self, texts: list[str], k: int) -> list:
            seen.extend(texts)
            assert len(texts) <= 2
            return linker.occupations_of(texts, k)

        def unit_probabilities(self, texts: list[str]) -> object:
            seen.extend(texts)
            assert len(texts) <= 2
            return linker.unit_probabilities(texts)

    folder = esco_folder(
        tmp_path / "esco",
        occupations_en=lambda rows: rows[2].__setitem__(4, "welder\nline cook\nline cook"),
        skills_en=lambda rows: rows[3].__setitem__(3, "cook rice"),
    )
    release = read_esco(folder)
    many = external_linking.propose(Counting(), "space", release, external_linking.Standing())
    assert len(seen) == len(set(seen))
    monkeypatch.undo()
    at_once = external_linking.propose(linker, "space", release, external_linking.Standing())
    assert many.proposals == at_once.proposals


# Storing


def test_what_is_read_is_stored_with_its_relations_and_links(
    session: Session, linker: Linker, tmp_path: Path
) -> None:
    changes = bring(session, linker, read_esco(esco_folder(tmp_path / "esco-1.1.1")))
    assert changes.stored
    assert len(changes.added) == 9
    assert len(changes.relations_added) == 5
    concept = session.exec(select(ExternalConcept).where(ExternalConcept.code == WELDER)).one()
    assert concept.source is ExternalSource.ESCO
    assert concept.kind is ExternalKind.OCCUPATION
    assert (concept.title, concept.other_titles) == ("welder", "arc welder\nwelding operator")
    assert (concept.isco, concept.language, concept.version) == ("7212", "en", "1.1.1")
    assert len(concept.public_id) == 12
    assert concept.added_at.utcoffset() is not None
    needs = session.exec(
        select(ExternalRelation.kind, ExternalConcept.code)
        .join(ExternalConcept, col(ExternalConcept.id) == col(ExternalRelation.related_id))
        .where(ExternalRelation.concept_id == concept.id)
    ).all()
    assert needs == [(ExternalRelationKind.ESSENTIAL, WELDING)]
    link = links_of(session, WELDER)["welder"]
    assert link.status is LinkStatus.PROPOSED
    assert link.reviewed_at is None
    batch = session.exec(select(ImportBatch)).one()
    assert (batch.source, batch.kind, batch.filename) == ("esco", "taxonomy", "esco-1.1.1")
    event = session.exec(select(AuditEvent)).one()
    assert event.subject == f"import_batch:{batch.public_id}"


@pytest.mark.parametrize(
    "read",
    [
        lambda folder: read_esco(esco_folder(folder)),
        lambda folder: read_skkni(written(folder, UNITS_FILE)),
        lambda folder: read_kbji(written(folder, KBJI_FILE)),
    ],
    ids=["esco", "skkni", "kbji"],
)
def test_same_file_twice_changes_nothing(
    session: Session, linker: Linker, tmp_path: Path, read: Callable[[Path], Release]
) -> None:
    bring(session, linker, read(tmp_path / "list"))
    before = stored_tables(session)
    for relink in (False, True):
        changes = bring(session, linker, read(tmp_path / "list"), relink)
        assert changes.is_empty
        assert not changes.stored
    assert stored_tables(session) == before


def test_comparing_alone_stores_nothing(session: Session, linker: Linker, tmp_path: Path) -> None:
    before = stored_tables(session)
    release = read_esco(esco_folder(tmp_path / "esco"))
    linked = external_linking.propose(linker, "space", release, external_linking.Standing())
    changes = taxonomy_imports.compare(session, release, linked)
    assert (len(changes.added), changes.stored) == (9, False)
    assert len(changes.links_added) >= 4
    assert stored_tables(session) == before


def test_store_that_fails_half_way_leaves_nothing(
    session: Session, linker: Linker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored_tables(session)
    monkeypatch.setattr(taxonomy_imports, "KIND", None)  # the batch comes last and cannot be stored
    with pytest.raises(Exception, match=r"(?i)null"):
        bring(session, linker, read_esco(esco_folder(tmp_path / "esco")))
    session.rollback()
    assert stored_tables(session) == before


def test_newer_release_adds_changes_and_marks_what_is_gone(
    session: Session, linker: Linker, tmp_path: Path
) -> None:
    bring(session, linker, read_esco(esco_folder(tmp_path / "esco-1.1.1")))
    first = stored_tables(session)
    baking = f"{ESCO}/skill/bake"
    newer = esco_folder(
        tmp_path / "esco-1.2.0",
        occupations_en=lambda rows: rows[1].__setitem__(4, "arc welder"),
        skills_en=lambda rows: [*rows[:3], ["Skill", baking, "", "bake bread", "", ""]],
        occupationSkillRelations=lambda rows: [*rows[:4], [CHEF, "optional", "", baking]],
    )
    changes = bring(session, linker, read_esco(newer))
    assert [concept.code for concept in changes.added] == [baking]
    (((before, after)),) = changes.changed
    assert list(taxonomy_imports.differences(before, after)) == [
        ("other_titles", "arc welder\nwelding operator", "arc welder")
    ]
    assert [concept.code for concept in changes.gone] == [JUGGLING]
    assert changes.relations_added == [(CHEF, baking, ExternalRelationKind.OPTIONAL)]
    assert changes.relations_gone == [(JUGGLER, JUGGLING, ExternalRelationKind.ESSENTIAL)]
    versions = dict(session.exec(select(ExternalConcept.code, ExternalConcept.version)).all())
    assert versions[JUGGLING] == "1.1.1"
    assert {version for code, version in versions.items() if code != JUGGLING} == {"1.2.0"}

    again = bring(session, linker, read_esco(esco_folder(tmp_path / "esco-1.1.1")))
    assert [concept.code for concept in again.back] == [JUGGLING]
    assert [concept.code for concept in again.gone] == [baking]
    ids = {row[1]: row[3] for row in first["external_concept"]}
    now = dict(session.exec(select(ExternalConcept.public_id, ExternalConcept.code)).all())
    assert ids.items() <= now.items()


def test_list_of_one_document_leaves_the_units_of_others_alone(
    session: Session, linker: Linker, tmp_path: Path
) -> None:
    bring(session, linker, read_skkni(written(tmp_path, UNITS_FILE)))
    lines = UNITS_FILE.splitlines(keepends=True)
    changes = bring(session, linker, read_skkni(written(tmp_path, "".join(lines[:2]))))
    assert [concept.code for concept in changes.gone] == ["C.25LAS01.002.1"]
    gone = session.exec(select(ExternalConcept.code).where(col(ExternalConcept.is_gone))).all()
    assert gone == ["C.25LAS01.002.1"]
    assert links_of(session, "C.25LAS01.002.1") == {}


def test_list_that_names_no_document_takes_nothing_away(
    session: Session, linker: Linker, tmp_path: Path
) -> None:
    bring(session, linker, read_skkni(written(tmp_path, "kode,judul\nA.01AAA.001.1,Mengelas\n")))
    changes = bring(
        session, linker, read_skkni(written(tmp_path, "kode,judul\nA.01AAA.002.1,Memasak\n"))
    )
    assert (len(changes.added), changes.gone) == (1, [])


def test_sources_do_not_touch_each_other(session: Session, linker: Linker, tmp_path: Path) -> None:
    bring(session, linker, read_esco(esco_folder(tmp_path / "esco")))
    changes = bring(session, linker, read_kbji(written(tmp_path, KBJI_FILE)))
    assert (changes.gone, changes.relations_gone, changes.links_gone) == ([], [], [])
    count = select(func.count()).select_from(ExternalConcept).where(~col(ExternalConcept.is_gone))
    assert session.exec(count).one() == 9 + 4


def test_only_what_changed_is_linked_again(
    session: Session, linker: Linker, tmp_path: Path
) -> None:
    bring(session, linker, read_esco(esco_folder(tmp_path / "esco")))
    release = read_esco(
        esco_folder(tmp_path / "other", skills_en=lambda rows: rows[2].__setitem__(3, "cook"))
    )
    standing = taxonomy_imports.standing(session, ExternalSource.ESCO)
    again = external_linking.propose(linker, "space", release, standing)
    assert set(again.proposals) == {COOKING}
    elsewhere = external_linking.propose(linker, "another space", release, standing)
    assert len(elsewhere.proposals) == 6


# Review


def review_file(session: Session, folder: Path, decisions: dict[str, str]) -> Path:
    """The table of all links of ESCO, with the decisions of targets filled in."""
    lines = []
    for status in LinkStatus:
        lines += external_reviews.links(
            session, small_taxonomy(), ExternalSource.ESCO, status=status
        )
    text = io.StringIO()
    external_reviews.write_csv(lines, text)
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))
    for row in rows:
        row["decision"] = decisions.get(row["target"], "")
    filled = io.StringIO()
    writer = csv.DictWriter(filled, external_reviews.COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return written(folder, filled.getvalue(), "review.csv")


@pytest.fixture
def linked(session: Session, linker: Linker, tmp_path: Path) -> Session:
    """A database with the small ESCO, linked."""
    bring(session, linker, read_esco(esco_folder(tmp_path / "esco")))
    return session


def test_links_are_listed_surest_first_and_below_a_confidence(linked: Session) -> None:
    lines = external_reviews.links(linked, small_taxonomy(), ExternalSource.ESCO)
    confidences = [line.confidence for line in lines]
    assert confidences == sorted(confidences, reverse=True)
    assert {"welder", "cook", "welder.01", "cook.01"} <= {line.target for line in lines}
    assert {line.ours for line in lines if line.target == "cook"} == {"Juru Masak"}
    limit = confidences[0]
    below = external_reviews.links(linked, small_taxonomy(), ExternalSource.ESCO, limit)
    assert below == [line for line in lines if line.confidence < limit]
    assert external_reviews.links(linked, small_taxonomy(), ExternalSource.KBJI) == []


def test_decisions_are_taken_back_and_stay_when_the_release_comes_again(
    linked: Session, linker: Linker, tmp_path: Path
) -> None:
    path = review_file(linked, tmp_path, {"welder": "accepted", "cook": "Ditolak"})
    done = external_reviews.review(linked, None, tables.read_path(path))
    assert (done.accepted, done.rejected) == (1, 1)
    assert done.undecided >= 2
    accepted = links_of(linked, WELDER)["welder"]
    assert accepted.status is LinkStatus.ACCEPTED
    assert accepted.reviewed_at is not None
    assert "external_links.reviewed" in linked.exec(select(AuditEvent.action)).all()

    for relink in (False, True):
        bring(linked, linker, read_esco(esco_folder(tmp_path / "esco")), relink)
        linked.expire_all()
        assert links_of(linked, WELDER)["welder"].status is LinkStatus.ACCEPTED
        rejected = links_of(linked, CHEF)["cook"]
        assert rejected.status is LinkStatus.REJECTED
    assert bring(linked, linker, read_esco(esco_folder(tmp_path / "esco"))).is_empty
    assert bring(linked, linker, read_esco(esco_folder(tmp_path / "esco")), True).is_empty
    proposed = external_reviews.links(linked, small_taxonomy(), ExternalSource.ESCO)
    assert {"welder", "cook"}.isdisjoint(line.target for line in proposed)


def test_accepted_link_outlives_its_concept_and_a_rejected_one_is_remembered(
    linked: Session, linker: Linker, tmp_path: Path
) -> None:
    path = review_file(linked, tmp_path, {"welder.01": "accepted", "cook.01": "rejected"})
    external_reviews.review(linked, None, tables.read_path(path))
    without = esco_folder(
        tmp_path / "later",
        skills_en=lambda rows: [rows[0], rows[3]],
        occupationSkillRelations=lambda rows: [rows[0], rows[4]],
    )
    bring(linked, linker, read_esco(without))
    linked.expire_all()
    assert links_of(linked, WELDING)["welder.01"].status is LinkStatus.ACCEPTED
    bring(linked, linker, read_esco(esco_folder(tmp_path / "esco")))
    linked.expire_all()
    assert links_of(linked, WELDING)["welder.01"].status is LinkStatus.ACCEPTED
    assert links_of(linked, COOKING)["cook.01"].status is LinkStatus.REJECTED


def test_rejecting_an_occupation_weakens_its_skills(
    linked: Session, linker: Linker, tmp_path: Path
) -> None:
    before = links_of(linked, WELDING)["welder.01"].confidence
    external_reviews.review(
        linked, None, tables.read_path(review_file(linked, tmp_path, {"welder": "rejected"}))
    )
    bring(linked, linker, read_esco(esco_folder(tmp_path / "esco")))
    linked.expire_all()
    assert links_of(linked, WELDING)["welder.01"].confidence < before


def test_decision_taken_while_a_release_is_linked_is_kept(
    linked: Session, linker: Linker, tmp_path: Path
) -> None:
    release = read_esco(esco_folder(tmp_path / "esco-1.2.0"))
    standing = taxonomy_imports.standing(linked, ExternalSource.ESCO)
    proposed = external_linking.propose(linker, "space", release, standing, relink=True)
    path = review_file(linked, tmp_path, {"welder": "accepted", "cook": "rejected"})
    external_reviews.review(linked, None, tables.read_path(path))
    taxonomy_imports.store(linked, None, release, proposed)
    linked.expire_all()
    assert links_of(linked, WELDER)["welder"].status is LinkStatus.ACCEPTED
    assert links_of(linked, CHEF)["cook"].status is LinkStatus.REJECTED


def test_decision_can_be_opened_again_and_the_same_one_twice_changes_nothing(
    linked: Session, tmp_path: Path
) -> None:
    path = review_file(linked, tmp_path, {"welder": "ya"})
    external_reviews.review(linked, None, tables.read_path(path))
    before = stored_tables(linked)
    again = external_reviews.review(linked, None, tables.read_path(path))
    assert (again.accepted, again.unchanged) == (0, 1)
    assert stored_tables(linked) == before
    path = review_file(linked, tmp_path, {"welder": "proposed"})
    assert external_reviews.review(linked, None, tables.read_path(path)).reopened == 1
    linked.expire_all()
    assert links_of(linked, WELDER)["welder"].reviewed_at is None


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda row: row.update(decision="mungkin"), "column decision"),
        (lambda row: row.update(link="unknown23456"), "column link"),
        (lambda row: row.update(target="mason"), "column target"),
    ],
)
def test_review_with_a_bad_row_decides_nothing(
    linked: Session, tmp_path: Path, change: Callable[[dict[str, str]], None], place: str
) -> None:
    path = review_file(linked, tmp_path, {"welder": "accepted", "cook": "accepted"})
    table = tables.read_path(path)
    change(table.rows[-1][1])
    before = stored_tables(linked)
    (problem,) = problems_of(lambda: external_reviews.review(linked, None, table))
    assert place in problem
    assert f"row {table.rows[-1][0]}" in problem
    linked.rollback()
    assert stored_tables(linked) == before


def test_review_that_contradicts_itself_or_lacks_columns_is_refused(
    linked: Session, tmp_path: Path
) -> None:
    link = links_of(linked, WELDER)["welder"].public_id
    both = f"link,decision\n{link},accepted\n{link},rejected\n"
    table = tables.read_path(written(tmp_path, both))
    (problem,) = problems_of(lambda: external_reviews.review(linked, None, table))
    assert "row 3, column decision" in problem
    table = tables.read_path(written(tmp_path, f"link,keputusan\n{link},ya\n"))
    (problem,) = problems_of(lambda: external_reviews.review(linked, None, table))
    assert "row 1, column decision" in problem


def test_table_for_review_holds_no_formula(linked: Session) -> None:
    line = external_reviews.links(linked, small_taxonomy(), ExternalSource.ESCO)[0]
    text = io.StringIO()
    bad = external_reviews.LinkLine(
        *("abc", "esco", "skill", "code", "", "=HYPERLINK(1)", "cook", "+1", 0.5, "proposed")
    )
    external_reviews.write_csv([line, bad], text)
    rows = list(csv.reader(io.StringIO(text.getvalue())))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_accepted_link_to_a_code_that_left_our_taxonomy_is_reported(
    linked: Session, linker: Linker, cache: Path, tmp_path: Path
) -> None:
    path = review_file(linked, tmp_path, {"welder.01": "accepted"})
    external_reviews.review(linked, None, tables.read_path(path))
    parts = small_taxonomy()
    smaller = small_taxonomy(
        units=[unit for unit in parts.units.values() if unit.code != "welder.01"]
    )
    encoder = open_encoder("builtin")
    other = Linker(smaller, encoder, TaxonomyEmbeddings.open(smaller, encoder, cache))
    changes = bring(linked, other, read_esco(esco_folder(tmp_path / "esco")))
    assert [entry.target for entry in changes.lost_targets] == ["welder.01"]
    linked.expire_all()
    assert links_of(linked, WELDING)["welder.01"].status is LinkStatus.ACCEPTED


# The commands


@pytest.fixture
def home(database_url: str, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a migrated database that holds the small taxonomy, as commands find it."""
    monkeypatch.setenv("TITIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TITIAN_DATABASE_URL", database_url)
    monkeypatch.setenv("TITIAN_DATA_KEY", TEST_KEY.hex())
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "cache").symlink_to(cache)
    made = create_app()
    engine = made.extensions["titian_database"]
    migrations.upgrade(engine)
    with Session(engine) as opened:
        taxonomies.save(opened, small_taxonomy())
        opened.commit()
    engine.dispose()
    return tmp_path / "home"


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return ended.value.code or 0


def test_commands_import_list_and_review(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = esco_folder(tmp_path / "esco-1.1.1")
    assert run("taxonomy", "import", "esco", folder, "--dry-run") == 0
    printed = capsys.readouterr()
    assert "9 concepts" in printed.out
    assert f"  {WELDER}  welder" in printed.out
    assert "nothing was stored" in printed.out
    assert "Linking" in printed.err

    assert run("taxonomy", "import", "esco", folder) == 0
    assert "\nstored\n" in capsys.readouterr().out
    assert run("taxonomy", "import", "esco", folder) == 0
    assert "nothing changes" in capsys.readouterr().out

    assert run("taxonomy", "links", "--source", "esco") == 0
    assert "welder  → welder  Juru Las" in capsys.readouterr().out
    table = tmp_path / "links.csv"
    assert run("taxonomy", "links", "--source", "esco", "--below", "1", "--csv", table) == 0
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    rows[0]["decision"] = "accepted"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    assert run("taxonomy", "review", table, "--by", "nobody@uji.example") == 1
    assert "nobody" in capsys.readouterr().err
    assert run("taxonomy", "review", table) == 0
    assert "accepted   1" in capsys.readouterr().out
    assert run("taxonomy", "links", "--source", "esco", "--status", "accepted") == 0
    assert "1 links" in capsys.readouterr().err


def test_commands_import_units_and_groups(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("taxonomy", "import", "skkni", written(tmp_path, UNITS_FILE, "skkni.csv")) == 0
    assert "1 columns that are not taken (Tahun)" in capsys.readouterr().out
    assert run("taxonomy", "import", "kbji", written(tmp_path, KBJI_FILE, "kbji.csv")) == 0
    assert "\nstored\n" in capsys.readouterr().out


def test_command_prints_every_problem_and_stores_nothing(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "kode,judul,level\nx,Mengelas,2\nC.25LAS01.001.1,,11\n", "skkni.csv")
    assert run("taxonomy", "import", "skkni", path) == 2
    printed = capsys.readouterr().err
    for place in ("row 2, column kode", "row 3, column judul", "row 3, column level"):
        assert f"skkni.csv, {place}: " in printed
    assert "3 to mend; nothing was stored" in printed
    assert run("taxonomy", "links", "--source", "skkni") == 0
    assert "0 links" in capsys.readouterr().err


def test_commands_refuse_what_cannot_be_kept(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = esco_folder(tmp_path / "esco")
    assert run("taxonomy", "import", "esco", folder, "--language", "english") == 2
    assert "two letters" in capsys.readouterr().err
    assert run("taxonomy", "import", "esco", folder, "--release", "x" * 61) == 1
    assert "at most 60" in capsys.readouterr().err
    assert run("taxonomy", "import", "esco", folder, "--language", "fr") == 2
    assert "occupations_fr.csv: " in capsys.readouterr().err


def test_commands_ask_for_a_migrated_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TITIAN_HOME", str(tmp_path / "empty"))
    path = written(tmp_path, KBJI_FILE)
    for arguments in (("import", "kbji", path), ("links", "--source", "kbji"), ("review", path)):
        assert run("taxonomy", *arguments) == 1
        assert "titian migrate" in capsys.readouterr().err


# The real one


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_whole_esco_is_imported_twice_and_the_second_time_changes_nothing(
    database_url: str, reference_data: Path, tmp_path: Path
) -> None:
    made = create_app(settings_for(database_url, tmp_path / "home"))
    with made.app_context():
        from web import database
        from web.services import matching

        migrations.upgrade(database.engine())
        session = database.session()
        reference.load(session)
        session.commit()
        linker = matching.engine().linker(session)
        session.rollback()
        release = read_esco(reference_data / "esco-1.1.1")
        assert len(release.concepts) == 3007 + 13896 + 619
        changes = bring(session, linker, release)
        assert len(changes.added) == len(release.concepts)
        assert len(changes.relations_added) == len(release.relations)
        links = external_reviews.links(session, linker.taxonomy, ExternalSource.ESCO)
        kinds = {line.kind for line in links}
        assert kinds == {"occupation", "skill"}
        assert len({line.code for line in links if line.kind == "occupation"}) >= 700
        assert len({line.code for line in links if line.kind == "skill"}) >= 700
        before = stored_tables(session)
        again = bring(session, linker, read_esco(reference_data / "esco-1.1.1"))
        assert again.is_empty
        assert stored_tables(session) == before
        database.close()
        database.engine().dispose()
