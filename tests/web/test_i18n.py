from collections.abc import Iterator

import pytest
from flask import Flask, g, session
from flask_babel import gettext, lazy_gettext

from models.enums import RoleName
from web import i18n
from web.permissions import Actor

LATER = lazy_gettext("Impor berkas")  # as forms say their labels, before any request


@pytest.fixture
def app() -> Flask:
    app = Flask("web")  # its translations lie in web/translations
    app.config["SECRET_KEY"] = "uji"
    i18n.init_app(app)
    return app


@pytest.fixture
def request_of_nobody(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        g.actor = None
        yield


def speak(language: str) -> None:
    """Let this request be of an account that speaks a language."""
    g.actor = Actor(1, RoleName.OFFICER, language, "Petugas Uji", bapas_id=1)


def test_commands_speak_english(app: Flask) -> None:
    assert i18n.language() == "en"
    with app.app_context():
        assert i18n.language() == "en"
        assert gettext("Impor berkas") == "Import a file"


@pytest.mark.usefixtures("request_of_nobody")
class TestLanguageOfARequest:
    def test_pages_are_indonesian_unless_asked(self) -> None:
        assert i18n.language() == "id"
        assert (gettext("Impor berkas"), str(LATER)) == ("Impor berkas", "Impor berkas")

    def test_account_speaks_its_own_language(self) -> None:
        speak("en")
        assert i18n.language() == "en"
        assert (gettext("Impor berkas"), str(LATER)) == ("Import a file", "Import a file")

    def test_switch_is_stronger_than_the_account(self) -> None:
        speak("en")
        assert i18n.remember_language("id")
        assert i18n.language() == "id"

    def test_language_that_pages_do_not_have_is_not_remembered(self) -> None:
        i18n.remember_language("en")
        for code in ("de", "", "EN", "id "):
            assert not i18n.remember_language(code)
        assert session["language"] == "en"

    def test_unknown_language_of_an_old_cookie_or_account_is_passed_over(self) -> None:
        session["language"] = "nl"
        speak("jv")
        assert i18n.language() == "id"
