"""Synthetic people and vacancies in bulk, drawn as arrays: as skewed as real training is."""

import numpy as np

from matcher.affinity import affinity
from matcher.eligibility import CircumstancesColumns, Conditions
from matcher.geography import Geography
from matcher.ranking import PeopleIndex, Query, Requirement
from matcher.taxonomy import Taxonomy
from models.enums import ConceptKind, Hours
from seed_data.region_files import read_regions

UNITS_PER_PERSON = 6
SKEW = 2.0  # power of the law by which schemes are popular
TODAY = 20_700  # days since 1970; any fixed day


def geography() -> Geography:
    """All 514 kabupaten and kota."""
    rows = read_regions("regencies")
    return Geography(
        [row["code"] for row in rows],
        np.array([float(row["lat"]) for row in rows]),
        np.array([float(row["lon"]) for row in rows]),
    )


def people(taxonomy: Taxonomy, places: Geography, count: int, seed: int) -> PeopleIndex:
    """`count` people with about UNITS_PER_PERSON units each, from one or two schemes.

    Schemes are drawn by a power law, so some posting lists are hundreds of times longer than
    others; regions are drawn by another.
    """
    random = np.random.default_rng(seed)
    schemes = [
        np.array([taxonomy.concept_number[unit] for unit in scheme.units])
        for scheme in taxonomy.schemes.values()
    ]
    order = random.permutation(len(schemes))
    rows, concepts = [], []
    drawn = (len(schemes) * random.random((2, count)) ** SKEW).astype(int)
    for which in range(2):
        for scheme in range(len(schemes)):
            holders = np.flatnonzero(drawn[which] == scheme)
            if which:  # the second scheme only for a third of the people
                holders = holders[random.random(len(holders)) < 1 / 3]
            units = schemes[order[scheme]][:UNITS_PER_PERSON]
            rows.append(np.repeat(holders, len(units)))
            concepts.append(np.tile(units, len(holders)))
    pairs = np.unique(
        np.concatenate(rows).astype(np.int64) * len(taxonomy.concepts) + np.concatenate(concepts)
    )
    held_rows = (pairs // len(taxonomy.concepts)).astype(np.int32)
    held = (pairs % len(taxonomy.concepts)).astype(np.int32)
    return PeopleIndex(
        ids=np.arange(1, count + 1, dtype=np.int64),
        circumstances=circumstances(places, count, random),
        concept_count=len(taxonomy.concepts),
        rows=held_rows,
        concepts=held,
        strengths=random.choice([300, 600, 1000], len(held), p=[0.2, 0.2, 0.6]).astype(np.int32),
        levels=random.integers(1, 6, len(held)).astype(np.uint8),
    )


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


def queries(taxonomy: Taxonomy, places: Geography, count: int, seed: int) -> list[Query]:
    """Vacancies of random trades: the trade and five of its units or its neighbours', with every
    filter on."""
    random = np.random.default_rng(seed)
    occupations = list(taxonomy.occupations)
    found = []
    for _number in range(count):
        code = occupations[random.integers(len(occupations))]
        units = list(taxonomy.units_of_occupation[code])
        chosen = random.choice(units, size=min(5, len(units)), replace=False)
        requirements = [Requirement(affinity(taxonomy, ConceptKind.OCCUPATION, code), 200)]
        requirements += [
            Requirement(affinity(taxonomy, ConceptKind.UNIT, str(unit)), least_level=2)
            for unit in chosen
        ]
        found.append(
            Query(
                key=int(random.integers(1 << 62)),
                requirements=tuple(requirements),
                conditions=Conditions(
                    region=int(random.integers(len(places.codes))),
                    start_day=TODAY + int(random.integers(0, 60)),
                    education=int(random.choice([0, 1, 2, 3])),
                    hours=int(random.choice([Hours.DAY, Hours.DAY | Hours.NIGHT])),
                    traits=int(random.choice([0, 0, 1, 2, 4])),
                ),
            )
        )
    return found
