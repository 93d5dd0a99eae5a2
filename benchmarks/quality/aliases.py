"""Aliases that were taken out of the taxonomy before any method saw it, as queries."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from benchmarks.quality.labels import LabelSet, RankingSet
from matcher.taxonomy import Alias, Taxonomy
from matcher.text import normal
from models.enums import ConceptKind

LEAST_GROUP = 10  # queries of one sort from which it is reported apart
OTHERS = "others"
KIND_NAMES = {ConceptKind.OCCUPATION: "occupation", ConceptKind.UNIT: "unit"}


def ranking_set(taxonomy: Taxonomy, held: Sequence[Alias], kind: ConceptKind) -> RankingSet:
    """The held-out aliases of occupations or of units, over the taxonomy that lacks them.

    Wordings with one normal form are one query, and every code that it means is right. A wording
    that still stands in the taxonomy word for word, as a title, is left out.
    """
    labels = LabelSet.of(taxonomy, kind)
    codes, known = set(labels.codes), {normal(text) for text in labels.texts}
    targets: dict[str, set[str]] = {}
    first: dict[str, Alias] = {}
    for alias in held:
        wording = normal(alias.text)
        if alias.target in codes and wording and wording not in known:
            targets.setdefault(wording, set()).add(alias.target)
            first.setdefault(wording, alias)
    sorts = _sorts(list(first.values()))
    return RankingSet(
        name=f"held-out {KIND_NAMES[kind]} aliases",
        source="a tenth of the taxonomy's aliases, chosen by hash and taken out of it",
        queries=tuple(alias.text for alias in first.values()),
        right=tuple(frozenset(found) for found in targets.values()),
        labels=labels,
        groups={sort: sorts == sort for sort in _by_frequency(sorts)},
    )


def trades_of(given: RankingSet) -> dict[str, str]:
    """The occupation of each query's right unit, the first by code where there are several."""
    units = given.labels.taxonomy.units
    return {
        query: units[min(codes)].occupation
        for query, codes in zip(given.queries, given.right, strict=True)
    }


def _sorts(aliases: Sequence[Alias]) -> np.ndarray:
    """str[n]: language and kind of each alias, rare ones together."""
    counts = Counter((alias.language, alias.kind) for alias in aliases)
    return np.array(
        [
            f"{alias.language} {alias.kind}"
            if counts[alias.language, alias.kind] >= LEAST_GROUP
            else OTHERS
            for alias in aliases
        ],
        dtype=object,
    )


def _by_frequency(sorts: np.ndarray) -> list[str]:
    return sorted(set(sorts), key=lambda sort: (sort == OTHERS, -int((sorts == sort).sum()), sort))
