"""benchmarks.quality.labels: what methods choose among, and what is kept from them."""

import numpy as np
import pytest

from benchmarks.quality.labels import (
    LabelSet,
    in_held_out_words,
    with_aliases,
    without_held_out,
)
from matcher.evaluation import is_held_out
from matcher.taxonomy import Alias
from matcher.text import normal
from models.enums import ConceptKind
from tests.benchmarks.toys import cut_taxonomy
from tests.matcher.small_world import OCCUPATIONS, UNITS, small_taxonomy

KINDS = (ConceptKind.OCCUPATION, ConceptKind.UNIT)


@pytest.mark.parametrize("kind", KINDS)
def test_every_code_has_its_labels_and_no_other_code_s(kind: ConceptKind):
    labels = LabelSet.of(small_taxonomy(), kind)
    entries = OCCUPATIONS if kind == ConceptKind.OCCUPATION else UNITS
    assert labels.codes == tuple(sorted(entry[0] for entry in entries))
    aliases = small_taxonomy().aliases_of
    for place, code in enumerate(labels.codes):
        entry = next(entry for entry in entries if entry[0] == code)
        own = {labels.texts[number] for number in np.flatnonzero(labels.owners == place)}
        assert own == {entry[1], entry[2], *aliases.get(code, ())}


def test_the_score_of_a_code_is_the_best_of_its_labels():
    labels = LabelSet.of(small_taxonomy(), ConceptKind.OCCUPATION)
    scores = np.random.default_rng(1).random((3, len(labels.texts)))
    best = labels.best(scores)
    for place in range(len(labels.codes)):
        expected = scores[:, labels.owners == place].max(axis=1)
        assert best[:, place].tolist() == expected.tolist()


def test_elements_of_another_corpus_have_one_label_each():
    labels = LabelSet.of_elements({"C2": "welder", "C1": "cook", "C3": "cook"})
    assert labels.codes == ("C1", "C2", "C3")
    assert labels.texts == ("cook", "welder", "cook")


def test_held_out_aliases_leave_no_trace_in_the_labels():
    taxonomy = cut_taxonomy()
    reduced, held = without_held_out(taxonomy)
    assert 0.05 < len(held) / len(taxonomy.aliases) < 0.15
    assert len(reduced.aliases) + len(held) == len(taxonomy.aliases)
    titles = {
        normal(title)
        for entry in [*taxonomy.occupations.values(), *taxonomy.units.values()]
        for title in (entry.title_id, entry.title_en)
    }
    for kind in KINDS:
        kept = {normal(text) for text in LabelSet.of(reduced, kind).texts}
        assert not kept & {normal(alias.text) for alias in held} - titles


def test_vacancies_can_be_worded_in_held_out_aliases_alone():
    taxonomy = cut_taxonomy(4)
    worded = in_held_out_words(taxonomy)
    assert worded.units
    for entry in [*worded.occupations.values(), *worded.units.values()]:
        assert is_held_out(entry.title_id)
    assert all(is_held_out(alias.text) for alias in worded.aliases)
    assert set(worded.units) <= set(taxonomy.units)
    assert all(len(units) >= 2 for units in worded.units_of_occupation.values())


def test_other_aliases_leave_the_rest_of_the_taxonomy_as_it_is():
    changed = with_aliases(small_taxonomy(), [Alias("cook", "chef de partie")])
    assert changed.units == small_taxonomy().units
    assert changed.schemes == small_taxonomy().schemes
    assert [alias.text for alias in changed.aliases] == ["chef de partie"]
