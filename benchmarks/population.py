"""Synthetic people and vacancies in bulk, drawn as arrays: as skewed as real training is."""

from dataclasses import dataclass, fields

import numpy as np
from tqdm import tqdm

from matcher.affinity import Affinity, affinity
from matcher.eligibility import CircumstancesColumns, Conditions
from matcher.geography import Geography
from matcher.people_index import PeopleIndex
from matcher.ranking import Query, Requirement
from matcher.taxonomy import Taxonomy
from models.enums import ConceptKind, Hours
from seed_data.region_files import read_regions

UNITS_PER_PERSON = 6
SKEW = 2.0  # power of the law by which schemes are popular
SECOND_SCHEME = 1 / 3  # share of people with a second scheme
TODAY = 20_700  # days since 1970; any fixed day
STRENGTHS, STRENGTH_SHARES = (300, 600, 1000), (0.2, 0.2, 0.6)
BLOCK = 1_000_000  # people, or pieces of evidence, drawn at once


@dataclass(frozen=True, slots=True)
class Population:
    """Drawn people, not yet in any index.

    ids: int64[n] ascending; circumstances: n rows; evidence as parallel arrays ordered by row and
    concept, each pair once: rows int32[m], concepts int32[m], strengths int32[m] in thousandths,
    levels uint8[m]; starts: int64[n + 1], where each person's evidence begins.
    """

    ids: np.ndarray
    circumstances: CircumstancesColumns
    concept_count: int
    rows: np.ndarray
    concepts: np.ndarray
    strengths: np.ndarray
    levels: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        columns = [getattr(self.circumstances, entry.name) for entry in fields(self.circumstances)]
        own = [self.ids, self.rows, self.concepts, self.strengths, self.levels, self.starts]
        return sum(array.nbytes for array in [*own, *columns])

    def index(self) -> PeopleIndex:
        """The same people as Titian ranks them."""
        return PeopleIndex(
            ids=self.ids,
            circumstances=self.circumstances,
            concept_count=self.concept_count,
            rows=self.rows,
            concepts=self.concepts,
            strengths=self.strengths,
            levels=self.levels,
        )


def geography() -> Geography:
    """All 514 kabupaten and kota."""
    rows = read_regions("regencies")
    return Geography(
        [row["code"] for row in rows],
        np.array([float(row["lat"]) for row in rows]),
        np.array([float(row["lon"]) for row in rows]),
    )


def draw(
    taxonomy: Taxonomy, places: Geography, count: int, seed: int, show_progress: bool = False
) -> Population:
    """`count` people with about UNITS_PER_PERSON units each, from one or two schemes.

    Schemes are drawn by a power law, so some posting lists are hundreds of times longer than
    others; regions are drawn by another.
    """
    random = np.random.default_rng(seed)
    units = _units_of_schemes(taxonomy)[random.permutation(len(taxonomy.schemes))]
    first, second = (len(units) * random.random((2, count)) ** SKEW).astype(np.int16)
    has_second = np.empty(count, dtype=bool)
    has_second[np.argsort(second, kind="stable")] = random.random(count) < SECOND_SCHEME
    rows, concepts = [], []
    sizes = np.zeros(count + 1, dtype=np.int64)
    for start in tqdm(
        range(0, count, BLOCK), desc="Drawing people", unit=" million", disable=not show_progress
    ):
        part = slice(start, start + BLOCK)
        more = np.where(has_second[part, None], units[second[part]], -1)
        held = np.sort(np.concatenate([units[first[part]], more], axis=1), axis=1)
        counts = held >= 0
        counts[:, 1:] &= held[:, 1:] != held[:, :-1]  # a unit of both schemes is held once
        sizes[start + 1 : start + 1 + len(held)] = counts.sum(axis=1)
        rows.append((start + np.nonzero(counts)[0]).astype(np.int32))
        concepts.append(held[counts])
    total = int(sizes.sum())
    return Population(
        ids=np.arange(1, count + 1, dtype=np.int64),
        circumstances=circumstances(places, count, random),
        concept_count=len(taxonomy.concepts),
        rows=np.concatenate(rows),
        concepts=np.concatenate(concepts),
        strengths=_chosen(random, STRENGTHS, STRENGTH_SHARES, total, np.int32),
        levels=_levels(random, total),
        starts=np.cumsum(sizes),
    )


def people(taxonomy: Taxonomy, places: Geography, count: int, seed: int) -> PeopleIndex:
    """Drawn people, indexed."""
    return draw(taxonomy, places, count, seed).index()


def _units_of_schemes(taxonomy: Taxonomy) -> np.ndarray:
    """int32[schemes, UNITS_PER_PERSON]: concept numbers of each scheme's first units, then -1."""
    found = np.full((len(taxonomy.schemes), UNITS_PER_PERSON), -1, dtype=np.int32)
    for place, scheme in enumerate(taxonomy.schemes.values()):
        numbers = [taxonomy.concept_number[unit] for unit in scheme.units[:UNITS_PER_PERSON]]
        found[place, : len(numbers)] = numbers
    return found


def _chosen(
    random: np.random.Generator,
    values: tuple[int, ...],
    shares: tuple[float, ...],
    count: int,
    dtype: type,
) -> np.ndarray:
    """What random.choice(values, count, p=shares) draws, block by block."""
    found = np.empty(count, dtype=dtype)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        found[start : start + size] = random.choice(values, size, p=shares)
    return found


def _levels(random: np.random.Generator, count: int) -> np.ndarray:
    found = np.empty(count, dtype=np.uint8)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        found[start : start + size] = random.integers(1, 6, size)
    return found


def circumstances(
    places: Geography, count: int, random: np.random.Generator
) -> CircumstancesColumns:
    """Eligibility columns, all filters in play."""
    regions = len(places.codes)
    popular = random.permutation(regions)
    return CircumstancesColumns(
        region=popular[(regions * random.random(count) ** SKEW).astype(int)].astype(np.int16),
        available_day=(TODAY + random.integers(-300, 500, count)).astype(np.int32),
        education=random.choice(8, count, p=EDUCATION).astype(np.uint8),
        mobility=random.choice(3, count, p=[0.55, 0.27, 0.18]).astype(np.uint8),
        commute_km=random.choice([10, 20, 30, 40, 60], count).astype(np.uint16),
        hours=random.choice([15, 3], count, p=[0.7, 0.3]).astype(np.uint8),
        stay=random.choice(3, count, p=[0.9, 0.07, 0.03]).astype(np.uint8),
        restricted_traits=random.choice([0, 1, 2, 4], count, p=[0.9, 0.04, 0.03, 0.03]).astype(
            np.uint16
        ),
        excluded_traits=random.choice([0, 1], count, p=[0.94, 0.06]).astype(np.uint16),
        licences=random.choice([0, 1 << 8, 1 << 11], count, p=[0.6, 0.2, 0.2]).astype(np.uint64),
        listed=random.random(count) < 0.92,
    )


EDUCATION = [0.04, 0.26, 0.26, 0.36, 0.03, 0.04, 0.009, 0.001]


def queries(
    taxonomy: Taxonomy, places: Geography, count: int, seed: int, show_progress: bool = False
) -> list[Query]:
    """Vacancies of random trades, with every filter on."""
    random = np.random.default_rng(seed)
    drawn = Requirements(taxonomy, random)
    found = []
    for _number in tqdm(range(count), desc="Drawing vacancies", disable=not show_progress):
        wanted = drawn.next()
        key = int(random.integers(1 << 62))
        conditions = Conditions(
            region=int(random.integers(len(places.codes))),
            start_day=TODAY + int(random.integers(0, 60)),
            education=int(random.choice([0, 1, 2, 3])),
            hours=int(random.choice([Hours.DAY, Hours.DAY | Hours.NIGHT])),
            traits=int(random.choice([0, 0, 1, 2, 4])),
        )
        found.append(Query(key=key, requirements=wanted, conditions=conditions))
    return found


class Requirements:
    """Draws what vacancies ask for. The same trade or unit is asked in the same few arrays."""

    def __init__(self, taxonomy: Taxonomy, random: np.random.Generator) -> None:
        self._taxonomy = taxonomy
        self._random = random
        self._occupations = list(taxonomy.occupations)
        self._known: dict[str, Affinity] = {}

    def next(self) -> tuple[Requirement, ...]:
        """A random trade, of double weight, and five of its units from KKNI level 2."""
        code = self._occupations[self._random.integers(len(self._occupations))]
        units = list(self._taxonomy.units_of_occupation[code])
        chosen = self._random.choice(units, size=min(5, len(units)), replace=False)
        return (
            Requirement(self._affinity(ConceptKind.OCCUPATION, code), 200),
            *(
                Requirement(self._affinity(ConceptKind.UNIT, str(unit)), least_level=2)
                for unit in chosen
            ),
        )

    def _affinity(self, kind: ConceptKind, code: str) -> Affinity:
        if code not in self._known:
            self._known[code] = affinity(self._taxonomy, kind, code)
        return self._known[code]
