"""matcher.taxonomy: numbers of concepts, contradictions, look-ups, digest."""

from dataclasses import replace
from random import Random

import pytest

from matcher.taxonomy import Alias, Neighbour, Scheme, Taxonomy, TaxonomyError, Unit
from tests.matcher.small_world import small_taxonomy, taxonomy_parts


def shuffled_parts(seed: int) -> dict[str, list]:
    parts = taxonomy_parts()
    for entries in parts.values():
        Random(seed).shuffle(entries)
    return parts


def test_concepts_are_the_units_by_code_and_then_the_licences_by_code():
    taxonomy = small_taxonomy()
    parts = taxonomy_parts()
    assert list(taxonomy.concepts) == sorted(unit.code for unit in parts["units"]) + sorted(
        licence.code for licence in parts["licences"]
    )
    assert taxonomy.unit_count == len(parts["units"])
    assert taxonomy.concepts[taxonomy.concept_number["SIM-A"]] == "SIM-A"


@pytest.mark.parametrize("seed", range(5))
def test_rows_in_another_order_give_the_same_numbers_and_digest(seed: int):
    other = Taxonomy(**shuffled_parts(seed))
    assert other.concept_number == small_taxonomy().concept_number
    assert other.digest == small_taxonomy().digest


def test_aliases_that_differ_in_kind_alone_give_one_digest_in_any_order():
    pair = [Alias("cook", "chef", "en", "english"), Alias("cook", "chef", "id", "colloquial")]
    assert (
        small_taxonomy(aliases=pair).digest == small_taxonomy(aliases=list(reversed(pair))).digest
    )


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("occupations", "title_en", "Another"),
        ("occupations", "isco", "9999"),
        ("occupations", "duties", ("memasak",)),
        ("units", "title_id", "Lain"),
        ("units", "level", 9),
        ("units", "skkni_code", "C.25LAS01.001.1"),
        ("schemes", "kkni_level", None),
        ("schemes", "units", ("cook.01",)),
        ("licences", "title_id", "Lain"),
        ("aliases", "text", "lain"),
        ("aliases", "kind", "slang"),
        ("neighbours", "closeness", 0.123),
    ],
)
def test_any_changed_word_changes_the_digest(part: str, field: str, value: object):
    entries = taxonomy_parts()[part]
    changed = small_taxonomy(**{part: [replace(entries[0], **{field: value}), *entries[1:]]})
    assert changed.digest != small_taxonomy().digest


@pytest.mark.parametrize("part", ["occupations", "units", "schemes", "licences"])
def test_a_code_that_stands_twice_is_refused_by_name(part: str):
    entries = taxonomy_parts()[part]
    with pytest.raises(TaxonomyError, match=rf"'{entries[2].code}' stands twice"):
        small_taxonomy(**{part: [*entries, entries[2]]})


@pytest.mark.parametrize(
    ("part", "entry", "words"),
    [
        ("units", Unit("x.01", "nobody", "x", "x", 1), "unit x.01: unknown code 'nobody'"),
        ("schemes", Scheme("s", "nobody", "x", "x", 1, ()), "scheme s: unknown code 'nobody'"),
        ("schemes", Scheme("s", "cook", "x", "x", 1, ("no.1",)), "scheme s: unknown code 'no.1'"),
        ("aliases", Alias("nobody", "koki"), "alias 'koki': unknown target 'nobody'"),
        ("aliases", Alias("SIM-A", "sim"), "alias 'sim': unknown target 'SIM-A'"),
        ("neighbours", Neighbour("cook", "nobody", 0.5), "neighbours of cook: unknown code"),
        ("neighbours", Neighbour("nobody", "cook", 0.5), "neighbours of nobody: unknown code"),
    ],
)
def test_a_code_that_points_at_nothing_is_refused_by_name(part: str, entry: object, words: str):
    with pytest.raises(TaxonomyError, match=words):
        small_taxonomy(**{part: [*taxonomy_parts()[part], entry]})


def test_an_occupation_with_an_unknown_licence_is_refused():
    parts = taxonomy_parts()
    occupations = [replace(parts["occupations"][0], licences=("SIM-Z",)), *parts["occupations"][1:]]
    with pytest.raises(TaxonomyError, match="occupation smaw-welder: unknown code 'SIM-Z'"):
        small_taxonomy(occupations=occupations)


@pytest.mark.parametrize("values", [(0.65, 0.5), (0.5, 0.65)])
def test_closeness_holds_both_ways_and_takes_the_greater_of_two_rows(values: tuple[float, float]):
    there, back = values
    closeness = small_taxonomy(
        neighbours=[
            Neighbour("smaw-welder", "gtaw-welder", there),
            Neighbour("gtaw-welder", "smaw-welder", back),
            Neighbour("cook", "tailor", 0.2),
        ]
    ).closeness
    assert closeness["smaw-welder"] == {"gtaw-welder": 0.65}
    assert closeness["gtaw-welder"] == {"smaw-welder": 0.65}
    assert closeness["tailor"] == {"cook": 0.2}
    assert "truck-driver" not in closeness


def test_a_unit_shared_by_two_schemes_belongs_to_both_and_to_its_own_occupation_alone():
    taxonomy = small_taxonomy()
    assert taxonomy.schemes_of_unit["smaw-welder.02"] == ("gtaw-welder-s1", "smaw-welder-s1")
    assert "smaw-welder.02" not in taxonomy.units_of_occupation["gtaw-welder"]
    assert taxonomy.units_of_occupation["cook"] == ("cook.01", "cook.02", "cook.03")


def test_schemes_and_aliases_are_found_by_what_they_belong_to():
    taxonomy = small_taxonomy()
    assert taxonomy.schemes_of_occupation == {
        "smaw-welder": ("smaw-welder-s1",),
        "gtaw-welder": ("gtaw-welder-s1",),
        "cook": ("cook-s1",),
    }
    assert taxonomy.aliases_of["tailor"] == ("operator jahit", "tukang jahit")


def test_the_whole_taxonomy_has_units_for_every_occupation(taxonomy: Taxonomy):
    """The linker takes the best label of each occupation and unit, so each must have one."""
    assert set(taxonomy.units_of_occupation) == set(taxonomy.occupations)
    entries = [*taxonomy.occupations.values(), *taxonomy.units.values()]
    assert [entry.code for entry in entries if not entry.title_id.strip()] == []


def test_words_of_work_outside_are_part_of_the_taxonomy_and_no_occupation():
    outside = [Alias("outside/doctor", "dokter bedah")]
    taxonomy = small_taxonomy(outside=outside)
    assert taxonomy.outside == tuple(outside)
    assert taxonomy.digest != small_taxonomy().digest
    assert taxonomy.concepts == small_taxonomy().concepts
    with pytest.raises(TaxonomyError, match="'cook' is said to be outside"):
        small_taxonomy(outside=[Alias("cook", "juru api")])
