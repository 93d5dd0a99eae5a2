"""The `titian` command. Every command says what is wrong in one line and what to do."""

import sys
from collections.abc import Iterable
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import DatabaseError
from tqdm import tqdm

from matcher.encoder import EncoderError
from matcher.retrieval import RetrievalError
from matcher.taxonomy import TaxonomyError
from models import migrations
from models.columns import DataKeyError
from models.database import DatabaseUrlError
from seed_data.files import SeedDataError
from web import database
from web.app import create_app
from web.services import matching
from web.services.tables import TableRefused
from web.services.vacancy_imports import UnknownSource
from web.settings import Settings, SettingsError, load_settings

USAGE_ERROR = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def titian() -> None:
    """Titian: certified skills across to the employers who need them."""


def open_app(settings: Settings | None = None) -> Flask:
    """The application for a command; unlike a web worker it may load torch itself."""
    app = create_app(settings)
    given: Settings = app.config["SETTINGS"]
    app.extensions["titian_engine"] = matching.Engine(
        given.encoder, given.home / "cache", may_load_torch=True, show_progress=True
    )
    return app


def require_current_database() -> None:
    """Raise ClickException unless the database is at the newest migration."""
    if migrations.current(database.engine()) != migrations.head():
        raise click.ClickException(
            "the database is empty or of an older version: run `titian migrate` first"
        )


def progress(items: Iterable, what: str) -> Iterable:
    """A progress bar on the terminal."""
    return tqdm(items, desc=what, unit="", leave=False, file=sys.stderr)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; exits with 2 and one line for a mistake of use or set-up."""
    try:
        return titian(arguments, standalone_mode=True)
    except TableRefused as refused:
        for problem in refused.problems:
            click.echo(problem, err=True)
        click.echo(
            f"titian: refused, {len(refused.problems)} to mend; nothing was stored", err=True
        )
    except (
        SettingsError,
        DatabaseUrlError,
        DataKeyError,
        EncoderError,
        RetrievalError,
        SeedDataError,
        TaxonomyError,
        UnknownSource,
    ) as error:
        click.echo(f"titian: {error}", err=True)
    except DatabaseError as error:
        reason = str(error.orig).strip().splitlines()[0]
        url = load_settings().database
        shown = url if url.startswith("sqlite") else url.rpartition("@")[2]
        click.echo(f"titian: the database {shown} cannot be used: {reason}", err=True)
    sys.exit(USAGE_ERROR)


from web.cli import bench, data, engine, evaluate, retrieval, service, taxonomy, train, users  # noqa: E402, F401  (register commands)
