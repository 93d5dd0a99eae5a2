"""`titian taxonomy check` finds everything that is wrong at once, with file and line."""

from pathlib import Path

import pytest

from matcher.text import normal
from seed_data.taxonomy_files import TAXONOMY_FOLDER, read_taxonomy
from web.cli import main
from web.services.taxonomy_check import check, wrong_alias

FILES = {
    "licences.csv": "code,title_id,title_en\nSIM-A,SIM A,Licence A\n",
    "isco08.csv": "code\n7126\n7212\n",
    "metal/occupations.csv": "code,title_id,title_en,isco,duties_id,licences\n"
    "welder,Juru Las,Welder,7212,mengelas; menggerinda,SIM-A\n"
    "fitter,Tukang Pipa,Pipe fitter,7126,merakit pipa,\n",
    "metal/units.csv": "code,occupation,title_id,title_en,level,skkni_code\n"
    "welder.01,welder,Mengelas pelat,Weld plate,2,\n"
    "fitter.01,fitter,Merakit pipa,Fit pipe,3,\n",
    "metal/schemes.csv": "code,occupation,title_id,title_en,kkni_level,units\n"
    "welder-s1,welder,Okupasi Juru Las,Welder scheme,,welder.01\n"
    "fitter-s1,fitter,Okupasi Tukang Pipa,Fitter scheme,3,fitter.01\n",
    "metal/aliases.csv": "target,alias,language,kind\n"
    "welder,tukang las,id,colloquial\n"
    "fitter,tukang pipa besi,id,colloquial\n"
    "welder.01,las pelat,id,colloquial\n",
    "metal/neighbours.csv": "occupation,neighbour,closeness\nwelder,fitter,0.5\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one sector, good as it is."""
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def found(folder: Path) -> list[str]:
    return [str(fault) for fault in check(folder).faults]


def append(folder: Path, file: str, line: str) -> str:
    """Add a line to a file; the place where it stands."""
    path = folder / file
    with path.open("a", encoding="utf-8") as opened:
        opened.write(f"{line}\n")
    return f"{file}:{path.read_text(encoding='utf-8').count(chr(10))}"


# The taxonomy that is there


def test_titian_s_own_taxonomy_has_no_fault() -> None:
    report = check()
    assert [str(fault) for fault in report.faults] == []
    taxonomy = read_taxonomy()
    assert report.counts == {
        "occupations": len(taxonomy.occupations),
        "units": len(taxonomy.units),
        "schemes": len(taxonomy.schemes),
        "licences": len(taxonomy.licences),
        "aliases": len(taxonomy.aliases),
        "neighbours": len(taxonomy.neighbours),
        "outside": len(taxonomy.outside),
    }


def test_work_outside_is_read_and_means_nothing_inside(folder: Path) -> None:
    (folder / "outside.csv").write_text("work,wording\ndoctor,dokter bedah\n", encoding="utf-8")
    assert found(folder) == []
    assert [entry.target for entry in read_taxonomy(folder).outside] == ["outside/doctor"]
    place = append(folder, "outside.csv", "doctor,Tukang Las")
    again = append(folder, "outside.csv", "doctor,dokter bedah")
    faults = found(folder)
    assert any(
        fault.startswith(place) and "means work outside (doctor)" in fault for fault in faults
    )
    assert any(fault.startswith(again) and "stands twice" in fault for fault in faults)


def test_list_of_isco_codes_is_whole_and_the_official_one(reference_data: Path) -> None:
    import csv
    import gzip

    path = reference_data / "esco-1.1.1" / "ISCOGroups_en.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        official = sorted(row["code"] for row in csv.DictReader(file) if len(row["code"]) == 4)
    ours = (TAXONOMY_FOLDER / "isco08.csv").read_text(encoding="utf-8").splitlines()
    assert ours == ["code", *official]
    assert len(official) == 436


def test_good_files_have_no_fault(folder: Path) -> None:
    assert found(folder) == []
    assert check(folder).counts["aliases"] == 3


# One fault each

AT_THE_END = [
    ("metal/occupations.csv", "welder,Las Lain,Other,7212,mengelas,", "code 'welder' stands twice"),
    ("metal/units.csv", "welder.01,welder,Lain,Other,2,", "code 'welder.01' stands twice"),
    ("metal/schemes.csv", "welder-s1,welder,Lain,Other,2,welder.01", "stands twice"),
    ("licences.csv", "SIM-A,SIM lain,Other", "code 'SIM-A' stands twice"),
    ("isco08.csv", "7212", "7212 stands twice"),
    ("isco08.csv", "72x2", "four digits"),
    ("metal/occupations.csv", ",Las Lain,Other,7212,mengelas,", "column code: empty"),
    ("metal/occupations.csv", "Juru Las,Las,Other,7212,las,", "use small letters"),
    ("metal/occupations.csv", f"{'x' * 61},Las,Other,7212,las,", "longer than 60"),
    ("licences.csv", "welder,SIM lain,Other", "means something else in"),
    ("metal/occupations.csv", "cook,Koki,Cook,5120,memasak,", "'5120' is no unit group of ISCO-08"),
    ("metal/occupations.csv", "cook,Koki,Cook,721,memasak,", "'721' is no unit group of ISCO-08"),
    ("metal/occupations.csv", "cook,Koki,Cook,7212, ,", "no duty"),
    ("metal/occupations.csv", "cook,,Cook,7212,memasak,", "column title_id: empty"),
    ("metal/occupations.csv", "cook,Koki,!,7212,memasak,", "column title_en: empty"),
    ("metal/occupations.csv", "cook,JURU LAS,Cook,7212,memasak,", "means cook here and welder in"),
    ("metal/occupations.csv", "cook,Koki,Cook,7212,memasak,SIM-X", "'SIM-X' is in no licences.csv"),
    ("metal/occupations.csv", "cook,Koki,Cook,7212,las,SIM-A|SIM-A", "'SIM-A' stands twice"),
    ("metal/occupations.csv", "cook, Koki,Cook,7212,memasak,", "white space around 'Koki'"),
    ("metal/units.csv", "cook.01,cook,Memasak,Cook,2,", "'cook' is in no occupations.csv"),
    ("metal/units.csv", "fitter.02,welder,Lain,Other,2,", "must begin with its occupation"),
    ("metal/units.csv", "welder.02,welder,Lain,Other,0,", "must be 1 to 9, not '0'"),
    ("metal/units.csv", "welder.02,welder,Lain,Other,10,", "must be 1 to 9, not '10'"),
    ("metal/units.csv", "welder.02,welder,Lain,Other,II,", "must be 1 to 9, not 'II'"),
    ("metal/units.csv", "welder.02,welder,Lain,Other,2,", "unit welder.02 stands in no scheme"),
    ("metal/units.csv", "welder.02,welder,Lain,2,", "5 columns instead of 6"),
    ("metal/units.csv", '"welder.02,welder,Lain,Other,2,', "not CSV"),
    ("metal/schemes.csv", "welder-s2,welder,Lain,Other,2,", "scheme welder-s2 has no unit"),
    ("metal/schemes.csv", "fitter-s2,fitter,Okupasi juru las,Other,2,fitter.01", "stands twice"),
    ("metal/schemes.csv", "welder-s2,welder,Lain,Other,x,welder.01", "must be 1 to 9, not 'x'"),
    ("metal/schemes.csv", "welder-s2,welder,Lain,Other,2,welder.09", "'welder.09' is in no units"),
    (
        "metal/aliases.csv",
        "cook,juru masak,id,formal",
        "'cook' is neither an occupation nor a unit",
    ),
    ("metal/aliases.csv", "welder,juru las listrik,id,lisan", "unknown kind 'lisan'"),
    ("metal/aliases.csv", "welder,juru las listrik,Indonesia,formal", "no code of a language"),
    (
        "metal/aliases.csv",
        "welder,Tukang Las,id,formal",
        "alias 'Tukang Las' stands twice, first in",
    ),
    ("metal/aliases.csv", "fitter,tukang-las,id,formal", "means fitter here and welder in"),
    ("metal/aliases.csv", "fitter.01,juru las,id,formal", "means fitter.01 here and welder in"),
    ("metal/aliases.csv", "fitter,Weld plate,en,formal", "means fitter here and welder.01 in"),
    ("metal/aliases.csv", "welder,bisa las listrik,id,formal", "begins with 'bisa'"),
    ("metal/aliases.csv", "welder,tukang,id,formal", "fits every trade"),
    ("metal/aliases.csv", "welder,...,id,formal", "is empty"),
    ("metal/neighbours.csv", "welder,cook,0.5", "'cook' is in no occupations.csv"),
    ("metal/neighbours.csv", "welder,welder,0.5", "named as its own neighbour"),
    ("metal/neighbours.csv", "fitter,welder,0.4", "fitter and welder stand already in"),
    ("metal/neighbours.csv", "fitter,welder,1", "must lie between 0 and 1, not '1'"),
    ("metal/neighbours.csv", "fitter,welder,0", "must lie between 0 and 1, not '0'"),
    ("metal/neighbours.csv", "fitter,welder,nan", "must lie between 0 and 1, not 'nan'"),
]


@pytest.mark.parametrize(("file", "line", "reason"), AT_THE_END)
def test_fault_is_named_with_file_and_line(folder: Path, file: str, line: str, reason: str) -> None:
    place = append(folder, file, line)
    fitting = [fault for fault in found(folder) if reason in fault]
    assert [fault.partition(": ")[0] for fault in fitting] == [place]


@pytest.mark.parametrize(
    ("file", "line", "reason"),
    [
        ("metal/units.csv", 2, "occupation welder has no unit"),
        ("metal/schemes.csv", 2, "occupation welder has no scheme"),
        ("metal/aliases.csv", 2, "occupation welder has no alias"),
        ("metal/neighbours.csv", 2, "occupation welder has no neighbour"),
    ],
)
def test_occupation_that_lacks_something_is_an_orphan(
    folder: Path, file: str, line: int, reason: str
) -> None:
    path = folder / file
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: line - 1] + lines[line:]), encoding="utf-8")
    assert f"metal/occupations.csv:2: {reason}" in found(folder)


@pytest.mark.parametrize("file", [name for name in FILES if name != "isco08.csv"])
def test_missing_file_is_named_and_the_others_are_still_checked(folder: Path, file: str) -> None:
    (folder / file).unlink()
    other = "metal/neighbours.csv" if file != "metal/neighbours.csv" else "metal/units.csv"
    (folder / other).write_text("code\n", encoding="utf-8")
    faults = found(folder)
    assert f"{file}: cannot be read (No such file or directory)" in faults
    assert any(fault.startswith(f"{other}:1: columns must be ") for fault in faults)


def test_folder_without_a_list_of_isco_is_checked_against_our_own(folder: Path) -> None:
    (folder / "isco08.csv").unlink()
    assert found(folder) == []
    append(folder, "metal/occupations.csv", "cook,Koki,Cook,7218,memasak,")
    assert any("'7218' is no unit group" in fault for fault in found(folder))


def test_file_that_is_not_utf_8_is_named_with_its_line(folder: Path) -> None:
    path = folder / "metal" / "aliases.csv"
    path.write_bytes(path.read_bytes() + "welder,las kéramik,id,formal\n".encode("latin-1"))
    assert "metal/aliases.csv:5: not UTF-8" in found(folder)


def test_empty_folder_holds_no_taxonomy(tmp_path: Path) -> None:
    assert any("holds no folder of a sector" in fault for fault in found(tmp_path))


# Many faults


def test_every_fault_is_reported_in_one_go_in_order(folder: Path) -> None:
    places = [
        append(folder, "metal/units.csv", "welder.01,cook,Lain,Other,11,"),
        append(folder, "licences.csv", "SIM-A,,"),
        append(folder, "metal/aliases.csv", "cook,bisa masak,id,lisan"),
        append(folder, "metal/aliases.csv", "welder,staf,Indonesia,formal"),
        append(folder, "metal/occupations.csv", "baker,Juru Las,Baker,9999,,SIM-X"),
    ]
    faults = found(folder)
    count = [sum(fault.startswith(f"{place}: ") for fault in faults) for place in places]
    assert count == [4, 3, 3, 2, 8]
    assert len(faults) == sum(count)
    assert faults == [str(fault) for fault in sorted(check(folder).faults)]


# Aliases


@pytest.mark.parametrize(
    ("alias", "reason"),
    [
        ("", "is empty"),
        ("—", "is empty"),
        ("x", "is a single letter"),
        ("mampu mengelas", "begins with 'mampu'"),
        ("Menguasai SMAW", "begins with 'menguasai'"),
        ("dicari tukang las", "begins with 'dicari'"),
        ("staf", "fits every trade"),
        ("Operator", "fits every trade"),
        ("tanggung jawab", "fits every trade"),
        ("karyawan harian", "fits every trade"),
        ("tukang  las", "white space"),
        ("las " * 30, "longer than 80"),
    ],
)
def test_wording_that_says_nothing_is_no_alias(alias: str, reason: str) -> None:
    assert reason in (wrong_alias(alias) or "")


@pytest.mark.parametrize(
    "alias",
    ["tukang las", "staf gudang", "operator jahit", "OB", "ahli K3", "cari kebocoran AC", "C++"],
)
def test_wording_of_one_trade_is_an_alias(alias: str) -> None:
    assert normal(alias)
    assert wrong_alias(alias) is None


# The command


def test_command_prints_counts_when_all_is_well(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["taxonomy", "check", str(folder)])
    assert ended.value.code in (0, None)
    assert capsys.readouterr().out.split() == [
        *("occupations", "2", "units", "2", "schemes", "2", "licences", "1"),
        *("aliases", "3", "neighbours", "1", "outside", "0"),
    ]


def test_command_prints_every_fault_and_exits_with_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = append(folder, "metal/aliases.csv", "welder,tukang,id,formal")
    second = append(folder, "metal/units.csv", "welder.02,welder,Lain,Other,0,")
    with pytest.raises(SystemExit) as ended:
        main(["taxonomy", "check", str(folder)])
    assert ended.value.code == 1
    printed = capsys.readouterr()
    assert f"{first}: " in printed.out
    assert f"{second}: " in printed.out
    assert "3 to mend" in printed.err
    assert "occupations" not in printed.out
