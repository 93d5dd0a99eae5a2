from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask, session

from web import formats, i18n


def in_language(code: str) -> Iterator[None]:
    """A request of a browser that chose a language."""
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "uji"
    i18n.init_app(app)
    with app.test_request_context():
        session["language"] = code
        yield


@pytest.fixture
def indonesian() -> Iterator[None]:
    yield from in_language("id")


@pytest.fixture
def english() -> Iterator[None]:
    yield from in_language("en")


@pytest.mark.usefixtures("indonesian")
class TestIndonesian:
    def test_day_is_in_words(self) -> None:
        assert formats.day(date(2026, 8, 5)) == "5 Agustus 2026"
        assert formats.day(None) == ""

    def test_day_that_has_come_is_now(self) -> None:
        today = date(2026, 11, 24)
        assert formats.day_or_now(None, today) == "sekarang"
        assert formats.day_or_now(date(2026, 11, 24), today) == "sekarang"
        assert formats.day_or_now(date(2020, 1, 1), today) == "sekarang"
        assert formats.day_or_now(date(2026, 11, 25), today) == "25 November 2026"

    def test_rupiah_has_dots_between_thousands(self) -> None:
        assert formats.rupiah(4_500_000) == "Rp\u00a04.500.000"
        assert formats.rupiah(0) == "Rp\u00a00"
        assert formats.rupiah(None) == ""

    @pytest.mark.parametrize(
        ("least", "most", "wanted"),
        [
            (4_000_000, 5_000_000, "Rp\u00a04.000.000 – Rp\u00a05.000.000 per bulan"),
            (4_000_000, 4_000_000, "Rp\u00a04.000.000 per bulan"),
            (4_000_000, None, "Rp\u00a04.000.000 per bulan"),
            (None, 5_000_000, "Rp\u00a05.000.000 per bulan"),
            (0, 5_000_000, "Rp\u00a00 – Rp\u00a05.000.000 per bulan"),
            (None, None, ""),
        ],
    )
    def test_wage_is_one_figure_or_two(
        self, least: int | None, most: int | None, wanted: str
    ) -> None:
        assert formats.wage_range(least, most) == wanted

    def test_no_distance_is_the_same_town(self) -> None:
        assert formats.kilometres(0) == "di kota yang sama"
        assert formats.kilometres(1) == "1\u00a0km"
        assert formats.kilometres(2_148) == "2.148\u00a0km"
        assert formats.kilometres(None) == ""

    @pytest.mark.parametrize(
        ("zone", "wanted"),
        [
            ("Asia/Jakarta", "24 Nov 2026 23.30 WIB"),
            ("Asia/Makassar", "25 Nov 2026 00.30 WITA"),
            ("Asia/Jayapura", "25 Nov 2026 01.30 WIT"),
        ],
    )
    def test_moment_is_in_the_zone_of_its_place(self, zone: str, wanted: str) -> None:
        assert formats.moment(datetime(2026, 11, 24, 16, 30, tzinfo=UTC), zone) == wanted

    def test_moment_that_never_was_is_empty(self) -> None:
        assert formats.moment(None) == ""

    @pytest.mark.parametrize(
        ("share", "wanted"), [(0, "0 %"), (0.004, "0 %"), (0.256, "26 %"), (1, "100 %")]
    )
    def test_share_is_whole_percent(self, share: float, wanted: str) -> None:
        assert formats.percent(share) == wanted


@pytest.mark.usefixtures("english")
def test_english_pages_write_dates_and_money_in_english() -> None:
    assert formats.day(date(2026, 8, 5)) == "5 August 2026"
    assert formats.rupiah(4_500_000) == "Rp\u00a04,500,000"
    assert formats.moment(datetime(2026, 8, 5, 0, 5, tzinfo=UTC)) == "5 Aug 2026 07.05 WIB"


def test_templates_have_a_filter_of_each_name() -> None:
    app = Flask(__name__)
    formats.init_app(app)
    for name in ("day", "day_or_now", "rupiah", "wage_range", "kilometres", "moment", "percent"):
        assert app.jinja_env.filters[name] is getattr(formats, name)
