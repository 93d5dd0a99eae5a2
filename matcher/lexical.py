"""Likeness of wording without an encoder: n-grams, stems, and labels that stand in a text."""

import re
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ahocorasick
import numpy as np
from scipy import sparse

from matcher.text import lower_in_place, normal, stem, words

SMALLEST_GRAM, GREATEST_GRAM = 2, 4
LEAST_RARITY = 0.3  # of a word that every code uses


def grams(text: str) -> Counter[str]:
    """Counts of the character n-grams (2 to 4) of each word, word ends marked by a space."""
    found: Counter[str] = Counter()
    for word in normal(text).split():
        padded = f" {word} "
        for size in range(SMALLEST_GRAM, GREATEST_GRAM + 1):
            for start in range(len(padded) - size + 1):
                found[padded[start : start + size]] += 1
    return found


def stems(text: str) -> Counter[str]:
    """Counts of the stems of the words."""
    return Counter(stem(word) for word in words(text))


class TfidfIndex:
    """TF-IDF of n labels over any terms (sublinear tf, smooth idf, cosine).

    terms: counts the terms of a text.
    """

    def __init__(self, texts: Sequence[str], terms: Callable[[str], Counter[str]]) -> None:
        self._terms = terms
        self._place: dict[str, int] = {}
        columns, counts, starts = array("i"), array("f"), array("i", [0])
        for text in texts:
            for term, count in terms(text).items():
                columns.append(self._place.setdefault(term, len(self._place)))
                counts.append(count)
            starts.append(len(columns))
        shape = (len(texts), len(self._place))
        matrix = sparse.csr_matrix(
            (np.array(counts, np.float32), np.array(columns), np.array(starts)), shape=shape
        )
        frequency = np.bincount(matrix.indices, minlength=shape[1])
        self._idf = (np.log((1 + shape[0]) / (1 + frequency)) + 1).astype(np.float32)
        matrix.data = (1 + np.log(matrix.data)) * self._idf[matrix.indices]
        norms = np.sqrt(matrix.multiply(matrix).sum(axis=1)).A1
        self._by_term = sparse.diags(1 / np.maximum(norms, 1e-12)).dot(matrix).T.tocsr()

    def likeness(self, texts: Sequence[str]) -> np.ndarray:
        """float32[len(texts), n]: cosine of each text to each label."""
        rows: list[int] = []
        columns: list[int] = []
        weights: list[float] = []
        for row, text in enumerate(texts):
            found = [
                (self._place[term], count)
                for term, count in self._terms(text).items()
                if term in self._place
            ]
            if not found:
                continue
            places = np.array([place for place, _ in found])
            values = (1 + np.log([count for _, count in found])) * self._idf[places]
            values /= max(float(np.sqrt((values**2).sum())), 1e-12)
            rows.extend([row] * len(places))
            columns.extend(places)
            weights.extend(values)
        queries = sparse.csr_matrix(
            (np.array(weights, np.float32), (rows, columns)),
            shape=(len(texts), self._by_term.shape[0]),
        )
        return np.asarray((queries @ self._by_term).todense(), dtype=np.float32)


class SharedWords:
    """Which stems the labels of each code use, whatever label they stand in.

    labels: the labels of each of n codes.
    """

    def __init__(self, labels: Sequence[Sequence[str]]) -> None:
        self._place: dict[str, int] = {}
        rows, columns = array("i"), array("i")
        for row, of_code in enumerate(labels):
            for stem_ in {word for label in of_code for word in stems(label)}:
                rows.append(row)
                columns.append(self._place.setdefault(stem_, len(self._place)))
        self._uses = sparse.csr_matrix(
            (np.ones(len(rows), np.float32), (np.array(columns), np.array(rows))),
            shape=(len(self._place), len(labels)),
        )
        codes_with = np.bincount(np.array(columns), minlength=len(self._place))
        self._rarity = (
            np.log((1 + len(labels)) / np.maximum(codes_with, 1)) + LEAST_RARITY
        ).astype(np.float32)
        self._rarest = float(np.log(1 + len(labels)) + LEAST_RARITY)

    def share(self, texts: Sequence[str]) -> np.ndarray:
        """float32[len(texts), n]: the share of a text's words that some label of each code uses,
        rare words counting more and words that no code uses the most; 0 for a text without words."""
        rows, columns, weights = array("i"), array("i"), array("f")
        totals = np.zeros(len(texts), np.float32)
        for row, text in enumerate(texts):
            for word in stems(text):
                place = self._place.get(word)
                weight = self._rarest if place is None else float(self._rarity[place])
                totals[row] += weight
                if place is not None:
                    rows.append(row)
                    columns.append(place)
                    weights.append(weight)
        queries = sparse.csr_matrix(
            (np.array(weights), (np.array(rows), np.array(columns))),
            shape=(len(texts), self._uses.shape[0]),
            dtype=np.float32,
        )
        found = np.asarray((queries @ self._uses).todense(), dtype=np.float32)
        return found / np.maximum(totals, 1e-12)[:, None]


class OpeningWords:
    """Which stems open a label of each code: the first word of an Indonesian title says what somebody is,
    those after it of what and where ("satpam pabrik kelapa sawit").

    labels: the labels of each of n codes.
    """

    def __init__(self, labels: Sequence[Sequence[str]]) -> None:
        self._count = len(labels)
        self._codes: dict[str, list[int]] = {}
        for place, of_code in enumerate(labels):
            for word in {stem(found[0]) for label in of_code if (found := words(label))}:
                self._codes.setdefault(word, []).append(place)

    def likeness(self, texts: Sequence[str]) -> np.ndarray:
        """float32[len(texts), n]: where a label opens with the text's first word, 1 if it is the only
        code's and 0 if it is every code's; 0 elsewhere."""
        found = np.zeros((len(texts), self._count), dtype=np.float32)
        for row, text in enumerate(texts):
            first = words(text)[:1]
            codes = self._codes.get(stem(first[0]), []) if first else []
            if codes and self._count > 1:
                found[row, codes] = 1.0 - np.log(len(codes)) / np.log(self._count)
        return found


class GramIndex(TfidfIndex):
    """Likeness by character n-grams: forgives misspellings and endings."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__(texts, grams)


class StemIndex(TfidfIndex):
    """Likeness by the stems of whole words."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__(texts, stems)


@dataclass(frozen=True, slots=True)
class Mention:
    """A label that stands word for word in a text: its target and the place of its words."""

    target: str
    label: str
    start: int
    end: int


class MentionFinder:
    """Finds labels as whole words in a text by an Aho-Corasick automaton (1975)."""

    def __init__(self, targets: Sequence[str], texts: Sequence[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        by_label: dict[str, list[str]] = {}
        for target, text in zip(targets, texts, strict=True):
            label = _plain(text).strip()
            if len(label) >= 2:
                owners = by_label.setdefault(label, [])
                if target not in owners:
                    owners.append(target)
        for label, owners in by_label.items():
            self._automaton.add_word(label, (label, tuple(owners)))
        self._automaton.make_automaton()

    def find(self, text: str) -> list[Mention]:
        """Every mention, longest first at each place, none inside a longer one."""
        if not len(self._automaton):
            return []
        plain = _plain(text)
        hits = []
        for last, (label, owners) in self._automaton.iter(plain):
            start, end = last - len(label) + 1, last + 1
            before = plain[start - 1] if start else " "
            after = plain[end] if end < len(plain) else " "
            if not before.isalnum() and not after.isalnum():
                hits.append((start, end, label, owners))
        hits.sort(key=lambda hit: (hit[0] - hit[1], hit[0]))
        taken = np.zeros(len(plain) + 1, dtype=bool)
        found: list[Mention] = []
        for start, end, label, owners in hits:
            if taken[start:end].any():
                continue
            taken[start:end] = True
            found.extend(Mention(owner, label, start, end) for owner in owners)
        return sorted(found, key=lambda mention: (mention.start, mention.target))


def _plain(text: str) -> str:
    """Lower case with signs as spaces; places in it are places in the text."""
    return re.sub(r"[\s/_\-–.,()]", " ", lower_in_place(text))
