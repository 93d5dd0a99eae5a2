"""The web server: gunicorn with a warm engine, and the encoder process beside it where one is needed.

The engine is read once, before the workers are forked, so that they share its memory; the
encoder's model is opened by each worker afterwards. SIGHUP starts a whole new service (code,
settings, engine) on the same socket and lets the old one go when the new one answers.
"""

import contextlib
import ctypes
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask
from gunicorn import systemd
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from matcher.encoder import BUILTIN, SENTENCE_TRANSFORMERS, SOCKET_NAME, EncoderError
from matcher.warming import compile_kernels
from web import database
from web.app import create_app
from web.services import matching
from web.settings import Settings, load_settings

ENCODER_START_SECONDS = 120
HEARTBEAT_SECONDS = 60  # a worker that gives no sign of life for longer is killed
GRACE_SECONDS = 30  # for the requests under way when a worker ends
KEEPALIVE_SECONDS = 75  # longer than a web server in front keeps idle connections (nginx: 60)
REQUESTS_OF_A_WORKER = 50_000
STATEMENT_SECONDS = 30  # of one query in a request; commands may take longer
MEMORY_FOLDER = "/dev/shm"  # noqa: S108  (holds no data: gunicorn's heartbeat files)


class Master(Arbiter):
    """gunicorn's master, with a SIGHUP that brings new code up before the old code goes.

    A preloaded application cannot be loaded anew in the process that holds it. So SIGHUP starts
    another master on the same listening socket (as SIGUSR2 does); when its first worker serves, that
    worker ends this master gracefully. If the new one cannot start, this one goes on serving.
    """

    def __init__(self, app: BaseApplication) -> None:
        super().__init__(app)
        self.START_CTX["args"] = [sys.executable, "-m", "web.server"]

    def handle_hup(self) -> None:
        if os.getpid() == 1:  # a container ends with its first process: new workers only
            super().handle_hup()
        else:
            self.reexec()


class Server(BaseApplication):
    """gunicorn, configured by Titian's settings; docs/operating.md gives the reasons."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()
        self._old_master = _process_before()

    def load_config(self) -> None:
        in_memory = os.path.isdir(MEMORY_FOLDER) and os.access(MEMORY_FOLDER, os.W_OK)
        for name, value in {
            "bind": self.settings.address,
            "workers": self.settings.workers,
            "threads": self.settings.threads,
            "worker_class": "gthread",
            "preload_app": True,
            "timeout": HEARTBEAT_SECONDS,
            "graceful_timeout": GRACE_SECONDS,
            "keepalive": KEEPALIVE_SECONDS,
            "max_requests": REQUESTS_OF_A_WORKER,
            "max_requests_jitter": REQUESTS_OF_A_WORKER // 5,
            "backlog": 2048,
            "worker_tmp_dir": MEMORY_FOLDER if in_memory else None,
            "limit_request_line": 4094,
            "loglevel": self.settings.log_level,
            "proc_name": "titian",
            "pidfile": str(pid_file(self.settings)),
            "control_socket_disable": True,
            "when_ready": _name_main_process,
            "post_worker_init": self._worker_is_ready,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = warm_app(self.settings)
        database.limit_statements(app, STATEMENT_SECONDS)
        return app

    def run(self) -> None:
        self.settings.home.mkdir(parents=True, exist_ok=True)
        try:
            Master(self).run()
        except RuntimeError as error:
            sys.exit(f"titian: {error}")

    def _worker_is_ready(self, worker: Any) -> None:
        _open_encoder_early(worker)
        if self._old_master is not None:
            with contextlib.suppress(ProcessLookupError):  # it went when the first worker was ready
                signal.pidfd_send_signal(self._old_master, signal.SIGTERM)


def pid_file(settings: Settings) -> Path:
    """Where the master's process id stands while it serves; one for each port."""
    return settings.home / f"server-{settings.port}.pid"


def _process_before() -> int | None:
    """A handle of the master that this process takes over from (pidfd); it cannot come to mean
    another process, as a number can. None at a first start, or when that master is gone."""
    number = os.environ.get("GUNICORN_PID")
    if number is None:
        return None
    try:
        return os.pidfd_open(int(number))
    except ProcessLookupError:
        return None


def _name_main_process(master: Any) -> None:
    """Tell systemd which process the service is from now on (with NotifyAccess=all)."""
    systemd.sd_notify(f"MAINPID={os.getpid()}", master.log)


def warm_app(settings: Settings) -> Flask:
    """The application with its engine read, ready to be forked."""
    app = create_app(settings)
    compile_kernels()
    with app.app_context():
        database.only_read()
        matching.engine().linker(database.session())
    app.extensions["titian_database"].dispose()  # connections must not cross a fork
    gc.collect()
    _give_back_memory()
    gc.freeze()
    return app


def _give_back_memory() -> None:
    """Hand what was freed while reading the engine back to the system (glibc; elsewhere nothing)."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def _open_encoder_early(worker: Any) -> None:
    """Open the model beside the first requests, not in one of them."""

    def open_it() -> None:
        try:
            worker.wsgi.extensions["titian_engine"].encoder.encode(["titian"])
        except EncoderError as error:
            worker.log.error("encoder: %s", error)

    threading.Thread(target=open_it, daemon=True).start()


def replace_process() -> NoReturn:
    """Become a fresh process that serves: one that has used the encoder must not be forked."""
    os.execv(sys.executable, [sys.executable, "-m", "web.server"])  # noqa: S606


def serve(settings: Settings) -> None:
    """Serve until stopped. Raises EncoderError when the encoder process cannot start."""
    if settings.encoder == BUILTIN:
        Server(settings).run()
        return
    process = start_encoder(settings)
    try:
        Server(settings).run()
    finally:
        process.terminate()


def start_encoder(settings: Settings) -> subprocess.Popen:
    """Start the encoder process and wait until it listens. Raises EncoderError."""
    socket = settings.home / "cache" / SOCKET_NAME
    socket.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "web.cli", "encoder"],
        env={**os.environ, "TITIAN_PARENT": str(os.getpid())},
    )
    deadline = time.monotonic() + ENCODER_START_SECONDS
    while not socket.exists():
        if process.poll() is not None:
            raise EncoderError("the encoder process could not start; its message stands above")
        if time.monotonic() > deadline:
            process.terminate()
            raise EncoderError(f"the encoder process is not ready after {ENCODER_START_SECONDS} s")
        time.sleep(0.1)
    return process


def encoder_model(settings: Settings) -> str:
    """Hub id or folder of the sentence-transformers model. Raises EncoderError for the built-in."""
    if settings.encoder == BUILTIN:
        raise EncoderError("the built-in encoder needs no process of its own")
    return settings.encoder.removeprefix(SENTENCE_TRANSFORMERS)


if __name__ == "__main__":
    try:
        serve(load_settings())
    except EncoderError as error:
        sys.exit(f"titian: {error}")
