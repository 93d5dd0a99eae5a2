"""benchmarks.quality.methods: every method on toy labels, and BM25 against its formula."""

import math

import numpy as np
import pytest

from benchmarks.quality.labels import LabelSet
from benchmarks.quality.methods import (
    QUERIES_AT_ONCE,
    Bm25,
    CharacterGrams,
    EncoderCosine,
    Method,
    RandomOrder,
    Titian,
    WordTfIdf,
)
from matcher.evaluation import recall_at
from matcher.text import words
from models.enums import ConceptKind
from tests.benchmarks.toys import HashingEncoder
from tests.matcher.small_world import small_taxonomy

LEXICAL = (WordTfIdf(), CharacterGrams(), Bm25())
ALL = (RandomOrder(), *LEXICAL, EncoderCosine(HashingEncoder()), Titian(HashingEncoder()))
KINDS = (ConceptKind.OCCUPATION, ConceptKind.UNIT)


def named(method: Method) -> str:
    return method.name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ALL[1:], ids=named)
def test_a_label_word_for_word_finds_its_code_first(method: Method, kind: ConceptKind):
    labels = LabelSet.of(small_taxonomy(), kind)
    scores = method.rank(labels.texts, labels)
    right = labels.owners[:, None] == np.arange(len(labels.codes))
    assert scores.shape == right.shape
    assert recall_at(scores, right, 1).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ALL, ids=named)
def test_scores_do_not_depend_on_what_else_is_asked(method: Method, kind: ConceptKind):
    """Over more queries than are scored at once; chance is another matter."""
    if isinstance(method, RandomOrder):
        return
    labels = LabelSet.of(small_taxonomy(), kind)
    queries = [f"tukang las {number}" for number in range(QUERIES_AT_ONCE)] + ["koki", ""]
    alone = method.rank(["koki"], labels)[0]
    assert np.allclose(method.rank(queries, labels)[-2], alone, atol=1e-6)


@pytest.mark.parametrize("method", ALL, ids=named)
def test_odd_queries_are_scored_without_fuss(method: Method):
    labels = LabelSet.of(small_taxonomy(), ConceptKind.OCCUPATION)
    scores = method.rank(["", "???", "出纳", "las " * 500], labels)
    assert scores.shape == (4, len(labels.codes))
    assert not np.isnan(scores).any()
    assert method.rank([], labels).shape == (0, len(labels.codes))


@pytest.mark.parametrize("method", LEXICAL, ids=named)
def test_a_query_that_shares_no_letters_scores_nothing_anywhere(method: Method):
    labels = LabelSet.of(small_taxonomy(), ConceptKind.OCCUPATION)
    assert not method.rank(["出纳"], labels).any()


def test_chance_is_the_same_for_the_same_seed_and_finds_one_in_n():
    labels = LabelSet.of_elements({f"C{number}": f"job {number}" for number in range(20)})
    queries = ["x"] * 4000
    scores = RandomOrder(5).rank(queries, labels)
    assert np.array_equal(scores, RandomOrder(5).rank(queries, labels))
    assert not np.array_equal(scores, RandomOrder(6).rank(queries, labels))
    right = np.zeros(scores.shape, dtype=bool)
    right[:, 3] = True
    assert recall_at(scores, right, 5).mean() == pytest.approx(0.25, abs=0.03)


def test_bm25_follows_its_formula():
    labels = LabelSet.of_elements({"C1": "tukang las las", "C2": "tukang jahit", "C3": "koki"})
    texts = [words(text) for text in labels.texts]
    mean_length = sum(map(len, texts)) / 3

    def score(query: str, text: list[str]) -> float:
        total = 0.0
        for word in words(query):
            holding = sum(word in other for other in texts)
            idf = math.log(1 + (3 - holding + 0.5) / (holding + 0.5))
            tf = text.count(word)
            total += idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * len(text) / mean_length))
        return total

    found = Bm25().rank(["tukang las", "koki koki"], labels)
    expected = [[score(query, text) for text in texts] for query in ("tukang las", "koki koki")]
    assert np.allclose(found, expected)


def test_titian_s_order_is_the_linker_s_own():
    labels = LabelSet.of(small_taxonomy(), ConceptKind.OCCUPATION)
    titian = Titian(HashingEncoder())
    scores = titian.rank(["tukang las pipa"], labels)[0]
    ranked = titian.linker(small_taxonomy()).occupations("tukang las pipa", k=len(labels.codes))
    order = [labels.codes[place] for place in np.argsort(-scores, kind="stable")]
    assert order == [entry.code for entry in ranked]
    assert scores.max() == ranked[0].confidence


def test_titian_ranks_nothing_for_a_text_without_words():
    labels = LabelSet.of(small_taxonomy(), ConceptKind.OCCUPATION)
    assert np.isneginf(Titian(HashingEncoder()).rank(["?!"], labels)).all()


def test_titian_builds_one_linker_for_equal_taxonomies():
    titian = Titian(HashingEncoder())
    assert titian.linker(small_taxonomy()) is titian.linker(small_taxonomy())
