"""benchmarks.growth: the chart of medians against people."""

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from benchmarks.growth import LABEL, chart
from benchmarks.rank import Comparison, Line, Rate

SVG = "{http://www.w3.org/2000/svg}"


def line(engine: str, setting: str, p50: float, found: float | None) -> Line:
    return Line(engine, setting, "", 0.1, p50, 2 * p50, found, 0)


def result(people: int, *lines: Line) -> Comparison:
    return Comparison(people, 7 * people, 5, 50, 1, "", [Rate(0.1, 0.1, 9)], [], list(lines))


def texts(svg: str) -> list[tuple[str, float]]:
    return [
        (node.text or "", float(node.get("y"))) for node in ET.fromstring(svg).iter(f"{SVG}text")
    ]


def test_each_engine_is_drawn_in_the_setting_that_finds_most():
    svg = chart(
        [
            result(2700, line("titian", "exact", 2.0, 1.0), line("faiss", "slow", 9.0, 0.99)),
            result(
                270,
                line("titian", "exact", 0.2, 1.0),
                line("faiss", "fast", 0.1, 0.5),
                line("faiss", "slow", 1.0, 0.99),
            ),
        ]
    )
    words = [word for word, _ in texts(svg)]
    assert "titian, exact: 100 %" in words
    assert "faiss, slow: 99.0 %" in words
    assert "270" in words
    spoken = ET.fromstring(svg).find(f"{SVG}desc").text
    assert "10 % pass, titian: 270 people 0.2 ms, 2,700 people 2 ms" in spoken
    assert "faiss: 270 people 1 ms" in spoken


def test_names_of_engines_as_fast_as_each_other_do_not_overlap():
    names = [f"engine{number}" for number in range(8)]
    svg = chart(
        [
            result(people, *(line(name, "exact", 1.0 + people / 1e6, 1.0) for name in names))
            for people in (1000, 9000)
        ]
    )
    heights = sorted(y for word, y in texts(svg) if word.startswith("engine"))
    assert len(heights) == 8
    assert all(b - a >= LABEL - 0.11 for a, b in pairwise(heights))


def test_one_size_does_not_grow():
    one = result(270, line("titian", "exact", 0.2, 1.0))
    with pytest.raises(ValueError, match="two different numbers"):
        chart([one])
    with pytest.raises(ValueError, match="two different numbers"):
        chart([one, one])


def test_sizes_must_share_a_pass_rate():
    one = result(270, line("titian", "exact", 0.2, 1.0))
    other = result(2700, line("titian", "exact", 0.2, 1.0))
    other.rates = [Rate(0.5, 0.5, 9)]
    with pytest.raises(ValueError, match="no pass rate in common"):
        chart([one, other])
