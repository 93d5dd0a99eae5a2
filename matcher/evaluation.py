"""How good rankings and probabilities are: pure functions, NumPy in, floats out.

Scores are float[q, n], one row a query and one column a candidate, higher is better; -inf means
not ranked at all. Relevance is bool[q, n] or, where it is graded, float[q, n] of gains >= 0. Equal
scores never help: among equals every wrong candidate is placed before a right one, so a method
that cannot tell candidates apart gains nothing from the order they happen to stand in.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from matcher.text import normal

HELD_OUT_SHARE = 0.10
NORMAL_95 = 1.959964
_HASHES = 1 << 32


def is_held_out(text: str, share: float = HELD_OUT_SHARE) -> bool:
    """Whether an alias belongs to the share kept for evaluation: nothing may be trained on it.

    Decided by a hash of its normal form, so that one wording is held out for every code it means
    and in every spelling with the same normal form, whatever else the taxonomy holds.
    """
    digest = hashlib.sha256(f"titian held out {normal(text)}".encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * _HASHES


# Rankings


def first_rank(scores: np.ndarray, right: np.ndarray) -> np.ndarray:
    """float64[q]: the place, from 1, of the first right candidate; inf where none is ranked.

    scores: float[q, n]; right: bool[q, n].
    """
    best = np.where(right, scores, -np.inf).max(axis=1, initial=-np.inf)
    ahead = ((scores >= best[:, None]) & ~right).sum(axis=1)
    return np.where(np.isneginf(best), np.inf, ahead + 1.0)


def recall_at(scores: np.ndarray, right: np.ndarray, k: int) -> np.ndarray:
    """float64[q]: 1 where a right candidate stands among the first k, else 0.

    With one right candidate a query this is recall at k; where either of two is right, finding
    one is enough (trec_eval's success at k, MELO's A@k). scores: float[q, n]; right: bool[q, n].
    """
    return (first_rank(scores, right) <= k).astype(np.float64)


def mrr(scores: np.ndarray, right: np.ndarray, depth: int | None = None) -> np.ndarray:
    """float64[q]: 1 / place of the first right candidate, 0 where it is not ranked (its mean is
    the MRR). depth: places after it count as not ranked; trec_eval, as MELO uses it, looks at 100.
    """
    places = first_rank(scores, right)
    if depth is not None:
        places = np.where(places > depth, np.inf, places)
    return 1.0 / places


def ndcg_at(scores: np.ndarray, gains: np.ndarray, k: int) -> np.ndarray:
    """float64[q]: DCG of the first k over the best DCG there could be; 0 where no gain exists.

    Gain g at place i counts g / log2(i + 1) (Järvelin and Kekäläinen 2002), so bool gains give
    the binary nDCG. scores: float[q, n]; gains: bool[q, n] or float[q, n], none below 0. A
    candidate with a score of -inf is not ranked and gains nothing.
    """
    gains = gains.astype(np.float64)
    k = min(k, scores.shape[1])
    order = np.lexsort((gains, -scores), axis=1)[:, :k]
    ranked = np.isfinite(np.take_along_axis(scores, order, axis=1))
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    found = (np.take_along_axis(gains, order, axis=1) * ranked) @ discounts
    best = -np.sort(-gains, axis=1)[:, :k] @ discounts
    return np.divide(found, best, out=np.zeros_like(found), where=best > 0)


# Certainty of a figure


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the ends of its bootstrap interval."""

    value: float
    low: float
    high: float


def bootstrap_interval(
    values: np.ndarray, seed: int = 0, confidence: float = 0.95, resamples: int = 2000
) -> Interval:
    """The mean of float[q] and its percentile bootstrap interval (Efron 1979) over queries.

    The same values and seed give the same interval, and two methods drawn with one seed see the
    same resamples of queries. Raises ValueError where there are no values.
    """
    values = np.asarray(values, dtype=np.float64)
    if not len(values):
        raise ValueError("no values to take a mean of")
    random = np.random.default_rng(seed)
    means = np.empty(resamples)
    for number in range(resamples):
        means[number] = values[random.integers(len(values), size=len(values))].mean()
    tail = (1.0 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(values.mean()), float(low), float(high))


# Probabilities


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose probability lies in [low, high), the last bin with its end: how many, their
    mean probability, and the share of them that was right."""

    low: float
    high: float
    count: int
    probability: float
    share_right: float


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of `count` answers (Wilson 1927); honest for few answers, where
    a bootstrap of equal answers has no width. Raises ValueError for no answers."""
    if count < 1:
        raise ValueError("no answers, no share")
    square = NORMAL_95**2 / count
    centre = (share + square / 2) / (1 + square)
    half = NORMAL_95 * (share * (1 - share) / count + square / (4 * count)) ** 0.5 / (1 + square)
    return max(0.0, centre - half), min(1.0, centre + half)


def reliability_bins(probabilities: np.ndarray, right: np.ndarray, count: int = 10) -> list[Bin]:
    """Equally wide bins of float[n] in [0, 1] against bool[n]; empty bins are left out."""
    probabilities = np.asarray(probabilities, dtype=np.float64)
    right = np.asarray(right, dtype=bool)
    edges = np.linspace(0.0, 1.0, count + 1)
    which = np.clip(np.searchsorted(edges, probabilities, side="right") - 1, 0, count - 1)
    return [
        Bin(
            low=float(edges[place]),
            high=float(edges[place + 1]),
            count=int((which == place).sum()),
            probability=float(probabilities[which == place].mean()),
            share_right=float(right[which == place].mean()),
        )
        for place in range(count)
        if (which == place).any()
    ]


def expected_calibration_error(
    probabilities: np.ndarray, right: np.ndarray, count: int = 10
) -> float:
    """Mean gap between probability and share right over the bins, weighted by their answers
    (Guo et al. 2017); 0 where there are no answers."""
    bins = reliability_bins(probabilities, right, count)
    answers = sum(entry.count for entry in bins)
    gaps = sum(entry.count * abs(entry.probability - entry.share_right) for entry in bins)
    return gaps / answers if answers else 0.0


# Agreement


def cohens_kappa(one: np.ndarray, other: np.ndarray) -> float:
    """Agreement of two labellers beyond chance (Cohen 1960): 1 always agree, 0 as chance would.

    one, other: [n] labels of the same entries. 1.0 where both give one and the same label
    throughout, since then chance agrees as well. Raises ValueError for unequal or no labels.
    """
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape or not one.size:
        raise ValueError(f"labels of the same entries are needed, not {one.shape}, {other.shape}")
    agreed = float((one == other).mean())
    by_chance = float(
        sum((one == label).mean() * (other == label).mean() for label in np.unique(one))
    )
    return 1.0 if by_chance == 1.0 else (agreed - by_chance) / (1.0 - by_chance)
