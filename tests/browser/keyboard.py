"""A hand that has only a keyboard."""

from playwright.sync_api import Page

# What Tab stops at, in the order of the page; of a group of radio buttons it is one.
STOPS = """
() => {
  const groups = new Set();
  return [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]'
  )].filter(each => {
    if (!each.checkVisibility()) return false;
    if (each.type !== 'radio') return true;
    const group = document.querySelectorAll(`input[type=radio][name="${each.name}"]`);
    const stop = [...group].find(radio => radio.checked) || group[0];
    return stop === each;
  });
}
"""
MOST_STOPS = 200


class Keyboard:
    """Presses keys and reads where the focus is."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab(self) -> None:
        self.page.keyboard.press("Tab")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def enter(self) -> None:
        """Press Enter where it leads to another page."""
        with self.page.expect_navigation():
            self.press("Enter")

    def tab_to(self, label: str) -> None:
        """Press Tab until the focus is on what carries this label or text."""
        for _ in range(MOST_STOPS):
            self.tab()
            if self.focused == label:
                return
        raise AssertionError(f"Tab never reaches {label!r}")

    @property
    def focused(self) -> str:
        """The label or text of what has the focus."""
        return self.page.evaluate(
            """() => {
              const here = document.activeElement;
              const label = here.labels && here.labels.length ? here.labels[0] : here;
              return label.innerText.trim();
            }"""
        )

    @property
    def focus_is_shown(self) -> bool:
        return self.page.evaluate(
            """() => {
              const style = getComputedStyle(document.activeElement);
              return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
            }"""
        )

    @property
    def place(self) -> int:
        """Which of the page's stops has the focus; -1 for none."""
        return self.page.evaluate(f"({STOPS})().indexOf(document.activeElement)")

    @property
    def stops(self) -> int:
        return self.page.evaluate(f"({STOPS})().length")
