"""What methods choose among: codes and the labels they go by; queries with their right codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from matcher.embeddings import labels as labels_of
from matcher.evaluation import is_held_out
from matcher.taxonomy import Alias, Occupation, Taxonomy
from models.enums import ConceptKind


class DataError(ValueError):
    """A data set is wrong; the message names file and row."""


class DataMissing(LookupError):
    """A data set is not here; the message says where it was looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelSet:
    """The occupations or the units of a taxonomy.

    codes: the candidates, one column each; texts: their labels; owners: int64[labels], the place
    in codes of each label's code, rising.
    """

    taxonomy: Taxonomy
    kind: ConceptKind
    codes: tuple[str, ...]
    texts: tuple[str, ...]
    owners: np.ndarray

    @classmethod
    def of(cls, taxonomy: Taxonomy, kind: ConceptKind) -> "LabelSet":
        """The labels that Titian itself goes by: titles in both languages and aliases."""
        codes = taxonomy.occupations if kind == ConceptKind.OCCUPATION else taxonomy.units
        number = {code: place for place, code in enumerate(codes)}
        chosen = [
            (number[target], text)
            for target, text in zip(*labels_of(taxonomy), strict=True)
            if target in number
        ]
        chosen.sort(key=lambda pair: pair[0])
        return cls(
            taxonomy,
            kind,
            tuple(codes),
            tuple(text for _, text in chosen),
            np.array([owner for owner, _ in chosen], dtype=np.int64),
        )

    @classmethod
    def of_elements(cls, elements: Mapping[str, str]) -> "LabelSet":
        """Any code -> name, as a taxonomy of occupations with one label each."""
        occupations = [Occupation(code, name, name, "", (), ()) for code, name in elements.items()]
        return cls.of(Taxonomy(occupations, [], [], [], [], []), ConceptKind.OCCUPATION)

    def best(self, scores: np.ndarray) -> np.ndarray:
        """float[q, labels] -> float[q, codes]: the score of a code is the best of its labels'."""
        starts = np.searchsorted(self.owners, np.arange(len(self.codes)))
        return np.maximum.reduceat(scores, starts, axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class RankingSet:
    """Queries and the codes that are right for each.

    name: short, for tables; source: where the queries come from, in words; right: one set a query;
    groups: name -> bool[q], parts that are reported apart.
    """

    name: str
    source: str
    queries: tuple[str, ...]
    right: tuple[frozenset[str], ...]
    labels: LabelSet
    groups: Mapping[str, np.ndarray] = field(default_factory=dict)

    def relevance(self) -> np.ndarray:
        """bool[q, codes]."""
        number = {code: place for place, code in enumerate(self.labels.codes)}
        found = np.zeros((len(self.queries), len(number)), dtype=bool)
        for row, codes in enumerate(self.right):
            found[row, [number[code] for code in codes]] = True
        return found


def with_aliases(taxonomy: Taxonomy, aliases: Sequence[Alias], **changes: object) -> Taxonomy:
    """The same taxonomy with other aliases; `changes` replace other parts."""
    parts: dict = {
        "occupations": taxonomy.occupations.values(),
        "units": taxonomy.units.values(),
        "schemes": taxonomy.schemes.values(),
        "licences": taxonomy.licences.values(),
        "aliases": aliases,
        "neighbours": taxonomy.neighbours,
        "outside": taxonomy.outside,
    }
    return Taxonomy(**(parts | changes))


def without_held_out(taxonomy: Taxonomy) -> tuple[Taxonomy, tuple[Alias, ...]]:
    """The taxonomy as if the held-out aliases had never been written, and those aliases."""
    held = tuple(alias for alias in taxonomy.aliases if is_held_out(alias.text))
    kept = [alias for alias in taxonomy.aliases if not is_held_out(alias.text)]
    return with_aliases(taxonomy, kept), held


def in_held_out_words(taxonomy: Taxonomy) -> Taxonomy:
    """A taxonomy whose every wording is a held-out alias: the first is the title, the rest aliases.

    Occupations and units without a held-out alias are left out, and occupations with fewer than
    two such units, so that vacancies can be written in words no method has seen.
    """
    held = [alias for alias in taxonomy.aliases if is_held_out(alias.text)]
    words: dict[str, list[Alias]] = {}
    for alias in held:
        if alias.language == "id":
            words.setdefault(alias.target, []).append(alias)
    units = [
        replace(unit, title_id=words[unit.code][0].text)
        for unit in taxonomy.units.values()
        if unit.code in words and unit.occupation in words
    ]
    counts: dict[str, int] = {}
    for unit in units:
        counts[unit.occupation] = counts.get(unit.occupation, 0) + 1
    kept = {code for code, count in counts.items() if count >= 2}
    units = [unit for unit in units if unit.occupation in kept]
    occupations = [
        replace(occupation, title_id=words[code][0].text)
        for code, occupation in taxonomy.occupations.items()
        if code in kept
    ]
    codes = kept | {unit.code for unit in units}
    aliases = [alias for code in sorted(codes) for alias in words[code][1:]]
    return with_aliases(
        taxonomy, aliases, occupations=occupations, units=units, schemes=(), neighbours=()
    )
