"""matcher.evaluation: figures against scikit-learn and against counting by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, ndcg_score

from matcher.evaluation import (
    bootstrap_interval,
    cohens_kappa,
    expected_calibration_error,
    first_rank,
    is_held_out,
    mrr,
    ndcg_at,
    recall_at,
    reliability_bins,
    wilson_interval,
)

ROWS = st.lists(
    st.tuples(st.sampled_from([-np.inf, 0.1, 0.2, 0.5, 0.9]), st.booleans()), min_size=1, max_size=8
)


def expected_place(row: list[tuple[float, bool]]) -> float:
    """Among equals every wrong candidate is placed before a right one."""
    ranked = sorted((entry for entry in row if entry[0] > -np.inf), key=lambda e: (-e[0], e[1]))
    return next((i for i, (_, right) in enumerate(ranked, 1) if right), np.inf)


@given(ROWS, st.integers(1, 5))
@settings(deadline=None, max_examples=300)
def test_the_first_right_place_is_that_of_a_list_sorted_by_hand(row, k):
    scores = np.array([[score for score, _ in row]])
    right = np.array([[answer for _, answer in row]])
    place = expected_place(row)
    assert first_rank(scores, right).tolist() == [place]
    assert recall_at(scores, right, k).tolist() == [float(place <= k)]
    assert mrr(scores, right).tolist() == [1 / place]
    assert mrr(scores, right, depth=2).tolist() == [1 / place if place <= 2 else 0.0]


@given(
    st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0]), min_size=2, max_size=8),
    st.randoms(use_true_random=False),
    st.integers(1, 8),
)
@settings(deadline=None, max_examples=200)
def test_ndcg_without_ties_is_that_of_scikit_learn(gains, random, k):
    scores = random.sample(range(100), len(gains))
    found = ndcg_at(np.array([scores], dtype=float), np.array([gains]), k)[0]
    assert found == pytest.approx(ndcg_score([gains], [scores], k=k))


def test_a_method_that_cannot_tell_candidates_apart_gains_nothing_from_their_order():
    scores = np.zeros((1, 5))
    right = np.array([[True, False, False, False, False]])
    assert first_rank(scores, right)[0] == 5
    assert ndcg_at(scores, right, 4)[0] == 0


def test_candidates_that_are_not_ranked_gain_nothing():
    scores = np.array([[-np.inf, 1.0]])
    assert ndcg_at(scores, np.array([[True, False]]), 2)[0] == 0
    assert ndcg_at(scores, np.array([[False, False]]), 2)[0] == 0


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=20).filter(
        lambda pairs: len({label for pair in pairs for label in pair}) > 1
    )
)
@settings(deadline=None, max_examples=100)
def test_kappa_is_that_of_scikit_learn(pairs):
    one, other = np.array(pairs).T
    assert cohens_kappa(one, other) == pytest.approx(cohen_kappa_score(one, other))


def test_kappa_of_one_label_throughout_is_one_and_unequal_labels_are_refused():
    assert cohens_kappa(np.array([1, 1]), np.array([1, 1])) == 1
    with pytest.raises(ValueError, match="same entries"):
        cohens_kappa(np.array([1]), np.array([1, 2]))
    with pytest.raises(ValueError, match="same entries"):
        cohens_kappa(np.array([]), np.array([]))


def test_bins_hold_every_answer_once_and_both_ends():
    probabilities = np.array([0.0, 0.05, 0.1, 0.95, 1.0])
    bins = reliability_bins(probabilities, np.array([False, True, True, True, False]))
    assert [(entry.low, entry.count) for entry in bins] == [(0.0, 2), (0.1, 1), (0.9, 2)]
    assert bins[0].share_right == 0.5
    assert bins[2].probability == pytest.approx(0.975)


def test_calibration_error_is_the_weighted_gap():
    """Three answers at 0.9, one right: a gap of 0.9 - 1/3; one at 0.1, wrong: a gap of 0.1."""
    probabilities = np.array([0.9, 0.9, 0.9, 0.15])
    right = np.array([True, False, False, False])
    expected = (3 * (0.9 - 1 / 3) + 0.15) / 4
    assert expected_calibration_error(probabilities, right) == pytest.approx(expected)
    assert expected_calibration_error(np.array([]), np.array([])) == 0


def test_a_wilson_interval_is_that_of_the_textbook_and_has_width_where_all_are_right():
    """8 of 10: 0.490 to 0.943."""
    assert wilson_interval(0.8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson_interval(1.0, 3) == pytest.approx((3 / (3 + 1.959964**2), 1.0))
    assert wilson_interval(0.0, 3)[0] == 0.0
    with pytest.raises(ValueError, match="no answers"):
        wilson_interval(0.5, 0)


def test_graded_gains_count_by_place_by_hand():
    """Gains 1, 3, 2 in the order found; the best order is 3, 2, 1."""
    scores, gains = np.array([[0.9, 0.5, 0.1]]), np.array([[1.0, 3.0, 2.0]])
    found = 1 + 3 / np.log2(3) + 2 / 2
    best = 3 + 2 / np.log2(3) + 1 / 2
    assert ndcg_at(scores, gains, 3)[0] == pytest.approx(found / best)
    assert ndcg_at(scores, gains, 1)[0] == pytest.approx(1 / 3)


def test_a_bootstrap_interval_has_the_width_of_the_standard_error():
    values = np.random.default_rng(5).normal(0.6, 0.2, 400)
    found = bootstrap_interval(values, seed=1)
    error = values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)
    assert bootstrap_interval(values, seed=1) == found
    with pytest.raises(ValueError, match="no values"):
        bootstrap_interval(np.array([]))


def test_about_a_tenth_of_wordings_is_held_out_whatever_their_spelling():
    texts = [f"pekerjaan nomor {number}" for number in range(5000)]
    held = [text for text in texts if is_held_out(text)]
    assert 420 <= len(held) <= 580
    assert all(is_held_out(f"  {text.upper()}! ") for text in held)
    assert all(is_held_out(text, 0.2) for text in held)
    assert not any(is_held_out(text, 0.0) for text in texts)
