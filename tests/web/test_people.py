"""A person's way: opportunities with reasons, offers to answer, own data, wishes and consent."""

import re
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, select
from werkzeug.test import TestResponse

from models.audit import AuditEvent
from models.employers import Vacancy
from models.enums import Hours, IntroductionState, Mobility, PersonStatus
from models.introductions import Consent, Introduction
from models.people import OfficerNote, Person, PersonWish
from models.records import OffenceRecord
from models.regions import Facility
from models.transitions import HIRED
from tests.web import factories, reading
from tests.web.conftest import Site, post


@dataclass
class Somebody:
    """A person with an account, and the browser in which they are signed in."""

    row: Person
    browser: FlaskClient


@pytest.fixture(scope="module")
def welder(site: Site) -> Somebody:
    """A welder from Bekasi who would go anywhere."""
    row = factories.person(site, "Wawan Las")
    return Somebody(row, factories.account(site, row))


def stored(site: Site, who: Somebody) -> Person:
    with factories.reading(site) as session:
        return session.get_one(Person, who.row.id)


# Opportunities


def listed_titles(page: TestResponse) -> list[str]:
    return [
        reading.words(card.find(".//h2"))
        for card in reading.with_class(reading.tree(page), "titian-card")
    ]


def test_a_fitting_vacancy_stands_in_the_list_with_what_is_met(
    site: Site, welder: Somebody
) -> None:
    vacancy = factories.vacancy(site, region=factories.BEKASI, title="Las tepat di Bekasi")
    page = welder.browser.get("/saya/lowongan")
    (card,) = [
        reading.words(card)
        for card in reading.with_class(reading.tree(page), "titian-card")
        if vacancy.title in reading.words(card)
    ]
    assert "Anda memenuhi 3 dari 3 syarat" in card
    assert "Kota Bekasi" in card
    assert "di kota yang sama" in card
    assert "Rp 4.000.000 – Rp 5.000.000 per bulan" in card


def test_vacancies_out_of_reach_are_not_in_the_list(site: Site) -> None:
    row = factories.person(site, mobility=Mobility.COMMUTE)
    vacancy = factories.vacancy(site, region="81.72", title="Las jauh sekali di Tual")
    browser = factories.account(site, row)
    assert vacancy.title not in listed_titles(browser.get("/saya/lowongan"))
    page = browser.get(f"/saya/lowongan/{vacancy.public_id}")
    assert "Terlalu jauh dan tidak bersedia pindah" in reading.page_words(page)


def test_an_opportunity_says_why_it_fits(site: Site, welder: Somebody) -> None:
    vacancy = factories.vacancy(site, region=factories.BEKASI)
    text = reading.page_words(welder.browser.get(f"/saya/lowongan/{vacancy.public_id}"))
    assert "Kenapa cocok" in text
    assert "Terpenuhi oleh" in text
    assert "Sertifikasi KKNI Level II Juru Las Pelat Proses SMAW, level 2" in text
    assert "Yang masih kurang" not in text
    assert "Mengelas pelat baja." in text, "the vacancy's own words"


def test_an_opportunity_says_what_is_missing_and_where_to_ask(site: Site, welder: Somebody) -> None:
    vacancy = factories.vacancy(site, units=("smaw-welder.01", "baker.01"))
    text = reading.page_words(welder.browser.get(f"/saya/lowongan/{vacancy.public_id}"))
    missing = text.partition("Yang masih kurang, dan di mana belajar")[2]
    assert "Bisa baker.01" in missing
    assert "Sertifikat:" in missing
    assert "Balai Latihan Kerja atau dinas tenaga kerja di Kota Bekasi" in missing
    assert "Dilatih di" not in missing


def test_facilities_that_teach_it_are_named_only_to_those_still_inside(site: Site) -> None:
    row = factories.person(site, status=PersonStatus.IN_CUSTODY, release_in=100)
    browser = factories.account(site, row)
    with factories.reading(site) as session:
        facilities = set(session.exec(select(Facility.name)))
    pages = [
        reading.page_words(browser.get(f"/saya/lowongan/{vacancy.public_id}"))
        for vacancy in _with_other_trades(site)
    ]
    taught = [text.partition("Dilatih di:")[2] for text in pages if "Dilatih di:" in text]
    assert taught
    assert all(any(name in text for name in facilities) for text in taught)


def _with_other_trades(site: Site) -> list[Vacancy]:
    with factories.reading(site) as session:
        return list(
            session.exec(
                select(Vacancy).where(Vacancy.status == "published").order_by(col(Vacancy.id))
            )
        )[:12]


def test_nothing_in_common_is_said_without_numbers(site: Site, welder: Somebody) -> None:
    vacancy = factories.vacancy(site, units=("baker.01",), title="Pembuat roti uji")
    page = welder.browser.get(f"/saya/lowongan/{vacancy.public_id}")
    assert page.status_code == 200
    assert "Kenapa cocok" not in reading.page_words(page)
    assert "Bisa baker.01" in reading.page_words(page)


# Offers


@pytest.fixture
def offer(site: Site, welder: Somebody) -> Introduction:
    return factories.introduction(site, factories.vacancy(site), welder.row)


def now(site: Site, offer: Introduction) -> tuple[IntroductionState, list[Consent]]:
    """The state and the consents that live."""
    with factories.reading(site) as session:
        row = session.get_one(Introduction, offer.id)
        consents = session.exec(
            select(Consent).where(
                Consent.introduction_id == offer.id, col(Consent.withdrawn_at).is_(None)
            )
        ).all()
    return row.state, list(consents)


def answer(who: Somebody, offer: Introduction, to: str) -> TestResponse:
    return post(who.browser, f"/saya/tawaran/{offer.public_id}", {"to": to}, follow_redirects=True)


def test_a_waiting_offer_is_announced_and_can_be_read(
    welder: Somebody, offer: Introduction
) -> None:
    path = f"/saya/tawaran/{offer.public_id}"
    assert "tawaran yang menunggu jawaban" in reading.page_words(
        welder.browser.get("/saya/lowongan")
    )
    assert path in reading.links(welder.browser.get("/saya/tawaran"))


def test_the_offer_page_shows_exactly_what_would_be_given(
    site: Site, welder: Somebody, offer: Introduction
) -> None:
    page = welder.browser.get(f"/saya/tawaran/{offer.public_id}")
    text = reading.page_words(page)
    assert "Nama: Wawan Las" in text
    assert factories.phone_of(site, welder.row)[1:] in text
    assert {words for _path, words in reading.buttons(page)} == {
        "Saya setuju",
        "Saya tidak mau",
    }


def test_a_yes_keeps_the_very_words_that_were_shown(
    site: Site, welder: Somebody, offer: Introduction
) -> None:
    page = welder.browser.get(f"/saya/tawaran/{offer.public_id}")
    (shown,) = reading.with_class(reading.tree(page), "govuk-inset-text")
    assert "Jawaban Anda tersimpan" in reading.page_words(answer(welder, offer, "consented"))
    state, (consent,) = now(site, offer)
    assert state == IntroductionState.CONSENTED
    assert (consent.wording, consent.channel) == (reading.words(shown), "web")


def test_a_yes_in_english_keeps_the_english_words(site: Site, offer: Introduction) -> None:
    with factories.reading(site) as session:
        row = session.get_one(Person, offer.person_id)
    browser = site.person(factories.phone_of(site, row))
    post(browser, "/bahasa", {"language": "en"})
    page = browser.get(f"/saya/tawaran/{offer.public_id}")
    (shown,) = reading.with_class(reading.tree(page), "govuk-inset-text")
    post(browser, f"/saya/tawaran/{offer.public_id}", {"to": "consented"})
    (consent,) = now(site, offer)[1]
    assert consent.wording == reading.words(shown)
    assert "Saya" not in consent.wording


def test_a_no_gives_nothing_away(site: Site, welder: Somebody, offer: Introduction) -> None:
    page = answer(welder, offer, "declined_by_person")
    assert "Data Anda tidak diberikan" in reading.page_words(page)
    assert now(site, offer) == (IntroductionState.DECLINED_BY_PERSON, [])


def test_the_same_answer_twice_counts_once_and_another_is_refused(
    site: Site, welder: Somebody, offer: Introduction
) -> None:
    for _ in range(2):
        assert answer(welder, offer, "consented").status_code == 200
    assert len(now(site, offer)[1]) == 1
    assert answer(welder, offer, "declined_by_person").status_code == 409
    assert now(site, offer)[0] == IntroductionState.CONSENTED
    page = welder.browser.get(f"/saya/tawaran/{offer.public_id}")
    assert "Tawaran ini sudah dijawab" in reading.page_words(page)


@pytest.mark.parametrize(
    ("to", "status"), [("nonsense", 400), ("", 400), ("placed", 409), ("introduced", 409)]
)
def test_an_answer_that_is_none_is_refused(
    site: Site, welder: Somebody, offer: Introduction, to: str, status: int
) -> None:
    assert answer(welder, offer, to).status_code == status
    assert now(site, offer) == (IntroductionState.PROPOSED, [])


@pytest.mark.parametrize(
    "state",
    [IntroductionState.CONSENTED, IntroductionState.INTRODUCED, IntroductionState.INTERVIEW],
)
def test_a_consent_can_be_taken_back_by_a_button(
    site: Site, welder: Somebody, state: IntroductionState
) -> None:
    offer = factories.introduction(site, factories.vacancy(site), welder.row, state, consent=True)
    path = f"/saya/tawaran/{offer.public_id}"
    page = welder.browser.get("/saya/tawaran")
    assert (path, "Tarik izin saya") in reading.buttons(page)
    answer(welder, offer, "withdrawn")
    assert now(site, offer) == (IntroductionState.WITHDRAWN, [])
    assert (path, "Tarik izin saya") not in reading.buttons(welder.browser.get("/saya/tawaran"))


@pytest.mark.parametrize("state", sorted(HIRED))
def test_who_was_hired_takes_the_consent_back_without_saying_why(
    site: Site, welder: Somebody, state: IntroductionState
) -> None:
    offer = factories.introduction(site, factories.vacancy(site), welder.row, state, consent=True)
    path = f"/saya/tawaran/{offer.public_id}"
    assert path in reading.links(welder.browser.get("/saya/tawaran"))
    page = welder.browser.get(path)
    assert "Pekerjaan Anda tidak berakhir karena ini" in reading.page_words(page)
    assert "Boleh tidak dijawab" in reading.page_words(page)
    assert reading.typed(page, "reason") == [], "nothing is ticked for the person"
    assert "tidak lagi melihat nama" in reading.page_words(answer(welder, offer, "withdrawn"))
    assert now(site, offer) == (IntroductionState.WITHDRAWN, [])
    assert path not in reading.links(welder.browser.get("/saya/tawaran"))


def test_why_a_consent_was_taken_back_is_for_the_officer_alone(site: Site) -> None:
    row = factories.person(site, "Tuti Tarik")
    who = Somebody(row, factories.account(site, row))
    vacancy = factories.vacancy(site)
    offer = factories.introduction(site, vacancy, row, IntroductionState.PLACED, consent=True)
    employer = site.employer()
    assert "Tuti Tarik" in reading.page_words(employer.get("/perusahaan/pengantar"))
    post(who.browser, f"/saya/tawaran/{offer.public_id}", {"to": "withdrawn", "reason": "trouble"})
    reason = "Ada masalah di tempat kerja"
    assert reason in reading.page_words(site.officer().get("/petugas/pengantar"))
    for path in ("/perusahaan/pengantar", f"/perusahaan/lowongan/{vacancy.public_id}"):
        text = reading.page_words(employer.get(path))
        assert reason not in text
        assert "Tuti Tarik" not in text
    (card,) = [
        reading.words(card)
        for card in reading.with_class(
            reading.tree(employer.get("/perusahaan/pengantar")), "titian-card"
        )
        if vacancy.title in reading.words(card)
    ]
    assert "Tidak tersedia lagi" in card
    assert "Ditarik" not in card
    with factories.reading(site) as session:
        event = session.exec(
            select(AuditEvent).where(
                AuditEvent.subject == f"introduction:{offer.public_id}",
                AuditEvent.action == "introduction.withdrawn",
            )
        ).one()
    assert (event.actor_role, event.person_id, event.detail) == ("person", row.id, "")


def test_a_reason_that_is_none_withdraws_nothing(site: Site, welder: Somebody) -> None:
    state = IntroductionState.PLACED
    offer = factories.introduction(site, factories.vacancy(site), welder.row, state, consent=True)
    path = f"/saya/tawaran/{offer.public_id}"
    refused = post(welder.browser, path, {"to": "withdrawn", "reason": "x" * 600})
    assert refused.status_code == 400
    assert now(site, offer)[0] == state


def test_an_employer_who_withdrew_a_request_reads_that(site: Site) -> None:
    vacancy = factories.vacancy(site)
    row = factories.introduction(site, vacancy, factories.person(site))
    employer = site.employer()
    path = f"/perusahaan/pengantar/{row.public_id}"
    assert factories.step(employer, path, IntroductionState.WITHDRAWN) == 302
    (card,) = [
        reading.words(card)
        for card in reading.with_class(
            reading.tree(employer.get("/perusahaan/pengantar")), "titian-card"
        )
        if vacancy.title in reading.words(card)
    ]
    assert "Ditarik" in card


def test_an_offer_for_a_closed_vacancy_can_still_be_read(site: Site, welder: Somebody) -> None:
    vacancy = factories.vacancy(site, status="closed")
    offer = factories.introduction(site, vacancy, welder.row, IntroductionState.FILLED)
    page = welder.browser.get(f"/saya/tawaran/{offer.public_id}")
    assert page.status_code == 200
    assert vacancy.title in reading.page_words(page)


# Own data


def test_own_data_shows_the_card_as_employers_see_it(site: Site, welder: Somebody) -> None:
    page = welder.browser.get("/saya/data")
    (card, *_others) = reading.with_class(reading.tree(page), "titian-card")
    text = reading.words(card)
    for shown in ("Kota Bekasi", "sekarang", "Mau pindah ke mana saja", "SMA", "level 2"):
        assert shown in text
    assert "Wawan" not in text
    assert factories.phone_of(site, welder.row)[1:] not in text
    assert "Nama: Wawan Las" in reading.page_words(page)


def test_own_data_holds_no_record_and_no_note(site: Site, welder: Somebody) -> None:
    with site.session() as session:
        session.add(
            OffenceRecord(person_id=welder.row.id, family="corruption", detail="Rahasia perkara")
        )
        session.add(OfficerNote(person_id=welder.row.id, author_id=1, text="Rahasia petugas"))
        session.commit()
    for path in ("/saya/data", "/saya/lowongan", "/saya/tawaran"):
        body = welder.browser.get(path).get_data(as_text=True)
        assert "Rahasia" not in body
        assert "Korupsi" not in body


def listings(site: Site, who: Somebody) -> list[Consent]:
    with factories.reading(site) as session:
        return list(
            session.exec(
                select(Consent)
                .where(Consent.person_id == who.row.id, col(Consent.introduction_id).is_(None))
                .order_by(col(Consent.id))
            )
        )


def test_listing_is_given_and_withdrawn_with_the_words_that_were_shown(site: Site) -> None:
    row = factories.person(site, listed=False)
    who = Somebody(row, factories.account(site, row))
    home = reading.page_words(who.browser.get("/saya/lowongan"))
    assert "Kartu Anda belum tampil kepada perusahaan" in home
    page = who.browser.get("/saya/data")
    (shown,) = reading.with_class(reading.tree(page), "govuk-inset-text")
    for _ in range(2):
        post(who.browser, "/saya/data/izin", {"listed": "yes"})
    (consent,) = listings(site, who)
    assert (consent.wording, consent.channel) == (reading.words(shown), "web")
    assert consent.withdrawn_at is None
    assert "belum tampil" not in reading.page_words(who.browser.get("/saya/lowongan"))
    for _ in range(2):
        post(who.browser, "/saya/data/izin", {"listed": "no"})
    (consent,) = listings(site, who)
    assert consent.withdrawn_at is not None
    post(who.browser, "/saya/data/izin", {"listed": "yes"})
    assert [kept.withdrawn_at is None for kept in listings(site, who)] == [False, True]


def test_a_button_that_says_nothing_gives_no_consent(site: Site) -> None:
    row = factories.person(site, listed=False)
    who = Somebody(row, factories.account(site, row))
    for data in ({}, {"listed": ""}, {"listed": "true"}):
        post(who.browser, "/saya/data/izin", data)
    assert listings(site, who) == []


# Wishes


def wish(who: Somebody, **changed: object) -> TestResponse:
    data = {
        "first_trade": "smaw-welder",
        "second_trade": "baker",
        "mobility": "province",
        "commute_km": "45",
        "hours": ["1", "8"],
        "least_wage": "3.500.000",
        **changed,
    }
    return post(who.browser, "/saya/data/keinginan", data)


def test_wishes_are_kept_and_shown(site: Site, welder: Somebody) -> None:
    assert wish(welder).location == "/saya/lowongan"
    row = stored(site, welder)
    assert (row.mobility, row.commute_km, row.least_wage) == (Mobility.PROVINCE, 45, 3_500_000)
    assert row.hours == Hours.DAY | Hours.WEEKEND
    with factories.reading(site) as session:
        trades = session.exec(
            select(PersonWish.occupation_code).where(PersonWish.person_id == welder.row.id)
        ).all()
    assert set(trades) == {"smaw-welder", "baker"}
    page = welder.browser.get("/saya/data/keinginan")
    assert reading.typed(page, "mobility") == ["province"]
    assert reading.typed(page, "hours") == ["1", "8"]
    assert reading.typed(page, "least_wage") == ["3.500.000"]
    assert "Rp 3.500.000" in reading.page_words(welder.browser.get("/saya/data"))


def test_the_same_trade_twice_and_no_trade_are_fine(site: Site, welder: Somebody) -> None:
    assert wish(welder, second_trade="smaw-welder").status_code == 302
    assert wish(welder, first_trade="", second_trade="", least_wage="").status_code == 302
    assert "Pekerjaan apa saja" in reading.page_words(welder.browser.get("/saya/data"))


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("first_trade", "astronaut", "daftar"),
        ("mobility", "moon", "daftar"),
        ("mobility", "", "daftar"),
        ("commute_km", "501", "500"),
        ("commute_km", "", ""),
        ("commute_km", "dekat", "500"),
        ("commute_km", "0000000000009999", "500"),
        ("hours", [], "paling sedikit satu"),
        ("hours", ["3"], "daftar"),
        ("hours", ["x"], ""),
        ("least_wage", "cukup", "4.500.000"),
        ("least_wage", "-1", "4.500.000"),
    ],
)
def test_a_wrong_wish_is_named_and_nothing_is_stored(
    site: Site, welder: Somebody, field: str, typed: object, message: str
) -> None:
    before = factories.contents(site)
    page = wish(welder, **{field: typed})
    assert page.status_code == 200
    errors = reading.summary(page)
    assert len(errors) == 1
    assert message in next(iter(errors.values()))
    assert next(iter(errors)).startswith(f"#{field}")
    assert factories.changed_tables(before, factories.contents(site)) == set()
    if field != "commute_km":
        assert reading.typed(page, "commute_km") == ["45"]


def test_a_box_that_comes_many_times_is_one_box(site: Site, welder: Somebody) -> None:
    assert wish(welder, hours=["8"] * 40).status_code == 302
    assert stored(site, welder).hours == Hours.WEEKEND
    assert site.employer().get("/perusahaan/lowongan").status_code == 200
    assert welder.browser.get("/saya/lowongan").status_code == 200


def test_the_errors_of_ticked_boxes_lead_to_a_box(welder: Somebody) -> None:
    page = wish(welder, hours=[])
    (target,) = reading.summary(page)
    box = reading.by_id(reading.tree(page), target.removeprefix("#"))
    assert box is not None
    assert box.get("type") == "checkbox"


def test_a_page_for_people_speaks_to_them_plainly(welder: Somebody) -> None:
    """No page of a person says "warga binaan", "klien" or "narapidana"."""
    for path in ("/saya/lowongan", "/saya/tawaran", "/saya/data", "/saya/data/pin"):
        text = reading.page_words(welder.browser.get(path)).casefold()
        assert not re.search(r"warga binaan|narapidana|\bklien\b|terpidana", text)
