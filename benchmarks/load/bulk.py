"""Rows into tables as fast as the database takes them: COPY on PostgreSQL, executemany on SQLite."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlmodel import SQLModel

CHUNK = 20_000  # rows sent at once


class BulkWriter:
    """One transaction that fills tables. Values pass each column's own type, so encrypted columns
    are encrypted; foreign keys are not looked up while the rows go in."""

    def __init__(self, engine: Engine, connection: Any) -> None:
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._dialect = engine.dialect
        self._cursor = connection.cursor()
        self._rows: list[Rows] = []

    def rows(self, model: type[SQLModel], *columns: str, **same: Any) -> "Rows":
        """Where rows of a table go. columns: what each row gives; same: what all rows share."""
        table = model.__table__  # type: ignore[attr-defined]
        processors = [
            table.c[name].type.dialect_impl(self._dialect).bind_processor(self._dialect)
            for name in (*columns, *same)
        ]
        shared = tuple(
            _processed(value, process)
            for value, process in zip(same.values(), processors[len(columns) :], strict=True)
        )
        kept = Rows(self, table.name, (*columns, *same), processors[: len(columns)], shared)
        self._rows.append(kept)
        return kept

    def send(self, table: str, columns: tuple[str, ...], rows: list[tuple]) -> None:
        names = ", ".join(columns)
        if self.is_postgresql:
            with self._cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(columns))
            self._cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

    def finish(self) -> None:
        """Send what is left and let PostgreSQL's counters go on behind the highest ids."""
        for kept in self._rows:
            kept.send()
        if self.is_postgresql:
            for kept in self._rows:
                if "id" in kept.columns:
                    self._cursor.execute(
                        f"SELECT setval(pg_get_serial_sequence('{kept.table}', 'id'), "
                        f"(SELECT coalesce(max(id), 1) FROM {kept.table}))"
                    )


class Rows:
    """The rows of one table on their way."""

    def __init__(
        self,
        writer: BulkWriter,
        table: str,
        columns: tuple[str, ...],
        processors: list[Callable | None],
        shared: tuple,
    ) -> None:
        self.table = table
        self.columns = columns
        self._writer = writer
        self._processors = processors
        self._shared = shared
        self._waiting: list[tuple] = []

    def add(self, *values: Any) -> None:
        """One row, in the order of the columns."""
        row = tuple(map(_processed, values, self._processors)) + self._shared
        self._waiting.append(row)
        if len(self._waiting) >= CHUNK:
            self.send()

    def send(self) -> None:
        if self._waiting:
            self._writer.send(self.table, self.columns, self._waiting)
            self._waiting = []


def _processed(value: Any, process: Callable | None) -> Any:
    return process(value) if process is not None and value is not None else value


@contextmanager
def bulk_writer(engine: Engine) -> Iterator[BulkWriter]:
    """A writer over a connection of its own; everything is committed at the end, or nothing."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        if engine.dialect.name == "postgresql":
            cursor.execute("SET session_replication_role = replica")  # no look-up of foreign keys
            cursor.execute("SET synchronous_commit = off")
        else:
            cursor.execute("PRAGMA foreign_keys = OFF")
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("BEGIN IMMEDIATE")
        writer = BulkWriter(engine, connection)
        yield writer
        writer.finish()
        if writer.is_postgresql:
            connection.commit()
        else:
            cursor.execute("COMMIT")
        if writer.is_postgresql:
            connection.set_autocommit(True)
            cursor.execute(
                "VACUUM (ANALYZE)"
            )  # so that indexes alone answer, as on a settled server
        else:
            cursor.execute("ANALYZE")
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.invalidate()  # its settings are not for others
