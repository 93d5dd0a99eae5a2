"""The command that measures how well Titian reads."""

from pathlib import Path

import click

from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import SOCKET_NAME, open_encoder
from matcher.linking import Linker
from seed_data.region_files import read_regions
from seed_data.taxonomy_files import read_taxonomy
from web.cli import titian
from web.cli.output import print_json
from web.settings import load_settings

DATASETS = ("gold", "phrases", "aliases", "vacancies")


@titian.command()
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    type=click.Choice(DATASETS),
    help="only this data set; may be given several times",
)
@click.option(
    "--melo",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="a data set of the MELO benchmark: queries.tsv, corpus_elements.tsv, annotations.tsv",
)
@click.option(
    "--dev", is_flag=True, help="titles and phrases used for tuning, which are never a result"
)
@click.option("--speed", is_flag=True, help="how long reading takes, and nothing else")
@click.option("--seed", default=0, show_default=True, help="of chance, resampling and vacancies")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.svg",
    help="draw R@1 and R@5 there and, beside it, FILE-reliability.svg",
)
def evaluate(
    datasets: tuple[str, ...],
    melo: Path | None,
    dev: bool,
    speed: bool,
    seed: int,
    as_json: bool,
    chart: Path | None,
) -> None:
    """How well titles, skills and whole vacancies are read, beside simpler methods.

    Needs the source tree. Without --dataset, --melo and --dev, everything is measured.
    """
    from benchmarks import linking
    from benchmarks.quality.encodings import Encoders
    from benchmarks.quality.labels import DataError, DataMissing
    from benchmarks.quality.run import Run
    from benchmarks.quality.tables import as_data, as_text

    if chart and chart.suffix != ".svg":
        raise click.ClickException(f"--chart writes SVG: name it {chart.with_suffix('.svg').name}")
    wanted = datasets or (() if melo or dev else DATASETS)
    settings = load_settings()
    cache = settings.home / "cache"
    encoder = open_encoder(settings.encoder, cache / SOCKET_NAME, may_load_torch=True)
    taxonomy = read_taxonomy()
    if speed:
        embeddings = TaxonomyEmbeddings.open(taxonomy, encoder, cache, show_progress=True)
        places = {row["place"]: row["region"] for row in read_regions("places")}
        click.echo(linking.as_text(linking.measure(Linker(taxonomy, encoder, embeddings, places))))
        return
    encoders = Encoders.of(encoder)
    if wanted or dev:
        encoders.plain.remember_taxonomy(taxonomy, cache)
    run = Run(taxonomy, encoders, seed, tell=lambda what: click.echo(f"{what} …", err=True))
    try:
        if "gold" in wanted:
            run.gold()
        if "phrases" in wanted:
            run.phrases()
        if dev:
            run.gold("dev")
            run.phrases("dev")
        if "aliases" in wanted:
            run.aliases()
        if "vacancies" in wanted:
            run.vacancies()
        if melo:
            run.melo(melo)
    except (DataError, DataMissing) as error:
        raise click.ClickException(str(error)) from None
    for reason in run.report.skipped:
        click.echo(f"NOT MEASURED: {reason}", err=True)
    if as_json:
        print_json(as_data(run.report))
    else:
        click.echo(as_text(run.report))
    if chart:
        _draw(run.report.rankings, chart)


def _draw(rankings: list, chart: Path) -> None:
    from benchmarks.quality import charts

    drawn = [figures for figures in rankings if not figures.name.endswith(", dev")]
    try:
        chart.write_text(charts.comparison(drawn), encoding="utf-8")
        beside = chart.with_name(f"{chart.stem}-reliability.svg")
        beside.write_text(
            charts.reliability([entry.reliability for entry in drawn if entry.reliability]),
            encoding="utf-8",
        )
    except ValueError as error:
        raise click.ClickException(f"no chart: {error}") from None
    except OSError as error:
        raise click.ClickException(f"{chart} cannot be written ({error.strerror})") from None
    click.echo(f"{chart} and {beside.name} written", err=True)
