"""matcher.vacancy_text: what Indonesian vacancies say, and where they say it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import vacancy_text
from models.enums import Education, Hours, Importance, VacancyTrait
from tests.matcher.vacancies import ALL, DRIVER, STRANGE, TAILOR, TAX, WELDER

MUST, NICE = Importance.MUST, Importance.NICE


def read_segments(text: str) -> list[tuple[str, Importance]]:
    return [(piece.text, piece.importance) for piece in vacancy_text.segments(text)]


def wage_of(text: str) -> tuple[int, int] | None:
    found = vacancy_text.wage(text)
    return found.value if found else None  # type: ignore[return-value]


def education_of(text: str) -> Education | None:
    found = vacancy_text.education(text)
    return found.value if found else None  # type: ignore[return-value]


def months_of(text: str) -> int | None:
    found = vacancy_text.experience_months(text)
    return found.value if found else None  # type: ignore[return-value]


def licences_of(text: str) -> set[object]:
    return {found.value for found in vacancy_text.licences(text)}


def concerns_of(text: str) -> dict[str, str]:
    return {concern.kind: concern.words for concern in vacancy_text.concerns(text)}


# Segments


def test_each_line_of_a_list_is_a_segment_under_its_heading():
    pieces = vacancy_text.segments(WELDER)
    assert [piece.text for piece in pieces if piece.heading == "kualifikasi"] == [
        "Bisa las pelat 3G",
        "Mampu gerinda hasil las",
        "Pendidikan min. SMA/SMK",
        "Pengalaman minimal 2 tahun",
        "Bersedia shift malam",
    ]


def test_what_stands_under_a_nice_heading_is_nice():
    nice = [text for text, importance in read_segments(WELDER) if importance == NICE]
    assert nice == ["Las pipa stainless"]
    assert ("TIG welder", NICE) in read_segments(TAX)


def test_what_an_employer_offers_is_no_requirement():
    texts = " ".join(text for text, _ in read_segments(WELDER))
    assert "Mess" not in texts
    assert "BPJS" not in texts


@pytest.mark.parametrize("heading", ["Kualifikasi:", "KUALIFIKASI", "*Persyaratan:*", "Syarat :"])
def test_a_heading_on_its_own_line_is_no_requirement(heading: str):
    assert read_segments(f"{heading}\n- bisa mengelas") == [("bisa mengelas", MUST)]


@pytest.mark.parametrize("heading", ["Diutamakan:", "Lebih disukai:", "Nilai plus:", "DIUTAMAKAN"])
def test_a_nice_heading_makes_nice_what_follows(heading: str):
    text = f"Syarat:\n- bisa las\n{heading}\n- bisa gerinda"
    assert read_segments(text) == [("bisa las", MUST), ("bisa gerinda", NICE)]


def test_a_must_word_under_a_nice_heading_is_a_must():
    assert read_segments("Diutamakan:\n- wajib punya SIM C\n- bisa gerinda") == [
        ("wajib punya SIM C", MUST),
        ("bisa gerinda", NICE),
    ]


@pytest.mark.parametrize(
    ("line", "importance"),
    [
        ("Mampu mengelas pipa", MUST),
        ("Wajib bisa mengelas pipa", MUST),
        ("Minimal bisa mengelas pipa", MUST),
        ("Diutamakan bisa mengelas pipa", NICE),
        ("Bisa mengelas pipa lebih disukai", NICE),
        ("Bisa mengelas pipa menjadi nilai tambah", NICE),
        ("Bisa mengelas pipa, tidak wajib", NICE),
        ("Welding pipes is a plus", NICE),
        ("Must weld pipes", MUST),
    ],
)
def test_a_line_says_itself_whether_it_is_a_must(line: str, importance: Importance):
    assert {found for _, found in read_segments(line)} == {importance}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Bisa las pipa, diutamakan bisa las argon", [MUST, NICE]),
        ("Bisa las pipa, diutamakan bisa las argon dan gerinda", [MUST, NICE, NICE]),
        ("Bisa las pipa, diutamakan punya sertifikat, bisa baca gambar", [MUST, NICE, NICE]),
        ("Bisa las pipa, diutamakan argon, wajib bisa baca gambar", [MUST, NICE, MUST]),
        ("Bisa las pipa, bisa las argon lebih disukai", [MUST, NICE]),
        ("Bisa las argon lebih disukai, bisa las pipa", [NICE, MUST]),
        ("Bisa las pipa, bisa gerinda, tidak wajib", [MUST, NICE, NICE]),
        ("Minimal SMK, lebih diutamakan D3", [MUST, NICE]),
    ],
)
def test_a_nice_word_speaks_of_its_own_part_of_a_line(line: str, expected: list[Importance]):
    assert [found for _, found in read_segments(line)] == expected


@pytest.mark.parametrize(
    "phrase", ["keselamatan dan kesehatan kerja", "bongkar dan pasang mesin", "food and beverage"]
)
def test_a_fixed_phrase_is_not_cut_at_its_and(phrase: str):
    text = f"Paham {phrase}, bisa gerinda"
    assert [found for found, _ in read_segments(text)] == [f"Paham {phrase}", "bisa gerinda"]


def test_words_that_the_caller_keeps_together_are_not_cut():
    text = "bisa potong dan obras kain serta setrika"
    places = [(text.index("potong"), text.index(" serta"))]
    found = [segment.text for segment in vacancy_text.segments(text, places)]
    assert found == ["bisa potong dan obras kain", "setrika"]


def test_a_heading_and_a_list_in_one_line_are_taken_apart():
    text = "Syarat: bisa menjahit kemeja, memasang kancing dan ritsleting."
    assert read_segments(text) == [
        ("bisa menjahit kemeja", MUST),
        ("memasang kancing", MUST),
        ("ritsleting", MUST),
    ]


def test_numbers_and_bullets_in_front_are_not_part_of_a_segment():
    text = "1. bisa las\n2) bisa gerinda\n• bisa bor\n– bisa cat\n* bisa ketam"
    assert [text for text, _ in read_segments(text)] == [
        "bisa las",
        "bisa gerinda",
        "bisa bor",
        "bisa cat",
        "bisa ketam",
    ]


def test_entries_of_one_line_are_taken_apart_at_their_dashes():
    assert [text for text, _ in read_segments("- bisa las - bisa gerinda - bisa bor")] == [
        "bisa las",
        "bisa gerinda",
        "bisa bor",
    ]


def test_an_abbreviation_does_not_end_a_sentence():
    assert [text for text, _ in read_segments("Tinggi maks. 2 meter. Bisa las.")] == [
        "Tinggi maks. 2 meter",
        "Bisa las",
    ]


# Wage


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WELDER, (3_500_000, 4_500_000)),
        (TAILOR, (3_000_000, 3_000_000)),
        (DRIVER, (4_000_000, 5_000_000)),
        (TAX, (6_000_000, 8_000_000)),
        ("Gaji Rp3.500.000", (3_500_000, 3_500_000)),
        ("Gaji Rp. 3.500.000,-", (3_500_000, 3_500_000)),
        ("Gaji: Rp 3.500.000,00 per bulan", (3_500_000, 3_500_000)),
        ("Rp 3.500.000,- s/d Rp 4.500.000,-", (3_500_000, 4_500_000)),
        ("gaji 1.800.000 hingga 2.200.000", (1_800_000, 2_200_000)),
        ("gaji 5.000.000 sampai dengan 6.000.000", (5_000_000, 6_000_000)),
        ("Gaji 3,5 jt", (3_500_000, 3_500_000)),
        ("gaji 2.5jt-3jt", (2_500_000, 3_000_000)),
        ("Gaji 3 juta - 4 juta", (3_000_000, 4_000_000)),
        ("gaji 4–5 juta", (4_000_000, 5_000_000)),
        ("salary 4500k", (4_500_000, 4_500_000)),
        ("salary IDR 7,000,000", (7_000_000, 7_000_000)),
        ("Penghasilan 5 s.d. 6 juta", (5_000_000, 6_000_000)),
        ("Gaji pokok 3 juta + uang makan 20 ribu", (3_000_000, 3_000_000)),
        ("Gaji 3 juta per bulan, 6 hari kerja", (3_000_000, 3_000_000)),
        ("Gaji Rp3.000.000 per bulan, kerja 8 jam sehari", (3_000_000, 3_000_000)),
        ("Kontrak 12 bulan, gaji 4 juta", (4_000_000, 4_000_000)),
        ("Upah 150.000/hari", (3_750_000, 3_750_000)),
        ("Rp 100.000 - 150.000 per hari", (2_500_000, 3_750_000)),
        ("upah harian 120rb", (3_000_000, 3_000_000)),
    ],
)
def test_a_wage_is_read_in_rupiah_a_month(text: str, expected: tuple[int, int]):
    assert wage_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Gaji UMR",
        "Gaji kompetitif, hubungi 081234567890",
        "Gaji menarik, WA 0812-3456-7890",
        "Melayani 500.000 pelanggan",
        "Kode lowongan 3.500.000",
        "Gaji 50 ribu",
        "Gaji 900 juta",
        "Gaji 3 kali sebulan",
    ],
)
def test_numbers_that_are_no_monthly_wage_are_not_read_as_one(text: str):
    assert wage_of(text) is None


def test_the_place_of_a_wage_is_that_of_its_amounts():
    found = vacancy_text.wage(WELDER)
    assert WELDER[found.start : found.end] == "Rp. 3.500.000 - Rp. 4.500.000"
    found = vacancy_text.wage(DRIVER)
    assert DRIVER[found.start : found.end] == "4-5 juta"


# Schooling


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WELDER, Education.UPPER_SECONDARY),
        (TAILOR, Education.PRIMARY),
        (TAX, Education.BACHELOR),
        ("Pendidikan min. SMA", Education.UPPER_SECONDARY),
        ("Pendidikan minimal SMP sederajat", Education.LOWER_SECONDARY),
        ("Lulusan SMK jurusan mesin", Education.UPPER_SECONDARY),
        ("Minimal lulusan D3 Akuntansi", Education.DIPLOMA),
        ("Pendidikan S1 atau D3", Education.DIPLOMA),
        ("Pendidikan S-1 semua jurusan", Education.BACHELOR),
        ("Lulusan S2 Hukum", Education.MASTER),
        ("Lulusan SMA, usia 18 sd 35 tahun", Education.UPPER_SECONDARY),
        ("Pendidikan minimal SMA, diutamakan D3", Education.UPPER_SECONDARY),
        ("Ijazah paket C diterima", Education.UPPER_SECONDARY),
        ("High school education or higher", Education.UPPER_SECONDARY),
    ],
)
def test_the_least_schooling_is_read(text: str, expected: Education):
    assert education_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        DRIVER,
        "Diutamakan lulusan SMK",
        "Semua jenjang pendidikan boleh melamar",
        "Mengajar anak SD dan SMP",
        "minimal 2 s.d. 3 tahun",
        "pendidikan tidak penting, SMAW wajib",
    ],
)
def test_schooling_that_is_not_asked_is_not_read(text: str):
    assert education_of(text) is None


def test_the_place_of_schooling_is_that_of_its_word():
    found = vacancy_text.education(WELDER)
    assert WELDER[found.start : found.end] == "SMA"


# Experience


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("Pengalaman minimal 2 tahun", 24),
        ("Berpengalaman 1 th di bidangnya", 12),
        ("Pengalaman kerja di bidang las min. 6 bulan", 6),
        ("Minimal 1 tahun pengalaman", 12),
        ("1-2 tahun pengalaman", 12),
        ("Pengalaman 2 - 3 tahun", 24),
        ("min 6 bulan pengalaman kerja", 6),
        ("Minimum 1 year of experience", 12),
        ("3+ years experience", 36),
        ("Experience: 18 months", 18),
        ("Pengalaman tidak diutamakan, usia maksimal 35 tahun", None),
        ("Pengalaman tidak wajib\nUsia 20 tahun", None),
        ("Tanpa pengalaman boleh melamar; kontrak 2 tahun", None),
        ("Umur 35 tahun", None),
    ],
)
def test_months_of_experience_are_read_and_ages_are_not(text: str, months: int | None):
    assert months_of(text) == months


# Licences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DRIVER, {"SIM-B1"}),
        (TAX, {"BREVET-AB"}),
        ("Memiliki SIM A", {"SIM-A"}),
        ("SIM A/C", {"SIM-A", "SIM-C"}),
        ("SIM A dan C aktif", {"SIM-A", "SIM-C"}),
        ("SIM A dan SIM C", {"SIM-A", "SIM-C"}),
        ("SIM A, B1 atau C", {"SIM-A", "SIM-B1", "SIM-C"}),
        ("sim b1 umum", {"SIM-B1"}),
        ("SIM B I Umum", {"SIM-B1"}),
        ("SIM BII Umum", {"SIM-B2"}),
        ("SIM B2", {"SIM-B2"}),
        ("punya SIO Forklift", {"SIO-FORKLIFT"}),
        ("SIO alat berat (excavator)", {"SIO-HEAVY"}),
        ("sertifikat operator boiler", {"SIO-BOILER"}),
        ("Sertifikat Gada Pratama", {"GADA-PRATAMA"}),
        ("K3 Listrik dan AK3 Umum", {"K3-LISTRIK", "K3-UMUM"}),
        ("STR aktif", {"STR"}),
        ("Memiliki SIPA", {"SIPA"}),
    ],
)
def test_licences_are_read_by_code(text: str, expected: set[str]):
    assert licences_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        WELDER,
        "Simulasi kerja",
        "Musim atau tidak",
        "strategi pemasaran",
        "simbol",
        "SIM card dan pulsa",
    ],
)
def test_words_that_only_look_like_a_licence_are_none(text: str):
    assert licences_of(text) == set()


def test_every_licence_code_is_one_of_the_taxonomy(taxonomy):
    assert {code for code, _ in vacancy_text._LICENCES} <= set(taxonomy.licences)


# Hours and traits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jam kerja 08.00-16.00", Hours.DAY),
        (WELDER, Hours.DAY | Hours.NIGHT),
        (DRIVER, Hours.DAY | Hours.WEEKEND),
        ("Bersedia lembur", Hours.DAY | Hours.EVENING),
        ("Sistem shift, tanggal merah masuk", Hours.DAY | Hours.NIGHT | Hours.WEEKEND),
        ("kerja 3 shift", Hours.DAY | Hours.NIGHT),
        ("sif malam", Hours.DAY | Hours.NIGHT),
        ("Toko buka sampai malam dan akhir pekan", Hours.DAY | Hours.EVENING | Hours.WEEKEND),
    ],
)
def test_the_parts_of_the_day_are_read(text: str, expected: Hours):
    assert vacancy_text.hours(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WELDER, VacancyTrait(0)),
        (DRIVER, VacancyTrait.PUBLIC_ROAD_DRIVING),
        ("Kasir minimarket", VacancyTrait.CASH),
        ("Guru les", VacancyTrait.CHILDREN),
        ("Pengasuh anak di rumah tangga", VacancyTrait.CHILDREN | VacancyTrait.PRIVATE_HOMES),
        ("Asisten apoteker di apotek", VacancyTrait.MEDICINES),
        ("Penempatan luar negeri sebagai pekerja migran", VacancyTrait.ABROAD),
        ("Kurir, SIM C", VacancyTrait.PUBLIC_ROAD_DRIVING),
        ("Dicari ART menginap", VacancyTrait.PRIVATE_HOMES),
        ("Bisa membuat latte art", VacancyTrait(0)),
        ("Art director", VacancyTrait(0)),
        ("Menjual peralatan rumah tangga", VacancyTrait(0)),
        ("Mengemas obat nyamuk", VacancyTrait(0)),
        ("Meracik obat sesuai resep", VacancyTrait.MEDICINES),
        ("Bisa install driver printer", VacancyTrait(0)),
    ],
)
def test_what_the_work_involves_is_read(text: str, expected: VacancyTrait):
    assert vacancy_text.traits(text)[0] == expected


# Levels


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KKNI Level III", 3),
        ("level 4", 4),
        ("jenjang 2", 2),
        ("KKNI VI", 6),
        ("kualifikasi IX", 9),
        ("KKNI IV", 4),
        ("KKNI V", 5),
        ("KKNI VIII", 8),
        ("level 12", None),
        ("level 0", None),
        ("level tinggi", None),
        ("bisa las 3G", None),
    ],
)
def test_a_level_of_kkni_is_read(text: str, expected: int | None):
    assert vacancy_text.level(text) == expected


# Place

PLACES = {
    "bekasi": "32.75",
    "kota bekasi": "32.75",
    "surabaya": "35.78",
    "jawa barat": "32",
    "bandung barat": "32.17",
    "bandung": "32.73",
}


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (WELDER, "32.75", "Kota Bekasi"),
        (TAILOR, "35.78", "Surabaya"),
        ("Penempatan: Bandung Barat", "32.17", "Bandung Barat"),
        ("Jawa Barat (Bandung)", "32.73", "Bandung"),
        ("Seluruh JAWA BARAT", "32", "JAWA BARAT"),
        ("Surabaya atau Bekasi", "35.78", "Surabaya"),
        ("İstanbul ß, lalu Bekasi", "32.75", "Bekasi"),
    ],
)
def test_the_place_is_the_first_region_else_the_province(text: str, code: str, words: str):
    found = vacancy_text.place(text, PLACES)
    assert found.value == code
    assert text[found.start : found.end] == words


@pytest.mark.parametrize("text", ["", "Bekasian", "di mana saja", "🔥"])
def test_a_text_that_names_no_place_has_none(text: str):
    assert vacancy_text.place(text, PLACES) is None


# Concerns


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (TAILOR, {"age", "gender"}),
        (DRIVER, {"age", "record"}),
        ("Usia maksimal 35 tahun", {"age"}),
        ("Usia maks. 35 tahun", {"age"}),
        ("Berusia 20 s/d 40 tahun", {"age"}),
        ("Umur 18-25 thn", {"age"}),
        ("Berpenampilan menarik", {"looks"}),
        ("Tinggi badan min. 160 cm", {"looks"}),
        ("Khusus pria", {"gender"}),
        ("Pria/wanita; bagian gudang khusus pria", {"gender"}),
        ("Belum menikah", {"marital"}),
        ("Status single", {"marital"}),
        ("Beragama Islam", {"religion"}),
        ("Diutamakan muslimah", {"religion"}),
        ("Melampirkan SKCK", {"record"}),
        ("Bebas catatan kriminal", {"record"}),
        ("Tidak pernah dipidana", {"record"}),
        ("No criminal record", {"record"}),
    ],
)
def test_words_that_shut_people_out_are_pointed_at(text: str, kinds: set[str]):
    assert set(concerns_of(text)) == kinds


@pytest.mark.parametrize(
    "text",
    [
        WELDER,
        TAX,
        "Mengelola sumber daya manusia untuk 20 karyawan",
        "Mengangkat package 20 kg",
        "Memanen cabai umur 90 hari",
        "Memelihara ayam usia 35 hari",
        "Mengganti suku cadang mesin",
        "Memperbaiki motor listrik single phase",
        "Menjahit pakaian wanita",
        "Potong rambut pria",
        "Manage 15 people",
        "Pria/Wanita",
        "Laki-laki atau perempuan",
        "Wanita dan pria dipersilakan melamar",
        "Male or female",
    ],
)
def test_words_of_the_work_itself_shut_nobody_out(text: str):
    assert concerns_of(text) == {}


def test_a_concern_says_its_words_and_a_kinder_way():
    for text in ALL.values():
        for concern in vacancy_text.concerns(text):
            assert text[concern.start : concern.end].strip() == concern.words
            assert len(concern.advice) > 20


def test_the_advice_about_records_never_names_a_prison_or_an_offence():
    (concern,) = vacancy_text.concerns("wajib SKCK")
    words = concern.advice.lower()
    assert not [word for word in ("napi", "penjara", "lapas", "kejahatan") if word in words]


# Anything

FRAGMENTS = st.sampled_from(
    [
        *(
            "gaji ",
            "Rp",
            ". ",
            "rp. ",
            "3.500.000",
            "9" * 30,
            ".000",
            "juta",
            " - ",
            "s/d ",
            "/hari",
        ),
        *("pendidikan ", "SMA", "min. ", "sd ", "S1", "pengalaman ", "2 tahun", "usia ", "35"),
        *(
            "SIM ",
            "A/",
            "B1",
            " umum",
            "shift malam",
            "kasir ",
            "level ",
            "IV",
            "Syarat:",
            "\n",
            "- ",
        ),
        *(
            "diutamakan ",
            "Bekasi",
            "jawa barat",
            "İ",
            "é",
            "🔥",
            "\x00",
            "١٢",
            "²",
            "K",
            ", ",
            " dan ",
        ),
    ]
)
TEXTS = st.lists(FRAGMENTS, max_size=25).map("".join) | st.text(max_size=80)


def everything(text: str) -> list[tuple[int, int]]:
    """Reads all there is to read; the places of what was found."""
    found = [
        *vacancy_text.segments(text),
        *vacancy_text.licences(text),
        *vacancy_text.hours(text)[1],
        *vacancy_text.traits(text)[1],
        *vacancy_text.concerns(text),
    ]
    for one in (
        vacancy_text.wage(text),
        vacancy_text.education(text),
        vacancy_text.experience_months(text),
        vacancy_text.place(text, PLACES),
    ):
        if one is not None:
            found.append(one)
    vacancy_text.level(text)
    return [(one.start, one.end) for one in found]


@given(TEXTS)
@settings(deadline=None, max_examples=500)
def test_any_text_is_read_and_every_finding_points_into_it(text: str):
    for start, end in everything(text):
        assert 0 <= start < end <= len(text)


@given(TEXTS)
@settings(deadline=None, max_examples=300)
def test_segments_stand_in_order_apart_and_say_what_their_place_says(text: str):
    last = 0
    for piece in vacancy_text.segments(text):
        assert piece.start >= last
        assert text[piece.start : piece.end] == piece.text
        last = piece.end


@given(TEXTS)
@settings(deadline=None, max_examples=300)
def test_a_wage_is_a_range_of_whole_rupiah_within_reason(text: str):
    found = vacancy_text.wage(text)
    if found is not None:
        least, most = found.value  # type: ignore[misc]
        assert isinstance(least, int)
        assert 300_000 <= least <= most <= 200_000_000


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.timeout(20)
def test_strange_texts_are_read_without_harm(name: str):
    text = STRANGE[name][: vacancy_text.LONGEST_TEXT]
    for start, end in everything(text):
        assert 0 <= start < end <= len(text)
