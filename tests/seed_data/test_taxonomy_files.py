"""Titian's own taxonomy: whole, consistent, and refused when a file is wrong."""

import csv
import gzip
import re
import shutil
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from matcher.taxonomy import Taxonomy, TaxonomyError
from matcher.text import normal
from models.enums import AliasKind
from seed_data.files import SeedDataError
from seed_data.taxonomy_files import TAXONOMY_FOLDER, read_taxonomy

SECTORS = ("auto", "build", "craft", "farm", "food", "metal", "office", "senior")
FILLERS = ("bisa", "mampu", "menguasai", "dapat", "mahir")


def lines(name: str) -> list[dict[str, str]]:
    """The lines of a file of every sector, read by the standard library alone."""
    found = []
    for path in sorted(TAXONOMY_FOLDER.glob(f"*/{name}.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += list(csv.DictReader(file))
    return found


def twice(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def counts(taxonomy: Taxonomy) -> str:
    return (
        f"{len(taxonomy.occupations)} occupations, {len(taxonomy.units)} units, "
        f"{len(taxonomy.schemes)} schemes, {len(taxonomy.aliases)} aliases"
    )


# What the files hold


def test_there_is_a_folder_for_each_sector() -> None:
    assert {path.name for path in TAXONOMY_FOLDER.iterdir() if path.is_dir()} == set(SECTORS)


def test_taxonomy_is_large_enough_for_a_country(taxonomy: Taxonomy) -> None:
    assert len(taxonomy.occupations) >= 40, counts(taxonomy)
    assert len(taxonomy.units) >= 400, counts(taxonomy)
    assert len(taxonomy.aliases) >= 2000, counts(taxonomy)


def test_nothing_in_the_files_is_lost_when_they_are_read(taxonomy: Taxonomy) -> None:
    assert set(taxonomy.occupations) == {line["code"] for line in lines("occupations")}
    assert set(taxonomy.units) == {line["code"] for line in lines("units")}
    assert set(taxonomy.schemes) == {line["code"] for line in lines("schemes")}
    assert Counter((alias.target, alias.text) for alias in taxonomy.aliases) == Counter(
        (line["target"], line["alias"]) for line in lines("aliases")
    )


@pytest.mark.parametrize("name", ["occupations", "units", "schemes"])
def test_no_code_stands_twice_in_all_sectors(name: str) -> None:
    assert twice([line["code"] for line in lines(name)]) == []


def test_codes_of_occupations_and_units_never_mean_both(taxonomy: Taxonomy) -> None:
    assert not set(taxonomy.occupations) & set(taxonomy.units)
    assert not set(taxonomy.units) & set(taxonomy.licences)


def test_codes_are_plain_and_a_unit_s_begins_with_its_occupation(taxonomy: Taxonomy) -> None:
    for code in taxonomy.occupations:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code), code
    for unit in taxonomy.units.values():
        assert re.fullmatch(re.escape(unit.occupation) + r"\.\d\d", unit.code), unit.code
    for scheme in taxonomy.schemes.values():
        assert re.fullmatch(re.escape(scheme.occupation) + r"-s\d", scheme.code), scheme.code


def test_codes_and_levels_fit_their_columns(taxonomy: Taxonomy) -> None:
    assert max(map(len, taxonomy.occupations)) <= 60
    assert max(map(len, (*taxonomy.units, *taxonomy.schemes))) <= 64
    assert max(map(len, taxonomy.licences)) <= 20
    assert {unit.level for unit in taxonomy.units.values()} <= set(range(1, 10))


@pytest.mark.parametrize("name", ["occupations", "units", "schemes"])
def test_every_title_stands_in_both_languages_and_once(name: str) -> None:
    for language in ("title_id", "title_en"):
        titles = [line[language].casefold() for line in lines(name)]
        assert all(title and title == title.strip() for title in titles)
    assert twice([line["title_id"].casefold() for line in lines(name)]) == []


def test_every_isco_code_exists(taxonomy: Taxonomy, reference_data: Path) -> None:
    path = reference_data / "esco-1.1.1" / "ISCOGroups_en.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        known = {line["code"] for line in csv.DictReader(file)}
    assert len(known) > 400
    wrong = {
        occupation.code: occupation.isco
        for occupation in taxonomy.occupations.values()
        if occupation.isco not in known or len(occupation.isco) != 4
    }
    assert wrong == {}


def test_every_occupation_has_units_schemes_duties_and_words_for_it(taxonomy: Taxonomy) -> None:
    for code, occupation in taxonomy.occupations.items():
        assert len(taxonomy.units_of_occupation.get(code, ())) >= 8, code
        assert len(taxonomy.schemes_of_occupation.get(code, ())) >= 2, code
        assert len(occupation.duties) >= 4, code
        assert len(taxonomy.aliases_of.get(code, ())) >= 20, code


def test_every_unit_stands_in_a_scheme(taxonomy: Taxonomy) -> None:
    in_schemes = {code for line in lines("schemes") for code in line["units"].split("|")}
    assert set(taxonomy.units) - in_schemes == set()


def test_every_scheme_certifies_several_units_of_its_own_sector(taxonomy: Taxonomy) -> None:
    sector = {code: entry.sector for code, entry in taxonomy.occupations.items()}
    for scheme in taxonomy.schemes.values():
        assert len(scheme.units) >= 3, scheme.code
        own = [
            unit for unit in scheme.units if taxonomy.units[unit].occupation == scheme.occupation
        ]
        assert own, scheme.code
        assert {sector[taxonomy.units[unit].occupation] for unit in scheme.units} == {
            sector[scheme.occupation]
        }, scheme.code


def test_every_licence_asked_for_exists() -> None:
    with (TAXONOMY_FOLDER / "licences.csv").open(encoding="utf-8", newline="") as file:
        known = [line["code"] for line in csv.DictReader(file)]
    asked = {code for line in lines("occupations") for code in line["licences"].split("|") if code}
    assert twice(known) == []
    assert asked - set(known) == set()
    assert {"SIM-A", "SIM-B1", "SIM-C", "SIO-FORKLIFT", "STR"} <= asked | {"SIM-C"} <= set(known)


# Aliases


def test_no_alias_means_two_things(taxonomy: Taxonomy) -> None:
    meanings = defaultdict(set)
    for alias in taxonomy.aliases:
        meanings[normal(alias.text)].add(alias.target)
    for entry in (*taxonomy.occupations.values(), *taxonomy.units.values()):
        meanings[normal(entry.title_id)].add(entry.code)
        meanings[normal(entry.title_en)].add(entry.code)
    assert {text: codes for text, codes in meanings.items() if len(codes) > 1} == {}


def test_no_alias_stands_twice_for_its_target(taxonomy: Taxonomy) -> None:
    assert twice([f"{alias.target}: {alias.text.casefold()}" for alias in taxonomy.aliases]) == []


def test_aliases_are_words_without_filler(taxonomy: Taxonomy) -> None:
    for alias in taxonomy.aliases:
        assert alias.text == " ".join(alias.text.split()), alias
        assert len(normal(alias.text)) >= 2, alias
        assert normal(alias.text).split()[0] not in FILLERS, alias
        assert len(alias.text) <= 80, alias


def test_no_alias_is_a_word_that_fits_every_trade(taxonomy: Taxonomy) -> None:
    general = {"kerja", "pekerja", "karyawan", "staf", "staff", "operator", "helper", "tukang"}
    general |= {"teknisi", "asisten", "supervisor", "admin", "magang", "lulusan", "pengalaman"}
    general |= {"jujur", "rajin", "disiplin", "tanggung jawab", "komunikasi", "mekanik"}
    assert [alias for alias in taxonomy.aliases if normal(alias.text) in general] == []


def test_kinds_and_languages_of_aliases_are_known_and_of_many_sorts(taxonomy: Taxonomy) -> None:
    kinds = Counter(alias.kind for alias in taxonomy.aliases)
    assert set(kinds) == {kind.value for kind in AliasKind}
    languages = {alias.language for alias in taxonomy.aliases}
    assert {"id", "en", "jv", "su"} <= languages
    assert all(re.fullmatch(r"[a-z]{2,3}", language) for language in languages)


# Neighbours


def test_neighbours_are_two_trades_named_once(taxonomy: Taxonomy) -> None:
    pairs = [frozenset((pair.occupation, pair.neighbour)) for pair in taxonomy.neighbours]
    assert {len(pair) for pair in pairs} == {2}
    assert [set(pair) for pair, count in Counter(pairs).items() if count > 1] == []
    assert all(0 < pair.closeness < 1 for pair in taxonomy.neighbours)


def test_nearly_every_trade_has_a_neighbour_and_some_lie_in_another_sector(
    taxonomy: Taxonomy,
) -> None:
    near = {pair.occupation for pair in taxonomy.neighbours}
    near |= {pair.neighbour for pair in taxonomy.neighbours}
    alone = set(taxonomy.occupations) - near
    assert len(alone) <= len(taxonomy.occupations) // 20, alone
    sector = {code: entry.sector for code, entry in taxonomy.occupations.items()}
    across = [p for p in taxonomy.neighbours if sector[p.occupation] != sector[p.neighbour]]
    assert len(across) >= 20


# Wrong files


def small_taxonomy(folder: Path) -> Path:
    """A folder with one sector, good as it is."""
    files = {
        "licences.csv": "code,title_id,title_en\nSIM-A,SIM A,Licence A\n",
        "metal/occupations.csv": "code,title_id,title_en,isco,duties_id,licences\n"
        "welder,Juru Las,Welder,7212,mengelas; menggerinda,SIM-A\n"
        "fitter,Tukang Pipa,Fitter,7126,merakit pipa,\n",
        "metal/units.csv": "code,occupation,title_id,title_en,level,skkni_code\n"
        "welder.01,welder,Mengelas pelat,Weld plate,2,\n"
        "fitter.01,fitter,Merakit pipa,Fit pipe,3,C.24.001\n",
        "metal/schemes.csv": "code,occupation,title_id,title_en,kkni_level,units\n"
        "welder-s1,welder,Okupasi Juru Las,Welder,,welder.01|fitter.01|welder.01\n",
        "metal/aliases.csv": "target,alias,language,kind\nwelder,tukang las,id,colloquial\n",
        "metal/neighbours.csv": "occupation,neighbour,closeness\nwelder,fitter,0.5\n",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def test_small_taxonomy_is_read_as_written(tmp_path: Path) -> None:
    found = read_taxonomy(small_taxonomy(tmp_path))
    assert found.occupations["welder"].duties == ("mengelas", "menggerinda")
    assert found.occupations["welder"].licences == ("SIM-A",)
    assert found.occupations["fitter"].licences == ()
    assert found.occupations["welder"].sector == "metal"
    assert found.units["welder.01"].skkni_code is None
    assert found.units["fitter.01"].skkni_code == "C.24.001"
    assert found.schemes["welder-s1"].units == ("fitter.01", "welder.01")
    assert found.schemes["welder-s1"].kkni_level is None
    assert found.closeness == {"welder": {"fitter": 0.5}, "fitter": {"welder": 0.5}}


def test_neighbours_across_sectors_are_read_where_there_are_any(tmp_path: Path) -> None:
    folder = small_taxonomy(tmp_path)
    shutil.move(folder / "metal" / "neighbours.csv", folder / "neighbours.csv")
    (folder / "metal" / "neighbours.csv").write_text("occupation,neighbour,closeness\n")
    assert read_taxonomy(folder).closeness["fitter"] == {"welder": 0.5}


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("units.csv", "welder.02,welder,Mengelas pipa,Weld pipe,0,", "level must be 1 to 9"),
        ("units.csv", "welder.02,welder,Mengelas pipa,Weld pipe,10,", "level must be 1 to 9"),
        ("units.csv", "welder.02,welder,Mengelas pipa,Weld pipe,,", "level must be 1 to 9"),
        ("units.csv", "welder.02,welder,Mengelas pipa,Weld pipe,II,", "level must be 1 to 9"),
        ("units.csv", "welder.02,welder,Mengelas pipa,2,", "5 columns instead of 6"),
        ("schemes.csv", "welder-s2,welder,Klaster,Cluster,x,welder.01", "level must be 1 to 9"),
        ("aliases.csv", "welder,juru las,id,lisan", "column kind: unknown kind 'lisan'"),
        ("aliases.csv", "welder,juru las,id", "3 columns instead of 4"),
        ("neighbours.csv", "fitter,welder,0", "column closeness"),
        ("neighbours.csv", "fitter,welder,1", "column closeness"),
        ("neighbours.csv", "fitter,welder,nan", "column closeness"),
        ("neighbours.csv", "fitter,welder,dekat", "column closeness"),
    ],
)
def test_wrong_line_is_refused_with_file_line_and_column(
    tmp_path: Path, file: str, line: str, complaint: str
) -> None:
    path = small_taxonomy(tmp_path) / "metal" / file
    number = path.read_text(encoding="utf-8").count("\n") + 1
    with path.open("a", encoding="utf-8") as opened:
        opened.write(f"{line}\n")
    with pytest.raises(SeedDataError) as refusal:
        read_taxonomy(tmp_path)
    assert str(refusal.value).startswith(f"{path}:{number}: {complaint}")


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("occupations.csv", "welder,Juru Las,Welder,7212,mengelas,", "'welder' stands twice"),
        ("occupations.csv", "cook,Juru Masak,Cook,5120,memasak,SIM-X", "unknown code 'SIM-X'"),
        ("units.csv", "welder.01,welder,Mengelas,Weld,2,", "'welder.01' stands twice"),
        ("units.csv", "cook.01,cook,Memasak,Cook,2,", "unknown code 'cook'"),
        ("schemes.csv", "welder-s2,welder,Klaster,Cluster,2,welder.09", "unknown code 'welder.09'"),
        ("aliases.csv", "cook,juru masak,id,formal", "unknown target 'cook'"),
        ("neighbours.csv", "welder,cook,0.5", "unknown code 'cook'"),
    ],
)
def test_line_that_contradicts_the_others_is_refused(
    tmp_path: Path, file: str, line: str, complaint: str
) -> None:
    with (small_taxonomy(tmp_path) / "metal" / file).open("a", encoding="utf-8") as opened:
        opened.write(f"{line}\n")
    with pytest.raises(TaxonomyError, match=re.escape(complaint)):
        read_taxonomy(tmp_path)


@pytest.mark.parametrize(
    "file",
    [
        "licences.csv",
        "metal/occupations.csv",
        "metal/units.csv",
        "metal/schemes.csv",
        "metal/aliases.csv",
        "metal/neighbours.csv",
    ],
)
def test_missing_file_is_named(tmp_path: Path, file: str) -> None:
    (small_taxonomy(tmp_path) / file).unlink()
    with pytest.raises(SeedDataError, match=re.escape(file) + ": cannot be read"):
        read_taxonomy(tmp_path)
