import os
import shutil
import tomllib
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import write_po

from tests.conftest import ROOT
from web import bootstrap


@pytest.fixture
def tree(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A source tree with what decides the environment; `.venv` stays the real one."""
    for name in ("pyproject.toml", "web/constraints.txt", "web/bootstrap.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "CONSTRAINTS", tmp_path / "web" / "constraints.txt")
    monkeypatch.setattr(bootstrap, "__file__", str(tmp_path / "web" / "bootstrap.py"))
    monkeypatch.setattr(bootstrap, "TRANSLATIONS", tmp_path / "web" / "translations")
    return tmp_path


def write_translation(tree: Path, english: str, language: str = "en") -> Path:
    """A catalogue of one message; the path of what is compiled from it."""
    path = tree / "web" / "translations" / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = Catalog(locale=language)
    catalogue.add("Masuk", english)
    with path.open("wb") as file:
        write_po(file, catalogue)
    return path.with_suffix(".mo")


def compiled(path: Path) -> str:
    with path.open("rb") as file:
        return read_mo(file)["Masuk"].string


def age(path: Path, seconds: int) -> None:
    """Let a file be older by so many seconds."""
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


@pytest.mark.parametrize("name", ["pyproject.toml", "web/constraints.txt", "web/bootstrap.py"])
def test_fingerprint_changes_with_each_file_that_decides_the_environment(
    tree: Path, name: str
) -> None:
    before = bootstrap.fingerprint()
    content = (tree / name).read_bytes()
    (tree / name).write_bytes(content + b"\n")
    assert bootstrap.fingerprint() != before
    (tree / name).write_bytes(content)
    assert bootstrap.fingerprint() == before


def test_fingerprint_does_not_change_with_other_files_or_times(tree: Path) -> None:
    before = bootstrap.fingerprint()
    (tree / "README.md").write_text("Titian")
    age(tree / "pyproject.toml", 1000)
    assert bootstrap.fingerprint() == before


def test_fingerprint_changes_with_the_python(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bootstrap.fingerprint()
    monkeypatch.setattr(bootstrap.sys, "version", "3.99.0 (uji)")
    assert bootstrap.fingerprint() != before


def test_environment_that_fits_is_left_alone(
    tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stamp = tmp_path / "stamp"
    stamp.write_text(bootstrap.fingerprint())
    installed = []
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    monkeypatch.setattr(bootstrap, "install", installed.append)
    bootstrap.main()
    assert installed == []
    with (tree / "web" / "constraints.txt").open("a") as file:
        file.write("titian-uji==1\n")
    bootstrap.main()
    assert installed == [bootstrap.fingerprint()]


def test_older_python_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 12))
    monkeypatch.setattr(bootstrap.sys, "version", "3.10.12 (uji)")
    with pytest.raises(SystemExit) as caught:
        bootstrap.main()
    assert caught.value.code == "Titian needs Python 3.11 or newer; this is 3.10.12"


def test_missing_translation_is_compiled(tree: Path) -> None:
    path = write_translation(tree, "Sign in")
    bootstrap.compile_translations()
    assert compiled(path) == "Sign in"


def test_translation_older_than_its_source_is_compiled_anew(tree: Path) -> None:
    path = write_translation(tree, "Sign in")
    bootstrap.compile_translations()
    age(path, 10)
    write_translation(tree, "Log in")
    bootstrap.compile_translations()
    assert compiled(path) == "Log in"


def test_translation_that_is_up_to_date_is_not_touched(tree: Path) -> None:
    path = write_translation(tree, "Sign in")
    bootstrap.compile_translations()
    age(path.with_suffix(".po"), 10)
    path.write_bytes(path.read_bytes() + b"\0")
    before = path.read_bytes(), path.stat().st_mtime_ns
    bootstrap.compile_translations()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_one_stale_translation_among_others_is_found(tree: Path) -> None:
    english, javanese = write_translation(tree, "Sign in"), write_translation(tree, "Mlebu", "jv")
    bootstrap.compile_translations()
    javanese.unlink()
    bootstrap.compile_translations()
    assert (compiled(english), compiled(javanese)) == ("Sign in", "Mlebu")


def test_constraints_pin_torch_and_every_dependency() -> None:
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in bootstrap.CONSTRAINTS.read_text().splitlines()
        if "==" in line and not line.startswith("#")
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"], "torch"]
    assert {name.partition("[")[0] for name in wanted} <= pinned
