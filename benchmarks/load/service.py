"""Titian as an operator starts it, over the prepared database: `titian serve` in its own process."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import processes
from web.server import pid_file
from web.settings import ROOT, Settings

START_SECONDS = 900
RELOAD_SECONDS = 600
STOP_SECONDS = 60
TITIAN = Path(sys.executable).parent / "titian"


class ServiceError(RuntimeError):
    """The service did not come up, or did not come back; the message says what it wrote last."""


@dataclass(frozen=True, slots=True)
class Service:
    """A running service. seconds: from its start to its first answer."""

    settings: Settings
    log: Path
    seconds: float

    @property
    def address(self) -> str:
        return f"http://{self.settings.address}"

    def master(self) -> int:
        """The process id of gunicorn's master, which a reload changes."""
        return int(pid_file(self.settings).read_text())

    def memory(self) -> list[processes.Memory]:
        """Of the master first, then of each worker."""
        master = self.master()
        return [processes.memory(pid) for pid in (master, *processes.children(master))]

    def reload(self) -> float:
        """Send SIGHUP and wait until another master serves alone; the seconds it took.

        Raises ServiceError."""
        before = self.master()
        started = time.monotonic()
        os.kill(before, signal.SIGHUP)
        while _lives(before) or self._present_master() in (before, None):
            if time.monotonic() - started > RELOAD_SECONDS:
                raise ServiceError(f"not reloaded in {RELOAD_SECONDS} s\n{_end_of(self.log)}")
            time.sleep(0.2)
        return time.monotonic() - started

    def _present_master(self) -> int | None:
        try:
            return self.master()
        except (OSError, ValueError):  # between two masters
            return None


@contextmanager
def serving(settings: Settings, command: tuple[str, ...] = ("serve",)) -> Iterator[Service]:
    """A service on a free port until the block ends. Raises ServiceError."""
    settings = settings.model_copy(update={"port": free_port()})
    log = settings.home / "server.log"
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [TITIAN, *command],
            cwd=ROOT,
            env=_environment(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(settings, process, log)
        yield Service(settings, log, time.monotonic() - started)
    finally:
        _stop(settings, process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environment(settings: Settings) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("TITIAN_")}
    return {
        **others,
        "TITIAN_HOME": str(settings.home),
        "TITIAN_DATABASE_URL": settings.database,
        "TITIAN_PORT": str(settings.port),
        "TITIAN_WORKERS": str(settings.workers),
        "TITIAN_THREADS": str(settings.threads),
        "TITIAN_LOG_LEVEL": settings.log_level,
    }


def _wait(settings: Settings, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://{settings.address}/healthz", timeout=5),
        ):
            return
        if process.poll() is not None:
            raise ServiceError(f"ended with {process.returncode}\n{_end_of(log)}")
        if time.monotonic() > deadline:
            raise ServiceError(f"no answer in {START_SECONDS} s\n{_end_of(log)}")
        time.sleep(0.2)


def _stop(settings: Settings, process: subprocess.Popen) -> None:
    """End the service gracefully; after a reload its master is no child of ours."""
    with contextlib.suppress(OSError, ValueError):
        os.kill(int(pid_file(settings).read_text()), signal.SIGTERM)
    if process.poll() is None:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    while pid_file(settings).exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)


def _lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not yet waited for does not."""
    try:
        return processes.state(pid) != "Z"
    except OSError:
        return False


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
