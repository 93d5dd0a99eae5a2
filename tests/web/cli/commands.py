"""Running `titian` as people do, in this process or in one of its own."""

import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, TEST_KEY
from tests.web.conftest import CACHE, Site
from web import cli


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line a refused command prints; there must be no other, and a code for scripts."""
        assert self.code != 0
        assert self.out == ""
        assert "Traceback" not in self.err
        (line,) = self.err.strip().splitlines()
        return line


def environment(home: Path, **more: str) -> dict[str, str]:
    """This machine's environment without its own settings, with a home of the test's."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("TITIAN_")}
    return own | {"TITIAN_HOME": str(home), "PYTHONPATH": str(ROOT)} | more


def new_home(folder: Path) -> Path:
    """A home folder whose cache of embeddings is that of all tests."""
    folder.mkdir(parents=True, exist_ok=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    (folder / "cache").symlink_to(CACHE)
    return folder


def in_process(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
    stdin: bytes = b"",
) -> Result:
    """Run a command in this process, on the database of a site."""
    settings = site.app.config["SETTINGS"]
    for name, value in {
        "TITIAN_HOME": str(settings.home),
        "TITIAN_DATABASE_URL": settings.database,
        "TITIAN_DATA_KEY": TEST_KEY.hex(),
        "TITIAN_SECRET_KEY": settings.secret(),  # passwords are hashed with it
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    printed = capsys.readouterr()
    return Result(ended.value.code or 0, printed.out, printed.err)


def process(
    home: Path, *arguments: str | bytes, stdin: bytes = b"", timeout: int = 240, **settings: str
) -> Result:
    """Run a command in a process of its own; settings: environment variables."""
    done = subprocess.run(
        [sys.executable, "-m", "web.cli", *arguments],
        env=environment(home, **settings),
        cwd=home,
        input=stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())
