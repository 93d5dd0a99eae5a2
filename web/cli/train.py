"""`titian taxonomy train`: the adapter and the fusion of likenesses, fitted on our own words."""

from pathlib import Path

import click

from matcher.adapter import SHIPPED as ADAPTER_FILE
from matcher.adapter import AdaptedEncoder
from matcher.encoder import BUILTIN, SENTENCE_TRANSFORMERS, BuiltinEncoder
from matcher.fusion import SHIPPED as FUSION_FILE
from seed_data.region_files import read_regions
from seed_data.taxonomy_files import read_taxonomy
from web.cli.taxonomy import taxonomy
from web.settings import load_settings


@taxonomy.command()
@click.option("--epochs", default=30, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    default=Path("../shared/data"),
    show_default=True,
    help="folder of real job titles; the development part of the gold set calibrates on them",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="write adapter.npz and linking.json here instead of over those that ship",
)
@click.option(
    "--fine-tune",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="train the whole model of TITIAN_ENCODER=st:… on the same pairs and save it to FOLDER",
)
def train(
    epochs: int, seed: int, reference: Path, out: Path | None, fine_tune: Path | None
) -> None:
    """Fit the adapter and the weights that fuse likenesses on the taxonomy's own words.

    The same seed gives the same files. Held-out wordings and the test part of the gold set are
    never touched. Takes some minutes on 2 cores.
    """
    from matcher import training  # torch and scikit-learn, for this command alone

    settings = load_settings()
    ours = read_taxonomy()
    if fine_tune is not None:
        if settings.encoder == BUILTIN:
            raise click.ClickException(
                "--fine-tune needs TITIAN_ENCODER=st:HUB_ID or st:/folder; the built-in is frozen"
            )
        model = settings.encoder.removeprefix(SENTENCE_TRANSFORMERS)
        training.fine_tune(ours, model, fine_tune, epochs, seed)
        click.echo(f"{fine_tune} holds the model: use TITIAN_ENCODER=st:{fine_tune}")
        return
    from matcher.embeddings import centred, labels, raw_vectors

    cache = settings.home / "cache"
    base = BuiltinEncoder()
    targets, texts = labels(ours)
    raw = raw_vectors(base, texts, cache, show_progress=True)
    adapter = training.train_adapter(
        ours,
        targets,
        texts,
        raw,
        base.name,
        training.TrainingSettings(epochs=epochs, seed=seed),
        show_progress=True,
    )
    folder = out or ADAPTER_FILE.parent
    folder.mkdir(parents=True, exist_ok=True)
    adapter.save(folder / ADAPTER_FILE.name)
    adapter = type(adapter).load(folder / ADAPTER_FILE.name)  # as it ships: in float16
    encoder = AdaptedEncoder(base, adapter)
    vectors = adapter.apply(raw)
    mean = vectors.mean(axis=0)
    titles = _titles(reference)
    fusions = training.fit_fusions(
        ours,
        targets,
        texts,
        centred(vectors, mean),
        titles,
        lambda asked: centred(encoder.encode(list(asked)), mean),
        seed,
    )
    fusions.save(folder / FUSION_FILE.name)
    click.echo(f"{folder / ADAPTER_FILE.name}, {folder / FUSION_FILE.name} written")


def _titles(reference: Path) -> list:
    """The titles of the gold set that may be tuned on; none, and said so, without the reference data."""
    from benchmarks.quality.gold import OUTSIDE, TUNED_ON, read_gold
    from benchmarks.quality.labels import DataMissing
    from matcher.training import LabelledTitle
    from matcher.vacancy_text import job_title

    places = {row["place"]: row["region"] for row in read_regions("places")}
    ours = read_taxonomy()
    try:
        titles = [title for part in TUNED_ON for title in read_gold(part, ours, data=reference)]
    except DataMissing as missing:
        click.echo(f"{missing}: calibrating on our own words alone", err=True)
        return []
    return [
        LabelledTitle(
            job_title(title.title, places),
            frozenset() if title.label == OUTSIDE else title.accepted - {OUTSIDE},
        )
        for title in titles
    ]
