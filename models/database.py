"""Opening a database: SQLite in WAL mode, or PostgreSQL, by its URL."""

from typing import Any

from sqlalchemy import URL, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import create_engine


class DatabaseUrlError(ValueError):
    """The database URL names no database Titian can use."""


def check_url(url: str) -> URL:
    """The parsed URL. Raises DatabaseUrlError unless it names SQLite or PostgreSQL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise DatabaseUrlError("not a database URL: use sqlite:///… or postgresql://…") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseUrlError(
            f"{parsed.get_backend_name()!r} is not supported: use sqlite:///… or postgresql://…"
        )
    return parsed


CONNECT_SECONDS = 5
POOL_WAIT_SECONDS = 10
CONNECTION_LIFE_SECONDS = 1800


def open_engine(url: str, connections: int = 5) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…`.

    PostgreSQL: `connections` are kept for as many threads, and as many more are opened while a
    thread needs a second one (a write beside a read-only request); a kept connection is tried
    before use and given up after half an hour, so that a restarted or failed-over server is found.

    SQLite connections use WAL, full synchronisation, foreign keys and a 5 s wait for locks; a
    transaction begins IMMEDIATE, so that it cannot fail half-way for the lock, unless the engine
    carries the execution option read_only. Raises DatabaseUrlError for any other URL.
    """
    parsed = check_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(
        parsed,
        pool_size=connections,
        max_overflow=connections,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_recycle=CONNECTION_LIFE_SECONDS,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_SECONDS},
    )


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 5, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins transactions below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=5000",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
