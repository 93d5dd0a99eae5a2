"""Signing in and out, and registering as an employer."""

import re
from datetime import timedelta
from functools import partial
from itertools import count
from time import process_time

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, func, select, update
from werkzeug.test import TestResponse

from models.accounts import SignInAttempt, SignInCode, User
from models.audit import AuditEvent
from models.columns import utc_now
from models.employers import Employer
from models.people import Person
from tests.web import factories, reading
from tests.web.concurrency import at_once, linger
from tests.web.conftest import Site, csrf_token, post
from web.services import accounts
from web.services.demo_data import EMPLOYER_EMAIL, OFFICER_EMAIL, PASSWORD, PIN

TOO_MANY = "Terlalu banyak percobaan"
NO_FIT = "Surel dan kata sandi tidak cocok"
NO_FIT_CODE = "Nomor dan kode tidak cocok"

_addresses = count(1)


def address() -> dict[str, dict[str, str]]:
    """An internet address of its own, so that tests do not use up each other's attempts."""
    unique = next(_addresses)
    return {"environ_base": {"REMOTE_ADDR": f"10.{unique // 65536}.{unique // 256}.{unique % 256}"}}


def try_password(
    site: Site, email: str, password: str = PASSWORD, place: dict | None = None, **more: str
) -> TestResponse:
    return post(
        site.client(),
        "/masuk",
        {"email": email, "password": password, **more},
        **place or address(),
    )


def try_code(site: Site, phone: str, code: str, place: dict | None = None) -> TestResponse:
    return post(site.client(), "/masuk/kode", {"phone": phone, "code": code}, **place or address())


def let_minutes_pass(site: Site, minutes: int) -> None:
    """Move all attempts so far into the past."""
    with site.session() as session:
        for attempt in session.exec(select(SignInAttempt)):
            attempt.at -= timedelta(minutes=minutes)
            session.add(attempt)
        session.commit()


def issued_code(site: Site, officer: FlaskClient, person: Person) -> str:
    """A code as the officer reads it on the page."""
    page = post(officer, f"/petugas/klien/{person.public_id}/kode", {})
    (shown,) = reading.with_class(reading.tree(page), "govuk-panel__title")
    return reading.words(shown)


# Staff: e-mail and password


def test_signing_in_leads_to_the_audiences_own_page(site: Site) -> None:
    for email, path in (
        (EMPLOYER_EMAIL, "/perusahaan/lowongan"),
        (OFFICER_EMAIL, "/petugas/klien"),
        ("pelatih@titian.example", "/pelatihan/peserta"),
    ):
        assert try_password(site, email).location == path


def test_an_email_counts_the_same_in_capitals_and_with_spaces(site: Site) -> None:
    assert try_password(site, f"  {OFFICER_EMAIL.upper()} ").status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(site: Site) -> None:
    wrong = try_password(site, OFFICER_EMAIL, "bukan kata sandinya")
    unknown = try_password(site, "siapa@titian.example", "bukan kata sandinya")
    assert wrong.status_code == unknown.status_code == 200
    assert NO_FIT in reading.error_beside(wrong, "password")
    assert reading.without_token(wrong).replace(OFFICER_EMAIL, "X") == reading.without_token(
        unknown
    ).replace("siapa@titian.example", "X")


def test_the_password_is_never_sent_back(site: Site) -> None:
    answer = try_password(site, OFFICER_EMAIL, "kata sandi yang salah")
    assert "kata sandi yang salah" not in answer.get_data(as_text=True)


def test_empty_fields_are_named(site: Site) -> None:
    answer = try_password(site, "", "")
    assert set(reading.summary(answer)) == {"#email", "#password"}


@pytest.mark.parametrize("email", [OFFICER_EMAIL, "tak-dikenal@titian.example"])
def test_after_five_wrong_passwords_even_the_right_one_waits(site: Site, email: str) -> None:
    let_minutes_pass(site, 16)
    for _ in range(5):
        assert NO_FIT in reading.page_words(try_password(site, email, "salah salah salah"))
    throttled = try_password(site, email)
    assert TOO_MANY in reading.error_beside(throttled, "password")
    let_minutes_pass(site, 14)
    assert TOO_MANY in reading.page_words(try_password(site, email))
    let_minutes_pass(site, 2)
    assert TOO_MANY not in reading.page_words(try_password(site, email))


def wrong_attempts(site: Site, times: int, email: str, place: dict) -> None:
    """One wrong attempt, written down as often as if it had been made so many times."""
    let_minutes_pass(site, 16)
    try_password(site, email, "salah salah salah", place)
    with site.session() as session:
        recent = select(SignInAttempt).where(
            col(SignInAttempt.at) > utc_now() - timedelta(minutes=5)
        )
        for attempt in session.exec(recent).all():
            session.add_all(SignInAttempt(key_hash=attempt.key_hash) for _ in range(times - 1))
        session.commit()


def test_a_throttled_account_does_not_throttle_another_from_the_same_address(site: Site) -> None:
    place = address()
    wrong_attempts(site, 19, "korban@titian.example", place)
    assert TOO_MANY in reading.page_words(try_password(site, "korban@titian.example"))
    assert try_password(site, EMPLOYER_EMAIL, place=place).status_code == 302


def test_twenty_wrong_attempts_stop_an_address_but_no_other(site: Site) -> None:
    place = address()
    wrong_attempts(site, 20, "coba@titian.example", place)
    assert TOO_MANY in reading.page_words(try_password(site, EMPLOYER_EMAIL, place=place))
    assert TOO_MANY in reading.page_words(try_code(site, site.person_phone, PIN, place))
    assert try_password(site, EMPLOYER_EMAIL).status_code == 302


def test_attempts_are_kept_without_the_address_or_the_account(site: Site) -> None:
    place = {"environ_base": {"REMOTE_ADDR": "203.0.113.77"}}
    try_password(site, "rahasia@titian.example", "salah salah salah", place)
    kept = repr(factories.contents(site)["sign_in_attempt"])
    assert kept != "[]"
    assert "203.0.113.77" not in kept
    assert "rahasia" not in kept


def test_a_closed_account_cannot_sign_in_and_is_signed_out(site: Site) -> None:
    _employer, email = factories.employer(site)
    browser = site.staff(email)
    with site.session() as session:
        session.exec(update(User).where(col(User.email) == email).values(active=False))
        session.commit()
    assert NO_FIT in reading.page_words(try_password(site, email))
    assert browser.get("/perusahaan/lowongan").location.startswith("/masuk")


@pytest.mark.parametrize(
    ("email", "secret"),
    [
        (OFFICER_EMAIL, "a" * 5000),
        (OFFICER_EMAIL, "rahasia\x00panjang sekali"),
        (OFFICER_EMAIL, "🔥" * 200),
        ("ada\x00nol@titian.example", "x"),
        ("x" * 9000, "x"),
    ],
)
def test_odd_emails_and_passwords_are_just_wrong(site: Site, email: str, secret: str) -> None:
    let_minutes_pass(site, 16)
    answer = try_password(site, email, secret)
    assert answer.status_code in (200, 400), answer.status_code
    assert TOO_MANY not in reading.page_words(answer)


def test_signing_in_is_written_down(site: Site) -> None:
    _employer, email = factories.employer(site)
    site.staff(email)
    with site.session() as session:
        user = session.exec(select(User).where(User.email == email)).one()
        assert session.exec(
            select(AuditEvent.action).where(AuditEvent.actor_id == user.id)
        ).all() == ["account.signed_in"]


def test_signing_out_ends_the_session_and_keeps_the_language(site: Site) -> None:
    browser = site.employer()
    post(browser, "/bahasa", {"language": "en"})
    answer = post(browser, "/keluar", {})
    assert (answer.location, answer.headers["Clear-Site-Data"]) == ("/", '"cache"')
    assert browser.get("/perusahaan/lowongan").location.startswith("/masuk")
    assert reading.tree(browser.get("/")).get("lang") == "en"


# Coming back to where one was


def test_signing_in_returns_to_the_page_that_was_asked_for(site: Site) -> None:
    browser = site.client()
    wanted = "/petugas/klien?text=las&page=1"
    page = browser.get(browser.get(wanted).location)
    (kept,) = reading.typed(page, "next")
    answer = post(
        browser,
        "/masuk",
        {"email": OFFICER_EMAIL, "password": PASSWORD, "next": kept},
        **address(),
    )
    assert answer.location == wanted


def test_the_page_asked_for_survives_a_wrong_password(site: Site) -> None:
    answer = try_password(site, OFFICER_EMAIL, "salah salah salah", next="/petugas/lowongan")
    assert reading.typed(answer, "next") == ["/petugas/lowongan"]


ELSEWHERE = [
    "https://jahat.example/",
    "//jahat.example/",
    "/\\jahat.example",
    "/\t/jahat.example",
    "/\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "//[",
]


@pytest.mark.parametrize("away", ELSEWHERE)
def test_next_never_leaves_the_site(site: Site, away: str) -> None:
    answer = try_password(site, EMPLOYER_EMAIL, next=away)
    assert answer.status_code == 302
    assert re.match(r"/(?![/\\\t])", answer.location)
    assert "jahat" not in answer.location
    assert "a=b" not in "".join(answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("away", ELSEWHERE)
def test_a_page_with_a_next_elsewhere_is_still_a_page(site: Site, away: str) -> None:
    for path in ("/masuk", "/masuk/kode"):
        answer = site.client().get(path, query_string={"next": away})
        assert answer.status_code == 200
        assert reading.typed(answer, "next") == [""]


@pytest.mark.parametrize("away", ELSEWHERE)
def test_the_language_switch_never_leaves_the_site(site: Site, away: str) -> None:
    answer = post(site.client(), "/bahasa", {"language": "en", "back": away})
    assert re.match(r"/(?![/\\\t])", answer.location)
    assert "jahat" not in answer.location


# People: phone number and code


@pytest.fixture(scope="module")
def officer(site: Site) -> FlaskClient:
    return site.officer()


def test_a_code_signs_in_once_and_makes_the_account(site: Site, officer: FlaskClient) -> None:
    person = factories.person(site)
    phone = factories.phone_of(site, person)
    code = issued_code(site, officer, person)
    assert re.fullmatch(r"\d{4} \d{4}", code)
    assert try_code(site, phone, code).location == "/saya/lowongan"
    assert NO_FIT_CODE in reading.page_words(try_code(site, phone, code))
    with site.session() as session:
        assert session.get_one(Person, person.id).user_id is not None


def test_a_code_stays_valid_for_seven_days_and_no_longer(site: Site, officer: FlaskClient) -> None:
    person = factories.person(site)
    phone = factories.phone_of(site, person)
    code = issued_code(site, officer, person)

    def let_days_pass(days: float) -> None:
        with site.session() as session:
            row = session.exec(select(SignInCode).where(SignInCode.person_id == person.id)).one()
            row.expires_at -= timedelta(days=days)
            session.add(row)
            session.commit()

    let_days_pass(7.001)
    assert NO_FIT_CODE in reading.error_beside(try_code(site, phone, code), "code")
    let_days_pass(-0.01)
    assert try_code(site, phone, code).status_code == 302


def test_a_new_code_ends_the_one_before(site: Site, officer: FlaskClient) -> None:
    person = factories.person(site)
    phone = factories.phone_of(site, person)
    first, second = issued_code(site, officer, person), issued_code(site, officer, person)
    assert try_code(site, phone, first).status_code == 200
    assert try_code(site, phone, second).status_code == 302


def test_a_code_opens_nobody_elses_account(site: Site, officer: FlaskClient) -> None:
    person, other = factories.person(site), factories.person(site)
    code = issued_code(site, officer, person)
    assert try_code(site, factories.phone_of(site, other), code).status_code == 200
    assert try_code(site, factories.phone_of(site, person), code).status_code == 302


def test_a_wrong_code_and_an_unknown_number_get_the_same_answer(
    site: Site, officer: FlaskClient
) -> None:
    person = factories.person(site)
    phone = factories.phone_of(site, person)
    issued_code(site, officer, person)
    wrong, unknown = try_code(site, phone, "00000000"), try_code(site, "084999999999", "00000000")
    assert wrong.status_code == unknown.status_code == 200
    assert NO_FIT_CODE in reading.error_beside(wrong, "code")
    assert reading.without_token(wrong).replace(phone, "X") == reading.without_token(
        unknown
    ).replace("084999999999", "X")


def test_after_five_wrong_codes_even_the_right_one_waits(site: Site, officer: FlaskClient) -> None:
    person = factories.person(site)
    phone = factories.phone_of(site, person)
    code = issued_code(site, officer, person)
    for guess in range(5):
        try_code(site, phone, f"{guess:08d}")
    assert TOO_MANY in reading.error_beside(try_code(site, phone, code), "code")
    assert TOO_MANY in reading.page_words(try_code(site, f"+62{phone[1:]}", code)), (
        "the same number in another spelling"
    )
    let_minutes_pass(site, 16)
    assert try_code(site, phone, code).status_code == 302


def test_an_unknown_number_costs_as_much_time_as_one_with_a_pin(site: Site) -> None:
    def seconds(phone: str) -> float:
        let_minutes_pass(site, 16)
        browser = site.client()
        data = {"csrf_token": csrf_token(browser), "phone": phone, "code": "999111"}
        started = process_time()
        answer = browser.post("/masuk/kode", data=data, **address())
        assert NO_FIT_CODE in reading.page_words(answer)
        return process_time() - started

    seconds("084888888888")  # the first ever also makes the hash to compare with
    assert seconds("084888888889") > 0.5 * seconds(site.person_phone)


def test_codes_are_stored_as_hashes_only(site: Site, officer: FlaskClient) -> None:
    person = factories.person(site)
    code = issued_code(site, officer, person).replace(" ", "")
    assert code not in repr(factories.contents(site))


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("", ""),
        ("\x00", "12345678"),
        ("0812\x003456", "12345678"),
        ("0" * 5000, PIN),
        ("bukan nomor", "kode saya"),
        ("084000000000", "\x00"),
        ("084000000000", "🔥🔥"),
    ],
)
def test_odd_phone_numbers_and_codes_are_just_wrong(site: Site, phone: str, code: str) -> None:
    let_minutes_pass(site, 16)
    answer = try_code(site, phone, code)
    assert answer.status_code in (200, 400), answer.status_code


def test_a_person_with_a_pin_survives_a_long_code(site: Site) -> None:
    assert try_code(site, site.person_phone, "1" * 6000).status_code == 200


# A PIN of one's own


def new_account(site: Site, officer: FlaskClient) -> tuple[FlaskClient, str]:
    """A browser in which a person has signed in by code, and the phone number."""
    person = factories.person(site)
    phone = factories.phone_of(site, person)
    browser = site.client()
    code = issued_code(site, officer, person)
    post(browser, "/masuk/kode", {"phone": phone, "code": code}, **address())
    return browser, phone


def test_a_chosen_pin_signs_in_again_and_again(site: Site, officer: FlaskClient) -> None:
    browser, phone = new_account(site, officer)
    assert post(browser, "/saya/data/pin", {"pin": "482015"}).location == "/saya/data"
    for _ in range(2):
        assert try_code(site, phone, "482015").status_code == 302
    assert try_code(site, phone, "482016").status_code == 200


def test_a_new_pin_ends_the_old_one(site: Site, officer: FlaskClient) -> None:
    browser, phone = new_account(site, officer)
    for pin in ("482015", "730581"):
        post(browser, "/saya/data/pin", {"pin": pin})
    assert try_code(site, phone, "482015").status_code == 200
    assert try_code(site, phone, "730581").status_code == 302


@pytest.mark.parametrize(
    "pin",
    ["111111", "123456", "654321", "12345", "1234567", "abcdef", "", "٤٨٢٠١٥", "４８２０１５"],
)
def test_an_easy_or_misshapen_pin_is_refused(
    site: Site, officer: FlaskClient, pin: str, pin_chooser: FlaskClient
) -> None:
    answer = post(pin_chooser, "/saya/data/pin", {"pin": pin})
    assert answer.status_code == 200
    assert reading.error_beside(answer, "pin")
    assert reading.summary(answer) == {"#pin": reading.error_beside(answer, "pin")}


@pytest.fixture(scope="module")
def pin_chooser(site: Site, officer: FlaskClient) -> FlaskClient:
    return new_account(site, officer)[0]


def test_a_pin_is_stored_as_a_slow_hash(site: Site, officer: FlaskClient) -> None:
    browser, _phone = new_account(site, officer)
    post(browser, "/saya/data/pin", {"pin": "482015"})
    stored = repr(factories.contents(site)["user_account"])
    assert "$argon2id$" in stored
    assert "482015" not in stored


# Registering


def registration(**changed: str) -> dict[str, str]:
    unique = factories.number()
    return {
        "company": f"CV Uji Daftar {unique}",
        "nib": f"{9_000_000_000_000 + unique}",
        "region": factories.BEKASI,
        "name": "Siti Uji",
        "email": f"daftar{unique}@uji.example",
        "password": "sungai besar 41 perahu",
        **changed,
    }


def register(site: Site, data: dict[str, str]) -> TestResponse:
    return post(site.client(), "/daftar", data, **address())


def how_many(site: Site) -> tuple[int, int]:
    """Employers and users."""
    with site.session() as session:
        return (
            session.exec(select(func.count()).select_from(Employer)).one(),
            session.exec(select(func.count()).select_from(User)).one(),
        )


def test_registering_signs_in_and_leads_to_the_first_vacancy(site: Site) -> None:
    browser = site.client()
    data = registration()
    answer = post(browser, "/daftar", data, **address())
    assert answer.location == "/perusahaan/lowongan/baru"
    assert "Akun Anda sudah jadi" in reading.page_words(browser.get(answer.location))
    with site.session() as session:
        employer = session.exec(select(Employer).where(Employer.nib == data["nib"])).one()
        assert (employer.name, employer.region_code) == (data["company"], factories.BEKASI)
        assert employer.verified_at is None


def test_registering_without_a_nib_is_fine_for_several(site: Site) -> None:
    for _ in range(2):
        assert register(site, registration(nib="")).status_code == 302


def test_a_nib_may_be_written_with_spaces(site: Site) -> None:
    data = registration()
    spaced = f"{data['nib'][:4]} {data['nib'][4:8]} {data['nib'][8:]}"
    assert register(site, {**data, "nib": spaced}).status_code == 302
    with site.session() as session:
        assert session.exec(select(Employer).where(Employer.nib == data["nib"])).one()


def refused(site: Site, field: str, data: dict[str, str]) -> str:
    """The message beside a field, once it is sure that nothing was stored and all else stays."""
    before = how_many(site)
    answer = register(site, data)
    assert answer.status_code == 200
    assert how_many(site) == before
    message = reading.error_beside(answer, field)
    assert reading.summary(answer) == {f"#{field}": message}
    for name in data.keys() - {"password"}:
        assert reading.typed(answer, name) == [data[name]], name
    assert data["password"] not in answer.get_data(as_text=True) or not data["password"]
    return message


def test_a_taken_email_is_refused_in_any_spelling(site: Site) -> None:
    taken = registration()
    register(site, taken)
    assert "sudah terdaftar" in refused(site, "email", registration(email=taken["email"]))
    in_capitals = register(site, registration(email=taken["email"].upper()))
    assert "sudah terdaftar" in reading.error_beside(in_capitals, "email")


@pytest.mark.parametrize("field", ["email", "nib"])
def test_of_two_registrations_at_the_same_moment_one_wins_and_the_other_is_told(
    site: Site, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    linger(monkeypatch, accounts, "hash_password")
    one = registration()
    both = [one, registration(**{field: one[field]})]
    before = how_many(site)
    answers = at_once(*(partial(register, site, data) for data in both))
    won, lost = sorted(answers, key=lambda answer: answer.status_code, reverse=True)
    assert (won.status_code, lost.status_code) == (302, 200)
    assert "sudah terdaftar" in reading.error_beside(lost, field)
    assert how_many(site) == (before[0] + 1, before[1] + 1)


def test_a_taken_nib_is_refused(site: Site) -> None:
    taken = registration()
    register(site, taken)
    assert "sudah terdaftar" in refused(site, "nib", registration(nib=taken["nib"]))


@pytest.mark.parametrize("password", ["", "pendek", "aaaaaaaaaaaaaaaa", "panjang sekali " * 9])
def test_a_weak_password_is_refused(site: Site, password: str) -> None:
    assert refused(site, "password", registration(password=password))


@pytest.mark.parametrize("email", ["", "bukan surel", "a@b", "a b@c.id", "@c.id"])
def test_a_misshapen_email_is_refused(site: Site, email: str) -> None:
    assert refused(site, "email", registration(email=email))


@pytest.mark.parametrize(
    "nib", ["123", "12345678901234", "NIB1234567890", "١٢٣٤٥٦٧٨٩٠١٢٣", "१२३४५६७८९०१२३"]
)
def test_a_misshapen_nib_is_refused(site: Site, nib: str) -> None:
    assert "13 angka" in refused(site, "nib", registration(nib=nib))


def test_a_region_must_be_chosen(site: Site) -> None:
    assert refused(site, "region", registration(region=""))


@pytest.mark.parametrize("field", ["company", "name"])
def test_names_must_be_given_and_not_too_long(site: Site, field: str) -> None:
    assert refused(site, field, registration(**{field: ""}))
    assert "200" in refused(site, field, registration(**{field: "n" * 201}))


def test_several_errors_are_all_named(site: Site) -> None:
    answer = register(site, registration(company="", email="x", password="y"))
    assert set(reading.summary(answer)) == {"#company", "#email", "#password"}


@pytest.mark.parametrize(
    "odd", ["\x00", "Usaha\x00Nol", "<script>alert(1)</script>", "🔥", "%(x)s"]
)
def test_odd_names_are_kept_escaped_or_refused(site: Site, odd: str) -> None:
    browser = site.client()
    answer = post(browser, "/daftar", registration(company=odd, name=odd), **address())
    assert answer.status_code in (200, 302, 400), answer.status_code
    page = answer if answer.status_code == 200 else browser.get(answer.location or "/")
    assert "<script" not in page.get_data(as_text=True)
