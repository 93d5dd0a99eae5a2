"""What people write into cells, as values: dates, places, schooling, names of schemes.

Each function returns the value or raises CellError with what to write instead.
"""

import re
from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _

from matcher.text import normal
from models.enums import Education, Gender, LabelledEnum

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "januari", "january"),
            ("feb", "februari", "pebruari", "february"),
            ("mar", "maret", "march"),
            ("apr", "april"),
            ("mei", "may"),
            ("jun", "juni", "june"),
            ("jul", "juli", "july"),
            ("agu", "ags", "agt", "agustus", "aug", "august"),
            ("sep", "sept", "september"),
            ("okt", "oktober", "oct", "october"),
            ("nov", "november", "nopember"),
            ("des", "desember", "dec", "december"),
        ),
        start=1,
    )
    for name in names
}
SCHOOLING = {
    "tidak sekolah": Education.NONE,
    "tidak bersekolah": Education.NONE,
    "sd": Education.PRIMARY,
    "paket a": Education.PRIMARY,
    "smp": Education.LOWER_SECONDARY,
    "mts": Education.LOWER_SECONDARY,
    "paket b": Education.LOWER_SECONDARY,
    "sma": Education.UPPER_SECONDARY,
    "sma smk": Education.UPPER_SECONDARY,
    "smk": Education.UPPER_SECONDARY,
    "stm": Education.UPPER_SECONDARY,
    "ma": Education.UPPER_SECONDARY,
    "slta": Education.UPPER_SECONDARY,
    "paket c": Education.UPPER_SECONDARY,
    "d1": Education.DIPLOMA,
    "d2": Education.DIPLOMA,
    "d3": Education.DIPLOMA,
    "d4": Education.DIPLOMA,
    "s1": Education.BACHELOR,
    "s2": Education.MASTER,
    "s3": Education.DOCTOR,
}
GENDERS = {
    "l": Gender.MALE,
    "pria": Gender.MALE,
    "p": Gender.FEMALE,
    "wanita": Gender.FEMALE,
}
EARLIEST = date(1920, 1, 1)


class CellError(ValueError):
    """A cell does not hold what its column asks for; the message says what to write."""


def day(text: str) -> date:
    """A date written as 2026-03-27, 27/3/2026, 27-03-2026 or "27 Maret 2026"."""
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    local = re.fullmatch(r"(\d{1,2})[/.\-\s]+(\w+)[/.\-\s]+(\d{4})", text)
    try:
        if iso:
            year, month, number = (int(part) for part in iso.groups())
        elif local:
            number, year = int(local.group(1)), int(local.group(3))
            named = local.group(2).casefold()
            month = int(named) if named.isdecimal() else MONTHS[named]
        else:
            raise KeyError(text)
        found = date(year, month, number)
    except (KeyError, ValueError):
        raise CellError(
            _("tanggal ini tidak bisa dibaca; tulis seperti 27/03/2026 atau 27 Maret 2026")
        ) from None
    if not EARLIEST <= found <= date(2100, 1, 1):
        raise CellError(_("periksa tahunnya"))
    return found


def nik(text: str) -> str:
    """16 digits; spaces, dots and a leading apostrophe of spreadsheets are dropped."""
    digits = re.sub(r"[\s.'’-]", "", text)
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", text.replace(",", ".")):
        raise CellError(
            _(
                "lembar kerja mengubah NIK menjadi bilangan; atur kolom ini sebagai teks, lalu isi lagi"
            )
        )
    if not is_digits(digits, 16):
        raise CellError(_("NIK terdiri dari 16 angka"))
    return digits


def is_digits(text: str, count: int) -> bool:
    """Whether a text is `count` digits, each of them 0 to 9."""
    return len(text) == count and text.isascii() and text.isdecimal()


def masked_nik(digits: str) -> str:
    """A NIK for messages: all but the last four digits hidden."""
    return "•" * 12 + digits[-4:]


def choice(text: str, enum: type[LabelledEnum], others: Mapping[str, LabelledEnum]) -> LabelledEnum:
    """A member of an enum by value, label or another usual word."""
    wanted = normal(text)
    for member in enum:
        if wanted in (normal(member.value), normal(member.label)):
            return member
    if wanted in others:
        return others[wanted]
    raise CellError(
        _("tulis salah satu: %(choices)s", choices="; ".join(member.label for member in enum))
    )


def schooling(text: str) -> LabelledEnum:
    shortened = normal(text).removesuffix("sederajat").removesuffix("atau ").strip()
    return choice(shortened or text, Education, SCHOOLING)


def gender(text: str) -> LabelledEnum:
    return choice(text, Gender, GENDERS)


def whole_number(text: str, least: int, most: int) -> int:
    """A number of at most 12 digits; a dot is taken as Indonesian writes thousands, 1.200."""
    digits = re.sub(r"(?<=\d)[. ](?=\d{3}(?:[. ]|$))", "", text)
    if not (re.fullmatch(r"[0-9]{1,12}", digits) and least <= int(digits) <= most):
        raise CellError(_("tulis angka dari %(least)s sampai %(most)s", least=least, most=most))
    return int(digits)


def short(text: str, most: int) -> str:
    if len(text) > most:
        raise CellError(_("paling banyak %(most)s huruf", most=most))
    if not any(character.isalnum() for character in text):
        raise CellError(_("harus berisi huruf atau angka"))
    return text


def rupiah(text: str) -> int | None:
    """4500000, Rp 4.500.000, 4,500,000 or Rp 4.500.000,00; parts of a rupiah are
    dropped. None for anything else or for more than a thousand million."""
    found = re.fullmatch(
        r"(?:rp)?[. ]*(\d{1,3}(?:([., ])\d{3})(?:\2\d{3})*|\d{1,12})(?:[.,]\d{1,2})?[ .,-]*",
        text.casefold(),
    )
    amount = int(re.sub(r"\D", "", found.group(1))) if found else None
    return amount if amount is not None and amount <= 1_000_000_000 else None
