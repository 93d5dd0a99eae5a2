"""Figures of one data set: every method, every metric, with intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.quality.labels import RankingSet
from benchmarks.quality.melo import DEPTH
from benchmarks.quality.methods import Method, Titian
from matcher.evaluation import (
    Bin,
    Interval,
    bootstrap_interval,
    expected_calibration_error,
    first_rank,
    mrr,
    ndcg_at,
    recall_at,
    reliability_bins,
)

Metric = Callable[[np.ndarray, np.ndarray], np.ndarray]
METRICS: Mapping[str, Metric] = {
    "R@1": lambda scores, right: recall_at(scores, right, 1),
    "R@5": lambda scores, right: recall_at(scores, right, 5),
    "MRR": mrr,
    "nDCG@10": lambda scores, right: ndcg_at(scores, right, 10),
}
MELO_METRICS: Mapping[str, Metric] = {
    "MRR": lambda scores, right: mrr(scores, right, DEPTH),
    "A@1": lambda scores, right: recall_at(scores, right, 1),
    "A@5": lambda scores, right: recall_at(scores, right, 5),
    "A@10": lambda scores, right: recall_at(scores, right, 10),
}


@dataclass(frozen=True, slots=True)
class MethodFigures:
    """One method: metric -> figure; group -> the figure of the first metric in it; behind: by how
    much Titian's first metric is greater, over the same queries (None for Titian's own rows)."""

    name: str
    metrics: dict[str, Interval]
    groups: dict[str, Interval]
    behind: Interval | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """Whether the probability of Titian's first answer means what it says."""

    name: str
    answers: int
    ece: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class SetFigures:
    """One data set. groups: group -> queries in it."""

    name: str
    source: str
    queries: int
    codes: int
    groups: dict[str, int]
    methods: tuple[MethodFigures, ...]
    reliability: Reliability | None


def measure(
    given: RankingSet,
    methods: Sequence[Method],
    seed: int,
    metrics: Mapping[str, Metric] = METRICS,
    tell: Callable[[str], None] = lambda _: None,
) -> SetFigures:
    """Every method on one data set. tell: called with what is being done."""
    right = given.relevance()
    values: dict[str, dict[str, np.ndarray]] = {}
    reliability = None
    for method in methods:
        tell(f"{given.name}: {method.name}")
        scores = method.rank(given.queries, given.labels)
        values[method.name] = {name: metric(scores, right) for name, metric in metrics.items()}
        if isinstance(method, Titian):
            reliability = _reliability(given.name, scores, right)
    return SetFigures(
        name=given.name,
        source=given.source,
        queries=len(given.queries),
        codes=len(given.labels.codes),
        groups={group: int(inside.sum()) for group, inside in given.groups.items()},
        methods=tuple(
            _method_figures(name, given, found, values.get(Titian.name), seed)
            for name, found in values.items()
        ),
        reliability=reliability,
    )


def _method_figures(
    name: str,
    given: RankingSet,
    found: Mapping[str, np.ndarray],
    titian: Mapping[str, np.ndarray] | None,
    seed: int,
) -> MethodFigures:
    metric, first = next(iter(found.items()))
    return MethodFigures(
        name=name,
        metrics={key: bootstrap_interval(value, seed) for key, value in found.items()},
        groups={
            group: bootstrap_interval(first[inside], seed)
            for group, inside in given.groups.items()
            if inside.any()
        },
        behind=None
        if titian is None or name.startswith(Titian.name)
        else bootstrap_interval(titian[metric] - first, seed),
    )


def _reliability(name: str, scores: np.ndarray, right: np.ndarray) -> Reliability:
    confidence = np.clip(scores.max(axis=1), 0.0, 1.0)
    is_right = first_rank(scores, right) == 1
    return Reliability(
        name,
        len(confidence),
        expected_calibration_error(confidence, is_right),
        tuple(reliability_bins(confidence, is_right)),
    )
