"""The English catalogue is whole: every message has English that says it with the same values."""

import gettext
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from models.enums import ConsentPurpose, Education, LabelledEnum
from web import messages

PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[sdif]|\{(\w*)\}|%%")


@pytest.fixture(scope="module")
def collected() -> Catalog:
    return messages.collect()


@pytest.fixture(scope="module")
def english() -> Catalog:
    with messages.CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def forms(text: object) -> list[str]:
    """Singular and plural, or the only form."""
    return [text] if isinstance(text, str) else list(text or [])


def real(catalogue: Catalog) -> list[Message]:
    """The messages, without the head of the file."""
    return [message for message in catalogue if message.id]


def placeholders(text: str) -> Counter[str]:
    return Counter(found.group(0) for found in PLACEHOLDER.finditer(text))


def test_every_message_has_english(collected: Catalog, english: Catalog) -> None:
    lacking = []
    for message in real(collected):
        found = english.get(message.id, message.context)
        if found is None or found.fuzzy or not all(forms(found.string) or [""]):
            lacking.append(message.id)
    assert lacking == []


def test_english_has_the_placeholders_of_the_indonesian(english: Catalog) -> None:
    different = []
    for message in real(english):
        wanted = placeholders(forms(message.id)[-1])
        for text in forms(message.string):
            if text and placeholders(text) != wanted:
                different.append((message.id, text))
    assert different == []


def test_english_begins_and_ends_as_the_indonesian(english: Catalog) -> None:
    """A message that is glued to others keeps its spaces, its full stop and its capital."""
    different = []
    for message in real(english):
        said, english_said = forms(message.id)[0], forms(message.string)[0]
        same_space = (said != said.strip()) == (english_said != english_said.strip())
        same_stop = (said[-1] in ".?!:") == (english_said[-1:] in (".", "?", "!", ":"))
        if not (same_space and same_stop):
            different.append((said, english_said))
    assert different == []


def test_nothing_is_kept_that_no_page_says(collected: Catalog, english: Catalog) -> None:
    said = {message.id for message in real(collected)}
    assert [message.id for message in real(english) if message.id not in said] == []


def test_messages_of_code_templates_enums_and_advice_are_collected(collected: Catalog) -> None:
    said = {message.id for message in real(collected)}
    assert "NIK terdiri dari 16 angka" in said  # web/services/cells.py
    assert "Periksa dan simpan" in said  # web/templates/trainers/imports.html
    assert {member.label for member in Education} <= said
    assert {member.label for member in ConsentPurpose} <= said
    assert {advice for _kind, _pattern, advice in messages.CONCERNS} <= said


def test_label_of_every_enum_and_flag_is_collected() -> None:
    labels = set(messages.enum_labels())
    for kind in LabelledEnum.__subclasses__():
        if kind.__module__ == "models.enums":
            assert {member.label for member in kind} <= labels, kind
    assert "Sif malam" in labels


def test_catalogue_made_anew_keeps_what_was_translated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, english: Catalog
) -> None:
    copy = tmp_path / "en" / "messages.po"
    copy.parent.mkdir()
    copy.write_bytes(messages.CATALOGUE.read_bytes())
    monkeypatch.setattr(messages, "CATALOGUE", copy)
    updated = messages.update()
    kept = {message.id: message.string for message in real(updated) if message.string}
    said = {message.id for message in real(updated)}
    assert kept == {message.id: message.string for message in real(english) if message.id in said}


def test_message_without_english_is_missing() -> None:
    catalogue = Catalog(locale="en")
    catalogue.add("Masuk", "Sign in")
    catalogue.add("Keluar")
    assert messages.missing(catalogue) == ["Keluar"]


def test_compiled_catalogue_says_what_the_written_one_does(english: Catalog) -> None:
    compiled = messages.CATALOGUE.with_suffix(".mo")
    with compiled.open("rb") as file:
        translations = gettext.GNUTranslations(file)
    different = [
        message.id
        for message in real(english)
        if isinstance(message.id, str) and translations.gettext(message.id) != message.string
    ]
    assert different == []
