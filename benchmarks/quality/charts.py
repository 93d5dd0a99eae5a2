"""Charts as plain SVG: methods side by side, and how reliable a probability is."""

from collections.abc import Sequence

from benchmarks.quality.figures import Reliability, SetFigures
from benchmarks.svg import FAINT, FONT, INK, OTHER, OWN, PALE, circle, document, line, text
from matcher.evaluation import Interval, wilson_interval

SHARES = (("R@1", "R@5"), ("A@1", "A@5"))
SERIES = ("#b3261e", "#2b5f8a", "#2e7d32", "#8a5a00")
LEFT, RIGHT, ROW, HEAD, FOOT = 170, 30, 26, 62, 44
PLOT = 460
SQUARE = 380
LEAST_RADIUS, MOST_RADIUS = 3.0, 11.0


def comparison(sets: Sequence[SetFigures]) -> str:
    """An SVG of how often each method is right first and among five, a panel a data set, with
    95 % intervals. Raises ValueError where no data set has such figures."""
    shown = [(figures, pair) for figures in sets if (pair := _shares(figures)) is not None]
    if not shown:
        raise ValueError("there is no data set to draw")
    parts, spoken, top = [], [], 8
    for figures, (first, second) in shown:
        parts.append(_panel(figures, top, first, second))
        heights = ", ".join(
            f"{entry.name} {100 * entry.metrics[first].value:.0f} %" for entry in figures.methods
        )
        spoken.append(f"{first}, {figures.name}: {heights}")
        top += HEAD + ROW * len(figures.methods) + FOOT
    title = "How often each method is right first, and among five"
    return document(LEFT + PLOT + RIGHT, top, title, "; ".join(spoken), parts)


def _shares(figures: SetFigures) -> tuple[str, str] | None:
    names = {name for method in figures.methods for name in method.metrics}
    return next((pair for pair in SHARES if names.issuperset(pair)), None)


def _panel(figures: SetFigures, top: int, first: str, second: str) -> str:
    base = top + HEAD + ROW * len(figures.methods)
    parts = [
        text(12, top + 20, figures.name, size=15, weight=600),
        text(12, top + 38, f"{figures.queries:,} queries, {figures.codes:,} codes", colour=FAINT),
        circle(LEFT + 60, top + 34, 5, OTHER),
        text(LEFT + 72, top + 38, f"{first}: right one first", colour=FAINT),
        circle(LEFT + 230, top + 34, 5, OTHER, hollow=True),
        text(LEFT + 242, top + 38, f"{second}: right one among five", colour=FAINT),
    ]
    for share in range(0, 101, 20):
        x = LEFT + PLOT * share / 100
        parts.append(line(x, top + HEAD - 8, x, base, PALE))
        parts.append(text(x, base + 16, f"{share} %", anchor="middle", colour=FAINT))
    parts.append(
        text(LEFT + PLOT / 2, base + 34, "share of queries, 95 % interval", anchor="middle")
    )
    for place, method in enumerate(figures.methods):
        y = top + HEAD + ROW * place + ROW / 2 - 4
        colour = OWN if method.name.startswith("Titian") else OTHER
        weight = 600 if method.name.startswith("Titian") else 400
        parts.append(text(LEFT - 12, y + 4, method.name, anchor="end", weight=weight))
        parts.append(_point(method.metrics[second], y, colour, hollow=True))
        parts.append(_point(method.metrics[first], y, colour))
    return "".join(parts)


def _point(figure: Interval, y: float, colour: str, hollow: bool = False) -> str:
    low, value, high = (LEFT + PLOT * end for end in (figure.low, figure.value, figure.high))
    return line(low, y, high, y, colour, 1 if hollow else 3) + circle(value, y, 5, colour, hollow)


def reliability(series: Sequence[Reliability]) -> str:
    """An SVG of probability against the share right with its 95 % interval, one colour a series,
    the area of a point by its answers.

    Raises ValueError for no series or more than there are colours.
    """
    if not 0 < len(series) <= len(SERIES):
        raise ValueError(f"1 to {len(SERIES)} series can be drawn, not {len(series)}")
    left, top = 70, 24 + 20 * len(series)
    base = top + SQUARE
    parts = []
    for step in range(0, 11, 2):
        share = step / 10
        x, y = left + SQUARE * share, base - SQUARE * share
        parts += [
            line(x, top, x, base, PALE),
            line(left, y, left + SQUARE, y, PALE),
            text(x, base + 18, f"{share:.1f}", anchor="middle", colour=FAINT),
            text(left - 10, y + 4, f"{share:.1f}", anchor="end", colour=FAINT),
        ]
    parts.append(line(left, base, left + SQUARE, top, FAINT, dash=True))
    parts.append(
        text(left + SQUARE / 2, base + 40, "Titian's probability for its first answer", "middle")
    )
    middle = top + SQUARE / 2
    parts.append(
        f"<text x='18' y='{middle}' text-anchor='middle' font-size='13' fill='{INK}' {FONT} "
        f"transform='rotate(-90 18 {middle})'>share of answers that are right, 95 % interval</text>"
    )
    most = max((entry.count for one in series for entry in one.bins), default=1)
    for place, (one, colour) in enumerate(zip(series, SERIES, strict=False)):
        y = 24 + 20 * place
        name = f"{one.name}: {one.answers:,} answers, calibration error {one.ece:.3f}"
        parts += [circle(left + 5, y - 4, 5, colour), text(left + 18, y, name)]
        points = [
            (left + SQUARE * entry.probability, base - SQUARE * entry.share_right)
            for entry in one.bins
        ]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(
            f"<polyline points='{joined}' fill='none' stroke='{colour}' stroke-width='1.5'/>"
        )
        for (x, y), entry in zip(points, one.bins, strict=True):
            low, high = wilson_interval(entry.share_right, entry.count)
            parts.append(line(x, base - SQUARE * low, x, base - SQUARE * high, colour))
            radius = max(LEAST_RADIUS, MOST_RADIUS * (entry.count / most) ** 0.5)
            parts.append(circle(x, y, radius, colour))
    spoken = "; ".join(f"{one.name}: calibration error {one.ece:.3f}" for one in series)
    return document(left + SQUARE + 90, base + 56, "Reliability of probabilities", spoken, parts)
