"""Commands that bring data in and check it."""

from datetime import date
from pathlib import Path

import click
from sqlmodel import col, or_, select

from models.regions import Facility
from web import database
from web.cli import open_app, progress, require_current_database, titian
from web.cli.output import print_json, ranking_json, vacancy_json
from web.services import matching, tables, training_imports, vacancy_imports
from web.services import vacancies as stored
from web.services.training_imports import ImportKind

LONGEST_SOURCE = 60
FILE = click.argument("file", type=click.Path(path_type=Path))
DRY_RUN = click.option("--dry-run", is_flag=True, help="check everything, store nothing")


@titian.group()
def vacancies() -> None:
    """Vacancies of other systems."""


@vacancies.command("import")
@FILE
@click.option("--source", help="name of the source; found by its columns when left out")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=HEADER",
    help="column of a new source, e.g. title=Judul (title, employer, text, place, wage)",
)
@click.option("-k", "k", default=10, show_default=True, help="people ranked for each vacancy")
@click.option(
    "--results",
    type=click.Path(path_type=Path, dir_okay=False),
    help="write each vacancy, as linked and ranked, to this file, one JSON object a line",
)
@click.option("--json", "as_json", is_flag=True, help="print the report as JSON")
@DRY_RUN
def import_vacancies(
    file: Path,
    source: str | None,
    columns: tuple[str, ...],
    k: int,
    results: Path | None,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Link every row of FILE to an occupation and requirements, store it, and rank people for it."""
    if results and not results.parent.is_dir():
        raise click.ClickException(f"{results.parent} is not a folder to write results to")
    with open_app().app_context():
        require_current_database()
        session = database.session()
        table = tables.read_path(file)
        if columns:
            if not source:
                raise click.ClickException("--column needs --source, the name to keep them under")
            if len(source) > LONGEST_SOURCE:
                raise click.ClickException(f"--source: at most {LONGEST_SOURCE} characters")
            found_map = vacancy_imports.remember_columns(session, source, _pairs(columns))
        else:
            found_map = vacancy_imports.column_map(session, table.header, source)
        rows = vacancy_imports.check(table, found_map)
        linker = matching.engine().linker(session)
        places = matching.places(session)
        if dry_run:
            session.rollback()
        else:
            session.commit()  # the column map; linking below holds no lock
        found = vacancy_imports.link(
            linker, places, found_map.source, rows, lambda items: progress(items, "Linking")
        )
        report = vacancy_imports.store(
            session, None, found_map.source, file.name, found, dry_run=dry_run
        )
        database.only_read()
        ranked = _rank(found, k, results)
    summary = {
        "source": report.source,
        "rows": report.rows,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "new_employers": report.new_employers,
        "with_occupation": report.rows - report.without_occupation,
        "with_place": report.rows - report.without_place,
        "with_people": ranked,
        "stored": report.stored,
    }
    if as_json:
        print_json(summary)
    else:
        for name, value in summary.items():
            click.echo(f"{name.replace('_', ' '):<16} {value}")


def _pairs(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(entry.partition("=")[::2] for entry in columns)
    if not all(pairs.values()):
        raise click.ClickException("write columns as FIELD=HEADER, e.g. --column title=Judul")
    return pairs


def _rank(found: list[vacancy_imports.ImportedVacancy], k: int, results: Path | None) -> int:
    """Rank people for every vacancy; how many have at least one eligible person."""
    session = database.session()
    ranked_vacancies = 0
    file = results.open("w", encoding="utf-8") if results else None
    try:
        for entry in progress(found, "Ranking"):
            state, rows, ranked = stored.people_for_fields(session, entry.fields, k)
            ranked_vacancies += bool(ranked)
            if file:
                print_json(
                    {
                        "row": entry.row,
                        **vacancy_json(state.taxonomy, entry.fields),
                        "people": ranking_json(session, state, rows, ranked),
                    },
                    file,
                )
    finally:
        if file:
            file.close()
    return ranked_vacancies


@titian.command("import")
@click.argument("kind", type=click.Choice([kind.value for kind in ImportKind]))
@FILE
@click.option("--facility", required=True, help="code or name of the facility the people are of")
@DRY_RUN
def import_training(kind: str, file: Path, facility: str, dry_run: bool) -> None:
    """Bring people, training or certificates of a facility in from FILE, all rows or none."""
    with open_app().app_context():
        require_current_database()
        session = database.session()
        place = session.exec(
            select(Facility).where(
                or_(col(Facility.code) == facility, col(Facility.name) == facility)
            )
        ).first()
        if place is None:
            raise click.ClickException(f"no facility with code or name {facility!r}")
        table = tables.read_path(file)
        checked = training_imports.check(
            session,
            place,
            ImportKind(kind),
            table,
            date.today(),  # noqa: DTZ011
        )
        if dry_run:
            click.echo(f"{len(checked.rows)} rows are good; nothing was stored")
            return
        click.echo(f"{training_imports.store(session, None, file.name, checked)} rows stored")
