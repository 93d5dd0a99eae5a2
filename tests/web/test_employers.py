"""The employer's way: write, correct, publish, read cards, ask for an introduction, close."""

import re

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, select
from werkzeug.test import TestResponse

from models.employers import Vacancy, VacancyRequirement
from models.enums import (
    ConceptKind,
    Education,
    Hours,
    Importance,
    IntroductionState,
    RoleName,
    VacancyStatus,
    VacancyTrait,
)
from models.introductions import Consent, Introduction
from models.transitions import OVER
from tests.web import factories, reading
from tests.web.conftest import Site, post
from web.services import vacancies

TITLE = "Juru las SMAW"
TEXT = """Bengkel di Kota Bekasi mencari juru las.
Syarat:
- Mengelas pelat baja dengan proses SMAW
- Membaca gambar kerja
- Pendidikan minimal SMP
Gaji Rp 4.500.000 - Rp 5.500.000 per bulan, kerja siang."""


@pytest.fixture(scope="module")
def browser(site: Site) -> FlaskClient:
    return site.employer()


def written(browser: FlaskClient, title: str = TITLE, text: str = TEXT) -> str:
    """The address of the page on which a new vacancy is checked."""
    answer = post(browser, "/perusahaan/lowongan/baru", {"title": title, "text": text})
    assert answer.status_code == 302, reading.summary(answer)
    return answer.location


def public_id(path: str) -> str:
    return path.removeprefix("/perusahaan/lowongan/").removesuffix("/periksa")


def stored(site: Site, path: str) -> tuple[Vacancy, list[VacancyRequirement]]:
    with site.session() as session:
        vacancy = session.exec(select(Vacancy).where(Vacancy.public_id == public_id(path))).one()
        requirements = session.exec(
            select(VacancyRequirement)
            .where(VacancyRequirement.vacancy_id == vacancy.id)
            .order_by(col(VacancyRequirement.position))
        ).all()
        return vacancy, list(requirements)


def saved(browser: FlaskClient, path: str, **changed: object) -> TestResponse:
    """The check page sent back as it stood, with some answers changed, to be published."""
    return sent_back(browser, path, browser.get(path), **changed)


def sent_back(
    browser: FlaskClient, path: str, page: TestResponse, **changed: object
) -> TestResponse:
    return post(browser, path, {**reading.filled_form(page), "send": "1", **changed})


# Writing


def test_a_new_vacancy_is_a_draft_that_holds_what_was_read(
    site: Site, browser: FlaskClient
) -> None:
    vacancy, requirements = stored(site, written(browser))
    assert vacancy.status == VacancyStatus.DRAFT
    assert (vacancy.title, vacancy.text) == (TITLE, TEXT)
    assert (vacancy.wage_min, vacancy.wage_max) == (4_500_000, 5_500_000)
    assert vacancy.region_code == factories.BEKASI
    assert vacancy.occupation_code == "smaw-welder"
    assert vacancy.education == Education.LOWER_SECONDARY
    assert {row.kind for row in requirements} >= {ConceptKind.OCCUPATION, ConceptKind.UNIT}


def test_the_check_page_shows_what_was_read(browser: FlaskClient) -> None:
    page = browser.get(written(browser))
    assert reading.typed(page, "title") == [TITLE]
    assert reading.typed(page, "occupation") == ["smaw-welder"]
    assert reading.typed(page, "region") == [factories.BEKASI]
    assert reading.typed(page, "wage_min") == ["4.500.000"]
    assert reading.typed(page, "wage_max") == ["5.500.000"]
    assert reading.typed(page, "education") == ["lower_secondary"]


def marks(page: TestResponse) -> list[str]:
    return [reading.words(mark) for mark in reading.tree(page).iter("mark")]


def test_the_words_a_requirement_came_from_are_marked(site: Site, browser: FlaskClient) -> None:
    path = written(browser)
    page = browser.get(path)
    assert "juru las" in [mark.lower() for mark in marks(page)] or "Juru las SMAW" in marks(page)
    assert any("Mengelas pelat baja" in mark for mark in marks(page))
    box = reading.with_class(reading.tree(page), "titian-text")[0]
    assert reading.words(box) == " ".join(f"{TITLE}\n{TEXT}".split()), "nothing of the text is lost"


def test_marks_stay_in_place_when_the_title_changes(browser: FlaskClient) -> None:
    path = written(browser)
    before = [mark for mark in marks(browser.get(path)) if mark in TEXT]
    saved(browser, path, title="Dicari segera: " + TITLE, draft="1")
    after = marks(browser.get(path))
    assert before
    assert set(before) <= set(after)


def test_a_text_that_bars_people_gets_advice(browser: FlaskClient) -> None:
    page = browser.get(written(browser, text=TEXT + "\nWajib melampirkan SKCK. Usia maksimal 25."))
    assert "Saran dari kami" in reading.page_words(page)


def test_a_title_and_a_text_are_needed_and_what_was_typed_stays(browser: FlaskClient) -> None:
    without_title = post(browser, "/perusahaan/lowongan/baru", {"title": " ", "text": TEXT})
    assert set(reading.summary(without_title)) == {"#title"}
    assert reading.typed(without_title, "text")[0].split() == TEXT.split()
    without_text = post(browser, "/perusahaan/lowongan/baru", {"title": TITLE, "text": ""})
    assert set(reading.summary(without_text)) == {"#text"}
    assert reading.typed(without_text, "title") == [TITLE]


def test_a_text_of_100_000_letters_is_refused_with_the_limit_and_stays(
    browser: FlaskClient,
) -> None:
    text = "las " * 25_000
    answer = post(browser, "/perusahaan/lowongan/baru", {"title": TITLE, "text": text})
    message = reading.error_beside(answer, "text")
    assert "100.000" in message
    assert "20.000" in message
    assert len(reading.typed(answer, "text")[0]) == 100_000


ODD = {
    "emoji only": ("🔥🔥🔥", "👷‍♂️🔧🔥" * 300),
    "script": ("<script>alert(1)</script>", 'Las <script src="//jahat.example"></script> baja'),
    "html": ("</title><h1>Halo</h1>", "</div></details><img src=x onerror=alert(1)>"),
    "template": ("{{ 7 * 7 }}", "{% include 'x' %} ${7*7} %(x)s %s {0} {{config}}"),
    "one endless line": (TITLE, "mengelas pelat baja SMAW dan " * 680),
    "one endless word": ("L" * 200, "a" * 3_000),
    "many lines": (TITLE, "\n".join(f"- bisa mengelas posisi {n}G" for n in range(130))),
    "control signs": ("Juru\tlas\x07\x1b[31m", "Bisa\x0blas\x0c SMAW\x85baja\u2028pelat\ufeff"),
    "right to left": ("لحام كهربائي", "\u202eجوشكار برق\u202c harus bisa las"),
    "halves of pairs": ("Las \udcff", "Bisa las \ud800 baja"),
    "signs only": ("???", "!!! ... --- ///"),
    "big numbers": (TITLE, "Gaji Rp 999.999.999.999.999 per bulan, pengalaman 9999999999 tahun."),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_texts_are_read_published_and_shown_escaped(browser: FlaskClient, kind: str) -> None:
    title, text = (part.encode("utf-8", "replace").decode() for part in ODD[kind])
    answer = post(browser, "/perusahaan/lowongan/baru", {"title": title, "text": text})
    if answer.status_code == 200:
        assert reading.summary(answer), "refused without a word"
        return
    assert answer.status_code == 302
    check = browser.get(answer.location)
    published = sent_back(browser, answer.location, check)
    assert published.status_code == 302, reading.summary(published)
    for page in (check, browser.get(published.location)):
        assert page.status_code == 200
        assert "<script" not in page.get_data(as_text=True)
        assert "<img src=x" not in page.get_data(as_text=True)


@pytest.mark.parametrize("field", ["title", "text"])
def test_a_nul_byte_is_refused_with_a_page(browser: FlaskClient, field: str) -> None:
    data = {"title": TITLE, "text": TEXT, field: "Juru\x00las"}
    answer = post(browser, "/perusahaan/lowongan/baru", data)
    assert answer.status_code == 400
    assert "Permintaan tidak bisa dibaca" in reading.page_words(answer)


# Correcting and publishing


def test_corrections_are_kept_and_the_vacancy_is_published(
    site: Site, browser: FlaskClient
) -> None:
    path = written(browser)
    _vacancy, before = stored(site, path)
    dropped, softened, *_rest = [row for row in before if row.kind != ConceptKind.OCCUPATION]
    answer = saved(
        browser,
        path,
        title="Juru las bengkel",
        positions="3",
        wage_max="6.000.000",
        hours=["1", "8"],
        traits=["2"],
        start_on=["1", "2", "2027"],
        added="Menggerinda hasil las\nMembaca peta bintang di malam hari",
        **{
            f"requirement-{dropped.position}": "drop",
            f"requirement-{softened.position}": "nice",
        },
    )
    assert answer.location == f"/perusahaan/lowongan/{public_id(path)}"
    vacancy, after = stored(site, path)
    assert vacancy.status == VacancyStatus.PUBLISHED
    assert vacancy.published_at is not None
    assert (vacancy.title, vacancy.positions, vacancy.wage_max) == (
        "Juru las bengkel",
        3,
        6_000_000,
    )
    assert vacancy.hours == Hours.DAY | Hours.WEEKEND
    assert vacancy.traits == VacancyTrait.CASH
    assert vacancy.start_on.isoformat() == "2027-02-01"
    assert dropped.text not in [row.text for row in after]
    assert {row.text: row.importance for row in after}[softened.text] == Importance.NICE
    assert {"Menggerinda hasil las", "Membaca peta bintang di malam hari"} <= {
        row.text for row in after
    }
    assert [row.position for row in after] == list(range(len(after)))


def test_the_check_page_sent_back_unchanged_changes_nothing(
    site: Site, browser: FlaskClient
) -> None:
    path = written(browser)

    def contents() -> tuple:
        vacancy, requirements = stored(site, path)
        return (
            vacancy.model_dump(exclude={"version", "status", "published_at"}),
            [row.model_dump(exclude={"id"}) for row in requirements],
        )

    before = contents()
    saved(browser, path, draft="1")
    assert contents() == before


def test_a_draft_stays_a_draft(site: Site, browser: FlaskClient) -> None:
    path = written(browser)
    form = reading.filled_form(browser.get(path))
    answer = post(browser, path, {**form, "draft": "1"})
    assert answer.location == "/perusahaan/lowongan"
    assert stored(site, path)[0].status == VacancyStatus.DRAFT


@pytest.mark.parametrize(
    ("status", "offered", "said"),
    [
        ("draft", ["Simpan dan tayangkan", "Simpan sebagai draf"], "Draf tersimpan"),
        ("published", ["Simpan perubahan"], "Lowongan tetap tayang"),
        (
            "closed",
            ["Simpan dan tayangkan lagi", "Simpan, tetap ditutup"],
            "Lowongan tetap ditutup",
        ),
    ],
)
def test_buttons_of_the_check_page_do_what_they_say(
    site: Site, browser: FlaskClient, status: str, offered: list[str], said: str
) -> None:
    vacancy = factories.vacancy(site, status=VacancyStatus(status))
    path = f"/perusahaan/lowongan/{vacancy.public_id}/periksa"
    page = browser.get(path)
    buttons = [
        reading.words(button)
        for button in reading.tree(page).iter("button")
        if button.get("name") in ("send", "draft")
    ]
    assert buttons == offered
    kept = post(browser, path, {**reading.filled_form(page), "draft": "1"}, follow_redirects=True)
    assert said in reading.page_words(kept)
    assert stored(site, path)[0].status == VacancyStatus(status)
    shown = reading.page_words(browser.get(saved(browser, path).location))
    assert ("Perubahan tersimpan" in shown) == (status == "published")
    assert stored(site, path)[0].status == VacancyStatus.PUBLISHED


def test_a_text_is_read_once_until_its_title_changes(
    site: Site, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, titles = vacancies.read, []
    monkeypatch.setattr(
        vacancies,
        "read",
        lambda session, title, text: titles.append(title) or read(session, title, text),
    )
    path = written(browser, text=TEXT + "\nUsia maksimal 25. Bawa kucing sendiri.")
    first = reading.page_words(browser.get(path))
    assert "Saran dari kami" in first
    for _ in range(2):
        saved(browser, path, wage_min="x")
        saved(browser, path, draft="1")
        assert reading.page_words(browser.get(path)).count("Saran dari kami") == 1
    assert titles == [TITLE]
    saved(browser, path, title="Juru las", draft="1")
    browser.get(path)
    assert titles == [TITLE, "Juru las"]


def test_a_vacancy_from_elsewhere_is_read_when_it_is_checked_and_kept_with_the_changes(
    site: Site, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/perusahaan/lowongan/{factories.vacancy(site).public_id}/periksa"
    assert browser.get(path).status_code == 200
    assert saved(browser, path).status_code == 302
    monkeypatch.setattr(vacancies, "read", None)
    assert browser.get(path).status_code == 200


def test_how_long_a_text_may_be_is_said_before(browser: FlaskClient) -> None:
    page = reading.page_words(browser.get("/perusahaan/lowongan/baru"))
    assert "Paling banyak 20.000 huruf" in page


def test_a_published_vacancy_is_seen_by_officers_and_people_at_once(
    site: Site, browser: FlaskClient
) -> None:
    officer, person = site.officer(), site.person()
    path = written(browser)
    pages = [
        (officer, f"/petugas/lowongan/{public_id(path)}"),
        (person, f"/saya/lowongan/{public_id(path)}"),
    ]
    assert [client.get(address).status_code for client, address in pages] == [404, 404]
    saved(browser, path, title="Juru las yang baru tayang")
    assert [client.get(address).status_code for client, address in pages] == [200, 200]
    assert "Juru las yang baru tayang" in reading.page_words(officer.get("/petugas/lowongan"))


WRONG = [
    ("title", "", ""),
    ("title", "t" * 201, "200"),
    ("positions", "0", "1 sampai"),
    ("positions", "", ""),
    ("positions", "0000000000019999", "sampai"),
    ("wage_min", "empat juta", "4.500.000"),
    ("wage_max", "1.000.000", "lebih kecil"),
    ("occupation", "astronaut", "daftar"),
    ("region", "99.99", "daftar"),
    ("education", "kindergarten", "daftar"),
    ("added", "s" * 2001, "2.000"),
]


@pytest.mark.parametrize(("field", "typed", "message"), WRONG)
def test_a_wrong_answer_is_named_beside_its_field_and_nothing_is_stored(
    site: Site, browser: FlaskClient, field: str, typed: str, message: str
) -> None:
    path = written(browser)
    before = factories.contents(site)
    answer = saved(browser, path, **{field: typed, "requirement-1": "nice"})
    assert answer.status_code == 200
    assert message in reading.error_beside(answer, field)
    assert reading.summary(answer) == {f"#{field}": reading.error_beside(answer, field)}
    if field not in ("occupation", "region", "education"):
        assert reading.typed(answer, field) == [typed]
    assert reading.typed(answer, "requirement-1") == ["nice"]
    assert factories.changed_tables(before, factories.contents(site)) == set()


@pytest.mark.parametrize(
    "day", [["31", "2", "2027"], ["x", "1", "2027"], ["1", "1", "99999999999999999999"]]
)
def test_a_day_that_does_not_exist_is_named_and_stays(browser: FlaskClient, day: list[str]) -> None:
    answer = saved(browser, written(browser), start_on=day)
    assert answer.status_code == 200
    assert list(reading.summary(answer)) == ["#start_on-day"]
    assert reading.typed(answer, "start_on") == day


def test_flags_that_come_twice_count_once(site: Site, browser: FlaskClient) -> None:
    path = written(browser)
    assert saved(browser, path, hours=["1"] * 300, traits=["2"] * 40_000).status_code in (302, 413)
    saved(browser, path, hours=["8", "8"], traits=["2", "2"])
    vacancy, _requirements = stored(site, path)
    assert (vacancy.hours, vacancy.traits) == (8, 2)


@pytest.mark.parametrize("chosen", ["", "maybe", "<script>"])
def test_an_unknown_choice_for_a_requirement_drops_it(
    site: Site, browser: FlaskClient, chosen: str
) -> None:
    path = written(browser)
    _vacancy, before = stored(site, path)
    unit = next(row for row in before if row.kind == ConceptKind.UNIT)
    saved(browser, path, **{f"requirement-{unit.position}": chosen})
    assert unit.text not in [row.text for row in stored(site, path)[1]]


def test_a_vacancy_without_trade_and_requirements_has_no_cards(browser: FlaskClient) -> None:
    answer = saved(browser, written(browser, "???", "!!!"), occupation="")
    page = browser.get(answer.location)
    assert "Belum ada yang cocok" in reading.page_words(page)


# Cards


def cards(page: TestResponse) -> dict[str, str]:
    """Card reference -> words of the card, in the page's order."""
    return {
        card.get("id", "").removeprefix("kartu-"): reading.words(card)
        for card in reading.with_class(reading.tree(page), "titian-card")
        if (card.get("id") or "").startswith("kartu-")
    }


def test_cards_are_ordered_by_score(site: Site, browser: FlaskClient) -> None:
    for units in (("smaw-welder.01",), ("smaw-welder.01", "smaw-welder.02"), ()):
        person = factories.person(site, certified=False)
        factories.certificate(site, person, units=units)
    vacancy = factories.vacancy(site)
    found = cards(browser.get(f"/perusahaan/lowongan/{vacancy.public_id}"))
    scores = [int(re.search(r"(\d+) %", card).group(1)) for card in found.values()]
    assert len(scores) >= 3
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 100


def test_a_card_says_what_meets_each_requirement(site: Site, browser: FlaskClient) -> None:
    factories.person(site)
    vacancy = factories.vacancy(site)
    first = next(iter(cards(browser.get(f"/perusahaan/lowongan/{vacancy.public_id}")).values()))
    assert "Memenuhi 3 dari 3 syarat" in first
    assert "Terpenuhi oleh" in first
    assert "Sertifikasi KKNI Level II Juru Las Pelat Proses SMAW" in first
    assert "Bisa smaw-welder.01" in first


def test_only_the_listed_have_cards(site: Site, browser: FlaskClient) -> None:
    only = ("pipe-fitter.13",)  # rare, so that the list is short
    shown = factories.person(site, "", certified=False, region="81.72")
    hidden = factories.person(site, "", certified=False, region="81.72", listed=False)
    vacancy = factories.vacancy(site, units=only)
    path = f"/perusahaan/lowongan/{vacancy.public_id}"
    before = len(cards(browser.get(path)))
    for person in (shown, hidden):
        factories.certificate(site, person, "pipe-fitter-s3", units=only)
    assert len(cards(browser.get(path))) == before + 1


def test_a_draft_or_closed_vacancy_shows_no_cards(site: Site, browser: FlaskClient) -> None:
    factories.person(site)
    for status in (VacancyStatus.DRAFT, VacancyStatus.CLOSED):
        vacancy = factories.vacancy(site, status=status)
        page = browser.get(f"/perusahaan/lowongan/{vacancy.public_id}")
        assert cards(page) == {}
        assert "tidak tayang" in reading.page_words(page)


# Asking for an introduction


def first_card(browser: FlaskClient, vacancy: Vacancy) -> str:
    return next(iter(cards(browser.get(f"/perusahaan/lowongan/{vacancy.public_id}"))))


def ask(browser: FlaskClient, vacancy: Vacancy, card: str) -> TestResponse:
    return post(
        browser,
        f"/perusahaan/lowongan/{vacancy.public_id}/pengantar",
        {"card": card},
        follow_redirects=True,
    )


def introductions(site: Site, vacancy: Vacancy) -> list[Introduction]:
    with site.session() as session:
        return list(session.exec(select(Introduction).where(Introduction.vacancy_id == vacancy.id)))


def test_asking_makes_one_introduction_however_often_it_is_pressed(
    site: Site, browser: FlaskClient
) -> None:
    factories.person(site)
    vacancy = factories.vacancy(site)
    card = first_card(browser, vacancy)
    for _ in range(2):
        page = ask(browser, vacancy, card)
        assert "Permintaan terkirim" in reading.page_words(page)
    (made,) = introductions(site, vacancy)
    assert made.state == IntroductionState.PROPOSED
    assert made.proposed_by == RoleName.EMPLOYER
    assert made.score == pytest.approx(1.0)
    assert "Pengantar: Diusulkan" in cards(page)[card]
    with site.session() as session:
        consents = session.exec(select(Consent).where(Consent.introduction_id == made.id)).all()
        assert consents == [], "asking is not consenting"


def test_a_card_of_another_vacancy_or_of_no_one_asks_for_nobody(
    site: Site, browser: FlaskClient
) -> None:
    factories.person(site)
    vacancy, other = factories.vacancy(site), factories.vacancy(site)
    for card in (first_card(browser, other), "", "x" * 5000, "🔥", factories.BEKASI):
        page = ask(browser, vacancy, card)
        assert "Kartu ini sudah tidak ada" in reading.page_words(page)
    assert introductions(site, vacancy) == []


def test_a_public_id_is_no_card_reference(site: Site, browser: FlaskClient) -> None:
    person = factories.person(site)
    vacancy = factories.vacancy(site)
    ask(browser, vacancy, person.public_id)
    assert introductions(site, vacancy) == []


def test_asking_from_a_page_that_is_out_of_date_gets_a_clear_message(
    site: Site, browser: FlaskClient
) -> None:
    factories.person(site)
    vacancy = factories.vacancy(site)
    card = first_card(browser, vacancy)
    post(browser, f"/perusahaan/lowongan/{vacancy.public_id}/tutup", {})
    page = ask(browser, vacancy, card)
    assert page.status_code == 200
    assert "Kartu ini sudah tidak ada" in reading.page_words(page)
    assert introductions(site, vacancy) == []


# Following and closing


def test_the_introductions_page_offers_the_steps_an_employer_may_take(
    site: Site, browser: FlaskClient
) -> None:
    vacancy = factories.vacancy(site)
    introduction = factories.introduction(
        site, vacancy, factories.person(site), IntroductionState.INTRODUCED, consent=True
    )
    path = f"/perusahaan/pengantar/{introduction.public_id}"
    offered = {
        words
        for action, words in reading.buttons(browser.get("/perusahaan/pengantar"))
        if action == path
    }
    assert offered == {
        "Catat wawancara",
        "Catat tawaran kerja",
        "Tidak dilanjutkan",
        "Lowongan sudah terisi",
    }
    assert factories.step(browser, path, IntroductionState.INTERVIEW) == 302
    assert introductions(site, vacancy)[0].state == IntroductionState.INTERVIEW


@pytest.mark.parametrize("state", list(IntroductionState))
def test_a_name_is_promised_only_while_one_may_come(
    site: Site, browser: FlaskClient, state: IntroductionState
) -> None:
    vacancy = factories.vacancy(site)
    factories.introduction(site, vacancy, factories.person(site), state)
    (card,) = [
        reading.words(card)
        for card in reading.with_class(
            reading.tree(browser.get("/perusahaan/pengantar")), "titian-card"
        )
        if vacancy.title in reading.words(card)
    ]
    assert ("Nama tampil setelah" in card) == (state not in OVER)


@pytest.mark.parametrize("to", ["placed", "consented", "introduced", "nonsense", ""])
def test_a_step_an_employer_may_not_take_is_refused(
    site: Site, browser: FlaskClient, to: str
) -> None:
    vacancy = factories.vacancy(site)
    introduction = factories.introduction(site, vacancy, factories.person(site))
    answer = post(browser, f"/perusahaan/pengantar/{introduction.public_id}", {"to": to})
    assert answer.status_code == 409
    assert introductions(site, vacancy)[0].state == IntroductionState.PROPOSED


def test_closing_ends_what_was_under_way_and_hides_the_vacancy(
    site: Site, browser: FlaskClient
) -> None:
    vacancy = factories.vacancy(site)
    states = {
        IntroductionState.PROPOSED: IntroductionState.FILLED,
        IntroductionState.CONSENTED: IntroductionState.FILLED,
        IntroductionState.INTRODUCED: IntroductionState.FILLED,
        IntroductionState.INTERVIEW: IntroductionState.FILLED,
        IntroductionState.OFFERED: IntroductionState.FILLED,
        IntroductionState.PLACED: IntroductionState.PLACED,
        IntroductionState.RETAINED_3: IntroductionState.RETAINED_3,
        IntroductionState.WITHDRAWN: IntroductionState.WITHDRAWN,
    }
    before = {
        factories.introduction(site, vacancy, factories.person(site), state, consent=True).id: state
        for state in states
    }
    post(browser, f"/perusahaan/lowongan/{vacancy.public_id}/tutup", {})
    after = {row.id: row.state for row in introductions(site, vacancy)}
    assert after == {row: states[state] for row, state in before.items()}
    assert site.officer().get(f"/petugas/lowongan/{vacancy.public_id}").status_code == 404


def test_the_list_shows_the_newest_first_with_their_states(
    site: Site, browser: FlaskClient
) -> None:
    titles = [f"Daftar uji {number}" for number in range(3)]
    for title in titles:
        written(browser, title=title)
    page = reading.page_words(browser.get("/perusahaan/lowongan"))
    places = [page.index(title) for title in titles]
    assert places == sorted(places, reverse=True)
    assert "Draf" in page
