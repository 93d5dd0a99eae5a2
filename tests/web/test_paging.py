from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from web.paging import LAST_PAGE, Page, page_address, page_number

NAMES = ("text", "page", "endpoint", "self", "_method", "_scheme", "_external", "_anchor")

app = Flask(__name__)
app.add_url_rule("/daftar", "list", lambda: "")


def number_of(query: str) -> int:
    with app.test_request_context(f"/daftar?{query}"):
        return page_number()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", 1),
        ("page=", 1),
        ("page=1", 1),
        ("page=7", 7),
        ("page=007", 7),
        ("page=0", 1),
        ("page=-3", 1),
        ("page=1.5", 1),
        ("page=dua", 1),
        ("page=%D9%A3", 1),  # three in Arabic digits
        ("page=%C2%B2", 1),  # superscript two
        ("page=1&page=9", 1),
        ("page=10001", LAST_PAGE),
        ("page=" + "9" * 5000, LAST_PAGE),
    ],
)
def test_page_of_the_address_is_a_page_that_can_be(query: str, wanted: int) -> None:
    assert number_of(query) == wanted


@given(st.integers(1, 60), st.integers(1, 12), st.integers(0, 200))
@settings(max_examples=200, deadline=None)
def test_page_knows_its_neighbours(number: int, size: int, count: int) -> None:
    shown = range(count)[(number - 1) * size : number * size]
    page = Page.of(number, size, count)
    assert page.has_previous == (number > 1)
    assert page.has_next == (len(range(count)[number * size :]) > 0)
    if shown:
        assert page.has_next == (shown[-1] != count - 1)


@given(
    st.dictionaries(
        st.one_of(
            st.sampled_from(NAMES),
            st.text(st.characters(codec="utf-8"), max_size=8),
        ),
        st.text(st.characters(codec="utf-8"), max_size=12),
        max_size=5,
    ),
    st.integers(1, 99),
)
@settings(max_examples=300, deadline=None)
def test_address_of_another_page_keeps_the_search_and_stays_on_the_list(
    search: dict[str, str], number: int
) -> None:
    with app.test_request_context("/daftar", query_string=search):
        address = urlsplit(page_address("list")(number))
    assert (address.scheme, address.netloc, address.path) == ("", "", "/daftar")
    found = dict(parse_qsl(address.query, keep_blank_values=True))
    assert found == {**search, "page": str(number)}
