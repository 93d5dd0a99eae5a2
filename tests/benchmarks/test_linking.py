"""Times of reading: the texts that are read, and how the figures are told."""

import numpy as np

from benchmarks import linking
from matcher.taxonomy import Taxonomy


def test_vacancies_have_the_words_they_are_said_to_have(taxonomy: Taxonomy) -> None:
    found = linking.vacancies(taxonomy, 5, seed=1)
    assert len(set(found)) == 5
    for title, text in found:
        assert title
        assert len(text.split()) == linking.VACANCY_WORDS
    assert found == linking.vacancies(taxonomy, 5, seed=1)


def test_figures_name_median_and_95_per_cent_of_wall_and_processor_time() -> None:
    times = linking.LinkingTimes(150, np.arange(1.0, 102.0), np.full(101, 7.0), 4.25, 12.34, 9.87)
    text = linking.as_text(times)
    assert "150 words, 4.2 requirements" in text
    assert "median 51 ms, 95 % under 96 ms" in text
    assert "median 7 ms, 95 % under 7 ms" in text
    assert "12.3 s wall, 9.9 s processor" in text
