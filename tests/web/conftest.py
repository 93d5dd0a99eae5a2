"""A whole site for each test module, on SQLite and on PostgreSQL: reference data and a small demo."""

import re
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlmodel import Session
from werkzeug.test import TestResponse

from models import migrations
from tests.conftest import ROOT, TEST_KEY
from web import database
from web.app import create_app
from web.services import demo_data, reference
from web.services.demo_data import EMPLOYER_EMAIL, OFFICER_EMAIL, PASSWORD, PIN, TRAINER_EMAIL
from web.settings import Settings

SMALL = demo_data.DemoSize(people=240, employers=8, vacancies=32)
CACHE = ROOT / ".titian" / "test-cache"  # embeddings, computed once for all test processes


@dataclass
class Site:
    """An application over a database of its own."""

    app: Flask
    person_phone: str

    def client(self) -> FlaskClient:
        """A browser without cookies."""
        return self.app.test_client()

    def session(self) -> Session:
        """A database session beside the application's own; close it yourself."""
        return Session(self.app.extensions["titian_database"], expire_on_commit=False)

    def employer(self) -> FlaskClient:
        return self.staff(EMPLOYER_EMAIL)

    def officer(self) -> FlaskClient:
        return self.staff(OFFICER_EMAIL)

    def trainer(self) -> FlaskClient:
        return self.staff(TRAINER_EMAIL)

    def staff(self, email: str, password: str = PASSWORD) -> FlaskClient:
        """A browser signed in with e-mail and password."""
        client = self.client()
        answer = post(client, "/masuk", {"email": email, "password": password})
        assert answer.status_code == 302, "sign-in failed"
        return client

    def person(self, phone: str = "", secret: str = PIN) -> FlaskClient:
        """A browser signed in with phone number and PIN or code."""
        client = self.client()
        answer = post(client, "/masuk/kode", {"phone": phone or self.person_phone, "code": secret})
        assert answer.status_code == 302, "sign-in failed"
        return client


def csrf_token(client: FlaskClient) -> str:
    """The token of this browser's session, from the front page's language switch."""
    page = client.get("/").get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "no CSRF token on the front page"
    return found.group(1)


def post(client: FlaskClient, path: str, data: dict, **more: object) -> TestResponse:
    """POST a form with its CSRF token."""
    return client.post(path, data={"csrf_token": csrf_token(client), **data}, **more)


def settings_for(url: str, home: Path) -> Settings:
    """Settings of a test site; the cache of embeddings is shared by all."""
    home.mkdir(parents=True, exist_ok=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    if not (home / "cache").exists():
        (home / "cache").symlink_to(CACHE)
    return Settings(
        database_url=url, home=home, data_key=TEST_KEY.hex(), secret_key="test secret " * 4
    )


def _fill(url: str, home: Path) -> None:
    app = create_app(settings_for(url, home))
    with app.app_context():
        migrations.upgrade(database.engine())
        session = database.session()
        reference.load(session)
        session.commit()
        demo_data.load(session, date.today(), size=SMALL)  # noqa: DTZ011
        database.close()
        database.engine().dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled SQLite file to copy."""
    folder = tmp_path_factory.mktemp("template")
    _fill(f"sqlite:///{folder / 'titian.db'}", folder)
    return folder / "titian.db"


@pytest.fixture(scope="session")
def postgres_template(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str]:
    """(URL of the server, name of a filled database to copy)."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    _administer(postgres_server, f"CREATE DATABASE {name}")
    _fill(_named(postgres_server, name), tmp_path_factory.mktemp("template"))
    return postgres_server, name


def _administer(server: str, statement: str) -> None:
    admin = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(statement))
    admin.dispose()


def _named(server: str, name: str) -> str:
    base, _, parameters = server.partition("?")
    return f"{base.rpartition('/')[0]}/{name}" + (f"?{parameters}" if parameters else "")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site with the small demo, shared by the tests of a module, on each database in turn."""
    home = tmp_path_factory.mktemp("site")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), home / "titian.db")
        url, name = f"sqlite:///{home / 'titian.db'}", ""
    else:
        server, template = request.getfixturevalue("postgres_template")
        name = f"site_{uuid.uuid4().hex[:12]}"
        _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
        url = _named(server, name)
    app = create_app(settings_for(url, home))
    with app.app_context():
        ways = demo_data.sign_ins(database.session())
    yield Site(app, next(way.name for way in ways if way.audience == "Person"))
    with app.app_context():
        database.engine().dispose()
    if name:
        _administer(
            request.getfixturevalue("postgres_server"), f"DROP DATABASE {name} WITH (FORCE)"
        )


@pytest.fixture(scope="module")
def browsers(site: Site) -> dict[str, FlaskClient]:
    """A browser for each audience, signed in once for a module."""
    return {
        "visitor": site.client(),
        "employer": site.employer(),
        "officer": site.officer(),
        "trainer": site.trainer(),
        "person": site.person(),
    }
