"""Commands that show what the engine makes of a text."""

import sys
import time
from collections.abc import Callable
from datetime import date

import click

from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import SOCKET_NAME, open_encoder
from matcher.linking import Linker
from matcher.snapshot import SnapshotError, read_snapshot
from matcher.text import normal
from models import migrations
from seed_data.region_files import read_regions
from seed_data.taxonomy_files import read_taxonomy
from web import database
from web.app import create_app
from web.cli import open_app, require_current_database, titian
from web.cli.output import linked_json, print_json, ranking_json, vacancy_json
from web.services import matching, vacancies

TEXT = click.option(
    "--text",
    required=True,
    callback=lambda _context, _option, given: _given(given),
    help="a vacancy in plain words; - reads standard input",
)
TITLE = click.option(
    "--title",
    default="",
    callback=lambda _context, _option, given: _utf8(lambda: given),
    help="its title, when that stands apart",
)
JSON = click.option("--json", "as_json", is_flag=True, help="print JSON")


@titian.command()
@TEXT
@TITLE
@JSON
def link(text: str, title: str, as_json: bool) -> None:
    """Which occupation and requirements a text means. Needs no database."""
    app = create_app()
    with app.app_context():
        database.only_read()
        linker = _linker(app.config["SETTINGS"])
        linked = linker.link(text, title)
    found = linked_json(linker.taxonomy, linked)
    if as_json:
        print_json(found)
        return
    _print_occupation(found)
    for entry in found["requirements"]:
        click.echo(
            f"  {entry['importance']:<5}{entry['confidence']:>6.2f}  {entry['text']}"
            f"  → {entry['code'] or 'words'}"
        )


@titian.command()
@TEXT
@TITLE
@click.option("-k", "k", default=10, show_default=True, help="how many people")
@JSON
def match(text: str, title: str, k: int, as_json: bool) -> None:
    """Rank the stored people for a vacancy in plain words."""
    with open_app().app_context():
        require_current_database()
        database.only_read()
        session = database.session()
        fields, _linked = vacancies.proposed_fields(session, title, text)
        state, rows, ranked = vacancies.people_for_fields(session, fields, k)
        found = vacancy_json(state.taxonomy, fields)
        found["people"] = ranking_json(session, state, rows, ranked)
    if as_json:
        print_json(found)
        return
    _print_occupation(found)
    for entry in found["requirements"]:
        click.echo(f"  {entry['importance']:<5} {entry['text']}  → {entry['code'] or 'words'}")
    for number, person in enumerate(found["people"], start=1):
        click.echo(f"\n{number:>3}. {person['person']}  {person['score']:.3f}  {person['region']}")
        for term in person["terms"]:
            click.echo(
                f"     {term['share'] * term['weight']:.3f} = {term['share']:.2f} x "
                f"{term['weight']:.2f}  {term['text']}  ← {term['unit'] or 'nothing'}"
            )
    if not found["people"]:
        click.echo("nobody fits: the text names nothing that the stored people can show")


def _print_occupation(found: dict) -> None:
    if found["occupation"]:
        click.echo(f"{found['occupation']}  ISCO {found['isco']}  {found['confidence']:.2f}")
    else:
        click.echo("no occupation recognised")


def _utf8(read: Callable[[], str]) -> str:
    try:
        given = read()
        given.encode()  # what was not UTF-8 may have become lone surrogates
    except UnicodeError:
        raise click.ClickException("the text is not UTF-8") from None
    return given


def _given(text: str) -> str:
    given = _utf8(sys.stdin.read if text == "-" else lambda: text)
    if len(given) > vacancies.LONGEST_TEXT:
        raise click.ClickException(
            f"the text has {len(given)} characters; at most {vacancies.LONGEST_TEXT} are read"
        )
    if not normal(given):
        raise click.ClickException("the text holds no words")
    return given


def _linker(settings) -> Linker:
    """The stored taxonomy's linker, or that of the seed files where nothing is stored yet."""
    if migrations.current(database.engine()) == migrations.head():
        session = database.session()
        if matching.places(session):
            return matching.engine().linker(session)
    taxonomy = read_taxonomy()
    cache = settings.home / "cache"
    encoder = open_encoder(settings.encoder, cache / SOCKET_NAME, may_load_torch=True)
    embeddings = TaxonomyEmbeddings.open(taxonomy, encoder, cache, show_progress=True)
    places = {row["place"]: row["region"] for row in read_regions("places")}
    return Linker(taxonomy, encoder, embeddings, places)


@titian.group()
def index() -> None:
    """The snapshot of people that the workers rank from."""


@index.command("build")
def build_index() -> None:
    """Read everybody anew into the snapshot, unless that was just done; workers take it over."""
    with open_app().app_context():
        require_current_database()
        database.only_read()
        engine = matching.engine()
        began = time.perf_counter()
        done = engine.rebuild(database.session(), date.today())  # noqa: DTZ011
    took = time.perf_counter() - began
    click.echo(f"built in {took:.1f} s" if done else "nothing to do: the snapshot is new enough")


@index.command("show")
def show_index() -> None:
    """What the snapshot says of itself, and whether it is whole."""
    with open_app().app_context():
        path = matching.engine().store.path
    try:
        snapshot = read_snapshot(path)
    except SnapshotError as error:
        raise click.ClickException(str(error)) from None
    megabytes = sum(array.nbytes for array in snapshot.arrays.values()) / 1e6
    click.echo(f"{path}: whole, {megabytes:.1f} MB")
    for name, value in snapshot.notes.items():
        click.echo(f"  {name:<10} {value}")
