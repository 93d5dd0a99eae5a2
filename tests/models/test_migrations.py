"""Migrations up and down on both databases, and their end against the models."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.util.exc import CommandError
from sqlalchemy import Engine, Enum, String, inspect, text
from sqlalchemy.types import TypeDecorator
from sqlmodel.sql.sqltypes import AutoString

from models import migrations
from models.database import open_engine
from models.metadata import metadata

FILES = sorted((migrations.FOLDER / "versions").glob("[0-9]*.py"))
REVISIONS = [path.name.split("_")[0] for path in FILES]
BEFORE = dict(zip(REVISIONS, ["base", *REVISIONS], strict=False))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine over a database without any table."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def schema(engine: Engine) -> dict[str, Any]:
    """Everything there is to know of the tables, as the database itself tells it."""
    found = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"])
                for column in found.get_columns(table)
            },
            "primary key": found.get_pk_constraint(table),
            "foreign keys": _sorted(found.get_foreign_keys(table)),
            "unique": _sorted(found.get_unique_constraints(table)),
            "indexes": _sorted(found.get_indexes(table)),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def _sorted(entries: list) -> list:
    return sorted(entries, key=lambda entry: entry["name"])


def differences(engine: Engine) -> list:
    """What Alembic's autogenerate would change to make the database equal the models."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _other_type})
        return compare_metadata(context, metadata)


def _other_type(_context: Any, _found: Any, _column: Any, found: Any, wanted: Any) -> bool | None:
    """Texts and enums are compared by length, encrypted columns by what they are stored as."""
    if isinstance(wanted, Enum | AutoString):
        return not isinstance(found, String) or found.length != wanted.length
    if isinstance(wanted, TypeDecorator):
        return found._type_affinity is not wanted.impl_instance._type_affinity
    return None


# The chain


def test_there_is_a_migration_and_the_newest_is_the_head() -> None:
    assert REVISIONS
    assert migrations.head() == REVISIONS[-1]


@pytest.mark.parametrize("path", FILES, ids=REVISIONS)
def test_migration_is_named_numbered_and_stands_on_its_own(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    number = path.name.split("_")[0]
    before = BEFORE[number]
    assert re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", path.name)
    assert f'revision = "{number}"' in source
    assert f"down_revision = {'None' if before == 'base' else repr(before)}" in source.replace(
        '"', "'"
    )
    # What a migration did last year must not change with the models of today.
    assert not re.search(r"^\s*(from|import)\s+(models|sqlmodel|web|matcher)", source, re.MULTILINE)


# Up and down


def test_empty_database_is_at_no_revision(engine: Engine) -> None:
    assert migrations.current(engine) is None


def test_each_migration_goes_up_down_and_up_again(engine: Engine) -> None:
    for revision in REVISIONS:
        before = schema(engine)
        migrations.upgrade(engine, revision)
        assert migrations.current(engine) == revision
        after = schema(engine)
        assert after != before
        migrations.downgrade(engine, BEFORE[revision])
        assert migrations.current(engine) == (
            None if revision == REVISIONS[0] else BEFORE[revision]
        )
        assert schema(engine) == before
        migrations.upgrade(engine, revision)
        assert schema(engine) == after


def test_upgrade_without_a_revision_goes_to_the_head(engine: Engine) -> None:
    migrations.upgrade(engine)
    assert migrations.current(engine) == migrations.head()


def test_downgrade_to_base_leaves_no_table_of_ours(engine: Engine) -> None:
    migrations.upgrade(engine)
    migrations.downgrade(engine, "base")
    assert schema(engine) == {}


def test_second_upgrade_changes_nothing_and_keeps_the_rows(engine: Engine) -> None:
    migrations.upgrade(engine)
    before = schema(engine)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO province VALUES ('32', 'Jawa Barat', 'West Java', 'x')")
        )
    migrations.upgrade(engine)
    assert schema(engine) == before
    with engine.connect() as connection:
        assert connection.execute(text("SELECT code FROM province")).all() == [("32",)]


def test_upgrade_that_fails_half_way_leaves_nothing_behind(engine: Engine) -> None:
    with engine.begin() as connection:  # stands in the way of the first migration's last tables
        connection.execute(text("CREATE TABLE introduction_step (id INTEGER)"))
    with pytest.raises(Exception, match="introduction_step"):
        migrations.upgrade(engine)
    assert set(schema(engine)) == {"introduction_step"}
    assert migrations.current(engine) is None


def test_unknown_revision_is_refused(engine: Engine) -> None:
    with pytest.raises(CommandError, match="9999"):
        migrations.upgrade(engine, "9999")
    assert schema(engine) == {}


# Head equals models


def test_autogenerate_finds_no_difference_after_upgrade(engine: Engine) -> None:
    migrations.upgrade(engine)
    assert differences(engine) == []


def test_upgrade_makes_the_very_schema_that_the_models_make(engine: Engine, tmp_path: Path) -> None:
    migrations.upgrade(engine)
    migrated = schema(engine)
    migrations.downgrade(engine, "base")
    metadata.create_all(engine)
    created = schema(engine)
    assert set(migrated) == set(created)
    for table in created:
        assert migrated[table] == created[table], table


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("DROP TABLE monthly_report", "add_table"),
        ("ALTER TABLE person DROP COLUMN commute_km", "add_column"),
        ("ALTER TABLE person ADD COLUMN full_name VARCHAR(200)", "remove_column"),
        ("DROP INDEX ix_person_bapas_id_id", "add_index"),
        ("CREATE TABLE forgotten (id INTEGER)", "remove_table"),
    ],
)
def test_autogenerate_would_see_a_forgotten_change(engine: Engine, change: str, kind: str) -> None:
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text(change))
    assert kind in {found[0] for found in differences(engine)}


@pytest.mark.parametrize(
    ("table", "column", "other_type"),
    [
        ("person_identity", "full_name", "VARCHAR(199)"),
        ("person", "status", "VARCHAR(31)"),
        ("person", "version", "VARCHAR(12)"),
        ("officer_note", "text", "VARCHAR"),
        ("officer_note", "at", "DATE"),
    ],
)
def test_autogenerate_would_see_a_column_of_another_type(
    engine: Engine, table: str, column: str, other_type: str
) -> None:
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        other = f"{column} {other_type} NOT NULL DEFAULT '1999-01-01'"
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {other}"))
    ((change,),) = differences(engine)
    assert change[0] == "modify_type"
    assert change[2:4] == (table, column)


# Writing a new one


@pytest.fixture
def copied_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The migrations in a folder where a test may write."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrations, "FOLDER", folder)
    return folder


def test_revise_writes_what_the_models_have_and_the_database_lacks(
    engine: Engine, copied_folder: Path
) -> None:
    migrations.upgrade(engine)
    complete = schema(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE officer_note DROP COLUMN text"))
        connection.execute(text("ALTER TABLE person DROP COLUMN mobility"))
    migrations.revise(engine, "what was lost", "9000")
    source = (copied_folder / "versions" / "9000_what_was_lost.py").read_text(encoding="utf-8")
    assert "down_revision = " + repr(REVISIONS[-1]) in source.replace('"', "'")
    assert "sa.Column('text', sa.LargeBinary(), nullable=False)" in source
    assert "sa.Column('mobility', sa.String(length=30), nullable=False)" in source
    assert "sqlmodel" not in source
    assert "models" not in source
    migrations.upgrade(engine)
    assert migrations.current(engine) == migrations.head() == "9000"
    assert schema(engine) == complete


def test_revise_with_nothing_to_do_writes_an_empty_migration(
    engine: Engine, copied_folder: Path
) -> None:
    migrations.upgrade(engine)
    migrations.revise(engine, "nothing", "9000")
    source = (copied_folder / "versions" / "9000_nothing.py").read_text(encoding="utf-8")
    assert "op." not in source.partition("def upgrade")[2]


def test_upgrade_over_several_migrations_happens_whole_or_not_at_all(
    engine: Engine, copied_folder: Path
) -> None:
    (copied_folder / "versions" / "9000_impossible.py").write_text(
        "from alembic import op\n"
        f'revision, down_revision = "9000", "{REVISIONS[-1]}"\n'
        'def upgrade(): op.execute("DROP TABLE no_such_table")\n',
        encoding="utf-8",
    )
    with pytest.raises(Exception, match="no_such_table"):
        migrations.upgrade(engine)
    assert schema(engine) == {}
    assert migrations.current(engine) is None
