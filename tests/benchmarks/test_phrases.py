"""Phrases of vacancies, each with the unit it asks for."""

from benchmarks.quality.phrases import ranking_set
from matcher.taxonomy import Taxonomy
from matcher.text import normal


def test_phrases_are_enough_and_each_stands_in_one_part(taxonomy: Taxonomy) -> None:
    test, dev = (ranking_set(part, taxonomy) for part in ("test", "dev"))
    phrases = [normal(phrase) for phrase in (*test.queries, *dev.queries)]
    assert len(set(phrases)) == len(phrases) >= 150
    english = sum(int(given.groups["English"].sum()) for given in (test, dev))
    assert english >= 30
    assert len(phrases) - english >= 120
    assert min(len(test.queries), len(dev.queries)) >= 70
    assert all(codes <= taxonomy.units.keys() for codes in (*test.right, *dev.right))
