"""Collects what pages say into the English catalogue: `make translations`.

Indonesian is the source language. Besides the calls of gettext in code and templates, the labels
of models.enums and the advice of matcher.vacancy_text are messages.
"""

import inspect
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from matcher.vacancy_text import CONCERNS
from models import enums
from models.enums import LabelledEnum

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "web" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
OPTIONS = {"templates/**.html": {"trimmed": "true"}}


def collect() -> Catalog:
    """Every message, with the files it stands in."""
    catalogue = Catalog(
        locale="en",
        project="Titian",
        version="1",
        header_comment="# English for Titian's pages; the source language is Indonesian.",
        copyright_holder="Titian",
        msgid_bugs_address="",
        last_translator="Titian",
        language_team="Titian",
        charset="utf-8",
        fuzzy=False,
    )
    for filename, line, message, comments, context in extract_from_dir(
        str(ROOT / "web"), METHODS, OPTIONS, keywords=KEYWORDS
    ):
        catalogue.add(message, locations=[(f"web/{filename}", line)], context=context)
        del comments
    for message in enum_labels():
        catalogue.add(message, locations=[("models/enums.py", 1)])
    for _kind, _pattern, advice in CONCERNS:
        catalogue.add(advice, locations=[("matcher/vacancy_text.py", 1)])
    return catalogue


def enum_labels() -> list[str]:
    """The labels of every enum and flag."""
    found = []
    for name, value in inspect.getmembers(enums):
        if inspect.isclass(value) and issubclass(value, LabelledEnum):
            found += [member.label for member in value]
        elif name.endswith("_LABELS"):
            found += list(value.values())
    return found


def update() -> Catalog:
    """Bring the catalogue up to date, keeping its translations; the result."""
    wanted = collect()
    if CATALOGUE.exists():
        with CATALOGUE.open("rb") as file:
            stored = read_po(file, locale="en")
        stored.update(wanted, no_fuzzy_matching=True)
        stored.obsolete.clear()
    else:
        stored = wanted
    stored.revision_date = stored.creation_date = datetime(2026, 11, 24, tzinfo=UTC)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, stored, width=100, sort_output=True, include_lineno=False)
    return stored


def missing(catalogue: Catalog) -> list[str]:
    """Messages without a translation."""
    return [str(message.id) for message in catalogue if message.id and not message.string]


if __name__ == "__main__":
    lacking = missing(update())
    for text in lacking:
        print(text)
    sys.exit(f"{len(lacking)} messages lack English" if lacking else 0)
