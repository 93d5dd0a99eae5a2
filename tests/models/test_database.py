"""Opening SQLite and PostgreSQL: URLs, pragmas, and transactions that lose nothing."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from models.database import DatabaseUrlError, check_url, open_engine

small = MetaData()
account = Table(
    "account", small, Column("id", Integer, primary_key=True), Column("balance", Integer)
)
owner = Table(
    "owner",
    small,
    Column("id", Integer, primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id")),
)
LONG_ENOUGH = 20.0  # seconds after which a thread counts as stuck
A_WHILE = 0.3


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = _prepared(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    opened = _prepared(f"sqlite:///{tmp_path / 'titian.db'}")
    yield opened
    opened.dispose()


def _prepared(url: str) -> Engine:
    opened = open_engine(url)
    small.create_all(opened)
    with opened.begin() as connection:
        connection.execute(insert(account).values(id=1, balance=0))
    return opened


def _balance(connection: Connection) -> int:
    return connection.execute(select(account.c.balance)).scalar_one()


def _set_balance(connection: Connection, balance: int) -> None:
    connection.execute(update(account).values(balance=balance))


def _started(work: Callable[[], None]) -> tuple[threading.Thread, list[Exception]]:
    """A running thread, and the list its error will be in."""
    errors: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, errors


# URLs


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "titian.db",
        "/var/lib/titian.db",
        "sqlite",
        "://",
        "mysql://titian:rahasia@localhost/titian",
        "mariadb+pymysql://titian:rahasia@localhost/titian",
        "mssql://titian:rahasia@localhost/titian",
        "http://titian:rahasia@localhost/titian",
        "postgres://titian:rahasia@localhost/titian",
        "postgresql://titian:rahasia@localhost:port/titian",
    ],
)
def test_url_of_no_usable_database_is_refused_with_the_forms_that_work(url: str) -> None:
    for use in (check_url, open_engine):
        with pytest.raises(DatabaseUrlError, match=r"use sqlite:///… or postgresql://…") as refusal:
            use(url)
        assert "rahasia" not in str(refusal.value)


def test_check_returns_the_parts_of_a_good_url() -> None:
    parsed = check_url("postgresql://titian@db.example:5433/titian")
    assert (parsed.host, parsed.port, parsed.database) == ("db.example", 5433, "titian")
    assert check_url("sqlite:////var/lib/titian.db").database == "/var/lib/titian.db"


def test_postgresql_is_spoken_to_by_psycopg_whatever_driver_the_url_names() -> None:
    for url in ("postgresql://localhost/titian", "postgresql+psycopg2://localhost/titian"):
        assert open_engine(url).dialect.driver == "psycopg"


# SQLite's settings


def test_every_sqlite_connection_has_wal_full_sync_foreign_keys_and_a_wait(sqlite: Engine) -> None:
    readers = [sqlite.connect().execution_options(read_only=True) for _ in range(4)]
    for reader in readers:
        found = {
            name: reader.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "busy_timeout",
                "secure_delete",
            )
        }
        assert found == {
            "journal_mode": "wal",
            "synchronous": 2,  # FULL
            "foreign_keys": 1,
            "busy_timeout": 5000,
            "secure_delete": 1,
        }
    for reader in readers:
        reader.close()


def test_deleted_text_leaves_no_trace_in_the_sqlite_file(sqlite: Engine) -> None:
    path = Path(sqlite.url.database)
    with sqlite.begin() as connection:
        connection.execute(text("CREATE TABLE note (words TEXT)"))
        connection.execute(text("INSERT INTO note VALUES ('jejak-rahasia')"))
    _checkpoint(sqlite)
    assert b"jejak-rahasia" in path.read_bytes()
    with sqlite.begin() as connection:
        connection.execute(text("DELETE FROM note"))
    _checkpoint(sqlite)
    assert b"jejak-rahasia" not in path.read_bytes()


def _checkpoint(engine: Engine) -> None:
    """Move the write-ahead log into the file."""
    connection = engine.raw_connection()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


# Transactions


def test_foreign_keys_hold(engine: Engine) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(owner).values(id=1, account_id=2))
    with engine.begin() as connection:
        connection.execute(insert(owner).values(id=1, account_id=1))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("DELETE FROM account"))
    with engine.connect() as connection:
        assert connection.execute(select(owner)).all() == [(1, 1)]
        assert connection.execute(select(account)).all() == [(1, 0)]


def test_failed_transaction_leaves_neither_rows_nor_tables(engine: Engine) -> None:
    def fail_half_way() -> None:
        with engine.begin() as connection:
            _set_balance(connection, 7)
            connection.execute(text("CREATE TABLE half_written (id INTEGER)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert inspect(engine).get_table_names() == ["account", "owner"]
    with engine.connect() as connection:
        assert _balance(connection) == 0


def test_second_writer_on_sqlite_waits_and_then_sees_what_the_first_wrote(sqlite: Engine) -> None:
    first = sqlite.connect()
    seen = _balance(first)

    def add_ten() -> None:
        with sqlite.begin() as second:
            _set_balance(second, _balance(second) + 10)

    thread, errors = _started(add_ten)
    thread.join(A_WHILE)
    assert thread.is_alive(), "the second writer did not wait for the first"
    _set_balance(first, seen + 1)
    first.commit()
    first.close()
    thread.join(LONG_ENOUGH)
    assert errors == []
    with sqlite.connect() as connection:
        assert _balance(connection) == 11


def test_two_writers_on_sqlite_lose_no_update(sqlite: Engine) -> None:
    def add_one_forty_times() -> None:
        for _ in range(40):
            with sqlite.begin() as connection:
                _set_balance(connection, _balance(connection) + 1)

    threads = [_started(add_one_forty_times) for _ in range(2)]
    for thread, errors in threads:
        thread.join(LONG_ENOUGH)
        assert errors == []
    with sqlite.connect() as connection:
        assert _balance(connection) == 80


def test_two_writers_that_compare_versions_lose_no_update(engine: Engine) -> None:
    """As introductions do on either database: an update names the version it has read."""

    def add_one_twenty_times() -> None:
        done = 0
        while done < 20:
            with engine.begin() as connection:
                seen = _balance(connection)
                done += connection.execute(
                    update(account).where(account.c.balance == seen).values(balance=seen + 1)
                ).rowcount

    threads = [_started(add_one_twenty_times) for _ in range(2)]
    for thread, errors in threads:
        thread.join(LONG_ENOUGH)
        assert errors == []
    with engine.connect() as connection:
        assert _balance(connection) == 40


def test_reader_does_not_wait_for_a_writer_and_sees_the_last_commit(engine: Engine) -> None:
    reading = engine.execution_options(read_only=True)
    seen: list[int] = []

    def read() -> None:
        with reading.connect() as reader:
            seen.append(_balance(reader))

    with engine.begin() as writer:
        _set_balance(writer, 5)
        thread, errors = _started(read)
        thread.join(LONG_ENOUGH)
        assert not thread.is_alive()
    assert errors == []
    assert seen == [0]
    read()
    assert seen == [0, 5]


def test_writer_does_not_wait_for_a_reader_and_the_reader_keeps_its_view(sqlite: Engine) -> None:
    with sqlite.execution_options(read_only=True).connect() as reader:
        assert _balance(reader) == 0

        def write() -> None:
            with sqlite.begin() as writer:
                _set_balance(writer, 5)

        thread, errors = _started(write)
        thread.join(LONG_ENOUGH)
        assert not thread.is_alive()
        assert errors == []
        assert _balance(reader) == 0
    with sqlite.connect() as connection:
        assert _balance(connection) == 5


def test_read_only_of_one_connection_does_not_stick_to_the_next(sqlite: Engine) -> None:
    with sqlite.execution_options(read_only=True).connect() as reader:
        assert _balance(reader) == 0
    test_second_writer_on_sqlite_waits_and_then_sees_what_the_first_wrote(sqlite)
