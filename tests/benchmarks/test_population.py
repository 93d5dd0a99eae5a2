"""benchmarks.population: people in bulk, drawn alike whatever the size of a block."""

from dataclasses import fields

import numpy as np
import pytest

from benchmarks import population
from benchmarks.population import Population
from matcher.eligibility import CircumstancesColumns
from tests.benchmarks.toys import cut_taxonomy


def arrays(people: Population) -> dict[str, np.ndarray]:
    columns = {
        entry.name: getattr(people.circumstances, entry.name)
        for entry in fields(CircumstancesColumns)
    }
    evidence = ("ids", "rows", "concepts", "strengths", "levels", "starts")
    return {**columns, **{name: getattr(people, name) for name in evidence}}


def drawn(count: int, seed: int) -> Population:
    return population.draw(cut_taxonomy(), population.geography(), count, seed)


def test_the_same_seed_draws_the_same_people_in_blocks_of_any_size(
    monkeypatch: pytest.MonkeyPatch,
):
    whole = arrays(drawn(1000, 3))
    monkeypatch.setattr(population, "BLOCK", 77)
    for name, array in arrays(drawn(1000, 3)).items():
        np.testing.assert_array_equal(array, whole[name], err_msg=name)
        assert array.dtype == whole[name].dtype
    assert not np.array_equal(arrays(drawn(1000, 4))["concepts"][:50], whole["concepts"][:50])


def test_each_unit_is_held_once_and_stands_by_person_and_unit():
    people = drawn(2000, 1)
    pairs = people.rows.astype(np.int64) * people.concept_count + people.concepts
    assert (np.diff(pairs) > 0).all()
    np.testing.assert_array_equal(np.bincount(people.rows, minlength=2000), np.diff(people.starts))
    assert np.diff(people.starts).min() > 0


def test_schemes_and_regions_are_skewed():
    people = drawn(5000, 1)
    for numbers in (people.concepts, people.circumstances.region):
        counts = np.sort(np.bincount(numbers))
        assert counts[-1] > 5 * np.median(counts[counts > 0])


def test_the_index_holds_what_was_drawn():
    people = drawn(500, 2)
    index = people.index()
    assert len(index) == len(people)
    assert people.nbytes == sum(array.nbytes for array in arrays(people).values())
