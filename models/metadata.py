"""The metadata of every table, for migrations and for creating a database."""

from sqlmodel import SQLModel

from models import (  # noqa: F401  (a table exists once its module is imported)
    accounts,
    audit,
    certificates,
    employers,
    external,
    imports,
    introductions,
    matching,
    people,
    records,
    regions,
    taxonomy,
)

metadata = SQLModel.metadata
