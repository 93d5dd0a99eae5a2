"""Languages: Indonesian is what the templates say, English is a catalogue; a switch is remembered."""

from babel.support import NullTranslations
from flask import Flask, g, has_request_context, session
from flask_babel import Babel, get_translations
from markupsafe import Markup

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
    app.jinja_env.globals["_"] = _translated
    app.context_processor(lambda: {"language": language(), "languages": LANGUAGES})


def _translated(text: str, **variables: object) -> Markup:
    """What `_` says in templates: Jinja's own does the same in three calls, hundreds of times."""
    said = Markup(_catalogue().ugettext(text))  # noqa: S704  (our own words; values are escaped)
    return said % variables if variables or "%" in said else said


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
