"""matcher.linking: realistic vacancies over a small taxonomy and the real encoder."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import Encoder
from matcher.linking import LinkedRequirement, LinkedVacancy, Linker
from matcher.taxonomy import Alias
from matcher.text import one_line
from matcher.vacancy_text import LONGEST_TEXT
from models.enums import ConceptKind, Education, Hours, Importance, VacancyTrait
from tests.matcher.small_world import UNITS, small_taxonomy
from tests.matcher.vacancies import ALL, DRIVER, STRANGE, TAILOR, TAX, WELDER


def requirements_of(
    linked: LinkedVacancy, kind: ConceptKind
) -> dict[str | None, LinkedRequirement]:
    return {asked.code: asked for asked in linked.requirements if asked.kind == kind}


def assert_points_at_its_words(linked: LinkedVacancy, whole: str) -> None:
    for asked in linked.requirements:
        assert 0 <= asked.start < asked.end <= len(whole)
        assert one_line(whole[asked.start : asked.end])[:300] == asked.text
        assert asked.text
        assert 0 <= asked.confidence <= 1
        assert asked.weight > 0
        assert (asked.code is None) == (asked.kind == ConceptKind.TEXT)
    for piece in linked.unread:
        assert whole[piece.start : piece.end] == piece.text
    for concern in linked.concerns:
        assert whole[concern.start : concern.end].strip() == concern.words


# Job titles


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Tukang Las", "smaw-welder"),
        ("WELDER", "smaw-welder"),
        ("Dicari tukang las listrik berpengalaman", "smaw-welder"),
        ("tukang las argon", "gtaw-welder"),
        ("TIG Welder", "gtaw-welder"),
        ("Penjahit", "tailor"),
        ("Operator Jahit (Borongan)", "tailor"),
        ("tukang jahitt", "tailor"),
        ("Koki restoran", "cook"),
        ("Cook helper", "cook"),
        ("supir truk", "truck-driver"),
        ("Staff Perpajakan", "tax-clerk"),
        ("Tax Clerk", "tax-clerk"),
    ],
)
def test_a_job_title_means_its_trade(linker: Linker, title: str, code: str):
    best = linker.occupations(title)[0]
    assert best.code == code
    assert best.isco == linker.taxonomy.occupations[code].isco


@pytest.mark.parametrize(
    "title", ["Tukang Las", "welder", "tukang las argon", "Operator Jahit", "KOKI", "Tax clerk"]
)
def test_a_title_that_is_a_label_word_for_word_is_sure(linker: Linker, title: str):
    assert linker.occupations(title)[0].confidence >= 0.8


def test_a_trade_that_the_taxonomy_lacks_is_not_made_out_of_another(linker: Linker):
    assert linker.occupations("Dokter spesialis jantung")[0].confidence < 0.4
    assert linker.link("Mampu membaca EKG", "Dokter spesialis jantung").occupation is None


def test_words_of_work_outside_take_certainty_from_occupations_and_are_never_named(
    linker: Linker, encoder: Encoder, tmp_path: Path
):
    outside = [Alias("outside/astrologer", text) for text in ("ahli nujum", "peramal bintang")]
    taxonomy = small_taxonomy(outside=outside)
    knowing = Linker(taxonomy, encoder, TaxonomyEmbeddings.open(taxonomy, encoder, tmp_path))
    for title in ("ahli nujum", "peramal bintang"):
        found = knowing.occupations(title, k=50)
        assert {one.code for one in found} == set(taxonomy.occupations)
        assert found[0].confidence < min(0.2, linker.occupations(title)[0].confidence)
    assert knowing.occupations("tukang las")[0].confidence >= 0.8


def test_candidates_come_best_first_and_as_many_as_asked(linker: Linker):
    found = linker.occupations("tukang las", k=3)
    assert len(found) == 3
    confidences = [one.confidence for one in found]
    assert confidences == sorted(confidences, reverse=True)
    assert len({one.code for one in linker.occupations("tukang las", k=50)}) == 6


def test_many_titles_at_once_mean_what_each_means_alone(linker: Linker):
    titles = ["tukang las", "", "koki", "🔥", "sopir truk"]
    assert linker.occupations_of(titles) == [linker.occupations(title) for title in titles]
    assert linker.occupations_of([]) == []


@pytest.mark.parametrize("title", ["", "  \n", "🔥🔥", "\x00", "---"])
def test_a_title_without_words_means_nothing(linker: Linker, title: str):
    assert linker.occupations(title) == []


# Units


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bisa las pelat 3G", "smaw-welder.01"),
        ("Menggerinda hasil las", "smaw-welder.02"),
        ("membaca gambar kerja las", "smaw-welder.03"),
        ("mengelas pipa stainless proses TIG", "gtaw-welder.01"),
        ("jahit kemeja pakai mesin jahit", "tailor.01"),
        ("bikin pola baju", "tailor.02"),
        ("keep the kitchen clean", "cook.03"),
        ("meracik bumbu dasar", "cook.02"),
        ("menghitung pajak penghasilan karyawan", "tax-clerk.01"),
    ],
)
def test_words_for_a_task_mean_its_unit(linker: Linker, text: str, code: str):
    probabilities = linker.unit_probabilities([text])[0]
    assert linker.taxonomy.concepts[int(probabilities.argmax())] == code


@pytest.mark.parametrize(
    "text", ["bisa las pelat 3G", "bikin pola baju", "menguasai gerinda hasil las", "Meracik bumbu"]
)
def test_a_text_that_holds_a_label_word_for_word_is_sure(linker: Linker, text: str):
    assert linker.unit_probabilities([text])[0].max() >= 0.5


def test_words_that_only_ask_do_not_change_what_a_piece_means(linker: Linker):
    plain, asked = linker.unit_probabilities(["las pelat 3G", "wajib bisa las pelat 3G"])
    assert np.array_equal(plain, asked)


def test_units_of_the_trade_gain_and_those_of_a_near_one_gain_less(linker: Linker):
    before = linker.unit_probabilities(["mengelas"])[0]
    after = linker.unit_probabilities(["mengelas"], "smaw-welder")[0]
    gain = np.log(after / (1 - after)) - np.log(before / (1 - before))
    number = linker.taxonomy.concept_number
    own, near, far = (
        gain[number[code]] for code in ("smaw-welder.01", "gtaw-welder.01", "cook.01")
    )
    assert own > near > far


def test_probabilities_are_probabilities_of_every_unit(linker: Linker):
    found = linker.unit_probabilities(["mengelas", "🔥", ""])
    assert found.shape == (3, len(UNITS))
    assert ((found > 0) & (found < 1)).all()


def test_vectors_of_texts_are_of_unit_length_and_comparable_with_units(
    linker: Linker, encoder: Encoder
):
    vectors = linker.vectors(["menjahit kemeja", "las pipa"])
    assert vectors.shape == (2, encoder.dim)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


# Whole vacancies


def test_a_welders_vacancy_is_read(linker: Linker):
    linked = linker.link(WELDER)
    assert linked.occupation.code == "smaw-welder"
    units = requirements_of(linked, ConceptKind.UNIT)
    assert units["smaw-welder.01"].text == "Bisa las pelat 3G"
    assert units["smaw-welder.02"].text == "Mampu gerinda hasil las"
    assert units["gtaw-welder.01"].text == "Las pipa stainless"
    assert units["smaw-welder.01"].importance == Importance.MUST
    assert units["gtaw-welder.01"].importance == Importance.NICE
    assert units["gtaw-welder.01"].weight < units["smaw-welder.01"].weight
    assert linked.education == Education.UPPER_SECONDARY
    assert linked.wage == (3_500_000, 4_500_000)
    assert linked.experience_months == 24
    assert linked.hours == Hours.DAY | Hours.NIGHT
    assert linked.place == "32.75"
    assert linked.traits == VacancyTrait(0)
    assert linked.concerns == ()


def test_a_tailors_vacancy_is_read(linker: Linker):
    linked = linker.link(TAILOR)
    assert linked.occupation.code == "tailor"
    units = requirements_of(linked, ConceptKind.UNIT)
    assert {"tailor.01", "tailor.02"} <= set(units)
    # a unit is called so, and is not cut at its "dan"
    assert "memasang kancing dan ritsleting" in [asked.text for asked in linked.requirements]
    assert units["tailor.02"].importance == Importance.NICE
    assert linked.education == Education.PRIMARY
    assert linked.wage == (3_000_000, 3_000_000)
    assert linked.place == "35.78"
    assert {concern.kind for concern in linked.concerns} == {"age", "gender"}


def test_a_drivers_vacancy_is_read(linker: Linker):
    linked = linker.link(DRIVER)
    assert linked.occupation.code == "truck-driver"
    (licence,) = requirements_of(linked, ConceptKind.LICENCE).values()
    assert (licence.code, licence.importance) == ("SIM-B1", Importance.MUST)
    assert set(requirements_of(linked, ConceptKind.UNIT)) >= {
        "truck-driver.01",
        "truck-driver.02",
    }
    assert linked.traits == VacancyTrait.PUBLIC_ROAD_DRIVING
    assert linked.hours == Hours.DAY | Hours.WEEKEND
    assert linked.education == Education.NONE
    assert {concern.kind for concern in linked.concerns} == {"age", "record"}


def test_an_english_vacancy_is_read(linker: Linker):
    linked = linker.link(TAX, "Tax Clerk")
    assert linked.occupation.code == "tax-clerk"
    assert set(requirements_of(linked, ConceptKind.LICENCE)) == {"BREVET-AB"}
    units = requirements_of(linked, ConceptKind.UNIT)
    assert {"tax-clerk.01", "tax-clerk.02"} <= set(units)
    assert linked.education == Education.BACHELOR
    assert linked.wage == (6_000_000, 8_000_000)
    assert linked.experience_months == 12
    assert linked.place is None


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("title", ["", "Tukang Las Argon di Surabaya"])
def test_every_requirement_points_at_its_words(linker: Linker, name: str, title: str):
    whole = f"{title}\n{ALL[name]}" if title else ALL[name]
    linked = linker.link(ALL[name], title)
    assert len(linked.requirements) >= 2
    assert_points_at_its_words(linked, whole)


def test_the_title_tells_the_trade_and_its_words_are_pointed_at(linker: Linker):
    linked = linker.link("Bisa las pelat 3G", "Dicari Koki Padang")
    assert linked.occupation.code == "cook"
    (trade,) = requirements_of(linked, ConceptKind.OCCUPATION).values()
    assert trade.text == "Koki"
    assert trade.start == len("Dicari ")


@pytest.mark.parametrize("title", ["🔥🔥🔥", "!!!", "\x00"])
def test_a_title_of_signs_alone_leaves_the_trade_to_the_text(linker: Linker, title: str):
    linked = linker.link("Dicari tukang jahit\nbisa bikin pola baju", title)
    assert linked.occupation.code == "tailor"
    assert_points_at_its_words(linked, f"{title}\nDicari tukang jahit\nbisa bikin pola baju")


def test_one_unit_named_twice_is_one_requirement(linker: Linker):
    linked = linker.link("- bisa las pelat 3G\n- las pelat 3G\n- LAS PELAT 3G", "Tukang las")
    units = [asked.code for asked in linked.requirements if asked.kind == ConceptKind.UNIT]
    assert units.count("smaw-welder.01") == 1


def test_words_the_taxonomy_does_not_know_are_unread_and_not_guessed(linker: Linker):
    linked = linker.link("- bisa las pelat 3G\n- Membawa surat lamaran ke pos satpam", "Tukang las")
    assert "Membawa surat lamaran ke pos satpam" in [piece.text for piece in linked.unread]


def test_facts_are_not_read_as_skills_too(linker: Linker):
    linked = linker.link(WELDER)
    texts = [asked.text for asked in linked.requirements] + [piece.text for piece in linked.unread]
    for fact in ("SMA/SMK", "2 tahun", "shift malam", "3.500.000", "Mess", "BPJS"):
        assert not [text for text in texts if fact in text]


def test_a_level_named_with_a_skill_is_its_least_level(linker: Linker):
    linked = linker.link("- bisa las pelat 3G KKNI level 3", "Tukang las")
    assert requirements_of(linked, ConceptKind.UNIT)["smaw-welder.01"].least_level == 3


def test_a_licence_that_is_only_nice_to_have_is_nice(linker: Linker):
    linked = linker.link("Diutamakan punya SIM A\nWajib bisa las pelat 3G", "Tukang las")
    licence = requirements_of(linked, ConceptKind.LICENCE)["SIM-A"]
    assert licence.importance == Importance.NICE
    assert licence.text == "SIM A"


def test_the_same_vacancy_is_read_the_same_twice(linker: Linker):
    assert linker.link(WELDER, "Tukang las") == linker.link(WELDER, "Tukang las")


@pytest.mark.parametrize("name", STRANGE)
def test_strange_texts_are_read_without_harm(linker: Linker, name: str):
    text = STRANGE[name]
    began = time.monotonic()
    linked = linker.link(text)
    assert time.monotonic() - began < 15
    assert_points_at_its_words(linked, text[:LONGEST_TEXT])
    assert linked.wage is None


def test_what_stands_after_twenty_thousand_signs_is_not_read(linker: Linker):
    early, late = "Tukang las\nSIM A\n", "\nSIM C\n"
    linked = linker.link(early + "." * LONGEST_TEXT + late)
    assert set(requirements_of(linked, ConceptKind.LICENCE)) == {"SIM-A"}


@pytest.mark.parametrize("name", ["empty", "spaces", "emoji", "NUL bytes alone", "commas", "signs"])
def test_a_text_without_words_asks_nothing(linker: Linker, name: str):
    linked = linker.link(STRANGE[name])
    assert linked.occupation is None
    assert linked.alternatives == ()
    assert linked.requirements == ()
    assert linked.unread == ()


@pytest.mark.parametrize("name", ["letters that grow", "decomposed accents", "half a sign"])
def test_strange_letters_in_front_do_not_hide_the_trade_or_shift_its_place(
    linker: Linker, name: str
):
    linked = linker.link(STRANGE[name])
    assert linked.occupation.code == "smaw-welder"
    (trade,) = requirements_of(linked, ConceptKind.OCCUPATION).values()
    assert trade.text.lower() == "tukang las"
    assert "smaw-welder.01" in requirements_of(linked, ConceptKind.UNIT)


@given(
    st.lists(
        st.sampled_from(
            [
                *("Tukang las", "bisa las pelat 3G", "koki", "SIM A", "gaji 3 juta", "min. SMA"),
                *(
                    "\n",
                    "- ",
                    ", ",
                    " dan ",
                    "Diutamakan:",
                    "İ",
                    "e\u0301",
                    "🔥",
                    "\x00",
                    "usia 20",
                ),
                *("Syarat:", "shift malam", "di Bekasi", "pola baju", "1. ", "level 3", "\r\n"),
            ]
        ),
        max_size=14,
    ).map("".join),
    st.sampled_from(["", "Tukang las", "İ koki", "🔥", "e\u0301 penjahit"]),
)
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_pasted_together_every_requirement_points_at_its_words(
    linker: Linker, text: str, title: str
):
    whole = f"{title}\n{text}" if title else text
    assert_points_at_its_words(linker.link(text, title), whole)
