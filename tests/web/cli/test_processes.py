"""`titian` in processes of its own: what is printed, the exit code, and never a stack trace."""

import json
import re
import socket
from pathlib import Path

import pytest

from tests.web.cli.commands import Result, new_home, process

TEXT = "Dicari tukang las SMAW di Bekasi, upah Rp 4.500.000, minimal SMP."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a migrated database and nobody in it."""
    folder = new_home(tmp_path_factory.mktemp("titian"))
    done = process(folder, "migrate")
    assert (done.code, done.out) == (0, "Places and taxonomy loaded\n"), done.err
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    return new_home(tmp_path / "home")


def test_second_migration_changes_nothing_and_says_nothing(home: Path) -> None:
    done = process(home, "migrate")
    assert (done.code, done.out) == (0, "")


def test_keys_of_a_new_home_can_be_read_by_their_owner_alone(home: Path) -> None:
    for name in ("secret_key", "data_key"):
        assert (home / name).stat().st_mode & 0o777 == 0o600


def test_link_needs_no_database_and_prints_occupation_and_requirements(empty: Path) -> None:
    done = process(empty, "link", "--text", TEXT, "--title", "Tukang las")
    assert (done.code, done.err) == (0, "")
    first, *others = done.out.splitlines()
    assert re.match(r"smaw-welder  ISCO 7212  0\.\d\d$", first)
    assert others
    assert all(re.match(r"  (must|nice) +\d\.\d\d  .+  → \S+$", line) for line in others)


def test_match_reads_standard_input_and_prints_json(home: Path) -> None:
    done = process(home, "match", "--text", "-", "--json", stdin=TEXT.encode())
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert (found["occupation"], found["isco"]) == ("smaw-welder", "7212")
    assert (found["region"], found["wage"]) == ("32.75", [4_500_000, 4_500_000])
    assert found["people"] == []


@pytest.mark.parametrize(
    ("text", "stdin"),
    [
        (b"-", b"\xff\xfe las"),
        (b"\xff\xfe las", b""),
        (b"las " * 25_000, b""),
        ("🔥👩‍🏭🔧".encode(), b""),
    ],
    ids=["input-not-utf-8", "not-utf-8", "long", "emoji"],
)
def test_text_that_cannot_be_read_is_refused_in_one_line(
    home: Path, text: bytes, stdin: bytes
) -> None:
    done = process(home, "match", "--text", text, stdin=stdin)
    assert done.complaint.startswith("Error: the text ")


def test_taxonomy_check_counts_what_the_files_hold(empty: Path) -> None:
    done = process(empty, "taxonomy", "check")
    assert (done.code, done.err) == (0, "")
    counts = {name: int(count) for name, count in map(str.split, done.out.splitlines())}
    assert set(counts) == {
        *("occupations", "units", "schemes", "licences", "aliases", "neighbours", "outside"),
    }
    assert counts["occupations"] >= 60
    assert counts["units"] > counts["schemes"] > 0


def test_bench_prints_how_long_ranking_takes(empty: Path) -> None:
    done = process(empty, "bench", "rank", "--people", "2000", "--queries", "10")
    assert done.code == 0
    assert done.out.startswith("2,000 people, ")
    exact = re.search(r"^titian +exact +(.+)$", done.out, re.MULTILINE).group(1)
    rates = re.findall(r"(\S+) +(\S+) +(\S+) %", exact)
    assert len(rates) == 3
    for p50, p95, found in rates:
        assert 0 < float(p50) <= float(p95)
        assert float(found) == 100


def test_database_that_was_never_migrated_says_what_to_do(empty: Path) -> None:
    assert "run `titian migrate` first" in process(empty, "match", "--text", "las").complaint


def test_taken_port_is_named_with_what_to_do(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for command in ("serve", "demo"):
            line = process(home, command, TITIAN_PORT=str(port)).complaint
            assert f"127.0.0.1:{port} cannot be used" in line
            assert "TITIAN_PORT" in line


def test_address_that_is_none_is_named(home: Path) -> None:
    assert "tidak..ada:8000" in process(home, "serve", TITIAN_HOST="tidak..ada").complaint


def refused_database(home: Path, url: str) -> Result:
    return process(home, "match", "--text", "las", TITIAN_DATABASE_URL=url)


def test_database_that_cannot_be_reached_is_named_without_its_password(home: Path) -> None:
    line = refused_database(home, "postgresql://titian:rahasia@127.0.0.1:1/titian").complaint
    assert line.startswith("titian: the database 127.0.0.1:1/titian cannot be used: ")
    assert "rahasia" not in line


def test_database_in_no_folder_or_of_another_program_is_named(home: Path, tmp_path: Path) -> None:
    (tmp_path / "foto.db").write_bytes(b"\x89PNG" * 300)
    for path in (tmp_path / "tidak" / "ada.db", tmp_path / "foto.db"):
        assert f"{path} cannot be used" in refused_database(home, f"sqlite:///{path}").complaint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TITIAN_HOME", "/dev/null/titian"),
        ("TITIAN_DATABASE_URL", "mysql://titian:rahasia@localhost/titian"),
    ],
)
def test_wrong_setting_is_named_in_one_line_and_no_secret_is_printed(
    empty: Path, name: str, value: str
) -> None:
    done = process(empty, "migrate", **{name: value})
    assert done.code == 2
    assert done.complaint.startswith(f"titian: {name} is wrong: ")
    assert "rahasia" not in done.complaint


def test_production_without_its_own_keys_is_refused(empty: Path) -> None:
    line = process(empty, "serve", TITIAN_ENVIRONMENT="production", TITIAN_PORT="58123").complaint
    assert "must be set in production" in line


def test_help_is_printed(empty: Path) -> None:
    done = process(empty, "vacancies", "import", "-h")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Usage: ")
