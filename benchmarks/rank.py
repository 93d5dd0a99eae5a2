"""Search engines side by side: same people, same vacancies, same filters, by turns."""

import importlib.util
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from benchmarks import population
from benchmarks.agreement import agreement
from benchmarks.calibration import queries_passed_by
from benchmarks.engines import ENGINES
from benchmarks.engines.engine import Engine, Needs, Problem, Setting
from benchmarks.engines.exact import PostingLists, Rescorer
from benchmarks.engines.mask import eligible
from benchmarks.engines.vectors import DIM, Vectors
from benchmarks.memory import available_bytes
from matcher.ranking import Query
from matcher.taxonomy import Taxonomy

WARM_UP = 3  # vacancies asked of every engine before those that count
PERSON_BYTES = 320  # of the drawn people and of the lists that tell the truth
TAXONOMY_BYTES = 300e6  # libraries, taxonomy, vectors of concepts


class NotEnoughMemory(Exception):
    """More was asked for than memory holds; nothing was begun."""


@dataclass(frozen=True, slots=True)
class Built:
    """An engine made ready. seconds: to build; bytes: held by the finished index."""

    engine: str
    words: str
    seconds: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Line:
    """One engine in one setting at one pass rate.

    p50, p95: ms; found: mean share of the exact top k, None where nobody can be found; wrong:
    people given who are not eligible.
    """

    engine: str
    setting: str
    words: str
    rate: float
    p50: float
    p95: float
    found: float | None
    wrong: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Vacancies of one pass rate. asked: share of people that was to pass; passed: the median that
    did; scored: median people who passed with a score above 0."""

    asked: float
    passed: float
    scored: int


@dataclass(slots=True)
class Comparison:
    """Everything one run found. skipped: engines that were not run, each with the reason."""

    people: int
    evidence: int
    queries: int
    k: int
    seed: int
    vectors: str
    rates: list[Rate] = field(default_factory=list)
    built: list[Built] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure. rates: shares of people that pass; minutes: what an engine may be expected
    to take, beyond which it is left out; dim: of the vectors."""

    people: int
    queries: int
    k: int
    seed: int
    rates: tuple[float, ...]
    minutes: float
    vectors: str
    dim: int = DIM


def choose(names: Iterable[str], wanted: Wanted) -> tuple[list[type[Engine]], list[str]]:
    """The engines to run, and a sentence for each one left out: its package is missing, or it would
    take longer than allowed. Raises KeyError for a name that is no engine's."""
    chosen, skipped = [], []
    for name in names:
        engine = ENGINES[name]
        minutes = _expected_seconds(engine, wanted) / 60
        if importlib.util.find_spec(engine.package) is None:
            skipped.append(f"{name}: its package {engine.package} is not installed")
        elif minutes > wanted.minutes:
            skipped.append(
                f"{name}: {wanted.people:,} people would take it about {minutes:.0f} minutes, "
                f"more than the {wanted.minutes:g} allowed"
            )
        else:
            chosen.append(engine)
    return chosen, skipped


def _expected_seconds(engine: type[Engine], wanted: Wanted) -> float:
    needs = engine.needs(wanted.people, wanted.dim)
    searches = (wanted.queries + WARM_UP) * len(wanted.rates) * len(engine.settings)
    return needs.build_seconds + searches * needs.search_seconds


def require_memory(engines: Sequence[type[Engine]], wanted: Wanted) -> None:
    """Raise NotEnoughMemory, naming what takes how much, where the system cannot give it."""
    parts: dict[str, float] = {"people": TAXONOMY_BYTES + PERSON_BYTES * wanted.people}
    for engine in engines:
        needs: Needs = engine.needs(wanted.people, wanted.dim)
        parts[engine.name] = needs.bytes
    free = available_bytes()
    if sum(parts.values()) > free:
        listed = ", ".join(f"{name} {size / 1e9:.1f}" for name, size in parts.items())
        raise NotEnoughMemory(
            f"{wanted.people:,} people take about {sum(parts.values()) / 1e9:.1f} GB ({listed}) "
            f"and {free / 1e9:.1f} GB are free: ask for fewer with --people, or name some with "
            "--engines"
        )


def compare(
    engines: Sequence[type[Engine]],
    taxonomy: Taxonomy,
    vectors: Vectors | None,
    wanted: Wanted,
    tell: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Build every engine, then ask each vacancy of all of them, one after another, in an order
    drawn anew each time. tell: called with what is being done.

    Raises NotEnoughMemory before anything is begun.
    """
    require_memory(engines, wanted)
    places = population.geography()
    tell(f"drawing {wanted.people:,} people")
    people = population.draw(taxonomy, places, wanted.people, wanted.seed, show_progress=True)
    problem = Problem(people, places, vectors, Rescorer(people), show_progress=True)
    truth = PostingLists(people)
    result = Comparison(
        people=len(people),
        evidence=len(people.rows),
        queries=wanted.queries,
        k=wanted.k,
        seed=wanted.seed,
        vectors=wanted.vectors if vectors else "",
    )
    ready: list[Engine] = []
    try:
        for kind in engines:
            tell(f"building {kind.name}")
            engine = kind()
            began = time.perf_counter()
            engine.build(problem)
            seconds = time.perf_counter() - began
            ready.append(engine)
            result.built.append(
                Built(engine.name, engine.build_words, seconds, engine.bytes_held())
            )
        for number, share in enumerate(wanted.rates):
            queries = queries_passed_by(
                share, people, taxonomy, places, wanted.queries + WARM_UP, wanted.seed + 1 + number
            )
            _measure(result, ready, queries, share, problem, truth)
    finally:
        for engine in ready:
            engine.close()
    return result


def _measure(
    result: Comparison,
    engines: Sequence[Engine],
    queries: Sequence[Query],
    share: float,
    problem: Problem,
    truth: PostingLists,
) -> None:
    asked = [(engine, setting) for engine in engines for setting in engine.settings]
    times: dict[int, list[float]] = {place: [] for place in range(len(asked))}
    found: dict[int, list[float]] = {place: [] for place in range(len(asked))}
    wrong = [0] * len(asked)
    random = np.random.default_rng(result.seed)
    passed, scored = [], []
    bar = tqdm(queries, desc=f"Vacancies that {100 * share:g} % pass", leave=False)
    for number, query in enumerate(bar):
        allowed = eligible(problem.people.circumstances, query.conditions, problem.places)
        totals = truth.totals(query) * allowed
        if number >= WARM_UP:
            passed.append(float(allowed.mean()))
            scored.append(int(np.count_nonzero(totals)))
        for place in random.permutation(len(asked)):
            took, ids = _ask(*asked[place], query, result.k)
            rows = np.searchsorted(problem.people.ids, ids)
            wrong[place] += int((~allowed[rows]).sum())
            if number >= WARM_UP:
                times[place].append(took)
                agreed = agreement(rows, totals, result.k)
                if agreed is not None:
                    found[place].append(agreed)
    result.rates.append(Rate(share, float(np.median(passed)), int(np.median(scored))))
    for place, (engine, setting) in enumerate(asked):
        p50, p95 = np.percentile(times[place], [50, 95])
        result.lines.append(
            Line(
                engine=engine.name,
                setting=setting.name,
                words=setting.words,
                rate=share,
                p50=float(p50),
                p95=float(p95),
                found=float(np.mean(found[place])) if found[place] else None,
                wrong=wrong[place],
            )
        )


def _ask(engine: Engine, setting: Setting, query: Query, k: int) -> tuple[float, np.ndarray]:
    """Milliseconds, and the ids found."""
    began = time.perf_counter()
    ids = engine.search(query, k, setting)
    return 1000 * (time.perf_counter() - began), ids
