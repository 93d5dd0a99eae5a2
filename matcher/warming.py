"""Compile the kernels, or load them from disk, before the first person asks."""

import numpy as np

from matcher.affinity import Affinity
from matcher.eligibility import Circumstances, CircumstancesColumns, Conditions
from matcher.geography import Geography
from matcher.people_index import PeopleIndex
from matcher.ranking import Query, Requirement, rank_people
from matcher.vacancy_index import VacancyEntry, VacancyIndex, Wishes, rank_vacancies


def compile_kernels() -> None:
    """Rank one made-up person and vacancy both ways; the first time ever takes some ten seconds."""
    geography = Geography(["11.01"], np.zeros(1), np.zeros(1))
    somebody = Circumstances(
        region=0, available_day=0, education=0, mobility=0, commute_km=0, hours=0
    )
    one = np.zeros(1, dtype=np.int64)
    index = PeopleIndex(one, CircumstancesColumns.of([somebody]), 1, one, one, one + 1000, one + 1)
    affinity = Affinity(np.zeros(1, np.int32), np.full(1, 1000, np.int32))
    query = Query(1, (Requirement(affinity),), Conditions(region=0))
    rank_people(index, query, geography, 0)
    rank_people(index, query, geography, 0, only=index.ids)
    vacancies = VacancyIndex([VacancyEntry(1, query)], 1)
    rank_vacancies(vacancies, index.held(0), somebody, Wishes(), geography, 0, 1)
