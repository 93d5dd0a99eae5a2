"""How alike a text and a code of the taxonomy are, by several likenesses fused into one probability.

Likenesses of a text and the labels of a code (FEATURES) are weighed and added, and so is how often employers
look for the code; the weights are fitted so that the right code comes first (`matcher.training`). A logistic function turns the
score of a code and its lead over the others into the probability that the code is right. The fitted numbers ship in linking.json.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from matcher.lexical import (
    GramIndex,
    Mention,
    MentionFinder,
    OpeningWords,
    SharedWords,
    StemIndex,
)
from matcher.taxonomy import Taxonomy
from matcher.text import names_leader

SHIPPED = Path(__file__).resolve().parent / "linking.json"
SAME_TRADE = (
    5.0  # logits; more would help little where the trade is right, and cost where it is not
)
NEAR_TRADE = 1.75  # times the closeness of a neighbouring occupation

FEATURES = (
    "grams",  # best TF-IDF cosine of character n-grams
    "stems",  # best TF-IDF cosine of word stems
    "vector",  # best cosine of embeddings
    "centre",  # cosine to the mean of the code's embeddings
    "covered",  # share of the text's letters that a label found word for word covers
    "stands",  # 1 when a label stands there word for word
    "known",  # share of the text's words that any label of the code uses, rare words counting more
    "opens",  # whether a label opens with the text's first word, and how few other codes' do
    "leads",  # share of the labels that name a leader, where the text names one
    "follows",  # the same share, where the text names none
)
OF_TITLES = ("opens", "leads", "follows")  # say something of a title, nothing of a skill


@dataclass(frozen=True, slots=True)
class Fusion:
    """weights: one a feature; calibration: of 1, score and lead; frequency: what a code's score
    gains because employers look for it often, nothing for codes that do not stand there."""

    weights: tuple[float, ...]
    calibration: tuple[float, float, float]
    frequency: Mapping[str, float] = field(default_factory=dict)

    def scores(self, features: np.ndarray, codes: Sequence[str]) -> np.ndarray:
        """float64[q, codes] logits from float[q, codes, FEATURES]."""
        return features @ np.array(self.weights) + [self.frequency.get(code, 0.0) for code in codes]

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """float64[q, codes]: how probably each code is right, from its score and its lead over the
        best of the others."""
        constant, own, lead = self.calibration
        return logistic(constant + own * scores + lead * leads(scores))


@dataclass(frozen=True, slots=True)
class Fusions:
    """What was fitted for occupations, for units, and for units where the trade is known."""

    occupations: Fusion
    units: Fusion
    units_of_trade: Fusion

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path = SHIPPED) -> "Fusions":
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            **{
                name: Fusion(
                    tuple(entry["weights"]), tuple(entry["calibration"]), entry["frequency"]
                )
                for name, entry in stored.items()
            }
        )


def occupation_codes(taxonomy: Taxonomy) -> list[str]:
    """The occupations, and behind them the work outside the taxonomy, which competes with them."""
    return [*taxonomy.occupations, *dict.fromkeys(entry.target for entry in taxonomy.outside)]


def trade_prior(taxonomy: Taxonomy, occupation: str) -> np.ndarray:
    """float64[units]: what the score of each unit gains where the occupation is known."""
    near = taxonomy.closeness.get(occupation, {})
    return np.array(
        [
            SAME_TRADE
            if unit.occupation == occupation
            else NEAR_TRADE * near.get(unit.occupation, 0.0)
            for unit in taxonomy.units.values()
        ]
    )


class LabelSide:
    """The labels of the occupations, or of the units, ready to be compared with texts.

    codes: the codes in the order of the answers; targets, texts: n codes and wordings, those of
    other codes are left out; vectors: float32[n, d].
    """

    def __init__(
        self,
        codes: Sequence[str],
        targets: Sequence[str],
        texts: Sequence[str],
        vectors: np.ndarray,
    ) -> None:
        self.codes = list(codes)
        number = {code: place for place, code in enumerate(self.codes)}
        pairs = sorted(
            (number[target], place) for place, target in enumerate(targets) if target in number
        )
        self._places = np.array([place for _, place in pairs], dtype=np.int64)
        groups = np.array([group for group, _ in pairs], dtype=np.int64)
        self._starts = np.searchsorted(groups, np.arange(len(self.codes)))
        labels = [texts[place] for place in self._places]
        self._vectors = _taken(vectors, self._places)
        self._grams = GramIndex(labels)
        self._stems = StemIndex(labels)
        self._mentions = MentionFinder([self.codes[group] for group in groups], labels)
        bounds = pairwise([*self._starts, len(labels)])
        by_code = [labels[start:end] for start, end in bounds]
        self._words = SharedWords(by_code)
        self._openings = OpeningWords(by_code)
        self._leading = np.array(
            [sum(map(names_leader, of_code)) / max(len(of_code), 1) for of_code in by_code],
            dtype=np.float32,
        )
        self._number = number
        self._centres = self._means()

    def _means(self) -> np.ndarray:
        sums = np.add.reduceat(self._vectors, self._starts, axis=0)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        return (sums / np.maximum(norms, 1e-12)).astype(np.float32)

    def features(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """float32[q, codes, FEATURES]; vectors: float32[q, d] of the texts."""
        found = np.zeros((len(texts), len(self.codes), len(FEATURES)), dtype=np.float32)
        if not texts:
            return found
        found[..., 0] = self._best(self._grams.likeness(texts))
        found[..., 1] = self._best(self._stems.likeness(texts))
        found[..., 2] = self._best(vectors @ self._vectors.T)
        found[..., 3] = vectors @ self._centres.T
        found[..., 6] = self._words.share(texts)
        leading = np.array([[names_leader(text)] for text in texts])
        found[..., 7] = self._openings.likeness(texts)
        found[..., 8] = np.where(leading, self._leading, 0.0)
        found[..., 9] = np.where(leading, 0.0, self._leading)
        for row, text in enumerate(texts):
            for mention in self._mentions.find(text):
                place = self._number[mention.target]
                found[row, place, 4] = max(found[row, place, 4], covered(mention, text))
                found[row, place, 5] = 1.0
        return found

    def mentions(self, text: str) -> list[Mention]:
        """Labels that stand word for word in a text."""
        return self._mentions.find(text)

    def _best(self, values: np.ndarray) -> np.ndarray:
        """float[q, codes]: the greatest value among each code's labels; every code has one."""
        return np.maximum.reduceat(values, self._starts, axis=1)


def _taken(vectors: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Some rows; a view, which may lie in a mapped file, where they stand in one run."""
    if len(places) and (np.diff(places) == 1).all():
        return vectors[places[0] : places[-1] + 1]
    return vectors[places]


def covered(mention: Mention, text: str) -> float:
    """The share of a text's letters and digits that a mention covers."""
    letters = sum(character.isalnum() for character in text)
    inside = sum(character.isalnum() for character in text[mention.start : mention.end])
    return inside / max(letters, 1)


def leads(scores: np.ndarray) -> np.ndarray:
    """float64[q, n]: each score less the best of the others in its row; 0 where there are none."""
    if scores.shape[1] < 2:
        return np.zeros_like(scores)
    best_two = np.partition(scores, -2, axis=1)[:, -2:]
    best, second = best_two[:, 1:], best_two[:, :1]
    return scores - np.where(scores >= best, second, best)


def logistic(values: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(values, -40, 40)))
