"""How many queries a page asks, that more rows ask no more, and that indexes answer them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from models.enums import IntroductionState
from tests.web import factories, reading
from tests.web.conftest import Site

# page -> audience and the most queries it may ask once its worker is warm
MOST = {
    "/": ("visitor", 0),
    "/masuk": ("visitor", 0),
    "/masuk/kode": ("visitor", 0),
    "/daftar": ("visitor", 1),
    "/perusahaan/lowongan": ("employer", 3),
    "/perusahaan/lowongan/baru": ("employer", 2),
    "/perusahaan/pengantar": ("employer", 6),
    "own vacancy": ("employer", 18),
    "/petugas/klien": ("officer", 12),
    "/petugas/klien?page=2": ("officer", 16),
    "/petugas/klien?text=budi": ("officer", 16),
    "client": ("officer", 32),
    "/petugas/lowongan": ("officer", 6),
    "/petugas/lowongan?text=las": ("officer", 6),
    "vacancy": ("officer", 18),
    "/petugas/pengantar": ("officer", 4),
    "/saya/lowongan": ("person", 22),
    "opportunity": ("person", 26),
    "/saya/tawaran": ("person", 4),
    "/saya/data": ("person", 12),
    "/pelatihan/peserta": ("trainer", 7),
    "/pelatihan/peserta?text=budi": ("trainer", 7),
    "trainee": ("trainer", 10),
}
LINKS = {  # kind of page -> the page that leads there and the links' pattern
    "own vacancy": ("/perusahaan/lowongan", r"^/perusahaan/lowongan/[a-z0-9]{12}$"),
    "client": ("/petugas/klien", r"^/petugas/klien/[a-z0-9]{12}$"),
    "vacancy": ("/petugas/lowongan", r"^/petugas/lowongan/[a-z0-9]{12}$"),
    "opportunity": ("/saya/lowongan", r"^/saya/lowongan/[a-z0-9]{12}$"),
    "trainee": ("/pelatihan/peserta", r"^/pelatihan/peserta/[a-z0-9]{12}$"),
}
LARGE = {  # tables that grow with the nation
    "person",
    "person_identity",
    "certificate",
    "certificate_unit",
    "training",
    "consent",
    "monthly_report",
    "introduction",
    "vacancy",
    "vacancy_requirement",
    "offence_record",
    "matching_change",
}
Query = tuple[str, Any]


@contextmanager
def queries(site: Site) -> Iterator[list[Query]]:
    """Every statement the application sends meanwhile, with its values."""
    sent: list[Query] = []

    def note(_connection, _cursor, statement, parameters, _context, _many) -> None:
        if statement != "BEGIN":  # SQLite's; PostgreSQL's is not told
            sent.append((statement, parameters))

    engine = site.app.extensions["titian_database"]
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def address(browser: FlaskClient, page: str) -> str:
    if page.startswith("/"):
        return page
    home, pattern = LINKS[page]
    return next(link for link in reading.links(browser.get(home)) if re.match(pattern, link))


def asked(site: Site, browser: FlaskClient, path: str) -> list[Query]:
    """The queries of a page that has been asked for before."""
    assert browser.get(path).status_code == 200
    with queries(site) as sent:
        assert browser.get(path).status_code == 200
    return sent


@pytest.mark.parametrize("page", MOST)
def test_page_asks_no_more_queries_than_it_needs(
    site: Site, browsers: dict[str, FlaskClient], page: str
) -> None:
    audience, most = MOST[page]
    browser = browsers[audience]
    sent = asked(site, browser, address(browser, page))
    assert len(sent) <= most, "\n".join(statement for statement, _ in sent)


def test_longer_lists_ask_no_more_queries(site: Site, browsers: dict[str, FlaskClient]) -> None:
    pages = [
        ("employer", "/perusahaan/lowongan"),
        ("employer", "/perusahaan/pengantar"),
        ("officer", "/petugas/klien"),
        ("officer", "/petugas/lowongan"),
        ("officer", "/petugas/pengantar"),
        ("trainer", "/pelatihan/peserta"),
    ]
    to, people = factories.vacancy(site), [factories.person(site) for _ in range(3)]
    for person in people:
        factories.introduction(site, to, person, IntroductionState.INTRODUCED, consent=True)
    before = {path: len(asked(site, browsers[who], path)) for who, path in pages}
    for _ in range(12):
        to, person = factories.vacancy(site), factories.person(site)
        factories.introduction(site, to, person, IntroductionState.INTRODUCED, consent=True)
    after = {path: len(asked(site, browsers[who], path)) for who, path in pages}
    assert all(after[path] <= before[path] for path in before), (before, after)


def test_more_cards_ask_no_more_queries(site: Site, browsers: dict[str, FlaskClient]) -> None:
    to = factories.vacancy(site, units=factories.WELDER_UNITS[:1])
    path = f"/perusahaan/lowongan/{to.public_id}"
    before = len(asked(site, browsers["employer"], path))
    for _ in range(8):
        factories.person(site)
    assert len(asked(site, browsers["employer"], path)) <= before


@pytest.mark.parametrize(
    ("audience", "page"),
    [
        (audience, page)
        for page, (audience, _) in MOST.items()
        if page != "/petugas/lowongan?text=las"
    ],
)
def test_no_page_reads_a_large_table_from_end_to_end(
    site: Site, browsers: dict[str, FlaskClient], audience: str, page: str
) -> None:
    """With sequential scans made dear, PostgreSQL finds an index for every query of a page; SQLite
    reads no large table without one. (Searching vacancies for a word reads their texts: that page
    is left out.)"""
    browser = browsers[audience]
    sent = asked(site, browser, address(browser, page))
    engine = site.app.extensions["titian_database"]
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, parameters in sent:
            if not statement.startswith("SELECT") or "count(*)" in statement.split("FROM")[0]:
                continue
            scanned = read_whole(connection, statement, parameters)
            assert not scanned & LARGE, (scanned & LARGE, statement)


def read_whole(connection: Any, statement: str, parameters: Any) -> set[str]:
    """The tables that the database's plan for a statement reads from end to end."""
    if connection.dialect.name == "postgresql":
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
        return set(re.findall(r"Seq Scan on (\w+)", "\n".join(plan)))
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    return {
        found.group(1)
        for row in plan
        if (found := re.match(r"SCAN (\w+)(?! USING)", row[3])) and "USING" not in row[3]
    }
