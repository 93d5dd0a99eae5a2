"""The pictures in the README: `python -m tests.browser.screenshots` takes them anew.

Serves the whole demo from a folder of its own and photographs the main page of each audience.
"""

import sys
import tempfile
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Browser

from tests.browser.chromium import NoBrowser, chromium
from tests.browser.employer_pages import EmployerPages
from tests.browser.officer_pages import OfficerPages
from tests.browser.pages import Pages
from tests.browser.person_pages import PersonPages
from tests.browser.serving import ServerError, running
from tests.browser.trainer_pages import TrainerPages
from tests.conftest import ROOT
from tests.web.conftest import settings_for
from web import database
from web.app import create_app
from web.services import demo_data
from web.services.demo_data import EMPLOYER_EMAIL, OFFICER_EMAIL, PASSWORD, PIN, TRAINER_EMAIL
from web.settings import Settings

AnyPages = TypeVar("AnyPages", bound=Pages)

FOLDER = ROOT / "docs" / "screenshots"
SCREEN = {"width": 1200, "height": 900}
PHONE = {"width": 390, "height": 844}
QUALITY = 75  # of JPEG, in percent
MOST_BYTES = 150_000
DEMO_SECONDS = 1800  # to make all of the demo, on a slow machine

VACANCY = """Bengkel fabrikasi di Kota Bekasi mencari juru las.
Syarat:
- Mengelas pelat posisi 3G dengan SMAW
- Membaca simbol las
- Memperbaiki cacat las
Gaji 5,2 - 5,8 juta per bulan. Kerja siang hari."""


def main() -> None:
    try:
        with tempfile.TemporaryDirectory(prefix="titian-") as name:
            home = Path(name)
            settings = settings_for(f"sqlite:///{home / 'titian.db'}", home)
            with running(settings, "demo", DEMO_SECONDS) as server, chromium() as browser:
                take_all(browser, server.address, _phone(settings))
    except (NoBrowser, ServerError) as error:
        sys.exit(f"screenshots: {error}")


def take_all(browser: Browser, address: str, phone: str) -> None:
    visitor = _open(browser, Pages, address)
    visitor.visit("/")
    take(visitor, "front")

    employer = _open(browser, EmployerPages, address)
    employer.sign_in(EMPLOYER_EMAIL, PASSWORD)
    employer.write_vacancy("Juru las SMAW", VACANCY)
    employer.publish()
    employer.visit(employer.path)  # again, without the banner
    take(employer, "employer")

    officer = _open(browser, OfficerPages, address)
    officer.sign_in(OFFICER_EMAIL, PASSWORD)
    officer.follow(officer.found_clients()[0])
    officer.page.locator("details").first.evaluate("each => each.open = true")
    take(officer, "officer")

    person = _open(browser, PersonPages, address)
    person.sign_in(phone, PIN)
    take(person, "person")

    trainer = _open(browser, TrainerPages, address)
    trainer.sign_in(TRAINER_EMAIL, PASSWORD)
    take(trainer, "trainer")


def take(pages: Pages, name: str) -> None:
    """Write docs/screenshots/NAME.jpg. Raises AssertionError when it is too large for a README."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.jpg"
    picture = pages.page.screenshot(path=path, type="jpeg", quality=QUALITY)
    assert len(picture) < MOST_BYTES, f"{path} has {len(picture):,} bytes"
    print(f"{path.relative_to(ROOT)}  {len(picture) // 1000} kB")


def _open(browser: Browser, audience: type[AnyPages], address: str) -> AnyPages:
    size = PHONE if audience is PersonPages else SCREEN
    return audience(browser.new_context(viewport=size, java_script_enabled=False), address)


def _phone(settings: Settings) -> str:
    """The phone number of the demo's person."""
    with create_app(settings).app_context():
        ways = demo_data.sign_ins(database.session())
        database.close()
    return next(way.name for way in ways if way.audience == "Person")


if __name__ == "__main__":
    main()
