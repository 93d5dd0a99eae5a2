"""What holds on every page of every audience, forms with errors among them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from werkzeug.exceptions import MethodNotAllowed, NotFound

from tests.browser.conftest import DESKTOP, PHONE, sign_in, windows
from tests.browser.employer_pages import EmployerPages
from tests.browser.officer_pages import OfficerPages
from tests.browser.pages import Pages
from tests.browser.person_pages import PersonPages
from tests.browser.trainer_pages import TrainerPages
from tests.browser.world import ServedSite

pytestmark = pytest.mark.browser

BLUEPRINTS = {
    Pages: "public",
    EmployerPages: "employers",
    OfficerPages: "officers",
    PersonPages: "people",
    TrainerPages: "trainers",
}
NOT_PAGES = {"public.health", "trainers.import_template"}
PHONE_WIDTHS = (320, 360)
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # The back link stands before the main part, so that the skip link passes over it.
    "rules": {"region": {"enabled": False}},
}


@dataclass
class Walk:
    """What was seen on the way through every page of an audience."""

    blueprint: str
    endpoints: set[str | None] = field(default_factory=set)
    too_wide: list[str] = field(default_factory=list)
    violations: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=BLUEPRINTS, ids=BLUEPRINTS.get)
def walk(request: pytest.FixtureRequest, site: ServedSite, browser: Browser) -> Iterator[Walk]:
    """One walk through all pages of an audience; scripts are on, for axe is one."""
    audience = request.param
    found = Walk(BLUEPRINTS[audience])
    size = PHONE if audience is PersonPages else DESKTOP
    with windows(site, browser) as open_window:
        pages = open_window(audience, size, scripts=True)
        sign_in(site, pages)
        for name in pages.every_page():
            found.endpoints.add(_endpoint(site, pages.path))
            pages.open_all_details()
            axe = Axe().run(pages.page, options=AXE_OPTIONS)
            if axe.violations_count:
                found.violations[name] = axe.generate_report()
            for width in PHONE_WIDTHS:
                pages.page.set_viewport_size({"width": width, "height": 640})
                needed = pages.page.evaluate("document.documentElement.scrollWidth")
                if needed > width:
                    found.too_wide.append(f"{name}: {needed} px at {width} px")
            pages.page.set_viewport_size({"width": size[0], "height": size[1]})
        found.problems = pages.problems
        yield found


def test_every_address_of_the_audience_was_seen(walk: Walk, site: ServedSite) -> None:
    addresses = {
        rule.endpoint
        for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith(f"{walk.blueprint}.") and "GET" in rule.methods
    }
    assert addresses - NOT_PAGES - walk.endpoints == set()


def test_no_page_scrolls_sideways_on_a_phone(walk: Walk) -> None:
    assert walk.too_wide == []


def test_axe_finds_no_violation(walk: Walk) -> None:
    assert walk.violations == {}


def test_console_is_silent_and_nothing_breaks_the_content_security_policy(walk: Walk) -> None:
    assert walk.problems == []


def _endpoint(site: ServedSite, path: str) -> str | None:
    try:
        return site.app.url_map.bind("").match(path)[0]
    except (NotFound, MethodNotAllowed):
        return None
