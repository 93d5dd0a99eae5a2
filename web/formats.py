"""How dates, money and distances are written on pages; filters of the same names for templates."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import format_datetime, get_locale, gettext

ZONE_LABELS = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def init_app(app: Flask) -> None:
    for function in (day, day_or_now, rupiah, wage_range, kilometres, moment, percent):
        app.jinja_env.filters[function.__name__] = function


def day(value: date | None) -> str:
    """A date in words: "24 November 2026"."""
    return _written(value, str(get_locale())) if value else ""


@lru_cache(maxsize=10_000)  # some ten years of days in two languages
def _written(value: date, locale: str) -> str:
    return format_date(value, "d MMMM y", locale=locale)


def day_or_now(value: date | None, today: date | None = None) -> str:
    """A date in words, or "now" when it has come."""
    if value is None or value <= (today or date.today()):  # noqa: DTZ011
        return gettext("sekarang")
    return day(value)


def rupiah(value: int | None) -> str:
    """Money: "Rp 4.500.000" in Indonesian; its space does not break."""
    return f"Rp\N{NO-BREAK SPACE}{_grouped(value, str(get_locale()))}" if value is not None else ""


@lru_cache(maxsize=10_000)
def _grouped(value: int, locale: str) -> str:
    return format_decimal(value, locale=locale)


def wage_range(least: int | None, most: int | None) -> str:
    """A wage a month, from one or two figures; empty when none is known."""
    if least is not None and most is not None and least != most:
        text = f"{rupiah(least)} – {rupiah(most)}"
    elif least is not None or most is not None:
        text = rupiah(least if least is not None else most)
    else:
        return ""
    return gettext("%(wage)s per bulan", wage=text)


def kilometres(value: int | None) -> str:
    if not value:
        return "" if value is None else gettext("di kota yang sama")
    return f"{_grouped(value, str(get_locale()))}\N{NO-BREAK SPACE}km"


def moment(value: datetime | None, timezone: str = "Asia/Jakarta") -> str:
    """A time in the zone of the place, with its name: "24 Nov 2026 14.30 WIB"."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    text = format_datetime(local, "d MMM y HH.mm", rebase=False)
    return f"{text} {ZONE_LABELS[timezone]}"


def percent(value: float) -> str:
    """A share in [0, 1] as whole percent."""
    return f"{round(100 * value)} %"
