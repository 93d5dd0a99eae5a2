"""A real Chromium: the system's own where there is one, else playwright's."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

SYSTEM_BROWSERS = (Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser"))
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class NoBrowser(RuntimeError):
    """No Chromium could be started; the message says which were tried."""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser until the block ends. Raises NoBrowser."""
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        yield browser
        browser.close()


def _launch(playwright: Playwright) -> Browser:
    tried = []
    for path in (*filter(Path.exists, SYSTEM_BROWSERS), None):
        try:
            return playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error as error:
            tried.append(f"{path or 'the browser of playwright'}: {error.message.splitlines()[0]}")
    raise NoBrowser(
        f"no Chromium starts ({'; '.join(tried)}); install Debian's chromium, "
        "or run `playwright install chromium`"
    )
