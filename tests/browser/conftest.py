"""One served site and one Chromium for all browser tests; scripts are off unless a test asks."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from models.enums import IntroductionState
from tests.browser import world
from tests.browser.chromium import NoBrowser, chromium
from tests.browser.employer_pages import EmployerPages
from tests.browser.officer_pages import OfficerPages
from tests.browser.pages import Pages
from tests.browser.person_pages import PersonPages
from tests.browser.serving import running
from tests.browser.trainer_pages import TrainerPages
from tests.browser.world import JobSeeker, ServedSite
from tests.conftest import skip_or_fail
from tests.web.conftest import _fill, settings_for
from web import database
from web.app import create_app
from web.services import demo_data
from web.services.demo_data import EMPLOYER_EMAIL, OFFICER_EMAIL, PASSWORD, TRAINER_EMAIL

DESKTOP = (1200, 900)
PHONE = (360, 740)

Opener = Callable[..., Pages]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        with chromium() as started:
            yield started
    except NoBrowser as error:
        skip_or_fail(str(error))


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """The small demo behind the real command; tests make rows of their own beside it."""
    home = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{home / 'titian.db'}"
    _fill(url, home)
    settings = settings_for(url, home)
    app = create_app(settings)
    with app.app_context():
        ways = demo_data.sign_ins(database.session())
        database.close()
    with running(settings) as server:
        phone = next(way.name for way in ways if way.audience == "Person")
        yield ServedSite(app, phone, server)


@contextlib.contextmanager
def windows(site: ServedSite, browser: Browser) -> Iterator[Opener]:
    """Gives a function that opens a window for an audience; closes them all at the end."""
    opened: list[Pages] = []

    def open_window(
        audience: type[Pages], size: tuple[int, int] = DESKTOP, scripts: bool = False
    ) -> Pages:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts
        )
        opened.append(audience(context, site.server.address))
        return opened[-1]

    yield open_window
    for pages in opened:
        pages.page.context.close()
    assert site.server.failures() == ""


def sign_in(site: ServedSite, pages: Pages) -> None:
    """Sign somebody of the audience in: the demo's, or a new job seeker with an offer to answer."""
    match pages:
        case EmployerPages():
            pages.sign_in(EMPLOYER_EMAIL, PASSWORD)
        case OfficerPages():
            pages.sign_in(OFFICER_EMAIL, PASSWORD)
        case TrainerPages():
            pages.sign_in(TRAINER_EMAIL, PASSWORD)
        case PersonPages():
            who = world.job_seeker(site)
            world.offer(site, who)
            world.offer(site, who, IntroductionState.PLACED)
            pages.sign_in(who.phone, who.pin)


@pytest.fixture
def open_pages(site: ServedSite, browser: Browser) -> Iterator[Opener]:
    """Opens windows that the consoles of their browsers must have nothing to say about."""
    with windows(site, browser) as open_window:
        opened: list[Pages] = []

        def open_watched(*arguments: Any, **options: Any) -> Pages:
            opened.append(open_window(*arguments, **options))
            return opened[-1]

        yield open_watched
        assert [problem for pages in opened for problem in pages.problems] == []


@pytest.fixture
def visitor(open_pages: Opener) -> Pages:
    return open_pages(Pages)


@pytest.fixture
def employer(open_pages: Opener) -> EmployerPages:
    return open_pages(EmployerPages)


@pytest.fixture
def officer(open_pages: Opener) -> OfficerPages:
    return open_pages(OfficerPages)


@pytest.fixture
def person(open_pages: Opener) -> PersonPages:
    """On a small phone."""
    return open_pages(PersonPages, PHONE)


@pytest.fixture
def trainer(open_pages: Opener) -> TrainerPages:
    return open_pages(TrainerPages)


@pytest.fixture
def seeker(site: ServedSite) -> JobSeeker:
    """Somebody who looks for work; no other test knows them."""
    return world.job_seeker(site)
