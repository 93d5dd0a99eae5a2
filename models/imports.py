"""Files that were brought in: column maps per source, and batches."""

from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, new_public_id, utc_now


class ColumnMap(SQLModel, table=True):
    """Which column of a source's files is which of our fields."""

    __tablename__ = "column_map"

    source: str = Field(primary_key=True, max_length=60)
    kind: str = Field(max_length=30, description="vacancies, people, certificates, training")
    columns: dict = Field(sa_column=Column(JSON, nullable=False), description="our field: header")


class ImportBatch(SQLModel, table=True):
    __tablename__ = "import_batch"

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True, max_length=12)
    source: str = Field(max_length=60)
    kind: str = Field(max_length=30)
    filename: str = Field(max_length=200)
    rows: int
    created_by: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
