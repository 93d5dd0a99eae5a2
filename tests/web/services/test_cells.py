import contextlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.enums import Education, Gender, PersonStatus
from web.services import cells
from web.services.cells import CellError

MONTH_NAMES = {
    1: "Januari",
    2: "Februari",
    3: "Maret",
    4: "April",
    5: "Mei",
    6: "Juni",
    7: "Juli",
    8: "Agustus",
    9: "September",
    10: "Oktober",
    11: "November",
    12: "Desember",
}
possible_days = st.dates(date(1920, 1, 1), date(2100, 1, 1))


@given(possible_days)
@settings(max_examples=200, deadline=None)
def test_day_is_read_the_same_however_it_is_written(day: date) -> None:
    for written in (
        day.isoformat(),
        f"{day.year}-{day.month}-{day.day}",
        f"{day.day}/{day.month}/{day.year}",
        f"{day.day:02}/{day.month:02}/{day.year}",
        f"{day.day}-{day.month}-{day.year}",
        f"{day.day:02}.{day.month:02}.{day.year}",
        f"{day.day} {MONTH_NAMES[day.month]} {day.year}",
        f"{day.day:02}-{MONTH_NAMES[day.month][:3]}-{day.year}",
        f"{day.day} {MONTH_NAMES[day.month].upper()} {day.year}",
    ):
        assert cells.day(written) == day


@pytest.mark.parametrize(
    ("written", "month"),
    [("1 Pebruari 2026", 2), ("1 Nopember 2026", 11), ("1 Agt. 2026", 8), ("1-Aug-2026", 8)],
)
def test_day_knows_other_usual_names_of_months(written: str, month: int) -> None:
    assert cells.day(written) == date(2026, month, 1)


@pytest.mark.parametrize(
    "written",
    [
        "31/02/2026",
        "29-02-2025",
        "27/13/2026",
        "0/1/2026",
        "2026/03/27",
        "27/3/26",
        "Maret 2026",
        "27 Maart 2026",
        "besok",
        "46000",
        "²/3/2026",
        "",
    ],
)
def test_day_that_is_none_says_how_to_write_one(written: str) -> None:
    with pytest.raises(CellError, match="27/03/2026"):
        cells.day(written)


@pytest.mark.parametrize("written", ["31/12/1919", "02/01/2100", "1/1/9999", "0001-01-01"])
def test_day_far_from_any_life_asks_to_check_the_year(written: str) -> None:
    with pytest.raises(CellError, match="tahun"):
        cells.day(written)


@pytest.mark.parametrize(
    "written",
    [
        "3275010101900001",
        "'3275010101900001",
        "’3275010101900001",
        "3275 0101 0190 0001",
        "32.75.01.010190.0001",
        "327501-010190-0001",
    ],
)
def test_nik_is_read_however_it_is_grouped(written: str) -> None:
    assert cells.nik(written) == "3275010101900001"


@pytest.mark.parametrize("written", ["3,27599E+15", "3.27599E+15", "3.275990000000001e+15", "3E15"])
def test_nik_that_a_spreadsheet_made_a_number_says_so(written: str) -> None:
    with pytest.raises(CellError, match="sebagai teks"):
        cells.nik(written)


@pytest.mark.parametrize(
    "written", ["", "327501010190000", "32750101019000011", "327501010190000X", "٣٢٧٥٠١٠١٠١٩٠٠٠٠١"]
)
def test_nik_of_any_other_length_or_sign_is_refused(written: str) -> None:
    with pytest.raises(CellError, match="16 angka"):
        cells.nik(written)


def test_masked_nik_shows_its_last_four_digits_alone() -> None:
    assert cells.masked_nik("3275010101904321") == "••••••••••••4321"


@pytest.mark.parametrize("enum", [Education, Gender, PersonStatus])
def test_every_choice_is_read_by_its_label_and_its_value_in_any_case(enum: type) -> None:
    read = {Education: cells.schooling, Gender: cells.gender}.get(
        enum, lambda text: cells.choice(text, enum, {})
    )
    for member in enum:
        for written in (member.label, member.value, member.label.upper(), f" {member.label}. "):
            assert read(written) is member


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("SD", Education.PRIMARY),
        ("Paket A", Education.PRIMARY),
        ("SMP sederajat", Education.LOWER_SECONDARY),
        ("MTs", Education.LOWER_SECONDARY),
        ("SMA/SMK", Education.UPPER_SECONDARY),
        ("SMK atau sederajat", Education.UPPER_SECONDARY),
        ("STM", Education.UPPER_SECONDARY),
        ("Paket C", Education.UPPER_SECONDARY),
        ("D3", Education.DIPLOMA),
        ("S1", Education.BACHELOR),
        ("S-1", None),
        ("sederajat", None),
        ("", None),
    ],
)
def test_schooling_is_read_in_usual_words(written: str, wanted: Education | None) -> None:
    if wanted is None:
        with pytest.raises(CellError, match="SMP atau sederajat"):
            cells.schooling(written)
    else:
        assert cells.schooling(written) is wanted


def test_gender_is_read_from_its_usual_letters() -> None:
    assert [cells.gender(text) for text in ("L", "p", "Pria", "WANITA", "laki-laki")] == [
        Gender.MALE,
        Gender.FEMALE,
        Gender.MALE,
        Gender.FEMALE,
        Gender.MALE,
    ]


def test_choice_that_is_none_names_them_all() -> None:
    with pytest.raises(CellError) as caught:
        cells.choice("hilang", PersonStatus, {})
    assert all(member.label in str(caught.value) for member in PersonStatus)


@pytest.mark.parametrize(
    ("written", "wanted"), [("120", 120), ("1.200", 1200), ("1 200", 1200), ("5000", 5000)]
)
def test_whole_number_is_read_as_indonesian_writes_it(written: str, wanted: int) -> None:
    assert cells.whole_number(written, 1, 5000) == wanted


@pytest.mark.parametrize(
    "written",
    [
        "0",
        "5001",
        "-5",
        "120.5",  # would else be 1205 hours
        "120,5",
        "1.2.3",
        "12 jam",
        "1e3",
        "١٢٠",
        "१२०",
        "",
        ".",
        "000000000001" + "9" * 20,
        "0" * 12 + "1" * 5000,
    ],
)
def test_number_that_is_not_whole_or_out_of_bounds_names_the_bounds(written: str) -> None:
    with pytest.raises(CellError, match="dari 1 sampai 5000"):
        cells.whole_number(written, 1, 5000)


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_whole_number_is_within_its_bounds_or_refused(number: int, low: int, more: int) -> None:
    grouped = f"{number:,}".replace(",", ".")
    for written in (str(number), grouped):
        if low <= number <= low + more:
            assert cells.whole_number(written, low, low + more) == number
        else:
            with pytest.raises(CellError):
                cells.whole_number(written, low, low + more)


def test_short_text_is_kept_as_it_is_and_longer_or_empty_of_words_refused() -> None:
    assert cells.short("LSP Contoh, Bekasi", 18) == "LSP Contoh, Bekasi"
    with pytest.raises(CellError, match="17"):
        cells.short("LSP Contoh, Bekasi", 17)
    with pytest.raises(CellError, match="huruf atau angka"):
        cells.short("—?!", 18)


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_value_or_a_cell_error(text: str) -> None:
    for read in (
        cells.day,
        cells.nik,
        cells.schooling,
        cells.gender,
        lambda cell: cells.whole_number(cell, 1, 5000),
        lambda cell: cells.short(cell, 20),
    ):
        with contextlib.suppress(CellError):
            assert read(text)
