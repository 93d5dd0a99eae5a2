"""One database session for each request or command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app, g, has_request_context, request
from sqlalchemy import Engine, event
from sqlmodel import Session

from models.database import open_engine

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Open the engine and close each request's session; what was not committed is rolled back."""
    threads = app.config["SETTINGS"].threads
    app.extensions["titian_database"] = open_engine(app.config["DATABASE_URL"], threads)
    app.teardown_appcontext(lambda _error: close())


def limit_statements(app: Flask, seconds: int) -> None:
    """From here on a statement that takes longer is cancelled, and a request that waits as long
    inside a transaction is cut off. On SQLite, which has no server to hold up, nothing changes."""
    opened = app.extensions["titian_database"]
    if opened.dialect.name != "postgresql":
        return

    @event.listens_for(opened, "connect")
    def limit(connection: Any, _record: Any) -> None:
        milliseconds = 1000 * seconds
        connection.execute(f"SET statement_timeout = {milliseconds}")
        connection.execute(f"SET idle_in_transaction_session_timeout = {milliseconds}")
        connection.commit()


def engine() -> Engine:
    return current_app.extensions["titian_database"]


def session() -> Session:
    """The session of the present request or app context.

    Safe requests, and app contexts after `only_read`, take no lock that others wait for.
    """
    if "session" not in g:
        bind = engine()
        if g.get("only_read") or (has_request_context() and request.method in SAFE_METHODS):
            bind = bind.execution_options(read_only=True)
        g.session = Session(bind, expire_on_commit=False)
    return g.session


def only_read() -> None:
    """From here on this app context reads; what was not committed is rolled back."""
    close()
    g.only_read = True


@contextmanager
def writing_session() -> Iterator[Session]:
    """A session of its own that commits at the end, for a write beside a read-only request."""
    with Session(engine(), expire_on_commit=False) as own:
        yield own
        own.commit()


def close() -> None:
    """Close the session of the present request or app context; the next use opens another."""
    opened = g.pop("session", None)
    if opened is not None:
        opened.close()
