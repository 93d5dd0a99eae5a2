"""Which pages the driver asks for, how often, and by what it knows a right answer.

The shares are a guess at a working day, not a measurement: nobody uses Titian yet. Officers read
most, then people and employers; every hundredth request signs in, every two hundredth writes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from benchmarks.load.browser import Answer, Browser

SIGNED_IN = b'action="/keluar"'
BROKEN = (b"Ada kesalahan", b"Something went wrong", b"Traceback")
WORDS = ("las", "masak", "siti", "budi", "bekasi", "mesin", "jahit", "kayu")
SCHEME = "/sertifikat?scheme=smaw-welder-s1"


@dataclass(slots=True)
class Visitor:
    """A browser, who sits before it, and the links seen so far, by kind."""

    audience: str
    browser: Browser
    name: str = ""
    secret: str = ""
    links: dict[str, list[str]] = field(default_factory=dict)

    def learn(self, body: bytes) -> None:
        """Keep the links of a page for later requests."""
        for kind, pattern in LINKS.items():
            found = [path.decode() for path in dict.fromkeys(pattern.findall(body))]
            if found:
                self.links[kind] = found

    def link(self, kind: str, random: Random) -> str:
        """One of the links of a kind. Raises MissingLink when no page has shown one."""
        if not self.links.get(kind):
            raise MissingLink(f"{self.audience}: no page has shown a link to {kind}")
        return random.choice(self.links[kind])


class MissingLink(Exception):
    """The page asked for hangs on a link that was not on the pages before it."""


LINKS = {
    "own vacancy": re.compile(rb'href="(/perusahaan/lowongan/[a-z0-9]{12})"'),
    "client": re.compile(rb'href="(/petugas/klien/[a-z0-9]{12})"'),
    "vacancy": re.compile(rb'href="(/petugas/lowongan/[a-z0-9]{12})"'),
    "opportunity": re.compile(rb'href="(/saya/lowongan/[a-z0-9]{12})"'),
    "trainee": re.compile(rb'href="(/pelatihan/peserta/[a-z0-9]{12})"'),
    "certificate": re.compile(rb'action="(/pelatihan/peserta/[a-z0-9]{12}/sertifikat/[a-z0-9]+)"'),
}

Path = Callable[[Visitor, Random], str]
Fields = Callable[[Random], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of request. share: parts of a hundred; mark: what a right answer shows."""

    name: str
    audience: str
    share: float
    path: Path
    mark: bytes
    kind: str | None = None  # of the link it hangs on
    fields: Fields | None = None  # of a form that is sent; the answer then leads elsewhere

    def fault(self, answer: Answer) -> str:
        """What is wrong with an answer; empty when it is right."""
        expected = 302 if self.fields else 200
        if answer.status != expected:
            return f"status {answer.status}"
        if self.fields:
            return "" if self.mark.decode() in answer.location else f"leads to {answer.location}"
        if any(words in answer.body for words in BROKEN):
            return "an error page"
        if self.audience != "visitor" and SIGNED_IN not in answer.body:
            return "signed out"
        return "" if self.mark in answer.body else "another page"


def at(path: str) -> Path:
    return lambda _visitor, _random: path


def searched(path: str) -> Path:
    return lambda _visitor, random: f"{path}?text={random.choice(WORDS)}"


def linked(
    name: str,
    audience: str,
    share: float,
    kind: str,
    mark: bytes,
    end: str = "",
    fields: Fields | None = None,
) -> Page:
    """A page at a link that an earlier page has shown."""
    return Page(
        name,
        audience,
        share,
        lambda visitor, random: visitor.link(kind, random) + end,
        mark,
        kind,
        fields,
    )


def _report(random: Random) -> dict[str, object]:
    day = date.today() - timedelta(days=random.randrange(28))  # noqa: DTZ011
    return {"reported_on": [day.day, day.month, day.year], "is_working": "yes"}


def _verified(_random: Random) -> dict[str, object]:
    return {"verification": "verified"}


def _heading(text: str) -> bytes:
    return f'<h1 class="govuk-heading-l">{text}</h1>'.encode()


_NAMED = b'<h1 class="govuk-heading-l govuk-!-margin-bottom-2">'

PAGES = (
    Page("front page", "visitor", 8, at("/"), b"Keahlian bersertifikat bertemu pekerjaan</h1>"),
    Page("sign-in form", "visitor", 3, at("/masuk"), _heading("Masuk")),
    Page("sign-in form, code", "visitor", 2, at("/masuk/kode"), _heading("Masuk dengan kode")),
    Page("sign-in", "new", 1, at("/masuk"), b"/"),
    Page("own vacancies", "employer", 6, at("/perusahaan/lowongan"), _heading("Lowongan saya")),
    linked("cards", "employer", 8, "own vacancy", b"kartu keahlian"),
    Page("introductions", "employer", 4, at("/perusahaan/pengantar"), _heading("Pengantar")),
    Page("vacancy form", "employer", 2, at("/perusahaan/lowongan/baru"), b"Tulis lowongan</h1>"),
    Page("caseload", "officer", 10, at("/petugas/klien"), _heading("Klien")),
    Page("caseload, page 2", "officer", 2, at("/petugas/klien?page=2"), _heading("Klien")),
    Page("caseload, search", "officer", 3, searched("/petugas/klien"), _heading("Klien")),
    linked("client", "officer", 8, "client", _NAMED),
    Page("vacancies", "officer", 4, at("/petugas/lowongan"), _heading("Lowongan")),
    Page("vacancies, search", "officer", 3, searched("/petugas/lowongan"), _heading("Lowongan")),
    linked("clients of a vacancy", "officer", 4, "vacancy", _NAMED),
    Page("introductions", "officer", 2.5, at("/petugas/pengantar"), _heading("Pengantar")),
    linked("report, written", "officer", 0.5, "client", b"/petugas/", "/lapor", _report),
    Page("opportunities", "person", 9, at("/saya/lowongan"), b"yang cocok untuk Anda</h1>"),
    linked("opportunity", "person", 5, "opportunity", _NAMED),
    Page("offers", "person", 3, at("/saya/tawaran"), _heading("Tawaran untuk Anda")),
    Page("own data", "person", 3, at("/saya/data"), _heading("Data saya")),
    Page("trainees", "trainer", 4, at("/pelatihan/peserta"), b"Peserta</h1>"),
    Page("trainees, search", "trainer", 1.5, searched("/pelatihan/peserta"), b"Peserta</h1>"),
    linked("trainee", "trainer", 2.5, "trainee", _NAMED),
    linked("certificate form", "trainer", 0.5, "trainee", b'name="number"', SCHEME),
    linked("verification", "trainer", 0.5, "certificate", b"/peserta/", "", _verified),
)
assert sum(page.share for page in PAGES) == 100
HOMES = {
    "employer": ("/perusahaan/lowongan",),
    "officer": ("/petugas/klien", "/petugas/lowongan"),
    "person": ("/saya/lowongan",),
    "trainer": ("/pelatihan/peserta",),
}
SECOND = {"trainer": "trainee"}  # a link of the home that is opened too
