"""matcher.fusion: likenesses of a text and a code, fused into one probability."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.fusion import (
    FEATURES,
    NEAR_TRADE,
    SAME_TRADE,
    Fusion,
    Fusions,
    LabelSide,
    leads,
    trade_prior,
)
from matcher.text import normal
from tests.matcher.small_world import small_taxonomy

SCORES = st.lists(st.sampled_from([-3.0, -1.0, 0.0, 0.5, 2.0]), min_size=1, max_size=6)


def small_side() -> tuple[LabelSide, np.ndarray]:
    """Three codes, labels out of order and one of a stranger, and their made-up vectors."""
    targets = ["sew", "weld", "cook", "weld", "stranger"]
    texts = ["tukang jahit", "tukang las", "koki", "pengelasan pipa", "dokter"]
    vectors = np.eye(5, dtype=np.float32)
    return LabelSide(["cook", "sew", "weld"], targets, texts, vectors), vectors


@given(SCORES)
@settings(deadline=None, max_examples=200)
def test_a_lead_is_over_the_best_of_the_others(scores: list[float]):
    found = leads(np.array([scores]))[0]
    for place, score in enumerate(scores):
        others = scores[:place] + scores[place + 1 :]
        assert found[place] == (score - max(others) if others else 0)


def test_scores_and_probabilities_follow_the_formula():
    fusion = Fusion((1.0, 2.0, 0.0, -1.0), (0.1, 0.7, 0.3), {"cook": -0.5})
    features = np.array([[[1, 1, 9, 1.5], [0, 0.5, 9, 0]]], dtype=np.float32)
    scores = fusion.scores(features, ["weld", "cook"])
    assert scores.tolist() == [[1.5, 0.5]]
    expected = [
        1 / (1 + math.exp(-(0.1 + 0.7 * 1.5 + 0.3 * 1.0))),
        1 / (1 + math.exp(-(0.1 + 0.7 * 0.5 - 0.3 * 1.0))),
    ]
    assert np.allclose(fusion.probabilities(scores), [expected])


def test_extreme_scores_give_probabilities_without_warnings():
    fusion = Fusion((0.0,) * 6, (0.0, 1.0, 1.0))
    with np.errstate(all="raise"):
        found = fusion.probabilities(np.array([[1e6, -1e6, 0.0]]))
    assert ((found >= 0) & (found <= 1)).all()


def test_the_features_of_a_text_are_those_of_each_codes_best_label():
    side, vectors = small_side()
    query = np.array([[0.1, 0.2, 0.3, 0.4, 0.9]], dtype=np.float32)
    found = dict(zip(side.codes, side.features(["dicari tukang las"], query)[0], strict=True))
    named = {code: dict(zip(FEATURES, values, strict=True)) for code, values in found.items()}
    assert named["weld"]["vector"] == pytest.approx(0.4)  # the better of 0.2 and 0.4
    assert named["weld"]["centre"] == pytest.approx((0.2 + 0.4) / math.sqrt(2))
    assert named["cook"]["vector"] == pytest.approx(0.3)
    assert named["weld"]["stands"] == 1
    assert named["weld"]["covered"] == pytest.approx(9 / 15)
    assert named["sew"]["stands"] == named["sew"]["covered"] == 0
    assert named["weld"]["stems"] > named["sew"]["stems"] > named["cook"]["stems"] == 0
    assert named["weld"]["grams"] > named["sew"]["grams"]
    assert vectors.shape == (5, 5)


def test_a_word_that_no_label_knows_is_told_from_one_that_another_code_uses():
    side, vectors = small_side()
    found = side.features(["tukang las", "tukang las loak"], vectors[:2])[
        :, :, FEATURES.index("known")
    ]
    weld, sew = side.codes.index("weld"), side.codes.index("sew")
    assert found[0, weld] == pytest.approx(1.0)
    assert 0 < found[0, sew] < 0.5  # "tukang" says little, since others use it too
    assert found[1, weld] < 0.75  # nobody knows "loak", so it counts the most


def test_the_first_word_of_a_title_counts_for_the_codes_whose_labels_open_with_it():
    side, vectors = small_side()
    found = side.features(["koki restoran", "tukang restoran", ""], vectors[:3])
    opens = found[:, :, FEATURES.index("opens")]
    cook, sew, weld = (side.codes.index(code) for code in ("cook", "sew", "weld"))
    assert opens[0, cook] == 1  # nobody else's
    assert 0 < opens[1, sew] == opens[1, weld] < 1  # "tukang" opens labels of two codes in three
    assert opens[0, sew] == opens[1, cook] == 0
    assert not opens[2].any()


def test_a_code_of_leaders_is_told_from_others_by_titles_that_lead():
    labels = ["sales manager", "kepala penjualan", "salesman"]
    side = LabelSide(
        ["lead", "sell"], ["lead", "lead", "sell"], labels, np.eye(3, dtype=np.float32)
    )
    leading, following = side.features(["Kepala Cabang", "sales"], np.eye(3, dtype=np.float32)[:2])
    assert leading[:, FEATURES.index("leads")].tolist() == [1.0, 0.0]
    assert leading[:, FEATURES.index("follows")].tolist() == [0.0, 0.0]
    assert following[:, FEATURES.index("follows")].tolist() == [1.0, 0.0]


def test_the_trade_already_read_brings_its_units_and_its_neighbours_forward():
    taxonomy = small_taxonomy()
    gained = dict(zip(taxonomy.units, trade_prior(taxonomy, "smaw-welder"), strict=True))
    closeness = taxonomy.closeness["smaw-welder"]["gtaw-welder"]
    assert gained["smaw-welder.01"] == SAME_TRADE
    assert gained["gtaw-welder.01"] == pytest.approx(NEAR_TRADE * closeness)
    assert gained["cook.01"] == 0


def test_labels_of_other_codes_are_left_out():
    side, vectors = small_side()
    assert side.mentions("dokter") == []
    features = side.features([normal("dokter")], vectors[4:])
    assert not features[0, :, FEATURES.index("stems")].any()
    assert not features[0, :, FEATURES.index("vector")].any()


def test_no_texts_have_no_features():
    side, vectors = small_side()
    assert side.features([], vectors[:0]).shape == (0, 3, len(FEATURES))


def test_what_was_fitted_is_read_as_it_was_written(tmp_path: Path):
    fusions = Fusions(
        Fusion((1.0, 2.0, 3.0, 4.0, 5.0, 6.0), (0.1, 0.2, 0.3), {"cook": 0.5}),
        Fusion((6.0, 5.0, 4.0, 3.0, 2.0, 1.0), (0.3, 0.2, 0.1)),
        Fusion((6.0, 5.0, 4.0, 3.0, 2.0, 1.0), (0.2, 0.2, 0.2)),
    )
    fusions.save(tmp_path / "linking.json")
    assert Fusions.load(tmp_path / "linking.json") == fusions


@pytest.mark.parametrize("side", ["occupations", "units", "units_of_trade"])
def test_what_ships_has_a_weight_for_each_feature_and_rises_with_score_and_lead(side: str):
    fusion: Fusion = getattr(Fusions.load(), side)
    assert len(fusion.weights) == len(FEATURES)
    _, own, lead = fusion.calibration
    assert own > 0
    assert lead > 0
