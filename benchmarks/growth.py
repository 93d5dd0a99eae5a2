"""A chart of how answers slow down as the nation grows."""

from collections.abc import Sequence
from itertools import pairwise
from math import log10

from benchmarks.rank import Comparison, Line
from benchmarks.svg import FAINT, INK, OTHER, OWN, PALE, circle, document, line, text

WIDTH, HEIGHT = 420, 300  # of one panel's plot
LEFT, RIGHT, HEAD, FOOT, TOP = 70, 250, 44, 52, 34
LABEL = 16  # px between the names of two engines


def chart(results: Sequence[Comparison]) -> str:
    """An SVG of median ms against people, both logarithmic, a panel for each pass rate and a line
    for each engine in the setting that finds most.

    Raises ValueError for fewer than two sizes, or sizes without a common pass rate.
    """
    results = sorted(results, key=lambda result: result.people)
    sizes = [result.people for result in results]
    if len(set(sizes)) < 2 or len(set(sizes)) < len(sizes):
        raise ValueError("growth needs results of two different numbers of people or more")
    common = set.intersection(*({rate.asked for rate in result.rates} for result in results))
    if not common:
        raise ValueError("the results have no pass rate in common")
    parts = [
        circle(LEFT, 16, 5, OTHER),
        text(LEFT + 12, 20, f"finds all of the exact first {results[0].k}", colour=FAINT),
        circle(LEFT + 270, 16, 5, OTHER, hollow=True),
        text(LEFT + 282, 20, "misses some", colour=FAINT),
    ]
    spoken = []
    top = TOP
    for rate in sorted(common):
        series = _series(results, rate)
        parts.append(_panel(series, sizes, rate, top))
        spoken += [
            f"{100 * rate:g} % pass, {name}: "
            + ", ".join(f"{people:,} people {point.p50:.2g} ms" for people, point in points)
            for name, points in series.items()
        ]
        top += HEAD + HEIGHT + FOOT
    title = f"Median time to the first {results[0].k} people as the nation grows"
    return document(LEFT + WIDTH + RIGHT, top, title, "; ".join(spoken), parts)


def _series(results: Sequence[Comparison], rate: float) -> dict[str, list[tuple[int, Line]]]:
    """Engine -> (people, its best line) by growing people."""
    series: dict[str, list[tuple[int, Line]]] = {}
    for result in results:
        lines = [entry for entry in result.lines if entry.rate == rate]
        for name in dict.fromkeys(entry.engine for entry in lines):
            best = max(
                (entry for entry in lines if entry.engine == name),
                key=lambda entry: (round(entry.found or 0, 2), -entry.p50),
            )
            series.setdefault(name, []).append((result.people, best))
    return series


def _panel(
    series: dict[str, list[tuple[int, Line]]], sizes: Sequence[int], rate: float, top: float
) -> str:
    times = [point.p50 for points in series.values() for _, point in points]
    low, high = int(log10(min(times)) // 1), int(-(-log10(max(times)) // 1))
    high = max(high, low + 1)
    base = top + HEAD + HEIGHT
    first, last = log10(sizes[0]), log10(sizes[-1])

    def x_of(people: int) -> float:
        return LEFT + 16 + (WIDTH - 32) * (log10(people) - first) / (last - first)

    def y_of(ms: float) -> float:
        return base - HEIGHT * (log10(ms) - low) / (high - low)

    parts = [
        text(12, top + 28, f"{100 * rate:g} % of people pass the filters", size=15, weight=600)
    ]
    for power in range(low, high + 1):
        y = y_of(10.0**power)
        parts += [
            line(LEFT, y, LEFT + WIDTH, y, PALE),
            text(LEFT - 8, y + 4, _duration(10.0**power), anchor="end", colour=FAINT),
        ]
    for people in sizes:
        x = x_of(people)
        parts += [
            line(x, base, x, base + 5, FAINT),
            text(x, base + 20, f"{people:,}", anchor="middle", colour=FAINT),
        ]
    parts.append(text(LEFT + WIDTH / 2, base + 40, "people", anchor="middle"))
    order = sorted(series, key=lambda name: y_of(series[name][-1][1].p50))
    heights = _apart([y_of(series[name][-1][1].p50) for name in order], base)
    named = zip(order, heights, strict=True)
    for name, height in sorted(named, key=lambda pair: pair[0] == "titian"):  # drawn last, on top
        points = series[name]
        colour, weight = (OWN, 600) if name == "titian" else (OTHER, 400)
        places = [(x_of(people), y_of(point.p50)) for people, point in points]
        for (x1, y1), (x2, y2) in pairwise(places):
            parts.append(line(x1, y1, x2, y2, colour, 2.5 if name == "titian" else 1.2))
        reaches = points[-1][0] == sizes[-1]
        parts.append(line(*places[-1], LEFT + WIDTH + 4, height, PALE, dash=not reaches))
        for (x, y), (_, point) in zip(places, points, strict=True):
            parts.append(circle(x, y, 4, colour, hollow=point.found != 1.0))
        final = points[-1][1]
        words = f"{name}, {final.setting}: {_percent(final.found)}"
        ink = colour if name == "titian" else INK
        parts.append(text(LEFT + WIDTH + 8, height + 4, words, colour=ink, weight=weight))
    return "".join(parts)


def _percent(found: float | None) -> str:
    return "100 %" if found == 1.0 else f"{100 * (found or 0):.1f} %"


def _duration(ms: float) -> str:
    return f"{ms:g} ms" if ms < 1000 else f"{ms / 1000:g} s"


def _apart(heights: Sequence[float], base: float) -> list[float]:
    """Growing heights moved so that names do not overlap and stay above the base."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + LABEL) if placed else height)
    over = max(0.0, placed[-1] - base) if placed else 0.0
    limit = base
    for place in range(len(placed) - 1, -1, -1):
        if not over or placed[place] <= limit:
            break
        placed[place] = limit
        limit -= LABEL
    return placed
