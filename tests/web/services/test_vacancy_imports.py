"""Vacancies from other systems' files: linked, stored once, updated, or refused whole."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from models.employers import Employer, Vacancy, VacancyRequirement
from models.enums import ConceptKind, VacancyStatus
from models.imports import ColumnMap, ImportBatch
from tests.web.conftest import Site
from tests.web.factories import changed_tables, contents, number
from web.services import matching, vacancy_imports
from web.services.tables import Problem, TableRefused, read_bytes, read_path
from web.services.vacancy_imports import ImportedVacancy, UnknownSource, VacancyReport

KARIRHUB = "Title,Perusahaan,Kategori,Lokasi,Skills"
JOBSTREET = "title,employer,location,monthly_wage_idr"
TRACES = {"import_batch", "audit_event"}  # what an import that changes nothing still leaves


def employer_name() -> str:
    return f"PT Impor Uji {number()}"


def rows_of(content: str | Path) -> tuple[str, list[tuple[int, dict[str, str]]]]:
    """The source of a file in one of the known formats, and its checked rows."""
    table = read_path(content) if isinstance(content, Path) else read_bytes(content.encode())
    for source, columns in vacancy_imports.KNOWN_SOURCES.items():
        if set(columns.values()) <= set(table.header):
            known = ColumnMap(source=source, kind="vacancies", columns=columns)
            return source, vacancy_imports.check(table, known)
    raise AssertionError("no known source")


def linked(site: Site, content: str | Path) -> tuple[str, list[ImportedVacancy]]:
    source, rows = rows_of(content)
    with site.app.app_context(), site.session() as session:
        linker, places = matching.engine().linker(session), matching.places(session)
    return source, vacancy_imports.link(linker, places, source, rows)


def store(site: Site, content: str | Path, dry_run: bool = False) -> VacancyReport:
    source, found = linked(site, content)
    with site.app.app_context(), site.session() as session:
        return vacancy_imports.store(session, None, source, "uji.csv", found, dry_run)


def counts(report: VacancyReport) -> tuple[int, int, int, int]:
    return report.rows, report.new, report.changed, report.unchanged


def problems_of(content: str) -> list[Problem]:
    with pytest.raises(TableRefused) as caught:
        rows_of(content)
    return caught.value.problems


@dataclass
class Stored:
    """A vacancy with its requirements."""

    row: Vacancy
    requirements: list[VacancyRequirement]


def vacancies_of(site: Site, employer: str) -> list[Stored]:
    """The vacancies of an employer of this name, as they were made."""
    with site.session() as session:
        found = session.exec(
            select(Vacancy)
            .join(Employer, col(Employer.id) == col(Vacancy.employer_id))
            .where(Employer.name == employer)
            .order_by(col(Vacancy.id))
        ).all()
        return [
            Stored(
                row,
                list(
                    session.exec(
                        select(VacancyRequirement)
                        .where(VacancyRequirement.vacancy_id == row.id)
                        .order_by(col(VacancyRequirement.position))
                    )
                ),
            )
            for row in found
        ]


# Which columns


def map_found(site: Site, header: str, source: str | None = None) -> ColumnMap:
    with site.app.app_context(), site.session() as session:
        return vacancy_imports.column_map(session, header.split(","), source)


def test_source_is_found_by_its_columns(site: Site) -> None:
    assert map_found(site, KARIRHUB).source == "karirhub"
    assert map_found(site, JOBSTREET + ",extra").source == "jobstreet"


def test_source_with_more_of_the_columns_is_preferred(site: Site) -> None:
    with site.app.app_context(), site.session() as session:
        for source, columns in (
            ("sempit", {"title": "T1", "employer": "E1"}),
            ("lebar", {"title": "T1", "employer": "E1", "place": "P1"}),
        ):
            vacancy_imports.remember_columns(session, source, columns)
        session.commit()
    assert map_found(site, "T1,E1,P1,X1").source == "lebar"
    assert map_found(site, "T1,E1,X1").source == "sempit"
    assert map_found(site, "T1,E1,P1,X1", "sempit").source == "sempit"


def test_source_that_is_not_known_is_refused_with_those_that_are(site: Site) -> None:
    with pytest.raises(UnknownSource, match=r"loker.*jobstreet, karirhub"):
        map_found(site, KARIRHUB, "loker")


def test_columns_no_source_has_are_refused_with_what_to_do(site: Site) -> None:
    with pytest.raises(UnknownSource, match=r"Jabatan, Usaha.*--column"):
        map_found(site, "Jabatan,Usaha")


@pytest.mark.parametrize(
    "columns",
    [
        {"title": "Jabatan"},
        {"employer": "Usaha"},
        {"title": "Jabatan", "employer": ""},
        {"title": "Jabatan", "employer": "Usaha", "color": "Warna"},
    ],
)
def test_column_map_without_title_or_employer_or_with_more_is_refused(
    site: Site, columns: dict[str, str]
) -> None:
    with site.app.app_context(), site.session() as session:
        with pytest.raises(UnknownSource, match=r"title, employer.*text, place, wage"):
            vacancy_imports.remember_columns(session, "salah", columns)
        assert session.get(ColumnMap, "salah") is None


def test_known_sources_are_stored_once_and_what_an_operator_changed_stays(site: Site) -> None:
    own = {"title": "Judul Karirhub", "employer": "Usaha Karirhub"}
    with site.app.app_context(), site.session() as session:
        vacancy_imports.remember_columns(session, "karirhub", own)
        vacancy_imports.store_known_sources(session)
        assert session.get_one(ColumnMap, "karirhub").columns == own
        session.rollback()


# Which rows


def test_every_bad_cell_is_named_with_row_and_column() -> None:
    content = (
        f"{JOBSTREET}\n"
        f"Juru las,PT Baik,Bekasi,4500000\n"
        f"!!,???,Bekasi,banyak\n"
        f",,,-5\n"
        f"{'a' * 201},{'b' * 201},Bekasi,{'9' * 5000}\n"
    )
    assert [(problem.row, problem.column) for problem in problems_of(content)] == [
        (row, column) for row in (3, 4, 5) for column in ("title", "employer", "monthly_wage_idr")
    ]


def test_column_of_the_source_that_the_file_lacks_is_named() -> None:
    table = read_bytes(b"title,location\nJuru las,Bekasi\n")
    columns = vacancy_imports.KNOWN_SOURCES["jobstreet"]
    with pytest.raises(TableRefused) as caught:
        vacancy_imports.check(table, ColumnMap(source="jobstreet", kind="", columns=columns))
    assert [(problem.row, problem.column) for problem in caught.value.problems] == [
        (1, "employer"),
        (1, "monthly_wage_idr"),
    ]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("4500000", 4_500_000),
        ("4.500.000", 4_500_000),
        ("4,500,000", 4_500_000),
        ("Rp 4.500.000", 4_500_000),
        ("Rp4500000", 4_500_000),
        ("rp. 4 500 000,-", 4_500_000),
        ("Rp 4.500.000,00", 4_500_000),  # not 450 million
        ("4,500,000.00", 4_500_000),
        ("4500000.5", 4_500_000),
        ("", None),
        ("0", None),
    ],
)
def test_wage_is_read_as_it_is_usually_written(
    site: Site, written: str, wanted: int | None
) -> None:
    _source, (entry,) = linked(site, f'{JOBSTREET}\nJuru las,PT Upah,Bekasi,"{written}"\n')
    assert (entry.fields.wage_min, entry.fields.wage_max) == (wanted, wanted)


@pytest.mark.parametrize(
    "written", ["4,5 juta", "UMR", "4.50.000", "1000000001", "4500000 - 5000000", "-4500000"]
)
def test_wage_that_is_no_amount_refuses_the_file(written: str) -> None:
    (problem,) = problems_of(f'{JOBSTREET}\nJuru las,PT Upah,Bekasi,"{written}"\n')
    assert (problem.row, problem.column) == (2, "monthly_wage_idr")


def test_row_is_linked_to_occupation_requirements_and_place(site: Site) -> None:
    _source, found = linked(
        site,
        f"{KARIRHUB}\n"
        'Tukang las,PT Taut,Teknik,KOTA BEKASI,"Las SMAW, Membaca gambar kerja"\n'
        "Tukang las,PT Taut,Teknik,Jawa Barat,\n"
        "Tukang las,PT Taut,Teknik,Atlantis,\n",
    )
    welder, of_province, of_nowhere = (entry.fields for entry in found)
    assert welder.occupation_code == "smaw-welder"
    assert (welder.region_code, welder.province_code) == ("32.75", None)
    assert len(welder.requirements) >= 2
    assert (of_province.region_code, of_province.province_code) == (None, "32")
    assert (of_nowhere.region_code, of_nowhere.province_code) == (None, None)


def test_key_of_a_row_depends_on_source_title_employer_and_place_alone(site: Site) -> None:
    base = "Juru las,PT Kunci,Bekasi,4500000"

    def keys(*rows: str) -> list[str]:
        return [entry.key for entry in linked(site, "\n".join([JOBSTREET, *rows]))[1]]

    (key,) = keys(base)
    assert keys("JURU LAS ,pt. kunci,bekasi,") == [key]
    for other in (
        "Juru las listrik,PT Kunci,Bekasi,4500000",
        "Juru las,PT Kunci Dua,Bekasi,4500000",
        "Juru las,PT Kunci,Depok,4500000",
    ):
        assert keys(other) != [key]
    assert len(set(keys(base, base, base))) == 3
    assert keys(base, base)[0] == key
    karirhub = linked(site, f"{KARIRHUB}\nJuru las,PT Kunci,x,Bekasi,\n")[1]
    assert karirhub[0].key != key


# Storing


def test_rows_are_stored_published_with_requirements_and_employer(site: Site) -> None:
    name = employer_name()
    report = store(
        site,
        f"{KARIRHUB}\n"
        f'Tukang las,{name},Teknik,KOTA BEKASI,"Las SMAW, Rajin berdoa"\n'
        f"Penjahit,{name.upper()},Konveksi,Depok,Menjahit\n",
    )
    assert counts(report) == (2, 2, 0, 0)
    assert (report.source, report.stored, report.new_employers) == ("karirhub", True, 1)
    welder, tailor = vacancies_of(site, name)
    assert report.vacancy_ids == [welder.row.id, tailor.row.id]
    assert (welder.row.title, welder.row.text) == ("Tukang las", "Las SMAW, Rajin berdoa")
    assert welder.row.status is VacancyStatus.PUBLISHED
    assert welder.row.published_at is not None
    assert welder.row.region_code == "32.75"
    assert [row.position for row in welder.requirements] == list(range(len(welder.requirements)))
    for row in welder.requirements + tailor.requirements:
        assert (row.kind is ConceptKind.TEXT) == (row.concept_code is None)
        assert (row.vector is not None) == (row.kind is ConceptKind.TEXT)
    with site.session() as session:
        batch = session.get_one(ImportBatch, welder.row.import_batch_id)
    assert (batch.source, batch.kind, batch.rows) == ("karirhub", "vacancies", 2)


def test_employer_that_is_there_already_gets_the_vacancy(site: Site) -> None:
    name = employer_name()
    with site.session() as session:
        session.add(Employer(name=name))
        session.commit()
    report = store(site, f"{JOBSTREET}\nJuru las,{name.lower()}.,Bekasi,\n")
    assert report.new_employers == 0
    assert len(vacancies_of(site, name)) == 1


def test_imported_vacancy_is_ranked_for_people_on_the_next_request(site: Site) -> None:
    name = employer_name()
    report = store(site, f"{KARIRHUB}\nTukang las,{name},Teknik,KOTA BEKASI,Las SMAW\n")
    with site.app.app_context(), site.session() as session:
        state = matching.engine().state(session)
    assert len(state.vacancies.alone(report.vacancy_ids[0])) == 1


def test_same_file_again_changes_nothing_and_doubles_nothing(site: Site) -> None:
    name = employer_name()
    content = (
        f"{KARIRHUB}\n"
        f"Tukang las,{name},Teknik,KOTA BEKASI,Las SMAW\n"
        f"Penjahit,{name},Konveksi,,Menjahit\n"
        f"Tukang las,{name},Teknik,KOTA BEKASI,Las SMAW\n"  # a second opening, word for word
    )
    assert counts(store(site, content)) == (3, 3, 0, 0)
    before = contents(site)
    again = store(site, content)
    assert counts(again) == (3, 0, 0, 3)
    assert again.new_employers == 0
    assert changed_tables(before, contents(site)) == TRACES
    assert len(vacancies_of(site, name)) == 3


def test_same_rows_in_another_order_change_nothing(site: Site) -> None:
    name = employer_name()
    rows = [f"Tukang las,{name},x,Bekasi,Las SMAW", f"Penjahit,{name},x,Depok,Menjahit"]
    store(site, "\n".join([KARIRHUB, *rows]))
    assert counts(store(site, "\n".join([KARIRHUB, *reversed(rows)]))) == (2, 0, 0, 2)


@pytest.mark.parametrize(
    ("row", "differs"),
    [
        ("Tukang las,{name},x,KOTA BEKASI,Las SMAW dan membaca gambar kerja", "text"),
        ("TUKANG LAS,{name},x,KOTA BEKASI,Las SMAW", "title"),
    ],
)
def test_changed_row_is_updated_and_the_others_are_not(site: Site, row: str, differs: str) -> None:
    name = employer_name()
    other = f"Penjahit,{name},x,Depok,Menjahit"
    store(site, f"{KARIRHUB}\nTukang las,{name},x,KOTA BEKASI,Las SMAW\n{other}\n")
    welder, tailor = vacancies_of(site, name)
    report = store(site, f"{KARIRHUB}\n{row.format(name=name)}\n{other}\n")
    assert counts(report) == (2, 0, 1, 1)
    changed, kept = vacancies_of(site, name)
    assert (changed.row.id, changed.row.public_id) == (welder.row.id, welder.row.public_id)
    assert changed.row.version == welder.row.version + 1
    assert getattr(changed.row, differs) == row.split(",")[{"title": 0, "text": 4}[differs]]
    assert len({entry.id for entry in changed.requirements}) == len(changed.requirements) > 0
    assert kept == tailor
    with site.session() as session:
        lost = session.exec(
            select(func.count())
            .select_from(VacancyRequirement)
            .where(VacancyRequirement.vacancy_id == changed.row.id)
        ).one()
    assert lost == len(changed.requirements)


def test_changed_wage_is_updated(site: Site) -> None:
    name = employer_name()
    store(site, f"{JOBSTREET}\nJuru las,{name},Bekasi,4500000\n")
    assert counts(store(site, f"{JOBSTREET}\nJuru las,{name},Bekasi,4600000\n")) == (1, 0, 1, 0)
    (stored,) = vacancies_of(site, name)
    assert (stored.row.wage_min, stored.row.wage_max) == (4_600_000, 4_600_000)


def test_row_that_a_later_file_lacks_stays_as_it_is(site: Site) -> None:
    name = employer_name()
    rows = [f"Tukang las,{name},x,Bekasi,Las SMAW", f"Penjahit,{name},x,Depok,Menjahit"]
    store(site, "\n".join([KARIRHUB, *rows]))
    before = vacancies_of(site, name)
    store(site, f"{KARIRHUB}\n{rows[0]}\n")
    assert vacancies_of(site, name) == before


def test_vacancy_that_was_closed_stays_closed_when_it_comes_again(site: Site) -> None:
    name = employer_name()
    content = f"{JOBSTREET}\nJuru las,{name},Bekasi,4500000\n"
    report = store(site, content)
    with site.session() as session:
        session.get_one(Vacancy, report.vacancy_ids[0]).status = VacancyStatus.CLOSED
        session.commit()
    store(site, content.replace("4500000", "4600000"))
    (stored,) = vacancies_of(site, name)
    assert stored.row.status is VacancyStatus.CLOSED


def test_dry_run_says_what_would_change_and_stores_nothing(site: Site) -> None:
    name = employer_name()
    first = f"{JOBSTREET}\nJuru las,{name},Bekasi,4500000\n"
    store(site, first)
    before = contents(site)
    report = store(
        site,
        first.replace("4500000", "4600000") + f"Penjahit,{employer_name()},Depok,\n",
        dry_run=True,
    )
    assert counts(report) == (2, 1, 1, 0)
    assert (report.stored, report.new_employers, report.vacancy_ids) == (False, 1, [])
    assert contents(site) == before


def test_rows_without_occupation_or_place_are_counted(site: Site) -> None:
    name = employer_name()
    report = store(site, f"{JOBSTREET}\nJuru las,{name},Bekasi,\nXyzzy plugh,{name},Atlantis,\n")
    assert (report.without_occupation, report.without_place) == (1, 1)


# Real files

linked_files: dict[Path, tuple[str, list[ImportedVacancy]]] = {}


def import_real_file(site: Site, path: Path, source: str, rows: int) -> None:
    """Every row of a real file is stored once; a second import changes nothing."""
    with site.session() as session:
        before = set(session.exec(select(Vacancy.id)))
    if path not in linked_files:  # the same for both databases
        linked_files[path] = linked(site, path)
    found_source, found = linked_files[path]
    with site.app.app_context(), site.session() as session:
        report = vacancy_imports.store(session, None, source, path.name, found)
    assert (found_source, counts(report)) == (source, (rows, rows, 0, 0))
    with site.session() as session:
        new = session.exec(select(Vacancy).where(col(Vacancy.id).not_in(before))).all()
    assert len(new) == rows
    assert len({row.source_key for row in new}) == rows
    assert [row.title for row in sorted(new, key=lambda row: row.id)] == [
        entry.fields.title for entry in found
    ]
    after = contents(site)
    with site.app.app_context(), site.session() as session:
        again = vacancy_imports.store(session, None, source, path.name, found)
    assert counts(again) == (rows, 0, 0, rows)
    assert changed_tables(after, contents(site)) == TRACES


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_real_file_of_karirhub_is_stored_once(site: Site, reference_data: Path) -> None:
    import_real_file(site, reference_data / "vacancies_karirhub_sample.csv", "karirhub", 305)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_real_file_of_jobstreet_is_stored_once(site: Site, reference_data: Path) -> None:
    import_real_file(site, reference_data / "vacancies_jobstreet_sample.csv", "jobstreet", 3000)
