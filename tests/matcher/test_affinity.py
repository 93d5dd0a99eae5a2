"""matcher.affinity: which concepts meet a requirement, and how well."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.affinity import EMPTY, Affinity, affinity, sparse
from matcher.taxonomy import Taxonomy
from models.enums import ConceptKind
from tests.matcher.small_world import small_taxonomy


def by_code(taxonomy: Taxonomy, found: Affinity) -> dict[str, int]:
    return {
        taxonomy.concepts[concept]: value
        for concept, value in zip(found.concepts.tolist(), found.values.tolist(), strict=True)
    }


def similarity(taxonomy: Taxonomy, likeness: dict[str, float]) -> np.ndarray:
    """float[units], zero but for the units named."""
    values = np.zeros(taxonomy.unit_count)
    for code, value in likeness.items():
        values[taxonomy.concept_number[code]] = value
    return values


def test_a_unit_is_met_by_itself_then_its_scheme_then_its_trade_then_a_near_trade():
    taxonomy = small_taxonomy()
    found = by_code(taxonomy, affinity(taxonomy, ConceptKind.UNIT, "smaw-welder.01"))
    assert found == {
        "smaw-welder.01": 1000,
        "smaw-welder.02": 550,  # in one scheme with it
        "smaw-welder.03": 400,  # of the same occupation
        "gtaw-welder.01": 260,  # 0.65 of 400
        "gtaw-welder.02": 260,
    }


def test_a_scheme_reaches_into_another_occupation():
    taxonomy = small_taxonomy()
    found = by_code(taxonomy, affinity(taxonomy, ConceptKind.UNIT, "gtaw-welder.01"))
    assert found["smaw-welder.02"] == 550
    assert found["smaw-welder.01"] == 260


def test_an_occupation_is_met_by_any_of_its_units_and_less_by_those_of_a_near_one():
    taxonomy = small_taxonomy()
    found = by_code(taxonomy, affinity(taxonomy, ConceptKind.OCCUPATION, "gtaw-welder"))
    assert found == {
        "gtaw-welder.01": 900,
        "gtaw-welder.02": 900,
        "smaw-welder.01": 520,  # 0.65 of 800
        "smaw-welder.02": 520,
        "smaw-welder.03": 520,
    }


def test_what_lies_below_the_threshold_does_not_count():
    """Cook and tailor are 0.2 close: 0.2 of 800 is 160, under 200."""
    taxonomy = small_taxonomy()
    found = by_code(taxonomy, affinity(taxonomy, ConceptKind.OCCUPATION, "cook"))
    assert set(found) == {"cook.01", "cook.02", "cook.03"}


def test_a_licence_is_met_by_itself_alone_whatever_the_words():
    taxonomy = small_taxonomy()
    found = affinity(taxonomy, ConceptKind.LICENCE, "SIM-B1", np.ones(taxonomy.unit_count))
    assert by_code(taxonomy, found) == {"SIM-B1": 1000}


@pytest.mark.parametrize("kind", [ConceptKind.UNIT, ConceptKind.OCCUPATION, ConceptKind.LICENCE])
def test_an_unknown_code_is_an_error(kind: ConceptKind):
    with pytest.raises(KeyError):
        affinity(small_taxonomy(), kind, "no-such-code")


def test_words_alone_never_count_like_the_unit_itself():
    taxonomy = small_taxonomy()
    likeness = similarity(taxonomy, {"cook.01": 1.0, "cook.02": 7.0})
    found = affinity(taxonomy, ConceptKind.TEXT, None, likeness)
    assert by_code(taxonomy, found) == {"cook.01": 900, "cook.02": 900}


def test_words_lift_a_unit_above_what_the_taxonomy_gives_and_never_lower_it():
    taxonomy = small_taxonomy()
    likeness = similarity(
        taxonomy, {"cook.01": 0.3, "cook.02": 0.4, "cook.03": 0.7, "tailor.01": 0.5}
    )
    found = by_code(taxonomy, affinity(taxonomy, ConceptKind.UNIT, "cook.01", likeness))
    assert found == {"cook.01": 1000, "cook.02": 550, "cook.03": 630, "tailor.01": 450}


def test_a_text_that_is_like_nothing_meets_nothing():
    taxonomy = small_taxonomy()
    found = affinity(taxonomy, ConceptKind.TEXT, None, similarity(taxonomy, {"cook.01": 0.2}))
    assert by_code(taxonomy, found) == {}
    assert by_code(taxonomy, affinity(taxonomy, ConceptKind.TEXT, None)) == {}
    assert len(EMPTY.concepts) == len(EMPTY.values) == 0


def test_a_text_ignores_a_code_that_comes_with_it():
    taxonomy = small_taxonomy()
    found = affinity(
        taxonomy, ConceptKind.TEXT, "cook.01", similarity(taxonomy, {"tailor.01": 1.0})
    )
    assert by_code(taxonomy, found) == {"tailor.01": 900}


def test_of_many_equal_concepts_the_sixty_with_the_lowest_numbers_are_kept():
    assert sparse(dict.fromkeys(range(99, -1, -1), 700)).concepts.tolist() == list(range(60))


@given(st.dictionaries(st.integers(0, 200), st.integers(0, 1000), max_size=120))
@settings(deadline=None, max_examples=200)
def test_the_sixty_strongest_above_the_threshold_are_kept_in_order(values: dict[int, int]):
    found = sparse(values)
    pairs = list(zip(found.concepts.tolist(), found.values.tolist(), strict=True))
    assert all(values[concept] == value >= 200 for concept, value in pairs)
    assert len({concept for concept, _ in pairs}) == len(pairs)
    assert len(pairs) == min(60, sum(value >= 200 for value in values.values()))
    for (one, strong), (other, weak) in pairwise(pairs):
        assert strong > weak or (strong == weak and one < other)
    dropped = [value for concept, value in values.items() if concept not in dict(pairs)]
    assert all(value < 200 or value <= pairs[-1][1] for value in dropped)
    assert found.concepts.dtype == found.values.dtype == np.int32
