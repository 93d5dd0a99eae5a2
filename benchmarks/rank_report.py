"""A comparison of engines as text, and as data that can be read back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from benchmarks.rank import Built, Comparison, Line, Rate


def as_data(result: Comparison) -> dict[str, Any]:
    """What `titian bench rank --json` prints."""
    return asdict(result)


def from_data(data: Mapping[str, Any]) -> Comparison:
    """The comparison that as_data wrote. Raises ValueError where it is something else."""
    try:
        return Comparison(
            **{
                **data,
                "rates": [Rate(**entry) for entry in data["rates"]],
                "built": [Built(**entry) for entry in data["built"]],
                "lines": [Line(**entry) for entry in data["lines"]],
            }
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a result of `titian bench rank --json` ({error})") from None


def as_text(result: Comparison) -> str:
    """Engines, figures and settings in three tables."""
    head = (
        f"{result.people:,} people, {result.evidence:,} units held, seed {result.seed}; "
        f"{result.queries} vacancies at each pass rate, the first {result.k} people"
    )
    vectors = f"\ndense vectors: {result.vectors}" if result.vectors else ""
    blocks = [head + vectors, _engines(result), _figures(result), _settings(result)]
    wrong = [line for line in result.lines if line.wrong]
    if wrong:
        blocks.append(
            "\n".join(
                f"WRONG: {line.engine} ({line.setting}) gave {line.wrong} people who are not "
                f"eligible at {100 * line.rate:g} %"
                for line in wrong
            )
        )
    return "\n\n".join(blocks)


def _engines(result: Comparison) -> str:
    rows = [f"{'engine':<15}{'built in':>10}{'memory':>11}"]
    for built in result.built:
        rows.append(
            f"{built.engine:<15}{built.seconds:>8.1f} s{built.bytes / 1e6:>8,.0f} MB  {built.words}"
        )
    return "\n".join(rows)


def _figures(result: Comparison) -> str:
    first = " " * 28
    for rate in result.rates:
        passed = f"{100 * rate.passed:.2g} % pass, {rate.scored:,} score"
        first += f"  {passed:^30}"
    second = f"{'engine':<15}{'setting':<13}"
    second += "  " + "  ".join([f"{'p50 ms':>10}{'p95 ms':>10}{'found':>10}"] * len(result.rates))
    rows = [first, second]
    lines = {(line.engine, line.setting, line.rate): line for line in result.lines}
    for engine, setting in dict.fromkeys((line.engine, line.setting) for line in result.lines):
        row = f"{engine:<15}{setting:<13}"
        for rate in result.rates:
            line = lines[engine, setting, rate.asked]
            found = "-" if line.found is None else f"{100 * line.found:.1f} %"
            row += f"  {line.p50:>10.2f}{line.p95:>10.2f}{found:>10}"
        rows.append(row)
    return "\n".join(rows)


def _settings(result: Comparison) -> str:
    words = {(line.engine, line.setting): line.words for line in result.lines}
    return "\n".join(
        [
            "settings",
            *(f"{f'{engine}, {name}':<28}{text}" for (engine, name), text in words.items()),
        ]
    )
