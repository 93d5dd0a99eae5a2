"""Methods that rank codes for short texts, all behind one small interface."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from benchmarks.quality.encodings import embeddings_of
from benchmarks.quality.labels import LabelSet
from matcher.embeddings import TaxonomyEmbeddings, centred
from matcher.encoder import Encoder
from matcher.lexical import GramIndex
from matcher.linking import Linker
from matcher.taxonomy import Taxonomy
from matcher.text import words
from models.enums import ConceptKind

QUERIES_AT_ONCE = 128
BM25_K1, BM25_B = 1.2, 0.75
NAMED = 200  # codes Titian puts in order for one text; the rest count as not ranked
STEP = 1e-9  # keeps Titian's order where its rounded confidences are equal


class Method(Protocol):
    """A way to rank codes."""

    name: str

    def rank(self, queries: Sequence[str], labels: LabelSet) -> np.ndarray:
        """float[q, codes], higher is better: a code's score is the best of its labels'."""
        ...


class RandomOrder:
    """What chance gives."""

    name = "random"

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def rank(self, queries: Sequence[str], labels: LabelSet) -> np.ndarray:
        random = np.random.default_rng(self._seed)
        return random.random((len(queries), len(labels.codes)))


class WordTfIdf:
    """TF-IDF over whole words, cosine; scikit-learn's defaults, our own words."""

    name = "word TF-IDF"

    def rank(self, queries: Sequence[str], labels: LabelSet) -> np.ndarray:
        vectorizer = TfidfVectorizer(analyzer=words)
        of_labels = vectorizer.fit_transform(labels.texts).T.tocsr()
        return _best(
            queries, labels, lambda part: (vectorizer.transform(part) @ of_labels).toarray()
        )


class Bm25:
    """BM25 (Robertson and Zaragoza 2009) over whole words, each label a document, with the idf
    that never turns negative (Lucene's). Written here: rank-bm25 has had no release since 2022, and
    this is all of it."""

    name = "BM25"

    def rank(self, queries: Sequence[str], labels: LabelSet) -> np.ndarray:
        vectorizer = CountVectorizer(analyzer=words)
        counts = vectorizer.fit_transform(labels.texts).astype(np.float64).tocoo()
        count = counts.shape[0]
        holding = np.bincount(counts.col, minlength=counts.shape[1])
        idf = np.log(1 + (count - holding + 0.5) / (holding + 0.5))
        lengths = np.bincount(counts.row, weights=counts.data, minlength=count)
        longer = 1 - BM25_B + BM25_B * lengths / lengths.mean()
        tf = counts.data * (BM25_K1 + 1) / (counts.data + BM25_K1 * longer[counts.row])
        weights = sparse.csr_matrix(
            (idf[counts.col] * tf, (counts.col, counts.row)), shape=counts.shape[::-1]
        )
        return _best(queries, labels, lambda part: (vectorizer.transform(part) @ weights).toarray())


class CharacterGrams:
    """Cosine of character n-grams, as Titian's linker uses them."""

    name = "character n-grams"

    def rank(self, queries: Sequence[str], labels: LabelSet) -> np.ndarray:
        return _best(queries, labels, GramIndex(labels.texts).likeness)


class EncoderCosine:
    """Cosine of an encoder's vectors, centred on the mean of the labels; nothing is trained here."""

    def __init__(self, encoder: Encoder, name: str = "encoder alone") -> None:
        self.name = name
        self._encoder = encoder

    def rank(self, queries: Sequence[str], labels: LabelSet) -> np.ndarray:
        raw = self._encoder.encode(labels.texts)
        mean = raw.mean(axis=0)
        of_labels = centred(raw, mean).T
        return _best(
            queries, labels, lambda part: centred(self._encoder.encode(part), mean) @ of_labels
        )


class Titian:
    """The linker as the service runs it, over whatever taxonomy it is given.

    places: lower-case place name -> region or province code, as linking takes it.
    """

    name = "Titian"

    def __init__(self, encoder: Encoder, places: Mapping[str, str] | None = None) -> None:
        self._encoder = encoder
        self._places = places or {}
        self._linkers: dict[str, tuple[Linker, TaxonomyEmbeddings]] = {}

    def linker(self, taxonomy: Taxonomy) -> Linker:
        """The linker of one taxonomy, built once."""
        return self._of(taxonomy)[0]

    def embeddings(self, taxonomy: Taxonomy) -> TaxonomyEmbeddings:
        """What that linker compares with."""
        return self._of(taxonomy)[1]

    def _of(self, taxonomy: Taxonomy) -> tuple[Linker, TaxonomyEmbeddings]:
        if taxonomy.digest not in self._linkers:
            embeddings = embeddings_of(taxonomy, self._encoder)
            linker = Linker(taxonomy, self._encoder, embeddings, self._places)
            self._linkers[taxonomy.digest] = (linker, embeddings)
        return self._linkers[taxonomy.digest]

    def rank(self, queries: Sequence[str], labels: LabelSet) -> np.ndarray:
        linker = self.linker(labels.taxonomy)
        if labels.kind == ConceptKind.UNIT:
            return _in_parts(queries, len(labels.codes), linker.unit_probabilities)
        number = {code: place for place, code in enumerate(labels.codes)}

        def score(part: Sequence[str]) -> np.ndarray:
            found = np.full((len(part), len(number)), -np.inf)
            for row, ranked in enumerate(linker.occupations_of(part, k=NAMED)):
                for place, entry in enumerate(ranked):
                    found[row, number[entry.code]] = entry.confidence - STEP * place
            return found

        return _in_parts(queries, len(labels.codes), score)


class TitianToldTheTrade:
    """Titian on units when the trade is known, as it is in a vacancy whose title was read first.

    trades: query -> occupation. No other method is told as much, so it stands apart in a table.
    """

    name = "Titian, told the trade"

    def __init__(self, titian: Titian, trades: Mapping[str, str]) -> None:
        self._titian = titian
        self._trades = trades

    def rank(self, queries: Sequence[str], labels: LabelSet) -> np.ndarray:
        linker = self._titian.linker(labels.taxonomy)
        trades = np.array([self._trades[query] for query in queries], dtype=object)
        found = np.empty((len(queries), len(labels.codes)))
        for trade in dict.fromkeys(trades):
            rows = np.flatnonzero(trades == trade)
            asked = [queries[row] for row in rows]
            found[rows] = linker.unit_probabilities(asked, trade)
        return found


def _best(
    queries: Sequence[str], labels: LabelSet, score: Callable[[Sequence[str]], np.ndarray]
) -> np.ndarray:
    """float[q, codes] from a function that scores some queries against every label."""
    return _in_parts(queries, len(labels.codes), lambda part: labels.best(score(part)))


def _in_parts(
    queries: Sequence[str], width: int, score: Callable[[Sequence[str]], np.ndarray]
) -> np.ndarray:
    """float64[q, width], some queries at a time: scores of all labels at once fill the memory."""
    found = np.empty((len(queries), width))
    for start in range(0, len(queries), QUERIES_AT_ONCE):
        part = queries[start : start + QUERIES_AT_ONCE]
        found[start : start + len(part)] = score(part)
    return found
