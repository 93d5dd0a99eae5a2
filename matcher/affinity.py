"""How well each concept would meet a requirement: sparse affinities in whole thousandths."""

from dataclasses import dataclass

import numpy as np

from matcher.taxonomy import Taxonomy
from models.enums import ConceptKind

AFFINITY_SCALE = 1000
THRESHOLD = 200  # below this a concept does not count towards a requirement
AT_MOST = 60  # concepts kept for one requirement

SAME_SCHEME = 550
SAME_OCCUPATION = 400
NEIGHBOUR_UNIT = 400  # times the closeness of the occupations
OCCUPATION_UNIT = 900  # any unit of the trade shows the trade
NEIGHBOUR_OCCUPATION = 800  # times closeness
TEXT_AT_MOST = 900  # wording alone never counts like the unit itself


@dataclass(frozen=True, slots=True)
class Affinity:
    """Concepts that meet a requirement. concepts: int32[m]; values: int32[m] in thousandths,
    falling; equal values stand by concept number."""

    concepts: np.ndarray
    values: np.ndarray


EMPTY = Affinity(np.zeros(0, np.int32), np.zeros(0, np.int32))


def sparse(values: dict[int, int]) -> Affinity:
    """The affinities at or above the threshold, the strongest first."""
    kept = sorted(
        ((concept, value) for concept, value in values.items() if value >= THRESHOLD),
        key=lambda pair: (-pair[1], pair[0]),
    )[:AT_MOST]
    return Affinity(
        np.array([concept for concept, _ in kept], dtype=np.int32),
        np.array([value for _, value in kept], dtype=np.int32),
    )


def taxonomy_affinity(taxonomy: Taxonomy, kind: ConceptKind, code: str) -> dict[int, int]:
    """Concept number -> thousandths, from the taxonomy alone, for a unit, occupation or licence.

    Raises KeyError for a code that the taxonomy does not hold.
    """
    if kind == ConceptKind.LICENCE:
        taxonomy.licences[code]
        return {taxonomy.concept_number[code]: AFFINITY_SCALE}
    if kind == ConceptKind.OCCUPATION:
        return _of_occupation(taxonomy, code)
    return _of_unit(taxonomy, code)


def _of_occupation(taxonomy: Taxonomy, code: str) -> dict[int, int]:
    taxonomy.occupations[code]
    found = {}
    for neighbour, closeness in taxonomy.closeness.get(code, {}).items():
        for unit in taxonomy.units_of_occupation.get(neighbour, ()):
            found[taxonomy.concept_number[unit]] = round(NEIGHBOUR_OCCUPATION * closeness)
    for unit in taxonomy.units_of_occupation.get(code, ()):
        found[taxonomy.concept_number[unit]] = OCCUPATION_UNIT
    return found


def _of_unit(taxonomy: Taxonomy, code: str) -> dict[int, int]:
    occupation = taxonomy.units[code].occupation
    found = {}
    for neighbour, closeness in taxonomy.closeness.get(occupation, {}).items():
        for unit in taxonomy.units_of_occupation.get(neighbour, ()):
            found[taxonomy.concept_number[unit]] = round(NEIGHBOUR_UNIT * closeness)
    for unit in taxonomy.units_of_occupation.get(occupation, ()):
        found[taxonomy.concept_number[unit]] = SAME_OCCUPATION
    for scheme in taxonomy.schemes_of_unit.get(code, ()):
        for unit in taxonomy.schemes[scheme].units:
            found[taxonomy.concept_number[unit]] = SAME_SCHEME
    found[taxonomy.concept_number[code]] = AFFINITY_SCALE
    return found


def affinity(
    taxonomy: Taxonomy,
    kind: ConceptKind,
    code: str | None,
    text_similarity: np.ndarray | None = None,
) -> Affinity:
    """The affinity of one requirement.

    text_similarity: float[units] in [0, 1], the calibrated likeness of the requirement's words to
    each unit's; joined in by maximum. A requirement of kind TEXT lives by it alone.
    """
    found: dict[int, int] = {}
    if code is not None and kind != ConceptKind.TEXT:
        found = taxonomy_affinity(taxonomy, kind, code)
    if text_similarity is not None and kind != ConceptKind.LICENCE:
        values = np.rint(TEXT_AT_MOST * np.clip(text_similarity, 0.0, 1.0)).astype(np.int64)
        for concept in np.flatnonzero(values >= THRESHOLD):
            number = int(concept)
            found[number] = max(found.get(number, 0), int(values[concept]))
    return sparse(found)
