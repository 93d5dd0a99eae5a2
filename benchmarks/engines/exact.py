"""Exact totals in plain NumPy: of everybody, which is the truth, and of a few candidates."""

import numpy as np

from benchmarks.population import Population
from matcher import ranking
from matcher.ranking import Query


class PostingLists:
    """Evidence laid out unit by unit.

    rows: int32[m]; strengths: int32[m]; levels: uint8[m]; starts: int64[concepts + 1].
    """

    def __init__(self, people: Population) -> None:
        self.count = len(people)
        kind = np.int16 if people.concept_count < 1 << 15 else np.int32  # sorts by radix
        order = np.argsort(people.concepts.astype(kind), kind="stable")
        self.rows = people.rows[order]
        self.strengths = people.strengths[order]
        self.levels = people.levels[order]
        sizes = np.bincount(people.concepts, minlength=people.concept_count)
        self.starts = np.concatenate([[0], np.cumsum(sizes)])

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in (self.rows, self.strengths, self.levels, self.starts))

    def totals(self, query: Query) -> np.ndarray:
        """int64[n]: every person's total, sum_r weight_r * max_u points."""
        return ranking.totals(self, query)

    def __len__(self) -> int:
        return self.count

    def holders(self, concept: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows, strengths and levels of those who hold a concept."""
        part = slice(self.starts[concept], self.starts[concept + 1])
        return self.rows[part], self.strengths[part], self.levels[part]


class Rescorer:
    """Exact totals of a few people, to put an approximate search's candidates in order."""

    def __init__(self, people: Population) -> None:
        self._people = people

    def totals(self, query: Query, rows: np.ndarray) -> np.ndarray:
        """int64[len(rows)]: totals of the people in these rows."""
        people = self._people
        sizes = people.starts[rows + 1] - people.starts[rows]
        ends = np.cumsum(sizes)
        # places in the evidence: each person's start, counted up
        places = np.arange(ends[-1] if len(ends) else 0)
        places += np.repeat(people.starts[rows] - (ends - sizes), sizes)
        concepts, levels = people.concepts[places], people.levels[places]
        strengths = people.strengths[places]
        owners = np.repeat(np.arange(len(rows)), sizes)
        total = np.zeros(len(rows), dtype=np.int64)
        affinity = np.zeros(people.concept_count, dtype=np.int32)
        for requirement in query.requirements:
            affinity[requirement.affinity.concepts] = requirement.affinity.values
            values = affinity[concepts]
            counts = np.flatnonzero(values)
            points = values[counts] * strengths[counts]
            points *= requirement.level_factors()[levels[counts]]
            best = np.zeros(len(rows), dtype=np.int32)
            np.maximum.at(best, owners[counts], points)
            total += requirement.weight * best.astype(np.int64)
            affinity[requirement.affinity.concepts] = 0
        return total

    def best(self, query: Query, rows: np.ndarray, k: int) -> np.ndarray:
        """int64[<= k]: the rows with the greatest totals, best first."""
        totals = self.totals(query, rows)
        return rows[np.argsort(-totals, kind="stable")[:k]]
