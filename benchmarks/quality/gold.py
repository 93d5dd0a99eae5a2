"""Real job titles with the occupation two passes gave them, and what Titian claims for them."""

import csv
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.quality.labels import DataError, DataMissing, LabelSet, RankingSet
from matcher.evaluation import (
    Bin,
    Interval,
    bootstrap_interval,
    cohens_kappa,
    expected_calibration_error,
    reliability_bins,
)
from matcher.linking import OCCUPATION_FROM, Linker
from matcher.taxonomy import Taxonomy
from matcher.text import normal
from models.enums import ConceptKind

TUNED_ON = ("dev", "tune")  # the parts that may be looked at and fitted on
OUTSIDE = "outside"  # none of the taxonomy's occupations is right
GOLD_FOLDER = Path(__file__).resolve().parent.parent / "gold"
REFERENCE_DATA = GOLD_FOLDER.parent.parent.parent / "shared" / "data"
TITLE_COLUMNS = ("title", "Title")
COLUMNS = ["key", "label", "second", "agreed"]
OFFICE_SECTORS = ("office", "senior")
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class GoldTitle:
    """A title and the codes (or OUTSIDE) that are right; `accepted` holds `label` and, where
    another is just as defensible, `second`."""

    title: str
    label: str
    accepted: frozenset[str]
    agreed: bool


def key_of(title: str) -> str:
    """16 hex digits for a title, the same in any case and whatever stands between its words."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    plain = " ".join(_LETTERS.findall(folded))
    return hashlib.sha256(f"titian gold {plain}".encode()).hexdigest()[:16]


def read_gold(
    part: str, taxonomy: Taxonomy, folder: Path | None = None, data: Path = REFERENCE_DATA
) -> list[GoldTitle]:
    """The titles of a part, test, dev or tune, joined with the vacancies they were taken from.

    Raises DataMissing where the vacancies, which are no part of Titian, are not all there, and
    DataError for a label that the taxonomy does not hold.
    """
    path = (folder or GOLD_FOLDER) / f"titles_{part}.csv"
    known = {OUTSIDE, *taxonomy.occupations}
    titles = _titles_by_key(data)
    found, missing = [], 0
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise DataError(f"{path}: the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            accepted = frozenset(filter(None, (row["label"], row["second"])))
            if row["label"] not in known or not accepted <= known:
                wrong = ", ".join(sorted(accepted - known)) or "no label"
                raise DataError(f"{path}, row {reader.line_num}: unknown occupation: {wrong}")
            if row["key"] not in titles:
                missing += 1
                continue
            found.append(
                GoldTitle(titles[row["key"]], row["label"], accepted, row["agreed"] == "1")
            )
    if missing:
        raise DataMissing(f"{missing} of the titles of {path.name} stand in no file of {data}")
    return found


def _titles_by_key(data: Path) -> dict[str, str]:
    paths = sorted(data.glob("vacancies_*.csv")) if data.is_dir() else []
    if not paths:
        raise DataMissing(f"no vacancies_*.csv in {data}")
    found: dict[str, str] = {}
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                for column in TITLE_COLUMNS:
                    if row.get(column):
                        found.setdefault(key_of(row[column]), row[column])
    return found


def ranking_set(titles: Sequence[GoldTitle], taxonomy: Taxonomy, part: str) -> RankingSet:
    """The titles that have an occupation, as queries; `outside` is nothing that can be ranked."""
    inside = [entry for entry in titles if entry.label != OUTSIDE]
    labels = LabelSet.of(taxonomy, ConceptKind.OCCUPATION)
    known = {normal(text) for text in labels.texts}
    verbatim = np.array([normal(entry.title) in known for entry in inside])
    office = np.array(
        [taxonomy.occupations[entry.label].sector in OFFICE_SECTORS for entry in inside]
    )
    return RankingSet(
        name=f"gold titles, {part}",
        source="real titles of vacancies, labelled by two passes (benchmarks/gold)",
        queries=tuple(entry.title for entry in inside),
        right=tuple(entry.accepted - {OUTSIDE} for entry in inside),
        labels=labels,
        groups={
            "a label word for word": verbatim,
            "other words": ~verbatim,
            "trades and services": ~office,
            "office and senior": office,
        },
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two passes gave the same label: share and Cohen's kappa."""

    titles: int
    share: float
    kappa: float


def agreement(one: Path, other: Path) -> Agreement:
    """Agreement of two passes: files of key, label, second, tab-separated, of the same keys.

    Raises DataError where the keys differ.
    """
    first, second = (
        dict(line.split("\t")[:2] for line in path.read_text(encoding="utf-8").splitlines())
        for path in (one, other)
    )
    if first.keys() != second.keys():
        raise DataError(f"{one} and {other} do not label the same titles")
    labels = [np.array([labelled[key].strip() for key in first]) for labelled in (first, second)]
    return Agreement(len(first), float((labels[0] == labels[1]).mean()), cohens_kappa(*labels))


@dataclass(frozen=True, slots=True)
class Coverage:
    """What becomes of all titles at Titian's threshold, and how far its confidence can be believed.

    coverage: share of all titles that get a right occupation or, rightly, none; precision: share
    of the occupations claimed that are right; recall: share of the titles that have an occupation
    that get a right one; left_alone: share of the titles outside that get none. ece: expected
    calibration error of the first answer's confidence; bins: its reliability.
    """

    titles: int
    outside: int
    claims: int
    threshold: float
    coverage: Interval
    precision: Interval
    recall: Interval
    left_alone: Interval
    ece: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Titian's first answer to each title. confidence: float[n]; right: bool[n]."""

    codes: tuple[str, ...]
    confidence: np.ndarray
    right: np.ndarray


def first_answers(linker: Linker, titles: Sequence[GoldTitle]) -> Answers:
    """The likeliest occupation of each title, whatever its confidence."""
    ranked = linker.occupations_of([entry.title for entry in titles], k=1)
    codes = tuple(answers[0].code if answers else OUTSIDE for answers in ranked)
    return Answers(
        codes,
        np.array([answers[0].confidence if answers else 0.0 for answers in ranked]),
        np.array(
            [
                code != OUTSIDE and code in entry.accepted
                for code, entry in zip(codes, titles, strict=True)
            ]
        ),
    )


def coverage(
    answers: Answers,
    titles: Sequence[GoldTitle],
    seed: int = 0,
    threshold: float = OCCUPATION_FROM,
) -> Coverage:
    """How the answers fare at a threshold. Raises ValueError where it cannot be told, as when no
    occupation is claimed or no title is outside."""
    claimed = answers.confidence >= threshold
    outside = np.array([entry.label == OUTSIDE for entry in titles])
    may_be_outside = np.array([OUTSIDE in entry.accepted for entry in titles])
    right_claim = claimed & answers.right
    return Coverage(
        titles=len(titles),
        outside=int(outside.sum()),
        claims=int(claimed.sum()),
        threshold=threshold,
        coverage=bootstrap_interval(right_claim | (~claimed & may_be_outside), seed),
        precision=bootstrap_interval(answers.right[claimed], seed),
        recall=bootstrap_interval(right_claim[~outside], seed),
        left_alone=bootstrap_interval(~claimed[outside], seed),
        ece=expected_calibration_error(answers.confidence, answers.right),
        bins=tuple(reliability_bins(answers.confidence, answers.right)),
    )
