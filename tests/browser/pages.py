"""What a visitor does with a browser. The navigator of each audience builds on it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response

NOWHERE = "/tidak-ada"  # an address without a page


@dataclass(frozen=True, slots=True)
class Term:
    """A requirement on a card: in the employer's words, what stands against it, and how much."""

    asked: str
    answer: str
    share: int  # percent


class Card:
    """One match in a ranked list."""

    def __init__(self, item: Locator) -> None:
        self.item = item

    @property
    def title(self) -> str:
        return self.item.get_by_role("heading").inner_text()

    @property
    def text(self) -> str:
        return self.item.inner_text()

    @property
    def share(self) -> int:
        """How well it fits, in percent, as the bar says beside itself."""
        return _percent(self.item.locator(".titian-card__head").inner_text())

    @property
    def reasons(self) -> list[str]:
        """Why it cannot be, from the grey tags."""
        return self.item.locator(".govuk-tag--grey").all_inner_texts()

    @property
    def buttons(self) -> list[str]:
        return self.item.get_by_role("button").all_inner_texts()

    def open(self) -> None:
        _click_through(self.item.get_by_role("heading").get_by_role("link"))

    def press(self, text: str) -> None:
        _click_through(self.item.get_by_role("button", name=text, exact=True))

    def follow(self, text: str) -> None:
        _click_through(self.item.get_by_role("link", name=text, exact=True))

    def terms(self) -> list[Term]:
        return read_terms(self.item)


def read_terms(place: Locator) -> list[Term]:
    """The requirements listed somewhere, once their details are opened."""
    for closed in place.locator("details:not([open]) > summary").all():
        closed.click()
    return [
        Term(
            asked=item.locator("strong").inner_text(),
            answer=item.locator(".titian-muted").last.inner_text(),
            share=_percent(item.locator(".govuk-visually-hidden").inner_text()),
        )
        for item in place.locator(".titian-terms > li").all()
    ]


def _click_through(target: Locator) -> None:
    """Click what leads to another page, and wait for that page."""
    with target.page.expect_navigation():
        target.click()


def _percent(text: str) -> int:
    found = re.search(r"(\d+) %", text)
    assert found, f"no percentage in {text!r}"
    return int(found.group(1))


class Pages:
    """A browser window at Titian. `problems` gathers what the console said on the way."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.address = address
        self.problems: list[str] = []
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self._note(f"script: {error}"))
        self.page.on("response", self._note_answer)

    # What everybody does

    def visit(self, path: str) -> None:
        self.page.goto(self.address + path)

    def follow(self, text: str) -> None:
        """Click the link with this text."""
        _click_through(self.page.get_by_role("link", name=text, exact=True).first)

    def press(self, text: str) -> None:
        """Click the button with this text."""
        _click_through(self.page.get_by_role("button", name=text, exact=True).first)

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list of options."""
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def tick(self, label: str) -> None:
        """Tick a box or a radio button."""
        self.page.get_by_label(label, exact=True).check()

    def fill_day(self, group: str, day: str, month: str, year: str) -> None:
        """Fill the three boxes of a date."""
        boxes = self.page.get_by_role("group", name=group)
        for label, text in (("Hari", day), ("Bulan", month), ("Tahun", year)):
            boxes.get_by_label(label).fill(text)

    def open_details(self, text: str) -> None:
        self.page.locator("summary", has_text=text).first.click()

    def open_all_details(self) -> None:
        self.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

    def sign_out(self) -> None:
        self.press("Keluar")

    # What everybody reads

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address).partition("?")[0]

    @property
    def heading(self) -> str:
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def message(self) -> str:
        """What the banner says after something was done."""
        return self.page.locator(".govuk-notification-banner__heading").inner_text()

    @property
    def errors(self) -> list[str]:
        """What the summary above a form says."""
        return self.page.locator(".govuk-error-summary li").all_inner_texts()

    @property
    def text(self) -> str:
        return self.page.get_by_role("main").inner_text()

    @property
    def language(self) -> str | None:
        return self.page.locator("html").get_attribute("lang")

    def field(self, label: str) -> str:
        """What stands in a field."""
        return self.page.get_by_label(label, exact=True).input_value()

    def below(self, heading: str) -> Locator:
        """What stands right below a heading of the second level."""
        return self.page.locator(
            f"xpath=//h2[normalize-space()='{heading}']/following-sibling::*[1]"
        )

    def cards(self, place: Locator | None = None) -> list[Card]:
        """The matches listed on the page, or in a part of it, the best first."""
        return [Card(item) for item in (place or self.page).locator("li.titian-card").all()]

    def every_page(self) -> Iterator[str]:
        """Come to every page in turn; yields its name once it is open."""
        self.visit("/")
        yield "front"
        self.visit("/masuk")
        yield "sign in"
        self.press("Masuk")
        yield "sign in, with errors"
        self.visit("/masuk/kode")
        yield "sign in with a code"
        self.press("Masuk")
        yield "sign in with a code, with errors"
        self.visit("/daftar")
        yield "register"
        self.press("Daftar")
        yield "register, with errors"
        self.visit(NOWHERE)
        yield "not found"

    # What the console says

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self._note(message.text)

    def _note_answer(self, response: Response) -> None:
        if response.status >= 400 and not response.url.endswith(NOWHERE):
            self._note(f"{response.request.method} {response.url} answers {response.status}")

    def _note(self, problem: str) -> None:
        self.problems.append(f"{self.page.url}: {problem}")
