"""The web server: gunicorn with a warm engine, and the encoder process beside it where one is needed.

The engine is read once, before the workers are forked, so that they share its memory; the
encoder's model is opened by each worker afterwards.
"""

import contextlib
import ctypes
import gc
import os
import subprocess
import sys
import threading
import time
from typing import Any, NoReturn

from flask import Flask
from gunicorn.app.base import BaseApplication

from matcher.encoder import BUILTIN, SENTENCE_TRANSFORMERS, SOCKET_NAME, EncoderError
from web import database
from web.app import create_app
from web.services import matching
from web.settings import Settings, load_settings

ENCODER_START_SECONDS = 120
REQUEST_SECONDS = 60


class Server(BaseApplication):
    """gunicorn, configured by Titian's settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "bind": self.settings.address,
            "workers": self.settings.workers,
            "threads": self.settings.threads,
            "worker_class": "gthread",
            "preload_app": True,
            "timeout": REQUEST_SECONDS,
            "graceful_timeout": 30,
            "keepalive": 5,
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "limit_request_line": 4094,
            "loglevel": self.settings.log_level,
            "proc_name": "titian",
            "control_socket_disable": True,
            "post_worker_init": _open_encoder_early,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return warm_app(self.settings)


def warm_app(settings: Settings) -> Flask:
    """The application with its engine read, ready to be forked."""
    app = create_app(settings)
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
