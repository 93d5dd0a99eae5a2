"""Phrases as employers write them, each with the unit it asks for; written by us from the units' titles,
before any method was run on them."""

import csv

import numpy as np

from benchmarks.quality.gold import GOLD_FOLDER
from benchmarks.quality.labels import DataError, LabelSet, RankingSet
from matcher.taxonomy import Taxonomy
from models.enums import ConceptKind

COLUMNS = ["part", "language", "phrase", "label", "second"]


def ranking_set(part: str, taxonomy: Taxonomy) -> RankingSet:
    """The phrases of a part, test or dev, over all units; where a second unit is as defensible, both
    are right. Raises DataError for a unit that the taxonomy does not hold."""
    path = GOLD_FOLDER / "phrases.csv"
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise DataError(f"{path}: the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            right = frozenset(filter(None, (row["label"], row["second"])))
            if not right <= taxonomy.units.keys():
                raise DataError(f"{path}, row {reader.line_num}: unknown unit in {sorted(right)}")
            if row["part"] == part:
                rows.append((row["phrase"], right, row["language"]))
    languages = np.array([language for _, _, language in rows])
    return RankingSet(
        name=f"phrases, {part}",
        source="phrases of vacancies, written by us (benchmarks/gold/phrases.csv)",
        queries=tuple(phrase for phrase, _, _ in rows),
        right=tuple(right for _, right, _ in rows),
        labels=LabelSet.of(taxonomy, ConceptKind.UNIT),
        groups={"Indonesian": languages == "id", "English": languages == "en"},
    )
