"""Reading many rows as columns, a piece at a time, so that a nation fits beside the service."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlmodel import Session

PIECE = 50_000  # rows held as Python objects at once


def columns_of(session: Session, statement: Any) -> Iterator[tuple[tuple[Any, ...], ...]]:
    """The columns of a statement's rows, one tuple a column, a piece at a time; never an empty one."""
    result = session.connection().execute(statement, execution_options={"yield_per": PIECE})
    for piece in result.partitions():
        if piece:
            yield tuple(zip(*piece, strict=True))


def among(statement: Any, column: Any, ids: list[int] | None) -> Any:
    """The statement for some ids only; None leaves it as it is."""
    return statement if ids is None else statement.where(column.in_(ids))


def rows_of(sorted_ids: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int64[m] places of wanted ids in int64[n] rising ids, and bool[m] whether they are there."""
    if not len(sorted_ids):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=np.bool_)
    rows = np.minimum(np.searchsorted(sorted_ids, wanted), len(sorted_ids) - 1)
    return rows, sorted_ids[rows] == wanted
