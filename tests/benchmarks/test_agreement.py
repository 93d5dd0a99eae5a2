"""benchmarks.agreement: the share of the exact top k that is found."""

import numpy as np
import pytest

from benchmarks.agreement import agreement

TOTALS = np.array([50, 40, 40, 40, 10, 0])


@pytest.mark.parametrize(
    ("found", "k", "share"),
    [
        ([0, 1], 2, 1.0),
        ([0, 3], 2, 1.0),  # of equal people any will do
        ([0, 4], 2, 0.5),
        ([4, 5], 2, 0.0),
        ([], 2, 0.0),
        ([0, 1, 2, 3], 2, 1.0),  # no more than everything
        ([0, 1, 2, 3, 4], 50, 1.0),  # five people have a total at all
        ([0, 1, 2, 3, 5], 50, 0.8),  # nothing is gained by people without one
    ],
)
def test_people_count_who_reach_the_last_exact_total(found: list[int], k: int, share: float):
    assert agreement(np.array(found, dtype=np.int64), TOTALS, k) == pytest.approx(share)


def test_nobody_to_find_says_nothing_of_an_engine():
    assert agreement(np.zeros(0, dtype=np.int64), np.zeros(5, dtype=np.int64), 2) is None
