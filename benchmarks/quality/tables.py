"""A report as text for people and as plain data for programs."""

from dataclasses import asdict
from typing import Any

from benchmarks.quality.figures import SetFigures
from benchmarks.quality.gold import Coverage
from benchmarks.quality.run import Report
from benchmarks.quality.vacancies import VacancyFigures
from matcher.evaluation import Interval

SHARES = ("R@", "A@")  # shares of queries, shown in per cent; the rest are means in [0, 1]


def as_data(report: Report) -> dict[str, Any]:
    """The report as dicts, lists, numbers and words."""
    found = asdict(report)
    found["coverage"] = [{"part": part, **asdict(entry)} for part, entry in report.coverage]
    return found


def as_text(report: Report) -> str:
    """The report as tables."""
    parts = [
        f"taxonomy {report.taxonomy}, Titian's encoder {report.encoder}, seed {report.seed}; "
        "in brackets 95 % bootstrap intervals"
    ]
    parts += [_ranking(figures) for figures in report.rankings]
    if report.coverage:
        parts.append(_coverage(report.coverage))
    parts += [_vacancies(figures) for figures in report.vacancies]
    parts += [f"NOT MEASURED  {reason}" for reason in report.skipped]
    return "\n\n".join(parts)


def per_cent(figure: Interval) -> str:
    return f"{100 * figure.value:.1f} % [{100 * figure.low:.1f}, {100 * figure.high:.1f}]"


def mean(figure: Interval) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _ranking(figures: SetFigures) -> str:
    names = list(figures.methods[0].metrics)
    rows = [["", *names, f"Titian ahead, {names[0]}"]]
    for method in figures.methods:
        cells = [_cell(name, method.metrics[name]) for name in names]
        rows.append([method.name, *cells, _ahead(names[0], method.behind)])
    text = f"{figures.name}: {figures.queries:,} queries, {figures.codes:,} codes; {figures.source}"
    text += f"\n{_aligned(rows)}"
    if figures.groups:
        text += f"\n\n{names[0]} in parts, %\n{_aligned(_groups(figures))}"
    if figures.reliability is not None:
        text += (
            f"\n\nprobability of Titian's first answer, {figures.reliability.name}: "
            f"expected calibration error {figures.reliability.ece:.3f}"
        )
    return text


def _cell(name: str, figure: Interval) -> str:
    return per_cent(figure) if name.startswith(SHARES) else mean(figure)


def _ahead(name: str, figure: Interval | None) -> str:
    if figure is None:
        return ""
    scale, digits = (100, 1) if name.startswith(SHARES) else (1, 3)
    value, low, high = (scale * part for part in (figure.value, figure.low, figure.high))
    return f"{value:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]"


def _groups(figures: SetFigures) -> list[list[str]]:
    rows = [["", "queries", *(method.name for method in figures.methods)]]
    for group, count in figures.groups.items():
        cells = [
            f"{100 * method.groups[group].value:.1f}" if group in method.groups else "-"
            for method in figures.methods
        ]
        rows.append([group, str(count), *cells])
    return rows


def _coverage(entries: list[tuple[str, Coverage]]) -> str:
    rows = [["", "from", "titles", "claims", "coverage", "precision", "recall", "left alone"]]
    for part, entry in entries:
        rows.append(
            [
                part,
                f"{entry.threshold:.2f}",
                str(entry.titles),
                str(entry.claims),
                per_cent(entry.coverage),
                per_cent(entry.precision),
                per_cent(entry.recall),
                per_cent(entry.left_alone),
            ]
        )
    part, first = entries[0]
    return (
        "What Titian claims for all gold titles, those outside its occupations included "
        f"({first.outside} of {first.titles} in {part})\n{_aligned(rows)}"
    )


def _vacancies(figures: VacancyFigures) -> str:
    rows = [["", "requirement coverage@10", "nDCG@10"]]
    rows += [[way.name, per_cent(way.coverage), mean(way.ndcg)] for way in figures.ways]
    return (
        f"{figures.name}: {figures.vacancies} vacancies {figures.source}, {figures.people:,} people "
        f"({figures.unmet} vacancies that nobody can meet left out)\n"
        f"{_aligned(rows)}\n\nread by Titian: trade right {per_cent(figures.trade_found)}, "
        f"units found {per_cent(figures.units_found)}"
    )


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
