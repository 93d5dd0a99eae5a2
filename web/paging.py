"""Pages of long lists: which one is asked for, and the addresses of the others."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request, url_for

LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and whether there are others."""

    number: int
    has_previous: bool
    has_next: bool

    @classmethod
    def of(cls, number: int, size: int, count: int) -> "Page":
        return cls(number, number > 1, number * size < count)


def page_number() -> int:
    """The page in the address, 1 where it says nothing sensible."""
    given = request.args.get("page", "1")
    if not (given.isascii() and given.isdecimal()):
        return 1
    return max(1, min(int(given[:9]), LAST_PAGE))


def page_address(endpoint: str) -> Callable[[int], str]:
    """The address of any page of the same search."""
    kept = {name: value for name, value in request.args.items() if name != "page"}
    return lambda number: f"{url_for(endpoint)}?{urlencode({'page': number, **kept})}"
