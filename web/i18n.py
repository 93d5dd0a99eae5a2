"""Languages: Indonesian is what the templates say, English is a catalogue; a switch is remembered."""

from babel.support import NullTranslations
from flask import Flask, g, has_request_context, session
from flask_babel import Babel, get_translations

from web.permissions import actor

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
DEFAULT_LANGUAGE = "id"


def init_app(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = DEFAULT_LANGUAGE
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Jakarta"
    Babel(app, locale_selector=language)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, count: _catalogue().ungettext(one, many, count),
        newstyle=True,
    )
    app.context_processor(lambda: {"language": language(), "languages": LANGUAGES})


def _catalogue() -> NullTranslations:
    """The translations of this request, looked up once: a page asks for dozens of messages."""
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return g.catalogue


def language() -> str:
    """The language of this request: chosen by the switch, else the account's, else Indonesian.
    Commands speak English."""
    if not has_request_context():
        return "en"
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return chosen
    found = actor()
    return found.language if found and found.language in LANGUAGES else DEFAULT_LANGUAGE


def remember_language(code: str) -> bool:
    """Keep a choice of language for this browser; False when there is no such language."""
    if code not in LANGUAGES:
        return False
    session["language"] = code
    return True
