"""Commands that measure."""

import dataclasses
import json
from pathlib import Path
from typing import Any, TextIO

import click

from matcher.encoder import SOCKET_NAME, open_encoder
from matcher.taxonomy import Taxonomy
from seed_data.taxonomy_files import read_taxonomy
from web.cli import titian
from web.cli.output import print_json
from web.settings import load_settings

VECTORS = ("affinity", "text")


@titian.group()
def bench() -> None:
    """Measure speed on synthetic data; needs the source tree."""


@bench.command()
@click.option("--people", default=270_000, show_default=True, type=click.IntRange(100))
@click.option(
    "--queries",
    default=50,
    show_default=True,
    type=click.IntRange(5),
    help="vacancies at each pass rate",
)
@click.option("-k", "k", default=50, show_default=True, type=click.IntRange(1))
@click.option(
    "--engines",
    default="titian",
    show_default=True,
    metavar="NAMES",
    help="titian, numpy-postings, scipy-sparse, numpy-dense, faiss-flat, faiss-hnsw, usearch, "
    "pgvector, milvus-lite; several with commas, or all",
)
@click.option(
    "--pass-rates",
    default="1,10,50",
    show_default=True,
    metavar="PERCENT",
    help="shares of people that the filters let pass",
)
@click.option(
    "--vectors",
    default="affinity",
    show_default=True,
    type=click.Choice(VECTORS),
    help="dense vectors: made for this score, or the texts' embeddings",
)
@click.option(
    "--minutes",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="an engine expected to take longer is left out",
)
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def rank(
    people: int,
    queries: int,
    k: int,
    engines: str,
    pass_rates: str,
    vectors: str,
    minutes: float,
    seed: int,
    as_json: bool,
) -> None:
    """Engines side by side: the top k of synthetic people for synthetic vacancies, same filters."""
    from benchmarks.engines import ENGINES  # only here: the service does without benchmarks
    from benchmarks.rank import NotEnoughMemory, Wanted, choose, compare, require_memory
    from benchmarks.rank_report import as_data, as_text

    names = list(ENGINES) if engines == "all" else engines.split(",")
    unknown = [name for name in names if name not in ENGINES]
    if unknown:
        raise click.ClickException(f"no engine {unknown[0]!r}: choose from {', '.join(ENGINES)}")
    wanted = Wanted(people, queries, k, seed, _shares(pass_rates), minutes, vectors)
    chosen, skipped = choose(dict.fromkeys(names), wanted)
    for reason in skipped:
        click.echo(f"NOT RUN: {reason}", err=True)
    if not chosen:
        raise click.ClickException("no engine is left to run")
    taxonomy = read_taxonomy()
    try:
        require_memory(chosen, wanted)
        dense = _vectors(vectors, taxonomy) if any(one.needs_vectors for one in chosen) else None
        result = compare(
            chosen, taxonomy, dense, wanted, lambda what: click.echo(f"{what} …", err=True)
        )
    except (NotEnoughMemory, ValueError) as error:
        raise click.ClickException(str(error)) from None
    result.skipped = skipped
    if as_json:
        print_json(as_data(result))
    else:
        click.echo(as_text(result))


def _shares(percents: str) -> tuple[float, ...]:
    try:
        shares = tuple(float(value) / 100 for value in percents.split(","))
    except ValueError:
        shares = ()
    if not shares or not all(0 < share < 1 for share in shares):
        raise click.ClickException(f"--pass-rates takes percents like 1,10,50, not {percents!r}")
    return shares


def _vectors(kind: str, taxonomy: Taxonomy) -> Any:
    from benchmarks.engines.vectors import affinity_vectors, text_vectors

    if kind != "text":
        return affinity_vectors(taxonomy)
    settings = load_settings()
    cache = settings.home / "cache"
    encoder = open_encoder(settings.encoder, cache / SOCKET_NAME, may_load_torch=True)
    return text_vectors(taxonomy, encoder, cache)


@bench.command()
@click.argument("results", nargs=-1, required=True, type=click.File(encoding="utf-8"))
@click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.svg",
    help="draw median times against people there; needs two results or more",
)
def growth(results: tuple[TextIO, ...], chart: Path | None) -> None:
    """Tables, and a chart of growth, from results of `titian bench rank --json`."""
    from benchmarks import growth as growing
    from benchmarks.rank_report import as_text, from_data

    comparisons = []
    for file in results:
        try:
            comparisons.append(from_data(json.load(file)))
        except ValueError as error:
            raise click.ClickException(f"{file.name}: {error}") from None
    comparisons.sort(key=lambda result: result.people)
    click.echo("\n\n\n".join(as_text(result) for result in comparisons))
    if chart:
        try:
            chart.write_text(growing.chart(comparisons), encoding="utf-8")
        except ValueError as error:
            raise click.ClickException(f"no chart: {error}") from None
        except OSError as error:
            raise click.ClickException(f"{chart} cannot be written ({error.strerror})") from None
        click.echo(f"{chart} written", err=True)


@bench.command()
@click.option("--vacancies", "count", default=50_000, show_default=True, type=click.IntRange(1))
@click.option("--people", default=500, show_default=True, type=click.IntRange(10))
@click.option("-k", "k", default=50, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def vacancies(count: int, people: int, k: int, seed: int, as_json: bool) -> None:
    """A person's vacancies: the top k of synthetic vacancies for synthetic people with wishes."""
    from benchmarks.directions import measure_vacancies

    figures = measure_vacancies(read_taxonomy(), count, people, k, seed)
    if as_json:
        print_json(dataclasses.asdict(figures))
        return
    click.echo(
        f"{figures.vacancies:,} vacancies with {figures.requirements:,} different requirements, "
        f"{figures.bytes / 1e6:.0f} MB, built in {figures.build:.1f} s"
    )
    click.echo(f"{figures.people:,} people, median {figures.found} vacancies in the answer")
    click.echo(f"p50 {figures.p50:.2f} ms   p95 {figures.p95:.2f} ms   p99 {figures.p99:.2f} ms")


@bench.command()
@click.option("--vacancies", "count", default=20_000, show_default=True, type=click.IntRange(1))
@click.option("--people", default=270_000, show_default=True, type=click.IntRange(100))
@click.option("-k", "k", default=50, show_default=True, type=click.IntRange(1))
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def shortlists(count: int, people: int, k: int, processes: int, seed: int, as_json: bool) -> None:
    """Every vacancy's shortlist: the exact top k of all people, for all vacancies in a row."""
    from benchmarks.directions import measure_shortlists

    figures = measure_shortlists(read_taxonomy(), count, people, k, processes, seed)
    if as_json:
        print_json(dataclasses.asdict(figures))
        return
    click.echo(
        f"{figures.people:,} people, {figures.bytes / 1e6:.0f} MB, built in {figures.build:.1f} s"
    )
    each = 1000 * figures.seconds / figures.vacancies
    click.echo(
        f"{figures.vacancies:,} shortlists of the first {figures.k} in {figures.seconds:.1f} s by "
        f"{figures.processes} process(es), {each:.2f} ms each, {figures.found:,} people on them"
    )
