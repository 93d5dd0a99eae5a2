"""matcher.training: what is fitted without the encoder."""

import numpy as np
import pytest

from matcher.evaluation import expected_calibration_error
from matcher.fusion import Fusion, LabelSide
from matcher.training import Examples, LabelledTitle, calibration, conditional_logit, fit_fusions
from tests.matcher.small_world import small_taxonomy


def examples(random: np.random.Generator, true: np.ndarray, count: int = 4000) -> Examples:
    """Texts whose right code is drawn from the softmax of true weights."""
    features = random.normal(size=(count, 5, len(true))).astype(np.float32)
    noisy = features @ true + random.gumbel(size=(count, 5))
    return Examples(features, noisy == noisy.max(axis=1, keepdims=True))


def test_conditional_logit_finds_the_weights_that_data_were_drawn_with():
    true = np.array([1.5, -0.7, 0.0])
    found = conditional_logit([examples(np.random.default_rng(1), true)])
    assert np.allclose(found, true, atol=0.12)


def test_texts_for_which_nothing_is_right_change_no_weight():
    drawn = examples(np.random.default_rng(2), np.array([1.0, 0.5]), 300)
    silent = Examples(drawn.features, np.zeros_like(drawn.right))
    assert conditional_logit([drawn, silent]) == conditional_logit([drawn])


def test_heavier_examples_pull_harder():
    random = np.random.default_rng(3)
    one, other = (examples(random, np.array([weight]), 2000) for weight in (2.0, 0.0))
    equal = conditional_logit([one, other])[0]
    heavy = conditional_logit([Examples(one.features, one.right, 9.0), other])[0]
    assert heavy > equal + 0.2


def test_calibrated_probabilities_mean_what_they_say():
    drawn = examples(np.random.default_rng(4), np.array([1.0, 1.0]))
    scores = drawn.features @ np.array([1.0, 1.0])
    fusion = Fusion((1.0, 1.0), calibration(scores, drawn.right))
    best = scores.argmax(axis=1)
    rows = np.arange(len(scores))
    probabilities = fusion.probabilities(scores)[rows, best]
    assert expected_calibration_error(probabilities, drawn.right[rows, best]) < 0.03


@pytest.mark.parametrize("with_titles", [False, True])
def test_fusions_are_fitted_on_wordings_and_on_titles_where_there_are_any(with_titles: bool):
    taxonomy = small_taxonomy()
    random = np.random.default_rng(5)
    codes = [*taxonomy.occupations, *taxonomy.units]
    targets = [code for code in codes for _ in range(12)]
    texts = [f"wording{place}" for place in range(len(targets))]
    centres = {code: random.normal(size=16) for code in codes}
    vectors = np.array([centres[code] for code in targets]) + random.normal(size=(len(targets), 16))
    vectors[::5] = random.normal(size=vectors[::5].shape)  # wordings that are like no other
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    first = codes[0]  # whose vectors all titles have
    labels = [frozenset({first})] * 3 + [frozenset({"tailor"}), frozenset()]
    titles = [LabelledTitle("lowongan", label) for label in labels] if with_titles else []

    found = fit_fusions(
        taxonomy, targets, texts, vectors, titles, lambda asked: vectors[: len(asked)]
    )
    assert set(found.occupations.frequency) == ({first, "tailor"} if with_titles else set())
    assert found.units.weights == found.units_of_trade.weights
    assert found.units.calibration != found.units_of_trade.calibration
    side = LabelSide(list(taxonomy.units), targets, texts, vectors)
    for unit in taxonomy.units:
        features = side.features(["lowongan"], centres[unit][None].astype(np.float32))
        assert side.codes[int(found.units.scores(features, side.codes).argmax())] == unit
