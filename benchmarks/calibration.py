"""Vacancies whose conditions a given share of people passes."""

from dataclasses import replace

import numpy as np

from benchmarks.engines.mask import eligible
from benchmarks.population import TODAY, Population, Requirements
from matcher.eligibility import CircumstancesColumns, Conditions
from matcher.geography import Geography
from matcher.ranking import Query
from matcher.taxonomy import Taxonomy
from models.enums import Hours

SAMPLE = 100_000  # people by whom conditions are calibrated
TRIES = 5_000  # conditions drawn for one vacancy
LICENCE = 1 << 8


def queries_passed_by(
    share: float,
    people: Population,
    taxonomy: Taxonomy,
    places: Geography,
    count: int,
    seed: int,
) -> list[Query]:
    """Vacancies of random trades that about `share` of the people can take, in (0, 1).

    Place, schooling, hours, traits and licence are drawn until the start day, from TODAY on, can
    bring them to the share. Raises ValueError where no drawn conditions can.
    """
    random = np.random.default_rng(seed)
    sample = people.circumstances
    if len(people) > SAMPLE:
        sample = sample.take(np.linspace(0, len(people) - 1, SAMPLE).astype(np.int64))
    drawn = Requirements(taxonomy, random)
    found = []
    for _number in range(count):
        wanted = drawn.next()
        key = int(random.integers(1 << 62))
        conditions = _conditions(share, sample, places, random)
        found.append(Query(key=key, requirements=wanted, conditions=conditions))
    return found


def _conditions(
    share: float,
    people: CircumstancesColumns,
    places: Geography,
    random: np.random.Generator,
) -> Conditions:
    need = max(1, round(share * len(people)))
    for _try in range(TRIES):
        drawn = _draw(places, random)
        days = people.available_day[eligible(people, drawn, places)]
        if len(days) >= need:
            day = int(np.partition(days, need - 1)[need - 1])
            if day >= TODAY:
                return replace(drawn, start_day=day)
    raise ValueError(f"no conditions are passed by {100 * share:g} % of {len(people):,} people")


def _draw(places: Geography, random: np.random.Generator) -> Conditions:
    where = random.integers(3)
    return Conditions(
        region=int(random.integers(len(places.codes))) if where == 0 else -1,
        province=int(random.integers(len(places.provinces))) if where == 1 else -1,
        education=int(random.choice([0, 1, 2, 3, 4])),
        hours=int(random.choice([Hours.DAY, Hours.DAY | Hours.NIGHT])),
        traits=int(random.choice([0, 0, 1, 2, 4])),
        licences=int(random.choice([0, 0, 0, LICENCE])),
    )
