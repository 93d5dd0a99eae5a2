"""Commands about the taxonomy: checking ours, bringing in official ones, joining the two."""

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from sqlmodel import col, select

from models.accounts import User
from models.enums import ExternalSource, LinkStatus
from seed_data.taxonomy_files import TAXONOMY_FOLDER
from web import database
from web.cli import open_app, progress, require_current_database, titian
from web.services import (
    external_files,
    external_linking,
    external_reviews,
    matching,
    tables,
    taxonomy_check,
    taxonomy_imports,
)
from web.services import taxonomy as taxonomies
from web.services.external_files import Concept, Release
from web.services.taxonomy_imports import Changes, LinkChange

PATH = click.argument("path", type=click.Path(path_type=Path))
DRY_RUN = click.option("--dry-run", is_flag=True, help="show what would change, store nothing")
RELEASE = click.option(
    "--release", metavar="TEXT", help="the release's name; read from the file's name when left out"
)
RELINK = click.option(
    "--relink", is_flag=True, help="link every concept again, not only those that changed"
)
LINES = click.option(
    "--lines", default=5, show_default=True, type=click.IntRange(0), help="of each kind to print"
)
SOURCE = click.option(
    "--source", required=True, type=click.Choice([source.value for source in ExternalSource])
)
PLACES_SHOWN = 3
LONGEST_RELEASE = 60


def _two_letters(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not re.fullmatch("[a-z]{2}", value):
        raise click.BadParameter("two letters, like en")
    return value


@titian.group()
def taxonomy() -> None:
    """Occupations, units, schemes and their words."""


@taxonomy.command("check")
@click.argument(
    "folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False
)
def check(folder: Path | None) -> None:
    """Find everything that is wrong in the taxonomy's files; exits with 1 when anything is."""
    report = taxonomy_check.check(folder or TAXONOMY_FOLDER)
    for fault in report.faults:
        click.echo(fault)
    if report.faults:
        click.echo(f"titian: {len(report.faults)} to mend", err=True)
        sys.exit(1)
    for name, count in report.counts.items():
        click.echo(f"{name:<12} {count}")


# Bringing in


@taxonomy.group("import")
def bring() -> None:
    """Bring an official taxonomy in, and join it to ours."""


@bring.command()
@PATH
@click.option(
    "--language",
    default="en",
    show_default=True,
    callback=_two_letters,
    help="of the files, as in their names",
)
@RELEASE
@RELINK
@LINES
@DRY_RUN
def esco(
    path: Path, language: str, release: str | None, relink: bool, lines: int, dry_run: bool
) -> None:
    """ESCO, from the folder or the zip that its portal gives (classification, CSV)."""
    _bring(
        lambda: external_files.read_esco(
            path, language, release, lambda parts: progress(parts, "Reading")
        ),
        relink,
        lines,
        dry_run,
    )


@bring.command()
@PATH
@click.option("--document", help="SKKNI of all units, where the list has no such column")
@RELEASE
@RELINK
@LINES
@DRY_RUN
def skkni(
    path: Path,
    document: str | None,
    release: str | None,
    relink: bool,
    lines: int,
    dry_run: bool,
) -> None:
    """A list of units: columns code and title; level, sector and document where there are any.

    A stored unit is gone when the list names its document and does not hold it.
    """
    _bring(lambda: external_files.read_skkni(path, release, document), relink, lines, dry_run)


@bring.command()
@PATH
@RELEASE
@RELINK
@LINES
@DRY_RUN
def kbji(path: Path, release: str | None, relink: bool, lines: int, dry_run: bool) -> None:
    """The groups of KBJI: columns code (1 to 4 digits) and title; description where there is one."""
    _bring(lambda: external_files.read_kbji(path, release), relink, lines, dry_run)


def _bring(read: Callable[[], Release], relink: bool, lines: int, dry_run: bool) -> None:
    """Read, link and compare without a lock, then compare again and write in one transaction."""
    with open_app().app_context():
        require_current_database()
        release = read()
        if len(release.version) > LONGEST_RELEASE:
            raise click.ClickException(f"--release has at most {LONGEST_RELEASE} characters")
        _print_release(release)
        database.only_read()
        session = database.session()
        state = matching.engine().state(session)
        if not state.taxonomy.units:
            raise click.ClickException("the taxonomy is not loaded: run `titian migrate` first")
        linker = matching.engine().linker(session)
        stored = taxonomy_imports.standing(session, release.source)
        database.close()  # linking takes minutes
        linked = external_linking.propose(
            linker, state.embeddings.space, release, stored, relink, progress
        )
        changes = taxonomy_imports.compare(database.session(), release, linked)
        database.close()
        if not (dry_run or changes.is_empty):
            with database.writing_session() as writing:
                changes = taxonomy_imports.store(writing, None, release, linked)
        _print_changes(changes, lines)


def _print_release(release: Release) -> None:
    version = f" {release.version}" if release.version else ""
    click.echo(
        f"{release.source.value}{version}: {len(release.concepts):,} concepts, "
        f"{len(release.relations):,} relations read"
    )
    for reason, places in sorted(release.left_out.items()):
        if places:
            more = ", …" if len(places) > PLACES_SHOWN else ""
            shown = ", ".join(places[:PLACES_SHOWN])
            click.echo(f"  left out: {len(places):,} {reason} ({shown}{more})")


def _print_changes(changes: Changes, lines: int) -> None:
    _print_some("added", changes.added, lines, _concept_line)
    _print_some("changed", changes.changed, lines, _changed_line)
    _print_some("gone", changes.gone, lines, _concept_line)
    _print_some("back", changes.back, lines, _concept_line)
    _print_some("relations added", changes.relations_added, lines, " ".join)
    _print_some("relations gone", changes.relations_gone, lines, " ".join)
    _print_some("links proposed", changes.links_added, lines, _link_line)
    _print_some("links changed", changes.links_changed, lines, _link_line)
    _print_some("links withdrawn", changes.links_gone, lines, _link_line)
    if changes.lost_targets:
        _print_some(
            "accepted links to a code that ours lacks", changes.lost_targets, lines, _link_line
        )
    if changes.is_empty:
        click.echo("nothing changes")
    elif changes.stored:
        click.echo("stored")
    else:
        click.echo("nothing was stored (--dry-run)")


def _print_some(what: str, entries: list, lines: int, line: Callable[..., str]) -> None:
    click.echo(f"{what:<16} {len(entries):,}")
    for entry in entries[:lines]:
        click.echo(f"  {line(entry)}")
    if lines and len(entries) > lines:
        click.echo("  …")


def _concept_line(concept: Concept) -> str:
    return f"{concept.code}  {concept.title}"


def _changed_line(change: tuple[Concept, Concept]) -> str:
    before, after = change
    parts = (
        f"{name} {_short(old)!r} → {_short(new)!r}"
        for name, old, new in taxonomy_imports.differences(before, after)
    )
    return f"{after.code}  {'; '.join(parts)}"


def _short(text: str) -> str:
    flat = text.replace("\n", " | ")
    return flat if len(flat) <= 60 else f"{flat[:59]}…"


def _link_line(change: LinkChange) -> str:
    before = f" (was {change.before:.2f})" if change.before is not None else ""
    return f"{change.title}  → {change.target}  {change.confidence:.2f}{before}"


# Links


@taxonomy.command()
@SOURCE
@click.option("--below", type=click.FloatRange(0, 1), help="only links less sure than this")
@click.option(
    "--status",
    type=click.Choice([status.value for status in LinkStatus]),
    default=LinkStatus.PROPOSED.value,
    show_default=True,
)
@click.option(
    "--csv",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="write a table to fill in, for `titian taxonomy review`",
)
def links(source: str, below: float | None, status: str, file: Path | None) -> None:
    """List links between official concepts and ours, for review; surest first."""
    with open_app().app_context():
        require_current_database()
        database.only_read()
        session = database.session()
        found = external_reviews.links(
            session,
            taxonomies.load(session),
            ExternalSource(source),
            below,
            LinkStatus(status),
        )
    if file is None:
        for line in found:
            click.echo(f"{line.confidence:.2f}  {line.title}  → {line.target}  {line.ours}")
    else:
        _write(found, file)
    click.echo(f"{len(found):,} links", err=file is None)


def _write(found: Iterable[external_reviews.LinkLine], file: Path) -> None:
    try:
        with file.open("w", encoding="utf-8-sig", newline="") as opened:
            external_reviews.write_csv(found, opened)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written ({error.strerror})") from None


@taxonomy.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--by", metavar="EMAIL", help="account of the reviewer, to be kept with the decisions"
)
def review(file: Path, by: str | None) -> None:
    """Take back a table of `titian taxonomy links --csv` whose column `decision` is filled in.

    accepted, rejected, or proposed to open a decided link again; rows left empty stay as they are.
    """
    with open_app().app_context():
        require_current_database()
        table = tables.read_path(file)
        session = database.session()
        reviewer = None
        if by is not None:
            reviewer = session.exec(select(User).where(col(User.email) == by)).first()
            if reviewer is None:
                raise click.ClickException(f"nobody has an account with the address {by}")
        done = external_reviews.review(session, None, table, reviewer)
    for name in ("accepted", "rejected", "reopened", "unchanged", "undecided"):
        click.echo(f"{name:<10} {getattr(done, name)}")
