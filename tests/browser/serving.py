"""Titian as an operator starts it: the real command in a process of its own, gunicorn and all."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from web.settings import Settings

START_SECONDS = 120
TITIAN = Path(sys.executable).parent / "titian"


class ServerError(RuntimeError):
    """The server did not come up; the message ends with what it last said."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers at `address` and writes what it says to `log`."""

    address: str
    log: Path

    def failures(self) -> str:
        """What the server said of exceptions no page was prepared for; empty when there are none."""
        said = self.log.read_text(errors="replace")
        return said[said.index("Traceback") :] if "Traceback" in said else ""


@contextlib.contextmanager
def running(
    settings: Settings, command: str = "serve", start_seconds: float = START_SECONDS
) -> Iterator[Running]:
    """A server over the settings' database until the block ends. Raises ServerError."""
    server = Running(f"http://127.0.0.1:{free_port()}", settings.home / "server.log")
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            [TITIAN, command],
            cwd=ROOT,
            env=_environment(settings, server.address),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_it_answers(server, process, start_seconds)
        yield server
    finally:
        _stop(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environment(settings: Settings, address: str) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("TITIAN_")}
    return {
        **others,
        "TITIAN_HOME": str(settings.home),
        "TITIAN_DATABASE_URL": settings.database,
        "TITIAN_DATA_KEY": settings.data_key.get_secret_value(),
        "TITIAN_SECRET_KEY": settings.secret_key.get_secret_value(),
        "TITIAN_PORT": address.rpartition(":")[2],
    }


def _wait_until_it_answers(server: Running, process: subprocess.Popen, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{server.address}/healthz"):
            return
        if process.poll() is not None:
            reason = f"it ended with {process.returncode}"
        elif time.monotonic() > deadline:
            reason = f"it does not answer after {seconds:.0f} s"
        else:
            time.sleep(0.1)
            continue
        said = server.log.read_text(errors="replace")[-2000:]
        raise ServerError(f"no server at {server.address}: {reason}\n{said}")


def _stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()  # its workers end when they see it gone
        process.wait()
