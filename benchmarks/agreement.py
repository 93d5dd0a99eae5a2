"""How much of the exact answer an engine finds."""

import numpy as np


def agreement(found: np.ndarray, totals: np.ndarray, k: int) -> float | None:
    """The share of the exact top k among the people found, in [0, 1], fair to ties.

    found: int64[m] rows, each once; totals: int64[n], every person's exact total, 0 for the
    ineligible. A person counts whose total reaches the k-th greatest, so of equal people any will
    do. None where nobody has a total above 0.
    """
    above = totals[totals > 0]
    need = min(k, len(above))
    if not need:
        return None
    least = np.partition(above, len(above) - need)[len(above) - need]
    return min(need, int((totals[found] >= least).sum())) / need
