"""Alembic's environment: the connection is handed over by models.migrations."""

from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlalchemy.types import TypeDecorator
from sqlmodel.sql.sqltypes import AutoString

from models.metadata import metadata


def stored_type(kind: Any) -> Any:
    """The plain type a column has in the database, whatever Python makes of its values."""
    if isinstance(kind, AutoString):
        return sa.String(kind.length) if kind.length else sa.String()
    if isinstance(kind, sa.Enum):
        return sa.String(kind.length)
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def render_item(what: str, item: Any, _context: Any) -> str | bool:
    """Migrations name plain types only, so that they do not change when the models do."""
    if what != "type":
        return False
    plain = stored_type(item)
    return f"sa.{plain!r}" if plain is not item else False


def compare_type(_context: Any, _found: Any, _column: Any, found: Any, wanted: Any) -> bool | None:
    plain = stored_type(wanted)
    if isinstance(plain, sa.String) and isinstance(found, sa.String):
        return plain.length != found.length
    return None


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=compare_type,
)
with context.begin_transaction():
    context.run_migrations()
