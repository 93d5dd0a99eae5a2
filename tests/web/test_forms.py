"""Fields that read numbers, money and days as people write them, and checks several pages share."""

import inspect
import warnings
from datetime import date

import pytest
from flask import Flask
from flask_babel import Babel
from flask_wtf import FlaskForm
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.utils import redirect
from wtforms import Form, SelectChoice

from web.employers import forms as employer_forms
from web.forms import (
    AtMost,
    ChecksField,
    DayField,
    Filled,
    LongTextField,
    RupiahField,
    SecretField,
    WholeNumberField,
    options,
    password_is_good,
)
from web.officers import forms as officer_forms
from web.people import forms as people_forms
from web.public import forms as public_forms
from web.public.views import _inside
from web.services.accounts import is_easy_pin, normal_email, normal_phone
from web.trainers import forms as trainer_forms

DIGITS = st.text("0123456789٠٣۴.,- ", max_size=40)


class Example(Form):
    positions = WholeNumberField("Orang", 1, 1000)
    wage = RupiahField("Upah")
    day = DayField("Hari")
    hours = ChecksField("Jam", coerce=int, choices=options([(1, "Siang"), (8, "Akhir pekan")]))
    note = LongTextField("Catatan", [Filled("Tulis catatan."), AtMost(10)])
    password = SecretField("Kata sandi", [password_is_good])


def read(name: str, *values: str) -> tuple[object, list[str]]:
    """What a field makes of what was typed, and its errors."""
    form = Example(MultiDict([(name, value) for value in values]))
    form[name].validate(form)
    return form[name].data, [str(error) for error in form[name].errors]


@pytest.mark.parametrize(
    ("typed", "number"), [("1", 1), (" 7 ", 7), ("1000", 1000), ("1.000", 1000), ("", None)]
)
def test_whole_numbers_are_read_as_written(typed: str, number: int | None) -> None:
    assert read("positions", typed) == (number, [])


@pytest.mark.parametrize(
    "typed", ["0", "1001", "-1", "dua", "1,5", "1.5", "1.00", "10.00", "1e3", "²", "9" * 400]
)
def test_a_number_out_of_bounds_is_refused_with_the_bounds(typed: str) -> None:
    number, errors = read("positions", typed)
    assert number is None
    assert len(errors) == 1
    assert "1 sampai 1000" in errors[0]


@settings(deadline=None, max_examples=300)
@given(DIGITS)
@example("0000000000019999")
@example("9" * 5000)
def test_an_accepted_number_lies_within_the_bounds(typed: str) -> None:
    number, errors = read("positions", typed)
    assert number is None or (1 <= number <= 1000 and not errors)


@pytest.mark.parametrize(
    ("typed", "rupiah"),
    [
        ("4500000", 4_500_000),
        ("4.500.000", 4_500_000),
        ("4,500,000", 4_500_000),
        ("Rp 4.500.000", 4_500_000),
        ("rp4500000", 4_500_000),
        ("Rp. 4.500.000", 4_500_000),
        ("0", 0),
        ("", None),
        ("   ", None),
    ],
)
def test_rupiah_are_read_as_people_write_them(typed: str, rupiah: int | None) -> None:
    assert read("wage", typed) == (rupiah, [])


@pytest.mark.parametrize("typed", ["empat juta", "-5", "4.5 juta", "1" * 11, "9" * 5000, "€ 100"])
def test_what_is_no_rupiah_is_refused_with_an_example(typed: str) -> None:
    rupiah, errors = read("wage", typed)
    assert rupiah is None
    assert len(errors) == 1
    assert "4.500.000" in errors[0]


def test_a_wrong_wage_stays_as_it_was_typed() -> None:
    form = Example(MultiDict({"wage": "empat juta"}))
    form.validate()
    assert form.wage._value() == "empat juta"


def test_a_stored_wage_is_shown_with_points() -> None:
    assert Example(data={"wage": 4_500_000}).wage._value() == "4.500.000"


def test_a_day_is_read_from_three_boxes() -> None:
    assert read("day", "27", "3", "2026") == (date(2026, 3, 27), [])


def test_three_empty_boxes_are_no_day() -> None:
    assert read("day", "", " ", "") == (None, [])


@pytest.mark.parametrize(
    "boxes",
    [
        ("31", "2", "2026"),
        ("29", "2", "2027"),
        ("0", "1", "2026"),
        ("1", "13", "2026"),
        ("satu", "1", "2026"),
        ("1", "", "2026"),
        ("1", "1"),
        ("1", "1", "2026", "5"),
        ("1", "1", "99999999999999999999"),
        ("99999999999999999999", "1", "2026"),
        ("1", "1", "9" * 5000),
        ("1", "1", "-2026"),
    ],
)
def test_a_day_that_does_not_exist_is_refused_with_an_example(boxes: tuple[str, ...]) -> None:
    day, errors = read("day", *boxes)
    assert day is None
    assert len(errors) == 1
    assert "27 3 2026" in errors[0]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(DIGITS, st.integers().map(str)), max_size=4))
def test_no_three_boxes_break_a_day(boxes: list[str]) -> None:
    day, errors = read("day", *boxes)
    assert day is None or (isinstance(day, date) and not errors)


def test_a_box_ticked_twice_counts_once() -> None:
    ticked, errors = read("hours", "8", "8", "1")
    assert (sorted(set(ticked)), errors) == ([1, 8], [])
    assert len(ticked) == 2, "flags are added up: a box that comes twice would make another flag"


def test_a_box_that_is_not_offered_is_refused() -> None:
    assert read("hours", "64")[1] == ["Pilih salah satu dari daftar."]


FORMS = [
    form
    for module in (employer_forms, officer_forms, people_forms, public_forms, trainer_forms)
    for _name, form in inspect.getmembers(module, inspect.isclass)
    if issubclass(form, FlaskForm) and form.__module__ == module.__name__
]


@pytest.mark.parametrize("form", FORMS)
def test_no_form_uses_what_wtforms_will_remove(form: type[FlaskForm]) -> None:
    app = Flask("forms")
    app.config.update(SECRET_KEY="uji", WTF_CSRF_ENABLED=False)
    Babel(app)
    with app.test_request_context("/", method="POST"), warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        for field in form():
            for choice in getattr(field, "choices", None) or ():
                assert isinstance(choice, SelectChoice), field.name


def test_blank_text_is_not_filled() -> None:
    assert read("note", " \n\t ")[1] == ["Tulis catatan."]


def test_a_text_that_is_too_long_says_how_long_it_is_and_may_be() -> None:
    assert read("note", "a" * 10)[1] == []
    (error,) = read("note", "a" * 1234)[1]
    assert "1234 huruf" in error.replace(".", "")
    assert "paling banyak 10" in error


@pytest.mark.parametrize("password", ["", "kurang", "11 hurufnya", "a" * 40, "abab" * 10])
def test_weak_passwords_are_refused(password: str) -> None:
    assert read("password", password)[1] != []


def test_a_password_of_129_letters_is_refused_and_one_of_128_is_not() -> None:
    words = "jembatan kayu di sungai " * 6
    assert read("password", words[:128])[1] == []
    assert read("password", words[:129])[1] != []


@pytest.mark.parametrize("pin", ["000000", "999999", "123456", "654321", "234567", "890123"])
def test_pins_that_people_try_first_are_easy(pin: str) -> None:
    assert is_easy_pin(pin)


@pytest.mark.parametrize("pin", ["274913", "112358", "900817"])
def test_other_pins_are_not_easy(pin: str) -> None:
    assert not is_easy_pin(pin)


@pytest.mark.parametrize(
    "typed",
    ["0812 3456 7890", "0812-3456-7890", "+62 812 3456 7890", "6281234567890", "(0812) 34567890"],
)
def test_one_phone_number_is_the_same_however_it_is_written(typed: str) -> None:
    assert normal_phone(typed) == "+6281234567890"


@pytest.mark.parametrize("typed", ["", "abc", "0812", "12", "0" * 40, "\x00", "🔥"])
def test_what_is_no_phone_number_is_none(typed: str) -> None:
    assert normal_phone(typed) is None


def test_an_email_is_the_same_in_capitals_and_with_spaces() -> None:
    assert normal_email("  Budi@Contoh.ID ") == normal_email("budi@contoh.id")


def leaves_the_site(address: str) -> bool:
    """Whether a browser that is sent to an address leaves the site (WHATWG URL, special schemes)."""
    cleaned = "".join(sign for sign in address if sign not in "\t\n\r")
    cleaned = cleaned.strip("".join(map(chr, range(0x21)))).replace("\\", "/")
    return not cleaned.startswith("/") or cleaned.startswith("//")


@pytest.mark.parametrize(
    "address", ["/perusahaan/lowongan", "/petugas/klien?text=las&page=2", "/saya/data#isi", "/"]
)
def test_addresses_of_the_site_are_kept(address: str) -> None:
    assert _inside(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "https://jahat.example",
        "//jahat.example",
        "///jahat.example",
        "/\\jahat.example",
        "\\\\jahat.example",
        "/\t/jahat.example",
        "/\n/jahat.example",
        "\t//jahat.example",
        " https://jahat.example",
        "javascript:alert(1)",
        "jahat.example",
        "//[",
        "/\\[",
        "//jahat℀.example",
        "",
    ],
)
def test_addresses_elsewhere_are_dropped(address: str) -> None:
    assert _inside(address) == ""


@settings(deadline=None, max_examples=500)
@given(st.text("/\\:.@?#[]%\t\n\r\x00 abh", max_size=12))
def test_no_kept_address_leaves_the_site(address: str) -> None:
    kept = _inside(address)
    assert kept in ("", address)
    assert not kept or not leaves_the_site(redirect(kept).headers["Location"])
