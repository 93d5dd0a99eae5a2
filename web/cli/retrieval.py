"""Commands that keep the engine of candidates in step with the database, and measure it."""

import dataclasses
import time

import click
from flask import current_app
from sqlmodel import func, select

from matcher.retrieval import RetrievalError
from models.matching import MatchingChange
from web import database
from web.cli import open_app, require_current_database, titian
from web.cli.bench import bench
from web.cli.output import print_json
from web.services import matching
from web.services import retrieval as service
from web.settings import Settings, load_settings


@titian.group()
def retrieval() -> None:
    """People on another engine than this process (TITIAN_RETRIEVAL=milvus)."""


@retrieval.command()
@click.option("--full", is_flag=True, help="compare everybody, not only those who changed")
@click.option("--follow", is_flag=True, help="go on for ever; one such process is enough")
@click.option(
    "--every",
    default=2.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="seconds between two looks with --follow",
)
@click.option(
    "--shards",
    default=1,
    show_default=True,
    type=click.IntRange(1, 16),
    help="of the collection, where this makes it",
)
def sync(full: bool, follow: bool, every: float, shards: int) -> None:
    """Send people who changed to the engine, and take out those no longer listed."""
    with open_app().app_context():
        require_current_database()
        settings = _settings()
        with service.only_writer(settings):
            engine = None
            opened_for = ""
            while True:
                database.only_read()
                session = database.session()
                state = matching.engine().state(session)
                try:
                    digest = service.digest_of(state.taxonomy, state.geography)
                    if engine is None or digest != opened_for:
                        engine = service.open_engine(
                            settings, state.taxonomy, state.geography, service.PATIENCE, shards
                        )
                        opened_for = digest
                    report = service.sync(session, state, engine, full)
                except RetrievalError as error:
                    if not follow:
                        raise
                    click.echo(f"titian: {error}; trying again", err=True)
                else:
                    full = False
                    if report.upserted or report.removed or not follow:
                        click.echo(
                            f"{report.upserted} people sent, {report.removed} taken out; "
                            f"in step up to change {report.change}"
                        )
                database.close()
                if not follow:
                    return
                time.sleep(every)


@retrieval.command()
def status() -> None:
    """How far the engine has followed the database."""
    with open_app().app_context():
        require_current_database()
        database.only_read()
        session = database.session()
        settings = _settings()
        state = matching.engine().state(session)
        engine = service.open_engine(settings, state.taxonomy, state.geography, service.PATIENCE)
        mark = engine.mark()
        newest = session.exec(select(func.max(MatchingChange.id))).one() or 0
        behind = service.changed_since(session, mark, state)
        click.echo(f"people on the engine  {len(engine.stored()[0])}")
        click.echo(f"listed with evidence  {len(service.listed_people(state))}")
        click.echo(f"followed to change    {mark.change if mark else 'none'} of {newest}")
        click.echo(f"people to send        {'any' if behind is None else len(behind)}")


def _settings() -> Settings:
    settings = current_app.config["SETTINGS"]
    if settings.retrieval == "memory":
        raise click.ClickException("set TITIAN_RETRIEVAL=milvus first; now people are ranked here")
    return settings


@bench.command("retrieval")
@click.option("--people", default=27_000, show_default=True, type=click.IntRange(100))
@click.option("--queries", default=200, show_default=True, type=click.IntRange(10))
@click.option("-k", "k", default=50, show_default=True, type=click.IntRange(1))
@click.option(
    "--at-most",
    multiple=True,
    default=(100, 200, 500, 1000),
    show_default=True,
    type=click.IntRange(1, 16_384),
    help="candidates of one round",
)
@click.option("--uri", default="", help="a Milvus cluster, with its token in TITIAN_MILVUS_TOKEN")
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def bench_retrieval(
    people: int,
    queries: int,
    k: int,
    at_most: tuple[int, ...],
    uri: str,
    seed: int,
    as_json: bool,
) -> None:
    """Candidates of Milvus ranked again, beside the exact ranking of this process."""
    from benchmarks.retrieval import measure  # only here: the service does without benchmarks

    token = load_settings().milvus_token.get_secret_value()
    figures = measure(people, queries, k, at_most, seed, uri, token)
    if as_json:
        print_json(dataclasses.asdict(figures))
        return
    click.echo(
        f"{figures.engine}: {figures.stored:,} of {figures.people:,} people stored in "
        f"{figures.load:.1f} s; {figures.queries} vacancies, median {figures.eligible:,} people "
        f"eligible, {figures.found} in the answer"
    )
    click.echo(
        f"in this process   p50 {figures.exact_p50:6.2f} ms   p95 {figures.exact_p95:6.2f} ms"
    )
    click.echo("at most   same people   same totals   proved        p50        p95")
    for one, name in [
        *((one, f"{one.at_most:>7}") for one in figures.rounds),
        (figures.asked_again, f"{figures.asked_again.at_most:>5} +"),
    ]:
        click.echo(
            f"{name:<7}   {one.people:>11.1%}   {one.totals:>11.1%}   {one.proved:>6.1%}   "
            f"{one.p50:>5.0f} ms   {one.p95:>5.0f} ms"
        )
    click.echo("+ asks for four times as many until the answer is proved")
