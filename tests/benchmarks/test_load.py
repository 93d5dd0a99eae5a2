"""The load test's own parts: the nation it makes, its browser, its judgement of answers."""

import asyncio
import gzip
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func
from sqlmodel import Session, select, text

from benchmarks.load import generate
from benchmarks.load.browser import Answer, Browser, BrowserError
from benchmarks.load.drive import Run, Seen
from benchmarks.load.generate import Accounts, Size
from benchmarks.load.pages import PAGES
from benchmarks.load.processes import memory, processor_seconds
from matcher.taxonomy import Taxonomy
from models import migrations
from models.certificates import Certificate, CertificateUnit
from models.employers import Vacancy, VacancyRequirement
from models.introductions import Consent
from models.people import Person, PersonIdentity
from tests.web.conftest import settings_for
from web import database
from web.app import create_app
from web.services import reference

SIZE = Size(people=900, vacancies=60, seed=3)


@pytest.fixture(scope="module")
def nation(
    tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy
) -> Iterator[tuple[Flask, Accounts]]:
    """A small nation on SQLite."""
    home = tmp_path_factory.mktemp("load")
    app = create_app(settings_for(f"sqlite:///{home / 'titian.db'}", home))
    with app.app_context():
        migrations.upgrade(database.engine())
        reference.load(database.session())
        database.session().commit()
        database.close()
        accounts = generate.fill(
            database.engine(), taxonomy, SIZE, date(2026, 11, 24), generate.plain
        )
    yield app, accounts
    app.extensions["titian_database"].dispose()


@pytest.fixture
def session(nation: tuple[Flask, Accounts]) -> Iterator[Session]:
    engine = nation[0].extensions["titian_database"].execution_options(read_only=True)
    with Session(engine) as opened:
        yield opened


def count(session: Session, model: type) -> int:
    return session.exec(select(func.count()).select_from(model)).one()


# The nation


def test_nation_has_the_size_asked_for_and_points_nowhere_else(session: Session) -> None:
    assert count(session, Person) == count(session, PersonIdentity) == SIZE.people
    assert count(session, Vacancy) == SIZE.vacancies
    assert count(session, CertificateUnit) > count(session, Certificate) > SIZE.people
    assert count(session, VacancyRequirement) >= 3 * SIZE.vacancies
    assert session.exec(text("PRAGMA foreign_key_check")).all() == []


def test_everybody_is_marked_as_made_up(session: Session) -> None:
    assert session.exec(select(func.count()).where(Person.is_synthetic)).one() == SIZE.people
    identity = session.exec(select(PersonIdentity)).first()
    assert identity.nik[4:10] == "990000"  # read through the encrypted column
    assert identity.phone.startswith("+62840")
    assert all(
        number.startswith("CONTOH-") for number in session.exec(select(Certificate.number)).all()
    )


def test_about_92_of_100_are_listed_and_officers_have_at_most_100_clients(
    session: Session,
) -> None:
    listed = session.exec(
        select(func.count(func.distinct(Consent.person_id))).where(Consent.purpose == "listing")
    ).one()
    assert 0.89 < listed / SIZE.people < 0.95
    clients = session.exec(
        select(func.count()).select_from(Person).group_by(Person.officer_id)
    ).all()
    assert max(clients) <= 100


def test_accounts_can_sign_in(nation: tuple[Flask, Accounts]) -> None:
    app, accounts = nation
    app.config["WTF_CSRF_ENABLED"] = False
    for name in (accounts.employers[0], accounts.officers[0], accounts.trainers[0]):
        form = {"email": name, "password": accounts.password}
        assert app.test_client().post("/masuk", data=form).status_code == 302
    form = {"phone": accounts.people[0], "code": accounts.pin}
    assert app.test_client().post("/masuk/kode", data=form).status_code == 302


# The browser


def _run(visit: Coroutine) -> Any:
    """In a thread of its own: where browser tests ran before, this one's loop never ends."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, visit).result()


async def _serve(answers: list[bytes]) -> tuple[asyncio.Server, int]:
    """A server that gives one answer a connection and then closes it without a word."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answers.pop(0))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


def _answer(body: bytes, *headers: str) -> bytes:
    packed = gzip.compress(body)
    lines = [
        "HTTP/1.1 200 OK",
        f"Content-Length: {len(packed)}",
        "Content-Encoding: gzip",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + packed


def test_browser_keeps_cookies_and_sends_again_what_a_closed_connection_lost() -> None:
    page = b'<input name="csrf_token" value="abc">'

    async def visit() -> tuple[Browser, Answer]:
        server, port = await _serve([_answer(page, "Set-Cookie: titian=x; Path=/"), _answer(b"2")])
        async with server:
            browser = Browser("127.0.0.1", port)
            await browser.get("/")
            await asyncio.sleep(0.05)  # meanwhile the server closes the kept connection
            return browser, await browser.get("/")

    browser, second = _run(visit())
    assert (second.status, second.body, browser.again) == (200, b"2", 1)
    assert (browser.cookies, browser.token) == ({"titian": "x"}, "abc")


def test_browser_says_that_nobody_answers() -> None:
    async def visit() -> None:
        server, port = await _serve([b""])
        async with server:
            await Browser("127.0.0.1", port).get("/")

    with pytest.raises(BrowserError, match="IncompleteRead"):
        _run(visit())


# Judgement


def test_shares_of_the_pages_make_a_hundred() -> None:
    assert sum(page.share for page in PAGES) == 100


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (500, b"", "status 500"),
        (200, b"Ada kesalahan di pihak kami", "an error page"),
        (200, b'<h1 class="govuk-heading-l">Masuk</h1>', "signed out"),
        (200, b'action="/keluar" <h1>Lowongan</h1>', "another page"),
        (200, b'action="/keluar" <h1 class="govuk-heading-l">Klien</h1>', ""),
    ],
)
def test_page_that_answers_200_with_something_else_is_an_error(
    status: int, body: bytes, fault: str
) -> None:
    caseload = next(page for page in PAGES if page.name == "caseload")
    assert caseload.fault(Answer(status, body, len(body), "")) == fault


def test_percentiles_leave_the_warm_up_out_and_errors_never() -> None:
    seen = [Seen("a", float(second), 10.0 * second, 100, "") for second in range(1, 11)]
    seen.append(Seen("a", 0.5, 1.0, 0, "status 500"))
    told = Run(seen, seconds=11.0).as_json(warm_up=1.0)
    assert told["requests"] == 10
    assert told["all"]["p50"] == 55.0
    assert told["errors"] == 1
    assert told["rate"] == pytest.approx(1.0)


def test_costs_of_a_process_are_read_from_proc() -> None:
    own = int(Path("/proc/self").readlink().name)
    found = memory(own)
    assert 0 < found.share <= found.resident
    assert processor_seconds(own) > 0
