"""What every page owes: it writes nothing, is valid, light, in both languages, with its headers."""

import gzip
import io
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from babel.messages.pofile import read_po
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.enums import IntroductionState
from tests.conftest import TEST_KEY
from tests.web import factories, reading
from tests.web.conftest import Site, csrf_token, post, settings_for
from web import messages
from web.app import create_app
from web.permissions import Permission, requires

HOMES = {
    "visitor": ["/", "/masuk", "/masuk/kode", "/daftar", "/healthz"],
    "employer": ["/", "/perusahaan/lowongan", "/perusahaan/pengantar"],
    "officer": ["/", "/petugas/klien", "/petugas/lowongan", "/petugas/pengantar"],
    "trainer": ["/", "/pelatihan/peserta", "/pelatihan/impor"],
    "person": ["/", "/saya/lowongan", "/saya/tawaran", "/saya/data"],
}
MOST_OF_A_KIND = 2  # pages of one route that a crawl opens

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "manifest-src 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass
class Visit:
    """One page as one audience saw it in one language."""

    audience: str
    language: str
    path: str
    endpoint: str
    answer: TestResponse

    def __str__(self) -> str:
        return f"{self.audience} {self.language} {self.path}"

    @property
    def is_page(self) -> bool:
        return self.answer.mimetype == "text/html"

    @cached_property
    def root(self) -> Element:
        return reading.tree(self.answer)


def endpoint_of(app: Flask, path: str) -> str:
    parts = urlsplit(path)
    return app.url_map.bind("localhost").match(parts.path, method="GET")[0]


def crawl(site: Site, audience: str, language: str, browser: FlaskClient) -> list[Visit]:
    """Every kind of page that links lead to."""
    waiting, seen, visits = list(HOMES[audience]), set(), []
    opened: Counter[str] = Counter()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        endpoint = endpoint_of(site.app, path)
        opened[endpoint] += 1
        if opened[endpoint] > MOST_OF_A_KIND:
            continue
        answer = browser.get(path)
        visits.append(Visit(audience, language, path, endpoint, answer))
        if visits[-1].is_page:
            waiting += reading.links(answer)
    return visits


@dataclass
class Crawl:
    visits: list[Visit]
    written: set[str]  # tables that were changed meanwhile

    @property
    def pages(self) -> list[Visit]:
        return [visit for visit in self.visits if visit.is_page]


@pytest.fixture(scope="module")
def crawled(site: Site, browsers: dict[str, FlaskClient]) -> Crawl:
    """Every page of every audience, in both languages."""
    person = factories.demo_person(site)
    factories.introduction(site, factories.vacancy(site), person)
    factories.introduction(
        site, factories.vacancy(site), person, IntroductionState.INTRODUCED, consent=True
    )
    for _ in range(30):  # so that there is a second page of clients and of trainees
        factories.person(site, certified=False)
    visits = []
    before = factories.contents(site, with_reference=True)
    for language in ("id", "en"):
        for audience, browser in browsers.items():
            post(browser, "/bahasa", {"language": language})
            visits += crawl(site, audience, language, browser)
    written = factories.changed_tables(before, factories.contents(site, with_reference=True))
    for browser in browsers.values():
        post(browser, "/bahasa", {"language": "id"})
    # beside links: the pages that forms with GET lead to, and forms with errors
    for language in ("id", "en"):
        for audience, browser in browsers.items():
            post(browser, "/bahasa", {"language": language})
            visits += refused_forms(site, audience, language, browser, visits)
            post(browser, "/bahasa", {"language": "id"})
    return Crawl(visits, written)


def refused_forms(
    site: Site, audience: str, language: str, browser: FlaskClient, visits: list[Visit]
) -> list[Visit]:
    """Pages of forms sent empty, and the certificate page that a form with GET leads to."""
    paths = {
        "visitor": ["/masuk", "/masuk/kode", "/daftar"],
        "employer": ["/perusahaan/lowongan/baru"],
        "person": ["/saya/data/keinginan", "/saya/data/pin"],
        "trainer": ["/pelatihan/peserta/baru", "/pelatihan/impor"],
        "officer": [],
    }[audience]

    def first(endpoint: str) -> str:
        return next(visit.path for visit in visits if visit.endpoint == endpoint)

    gets = []
    if audience == "employer":
        paths.append(first("employers.candidates") + "/periksa")
    if audience == "officer":
        client = first("officers.client")
        paths += [f"{client}/syarat", f"{client}/catatan", f"{client}/lapor", f"{client}/kode"]
        gets.append("/petugas/klien?text=zzzz")
    if audience == "trainer":
        trainee = first("trainers.person")
        certificate = f"{trainee}/sertifikat?scheme={factories.WELDER}"
        paths += [f"{trainee}/telepon", f"{trainee}/pelatihan", certificate]
        gets.append(certificate)
    answers = [(path, browser.get(path)) for path in gets]
    answers += [(path, post(browser, path, {})) for path in paths]
    assert all(answer.status_code == 200 for _path, answer in answers)
    return [Visit(audience, language, path, "", answer) for path, answer in answers]


def test_links_lead_to_every_page(site: Site, crawled: Crawl) -> None:
    wanted = {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in rule.methods}
    for language in ("id", "en"):
        visited = {visit.endpoint for visit in crawled.visits if visit.language == language}
        assert wanted - visited == set()


def test_no_link_is_broken(crawled: Crawl) -> None:
    assert [str(visit) for visit in crawled.visits if visit.answer.status_code != 200] == []


def test_reading_writes_nothing(crawled: Crawl) -> None:
    assert len(crawled.visits) > 100
    assert crawled.written == set()


# Valid


def test_every_page_is_valid_html(crawled: Crawl) -> None:
    faults = {}
    for visit in crawled.pages:
        try:
            html5lib.HTMLParser(strict=True).parse(visit.answer.get_data(as_text=True))
        except html5lib.html5parser.ParseError as error:
            faults[str(visit)] = str(error)
    assert faults == {}


def test_every_id_stands_once_on_its_page_and_what_points_at_one_finds_it(
    crawled: Crawl,
) -> None:
    faults = []
    for visit in crawled.pages:
        elements = list(visit.root.iter())
        ids = Counter(element.get("id") for element in elements if element.get("id"))
        faults += [(str(visit), "twice", name) for name, times in ids.items() if times > 1]
        for element in elements:
            pointed = [
                name
                for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls")
                for name in (element.get(attribute) or "").split()
            ]
            if element.tag == "a" and (element.get("href") or "").startswith("#"):
                pointed.append(element.get("href", "")[1:])
            faults += [
                (str(visit), "points at nothing", name) for name in pointed if name not in ids
            ]
    assert faults == []


def test_every_page_has_one_main_heading_a_title_and_its_language(crawled: Crawl) -> None:
    for visit in crawled.pages:
        root = visit.root
        assert root.get("lang") == visit.language, visit
        assert len(list(root.iter("h1"))) == 1, visit
        assert len(list(root.iter("main"))) == 1, visit
        title = reading.words(root.find("head/title"))
        assert title.endswith("– Titian"), visit
        assert len(title) > len("– Titian") + 3, visit


def test_headings_never_skip_a_level(crawled: Crawl) -> None:
    faults = set()
    for visit in crawled.pages:
        levels = [
            int(element.tag[1])
            for element in visit.root.iter()
            if isinstance(element.tag, str) and re.fullmatch(r"h[1-6]", element.tag)
        ]
        for before, after in zip([0, *levels], levels, strict=False):
            if after > before + 1 and before:
                faults.add((visit.endpoint or visit.path, f"h{before} -> h{after}"))
    assert faults == set()


def test_every_control_has_a_name_to_read(crawled: Crawl) -> None:
    faults = set()
    for visit in crawled.pages:
        root = visit.root
        labelled = {label.get("for") for label in root.iter("label")}
        for control in root.iter():
            is_field = control.tag in ("input", "select", "textarea")
            if is_field and control.get("type") not in ("hidden", "submit"):
                named = control.get("id") in labelled or control.get("aria-label")
                faults |= set() if named else {(str(visit), control.get("name"))}
            if control.tag in ("a", "button") and not reading.words(control):
                faults.add((str(visit), control.tag))
    assert faults == set()


def test_no_page_holds_a_script_a_style_or_anything_from_elsewhere(crawled: Crawl) -> None:
    for visit in crawled.pages:
        for element in visit.root.iter():
            assert element.tag not in ("script", "style", "iframe", "object", "embed"), visit
            assert element.get("style") is None, visit
            handlers = [name for name in element.attrib if str(name).startswith("on")]
            assert handlers == [], visit
            for attribute in ("src", "href", "action"):
                value = element.get(attribute) or ""
                assert not re.match(r"(https?:)?//|javascript:|data:", value), (str(visit), value)


def test_every_form_that_writes_carries_a_token(crawled: Crawl) -> None:
    for visit in crawled.pages:
        for form in visit.root.iter("form"):
            names = [control.get("name") for control in form.iter("input")]
            if (form.get("method") or "get").lower() == "post":
                assert names.count("csrf_token") == 1, visit
            else:
                assert "csrf_token" not in names, visit


def test_a_csv_to_fill_in_is_a_file(crawled: Crawl) -> None:
    files = [visit for visit in crawled.visits if visit.endpoint == "trainers.import_template"]
    assert files
    for visit in files:
        assert visit.answer.mimetype == "text/csv"
        assert visit.answer.headers["Content-Disposition"].startswith("attachment; ")


# Light


def transferred(client: FlaskClient, path: str) -> int:
    """Bytes of a body on the wire, for a browser that takes compression."""
    answer = client.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert answer.status_code == 200
    return len(answer.get_data())


def test_every_page_with_its_styles_weighs_less_than_60_kilobytes(
    site: Site, crawled: Crawl, browsers: dict[str, FlaskClient]
) -> None:
    front = reading.tree(browsers["visitor"].get("/"))
    files = {link.get("href") for link in front.iter("link")} | {
        image.get("src") for image in front.iter("img")
    }
    around = sum(transferred(browsers["visitor"], path) for path in files)
    heavy = {
        str(visit): around + weight
        for visit in crawled.pages
        if visit.endpoint
        and (weight := transferred(browsers[visit.audience], visit.path)) + around > 60_000
    }
    assert heavy == {}


def test_pages_are_compressed(site: Site) -> None:
    answer = site.client().get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"<!doctype html>" in gzip.decompress(answer.get_data())
    assert "Accept-Encoding" in answer.headers["Vary"]


# Languages


def message_ids() -> dict[str, str]:
    """Indonesian -> English, of messages that are sentences of their own."""
    with messages.CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en")
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and isinstance(message.id, str) and message.id != message.string
    }


IN_FILES = {"Masih menjalani pembinaan"}  # an example of what stands in a file to import


def test_no_indonesian_of_ours_is_left_on_an_english_page(crawled: Crawl) -> None:
    sentences = [
        text
        for text in message_ids()
        if "%(" not in text and len(text.split()) >= 3 and text not in IN_FILES
    ]
    assert len(sentences) > 150
    left = set()
    for visit in crawled.pages:
        if visit.language == "en":
            body = " ".join(visit.root.find("body").itertext())
            body = " ".join(body.split())
            left |= {(visit.endpoint or visit.path, text) for text in sentences if text in body}
    assert left == set()


def test_the_language_stays_until_it_is_switched_back(site: Site) -> None:
    browser = site.employer()
    answer = post(browser, "/bahasa", {"language": "en", "back": "/perusahaan/pengantar?page=2"})
    assert answer.location == "/perusahaan/pengantar?page=2"
    for path in ("/perusahaan/lowongan", "/perusahaan/lowongan/baru", "/tidak/ada"):
        assert reading.tree(browser.get(path)).get("lang") == "en"
    post(browser, "/bahasa", {"language": "id"})
    assert reading.tree(browser.get("/perusahaan/lowongan")).get("lang") == "id"


@pytest.mark.parametrize("language", ["", "fr", "en-US", "../en", "🔥", "x" * 5000])
def test_an_unknown_language_changes_nothing(site: Site, language: str) -> None:
    browser = site.client()
    assert post(browser, "/bahasa", {"language": language}).status_code == 302
    assert reading.tree(browser.get("/")).get("lang") == "id"


def test_the_switch_of_a_page_leads_back_to_the_same_search(site: Site) -> None:
    browser = site.officer()
    page = browser.get("/petugas/klien?text=las&province=32")
    (back,) = reading.typed(page, "back")
    answer = post(browser, "/bahasa", {"language": "en", "back": back})
    assert answer.location == "/petugas/klien?text=las&province=32"


# Headers


def test_every_page_carries_its_headers(crawled: Crawl) -> None:
    requests = set()
    for visit in crawled.visits:
        headers = visit.answer.headers
        for name, value in SECURITY_HEADERS.items():
            assert headers.getlist(name) == [value], (str(visit), name)
        assert headers["Cache-Control"] == "no-store", visit
        assert "ETag" not in headers, visit
        requests.add(headers["X-Request-Id"])
    assert len(requests) == len(crawled.visits)
    assert all(re.fullmatch(r"[0-9a-f]{16}", request_id) for request_id in requests)


def test_static_files_carry_the_headers_and_may_be_kept(site: Site) -> None:
    front = reading.tree(site.client().get("/"))
    files = {link.get("href") for link in front.iter("link")}
    assert {Path(urlsplit(path).path).suffix for path in files} >= {".css", ".svg"}
    for path in files:
        answer = site.client().get(path)
        assert answer.status_code == 200
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.getlist(name) == [value], (path, name)
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_the_address_of_a_static_file_changes_with_its_contents(site: Site) -> None:
    front = reading.tree(site.client().get("/"))
    for link in front.iter("link"):
        assert re.search(r"\?v=[0-9a-f]{8}$", link.get("href", ""))


def test_no_static_file_leads_out_of_its_folder(site: Site) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static/govuk.cs"):
        assert site.client().get(path).status_code == 404


def test_the_session_cookie_is_hidden_from_scripts_and_other_sites(site: Site) -> None:
    (cookie,) = site.client().get("/").headers.getlist("Set-Cookie")
    assert cookie.startswith("titian=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_the_cookie_travels_over_https_alone_where_that_is_set(site: Site, tmp_path: Path) -> None:
    settings = site.app.config["SETTINGS"].model_copy(update={"secure_cookies": True})
    (cookie,) = create_app(settings).test_client().get("/").headers.getlist("Set-Cookie")
    assert "Secure" in cookie


# Error pages


def broken_app(site: Site, tmp_path: Path) -> Flask:
    """The application with one more page, which fails."""
    app = create_app(site.app.config["SETTINGS"])

    @requires(Permission.PUBLIC)
    def fail() -> str:
        raise RuntimeError(f"rahasia: {request.path} {TEST_KEY.hex()}")

    app.add_url_rule("/gagal", "fail", fail, methods=["GET", "POST"])
    return app


def error(site: Site, tmp_path: Path, code: int, language: str) -> TestResponse:
    """An error page as its audience meets it."""
    if code == 500:
        browser = broken_app(site, tmp_path).test_client()
    else:
        browser = site.trainer() if code in (403, 413) else site.client()
    post(browser, "/bahasa", {"language": language})
    if code == 413:
        file = (io.BytesIO(b"x" * (6 * 1024 * 1024)), "besar.csv")
        return post(browser, "/pelatihan/impor", {"kind": "people", "file": file})
    return {
        400: lambda: browser.post("/masuk", data={"email": "x"}),
        403: lambda: browser.get("/petugas/klien"),
        404: lambda: browser.get("/tidak/ada"),
        405: lambda: browser.get("/keluar"),
        500: lambda: browser.get("/gagal"),
    }[code]()


ERRORS = {
    400: ("Permintaan tidak bisa dibaca", "cannot be read"),
    403: ("Halaman ini bukan untuk akun Anda", "not for your account"),
    404: ("Halaman tidak ditemukan", "not found"),
    405: ("Permintaan tidak bisa dibaca", "cannot be read"),
    413: ("Berkas atau tulisan terlalu besar", "too large"),
    500: ("Ada kesalahan di pihak kami", "on our side"),
}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("code", ERRORS)
def test_every_error_has_a_page_in_both_languages(
    site: Site, tmp_path: Path, code: int, language: str
) -> None:
    answer = error(site, tmp_path, code, language)
    assert answer.status_code == code
    html5lib.HTMLParser(strict=True).parse(answer.get_data(as_text=True))
    root = reading.tree(answer)
    assert root.get("lang") == language
    assert (language == "id") == (ERRORS[code][0] == reading.words(root.find(".//h1")))
    assert "Traceback" not in answer.get_data(as_text=True)
    assert "rahasia" not in answer.get_data(as_text=True)
    assert TEST_KEY.hex() not in answer.get_data(as_text=True)
    assert "/" in reading.links(answer), "a way on"
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers.getlist(name) == [value], name
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-Id"])


def test_a_page_that_was_open_too_long_says_so(site: Site) -> None:
    answer = site.client().post("/masuk", data={"email": "x", "csrf_token": "old"})
    assert "sudah terlalu lama terbuka" in reading.page_words(answer)


def test_a_form_of_more_than_five_megabytes_is_too_large(site: Site) -> None:
    browser = site.employer()
    answer = post(
        browser, "/perusahaan/lowongan/baru", {"title": "x", "text": "x" * 6 * 1024 * 1024}
    )
    assert answer.status_code == 413
    assert "terlalu besar" in reading.page_words(answer)


def test_a_form_that_is_no_text_is_a_bad_request(site: Site) -> None:
    answer = site.client().post(
        "/masuk", data=b"email=\xff\xfe%", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("audience", ["visitor", "employer"])
def test_a_database_that_is_gone_gets_a_page_for_errors_too(
    site: Site, browsers: dict[str, FlaskClient], tmp_path: Path, audience: str
) -> None:
    """An empty database file stands for one that cannot be used."""
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path))
    browser = app.test_client()
    cookie = browsers[audience].get_cookie("titian")
    browser.set_cookie("titian", cookie.value)
    answer = browser.get("/perusahaan/lowongan" if audience == "employer" else "/")
    assert answer.status_code == 500
    assert "Ada kesalahan di pihak kami" in reading.page_words(answer)
    html5lib.HTMLParser(strict=True).parse(answer.get_data(as_text=True))
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers.getlist(name) == [value], name


@pytest.mark.parametrize("path", ["/", "/masuk", "/petugas/klien", "/%00", "/tidak/ada?x=%00"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_break_nothing(site: Site, path: str, method: str) -> None:
    answer = site.client().open(path, method=method)
    assert answer.status_code in (200, 302, 400, 404, 405)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/petugas/klien/%F0%9F%94%A5",
        "/petugas/klien/" + "x" * 3000,
        "/petugas/lowongan/%00",
        "/petugas/lowongan/..%2f..%2fetc",
        "/petugas/klien?text=%00",
        "/petugas/klien?text=%ff%fe",
        "/petugas/klien?%00=1",
        "/petugas/lowongan?province=%F0%9F%94%A5",
    ],
)
def test_odd_addresses_get_a_page(site: Site, browsers: dict[str, FlaskClient], path: str) -> None:
    answer = browsers["officer"].get(path)
    assert answer.status_code in (200, 400, 404)
    assert answer.mimetype == "text/html"


def test_a_token_is_the_browsers_own(site: Site) -> None:
    assert csrf_token(site.client()) != csrf_token(site.client())
