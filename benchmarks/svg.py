"""The few parts that charts are drawn of, as SVG text."""

from collections.abc import Sequence
from html import escape

FONT = "font-family='system-ui, sans-serif'"
INK, FAINT, PALE = "#1a1a1a", "#5c6570", "#d9dde2"
OWN, OTHER = "#b3261e", "#2b5f8a"  # Titian's colour and everybody else's


def document(width: float, height: float, title: str, spoken: str, parts: Sequence[str]) -> str:
    """An SVG of this size in px. spoken: what a person hears who cannot see it."""
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' "
        f"viewBox='0 0 {width} {height}' role='img' aria-labelledby='title description'>"
        f"<title id='title'>{escape(title)}</title><desc id='description'>{escape(spoken)}</desc>"
        f"<rect width='{width}' height='{height}' fill='#ffffff'/>{''.join(parts)}</svg>\n"
    )


def text(
    x: float,
    y: float,
    words: str,
    anchor: str = "start",
    colour: str = INK,
    size: int = 13,
    weight: int = 400,
) -> str:
    """Words whose baseline begins, is centred or ends at x, y in px. anchor: SVG's text-anchor."""
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='{size}' "
        f"font-weight='{weight}' fill='{colour}' {FONT}>{escape(words)}</text>"
    )


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    colour: str,
    width: float = 1,
    dash: bool = False,
) -> str:
    """A line between two points in px."""
    dashes = " stroke-dasharray='5 4'" if dash else ""
    return (
        f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{colour}' "
        f"stroke-width='{width}'{dashes}/>"
    )


def circle(x: float, y: float, radius: float, colour: str, hollow: bool = False) -> str:
    """A circle around x, y in px, filled or white."""
    fill = "#ffffff" if hollow else colour
    return (
        f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius:.1f}' fill='{fill}' stroke='{colour}' "
        f"stroke-width='1.5'/>"
    )
