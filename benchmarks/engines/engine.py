"""What every search engine in the comparison answers to."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from benchmarks.engines.exact import Rescorer
from benchmarks.engines.vectors import Vectors
from benchmarks.population import Population
from matcher.geography import Geography
from matcher.ranking import Query


@dataclass(frozen=True, slots=True)
class Problem:
    """The people to search, the same for every engine. vectors: None where no engine needs them."""

    people: Population
    places: Geography
    vectors: Vectors | None
    rescorer: Rescorer
    show_progress: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """One way an engine is asked. words: what a reader needs to repeat it; candidates: how many
    eligible people are fetched and put in exact order, 0 where the engine's own order stands."""

    name: str
    words: str
    candidates: int = 0


@dataclass(frozen=True, slots=True)
class Needs:
    """What an engine is expected to take, by runs on 2 cores: bytes held at the worst moment,
    seconds to build and, on average over its settings and pass rates, for one search."""

    bytes: float
    build_seconds: float
    search_seconds: float


class Engine(Protocol):
    """One engine over one problem. It is built once and asked in each of its settings.

    package: what must be importable, with `needs_vectors` whether people go in as dense vectors.
    """

    name: str
    package: str
    needs_vectors: bool
    build_words: str
    settings: tuple[Setting, ...]

    @staticmethod
    def needs(people: int, dim: int) -> Needs:
        """What so many people, with vectors of so many dimensions, are expected to take."""
        ...

    def build(self, problem: Problem) -> None:
        """Take in all people; called once, before any search."""
        ...

    def search(self, query: Query, k: int, setting: Setting) -> np.ndarray:
        """int64[<= k]: ids of the people found, best first. The filters' time is part of it."""
        ...

    def bytes_held(self) -> int:
        """Bytes of the finished index, with what its filters read."""
        ...

    def close(self) -> None:
        """Give back memory, files and processes."""
        ...


def best_rows(
    problem: Problem, query: Query, rows: np.ndarray, k: int, setting: Setting
) -> np.ndarray:
    """int64[<= k] person ids of eligible candidates given best first, put in exact order where
    the setting says so."""
    if setting.candidates:
        rows = problem.rescorer.best(query, rows, k)
    return problem.people.ids[rows[:k]]


def wanted(k: int, setting: Setting) -> int:
    """How many eligible people an engine is to bring."""
    return max(k, setting.candidates)


def greatest(scores: np.ndarray, count: int) -> np.ndarray:
    """int64[<= count]: places of the greatest scores, falling."""
    if len(scores) > count:
        places = np.argpartition(scores, len(scores) - count)[len(scores) - count :]
    else:
        places = np.arange(len(scores))
    return places[np.argsort(-scores[places], kind="stable")]
