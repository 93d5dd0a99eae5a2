"""What may stand only once: told apart from an accident when two write it at the same moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session


@contextmanager
def unless_taken(session: Session, refuse: Callable[[], None]) -> Iterator[None]:
    """Write within this block what `refuse` raises for when it stands already.

    `refuse` is asked before the block, and again when the database found that another transaction
    was first; the session is then rolled back. Raises what `refuse` raises, or IntegrityError where
    something else broke.
    """
    refuse()
    try:
        yield
        session.flush()
    except IntegrityError:
        session.rollback()
        refuse()
        raise
