"""matcher.lexical: n-gram likeness against scikit-learn, mentions against a search of every place."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from matcher.lexical import GramIndex, Mention, MentionFinder, StemIndex, grams
from matcher.text import normal, stem, words

LABELS = ["Juru Las", "Tukang jahit", "tukang las listrik", "Koki", "Sopir truk", "las", "C++"]
WORDS = st.text(alphabet="abclsj ", min_size=0, max_size=12)


def test_grams_are_of_two_to_four_signs_with_word_ends():
    expected = [" l", "la", "as", "s ", " la", "las", "as ", " las", "las "]
    assert grams("Las") == dict.fromkeys(expected, 1)
    assert grams("las las")["la"] == 2


@given(st.lists(WORDS, min_size=1, max_size=8), st.lists(WORDS, min_size=1, max_size=4))
@settings(deadline=None, max_examples=100)
def test_likeness_is_that_of_scikit_learn(labels, queries):
    labels = [*labels, "las jahit"]  # scikit-learn refuses an empty vocabulary
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, preprocessor=normal
    )
    known = vectorizer.fit_transform(labels)
    reference = (vectorizer.transform(queries) @ known.T).toarray()
    found = GramIndex(labels).likeness(queries)
    assert found.shape == (len(queries), len(labels))
    assert found.dtype == np.float32
    assert np.allclose(found, reference, atol=1e-5)


@given(st.lists(WORDS, min_size=1, max_size=8), st.lists(WORDS, min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_likeness_of_stems_is_that_of_scikit_learn(labels, queries):
    labels = [*labels, "las jahit"]
    vectorizer = TfidfVectorizer(
        analyzer=lambda text: [stem(word) for word in words(text)], sublinear_tf=True
    )
    known = vectorizer.fit_transform(labels)
    reference = (vectorizer.transform(queries) @ known.T).toarray()
    assert np.allclose(StemIndex(labels).likeness(queries), reference, atol=1e-5)


def test_by_stems_a_welder_is_like_welding_and_unlike_a_glass():
    likeness = StemIndex(["tukang las", "pembuat gelas"]).likeness(
        ["pengelasan", "mengelas", "gela"]
    )
    assert (likeness[:2, 0] > 0.5).all()
    assert not likeness[:2, 1].any()
    assert not likeness[2].any()


def test_a_label_is_most_like_itself():
    likeness = GramIndex(LABELS).likeness(LABELS)
    assert np.allclose(likeness.diagonal(), 1, atol=1e-5)
    assert likeness.argmax(axis=1).tolist() == list(range(len(LABELS)))


def test_a_slip_of_the_pen_stays_near_its_label():
    likeness = GramIndex(LABELS).likeness(["tukang jahitt", "supir trukk"])
    assert [LABELS[place] for place in likeness.argmax(axis=1)] == ["Tukang jahit", "Sopir truk"]


@pytest.mark.parametrize("text", ["", "🔥🔥", "\x00", "zzz", "..."])
def test_a_text_that_shares_nothing_is_like_nothing(text: str):
    assert not GramIndex(LABELS).likeness([text]).any()


def test_no_labels_or_no_texts_give_an_empty_table():
    assert GramIndex([]).likeness(["las"]).shape == (1, 0)
    assert GramIndex(LABELS).likeness([]).shape == (0, len(LABELS))


def expected_mentions(labels: dict[str, str], text: str) -> list[tuple[str, int, int]]:
    """Every place and every label in turn: whole words, the longest first, none over another."""
    plain = "".join(" " if c in " -/.,()_" else c.lower() for c in text)
    hits = []
    for target, label in labels.items():
        label = "".join(" " if c in " -/.,()_" else c.lower() for c in label).strip()
        if len(label) < 2:
            continue
        for start in range(len(plain)):
            end = start + len(label)
            if plain[start:end] != label:
                continue
            if start and plain[start - 1].isalnum():
                continue
            if end < len(plain) and plain[end].isalnum():
                continue
            hits.append((-len(label), start, end, target))
    hits.sort()
    found: list[tuple[str, int, int]] = []
    spans: list[tuple[int, int]] = []
    for _, start, end, target in hits:
        if any(one < end and start < two and (one, two) != (start, end) for one, two in spans):
            continue
        spans.append((start, end))
        found.append((target, start, end))
    return sorted(found, key=lambda hit: (hit[1], hit[0]))


@given(
    st.lists(st.text(alphabet="ab -", min_size=1, max_size=5), min_size=1, max_size=6),
    st.text(alphabet="abAB -/.", max_size=30),
)
@settings(deadline=None, max_examples=400)
def test_mentions_are_those_of_a_search_of_every_place(texts, text):
    labels = {f"t{number}": label for number, label in enumerate(texts)}
    found = MentionFinder(list(labels), texts).find(text)
    assert [(hit.target, hit.start, hit.end) for hit in found] == expected_mentions(labels, text)


def test_the_longest_label_wins_and_a_part_of_a_word_is_no_mention():
    finder = MentionFinder(["w", "e", "l"], ["tukang las", "tukang las listrik", "las"])
    text = "Dicari Tukang Las-Listrik dan gelas, bisa las"
    assert finder.find(text) == [
        Mention("e", "tukang las listrik", 7, 25),
        Mention("l", "las", 42, 45),
    ]


def test_one_wording_of_two_trades_mentions_both():
    finder = MentionFinder(["a", "b", "a"], ["operator mesin", "Operator Mesin", "operator/mesin"])
    assert [(hit.target, hit.start) for hit in finder.find("operator mesin")] == [
        ("a", 0),
        ("b", 0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        unicodedata.normalize("NFD", "Résumé kafé: tukang las"),
        "İstanbul kebab, tukang las",
        "straße ﬁlet ŉ tukang las",
        "🔥👨‍🏭 tukang las",
    ],
    ids=["decomposed accents", "capital i with a dot", "letters that grow", "emoji"],
)
def test_a_mention_points_at_its_words_whatever_stands_before(text: str):
    (hit,) = MentionFinder(["w"], ["tukang las"]).find(text)
    assert text[hit.start : hit.end] == "tukang las"


def test_labels_of_a_single_sign_and_no_labels_mention_nothing():
    assert MentionFinder(["c"], ["C"]).find("bisa C dan D") == []
    assert MentionFinder([], []).find("tukang las") == []
