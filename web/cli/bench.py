"""Commands that measure."""

import dataclasses

import click

from web.cli import titian
from web.cli.output import print_json


@titian.group()
def bench() -> None:
    """Measure speed on synthetic data; needs the source tree."""


@bench.command()
@click.option("--people", default=270_000, show_default=True, type=click.IntRange(100))
@click.option("--queries", default=200, show_default=True, type=click.IntRange(10))
@click.option("-k", "k", default=50, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def rank(people: int, queries: int, k: int, seed: int, as_json: bool) -> None:
    """Exact top k of synthetic people for synthetic vacancies, every filter on, with terms."""
    from benchmarks.rank import measure  # only here: the service does without benchmarks

    figures = measure(people, queries, k, seed)
    if as_json:
        print_json(dataclasses.asdict(figures))
        return
    click.echo(
        f"{figures.people:,} people, {figures.postings:,} postings, {figures.megabytes:.0f} MB, "
        f"built in {figures.build:.1f} s"
    )
    click.echo(
        f"{figures.queries} vacancies, median {figures.touched:,} people touched, "
        f"{figures.found} in the answer"
    )
    click.echo(f"p50 {figures.p50:.2f} ms   p95 {figures.p95:.2f} ms   p99 {figures.p99:.2f} ms")
