"""Reading pages as people do: by headings, fields, errors and buttons."""

import re
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import TestResponse


def tree(answer: TestResponse) -> Element:
    """The parsed page."""
    return html5lib.parse(answer.get_data(as_text=True), namespaceHTMLElements=False)


def words(element: Element | None) -> str:
    """The text of an element on one line."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def page_words(answer: TestResponse) -> str:
    """All text of a page's main part."""
    return words(tree(answer).find(".//main"))


def with_class(root: Element, name: str) -> list[Element]:
    """The elements that carry a class."""
    return [found for found in root.iter() if name in (found.get("class") or "").split()]


def by_id(root: Element, wanted: str) -> Element | None:
    return next((found for found in root.iter() if found.get("id") == wanted), None)


def summary(answer: TestResponse) -> dict[str, str]:
    """Address -> message, of the links in the list of errors at the top."""
    return {
        link.get("href", ""): words(link)
        for box in with_class(tree(answer), "govuk-error-summary__list")
        for link in box.iter("a")
    }


def error_beside(answer: TestResponse, field: str) -> str:
    """The message that the field itself points at, without its hidden prefix."""
    root = tree(answer)
    control = by_id(root, field)
    if control is None:
        return ""
    described = (control.get("aria-describedby") or "").split()
    messages = [by_id(root, name) for name in described if name.endswith("-error")]
    return re.sub(r"^\w+: ", "", words(messages[0])) if messages else ""


def typed(answer: TestResponse, name: str) -> list[str]:
    """What stands in a form's controls of one name: values, chosen options, ticked boxes."""
    found = []
    for control in tree(answer).iter():
        if control.get("name") != name:
            continue
        if control.tag == "textarea":
            found.append("".join(control.itertext()))
        elif control.tag == "select":
            found += [
                option.get("value", "")
                for option in control.iter("option")
                if option.get("selected") is not None
            ]
        elif control.get("type") in ("radio", "checkbox"):
            if control.get("checked") is not None:
                found.append(control.get("value", ""))
        elif control.tag == "input":
            found.append(control.get("value", ""))
    return found


def filled_form(answer: TestResponse) -> dict[str, list[str]]:
    """What a browser would send back of the page's main form, without the token and buttons."""
    controls = {
        control.get("name")
        for control in tree(answer).find(".//main").iter()
        if control.tag in ("input", "select", "textarea")
        and control.get("type") not in ("submit", "button")
    }
    return {name: typed(answer, name) for name in sorted(controls - {None, "csrf_token"})}


def links(answer: TestResponse) -> list[str]:
    """Addresses of all links to other pages of the site."""
    return [
        link.get("href", "")
        for link in tree(answer).iter("a")
        if (link.get("href") or "").startswith("/")
    ]


def buttons(answer: TestResponse) -> list[tuple[str, str]]:
    """(address, words) of every button of the main part that posts to an address of its own."""
    return [
        (form.get("action", ""), words(button))
        for form in tree(answer).find(".//main").iter("form")
        for button in form.iter("button")
        if form.get("action")
    ]


def without_token(answer: TestResponse) -> str:
    """The page with the parts that differ on every request blanked."""
    return re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r'\1""', answer.get_data(as_text=True))
