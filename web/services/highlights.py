"""Marking the words of a vacancy that its requirements came from."""

from dataclasses import dataclass

from models.employers import Vacancy, VacancyRequirement


@dataclass(frozen=True, slots=True)
class TextPart:
    """A stretch of a vacancy's title and text; marked when a requirement points at it."""

    text: str
    is_marked: bool


def highlighted(vacancy: Vacancy, requirements: list[VacancyRequirement]) -> list[TextPart]:
    """Title, a newline and the text, in parts; overlapping places are joined."""
    whole = f"{vacancy.title}\n{vacancy.text}"
    places = sorted(
        (row.span_start, row.span_end)
        for row in requirements
        if row.span_start is not None and row.span_end is not None and row.span_end <= len(whole)
    )
    parts, last = [], 0
    for start, end in places:
        start = max(start, last)
        if start >= end:
            continue
        if start > last:
            parts.append(TextPart(whole[last:start], False))
        parts.append(TextPart(whole[start:end], True))
        last = end
    if last < len(whole):
        parts.append(TextPart(whole[last:], False))
    return parts
