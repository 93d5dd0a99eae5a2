"""Commands that start and prepare the service."""

import os
import socket
import threading
import time
from datetime import date

import click

from matcher import encoder_process
from matcher.encoder import SOCKET_NAME
from matcher.warming import compile_kernels
from models import migrations
from web import database, server
from web.cli import open_app, progress, require_current_database, titian
from web.services import demo_data, matching, reference
from web.settings import Settings, load_settings


@titian.command()
def migrate() -> None:
    """Bring the database to the newest version and load places and taxonomy."""
    with open_app().app_context():
        _prepare()


@titian.command()
def demo() -> None:
    """Migrate, load the synthetic demo once, and serve it."""
    settings = load_settings()
    if settings.environment == "production":
        raise click.ClickException("demo data is not for TITIAN_ENVIRONMENT=production")
    _refuse_taken_port(settings)
    with open_app(settings).app_context():
        _prepare()
        session = database.session()
        if demo_data.is_empty(session):
            click.echo("Loading the demo: everybody in it is made up …")
            demo_data.load(session, date.today(), progress)  # noqa: DTZ011
        _print_sign_ins(settings, demo_data.sign_ins(session))
        database.close()
    server.replace_process()


@titian.command()
def serve() -> None:
    """Serve with gunicorn; the database must be migrated."""
    settings = load_settings()
    _refuse_taken_port(settings)
    with open_app(settings).app_context():
        require_current_database()
        session = database.session()
        if settings.environment == "production" and demo_data.is_loaded(session):
            raise click.ClickException("production refuses a database with demo data")
        _refresh_engine()
        database.close()
    click.echo(f"Titian: http://{settings.address}")
    server.replace_process()


@titian.command()
def encoder() -> None:
    """Hold a sentence-transformers model for the web workers (started by `serve` itself)."""
    settings = load_settings()
    model = server.encoder_model(settings)
    parent = os.environ.get("TITIAN_PARENT")
    if parent:
        threading.Thread(target=_end_with, args=(int(parent),), daemon=True).start()
    encoder_process.serve(model, settings.home / "cache" / SOCKET_NAME)


def _prepare() -> None:
    migrations.upgrade(database.engine())
    session = database.session()
    if reference.load(session):
        click.echo("Places and taxonomy loaded")
    session.commit()
    _refresh_engine()


def _refresh_engine() -> None:
    """Prepare what the workers will map: compiled kernels, embeddings, the people's snapshot."""
    compile_kernels()
    session = database.session()
    matching.engine().state(session)
    reference.refresh_text_vectors(session)
    session.commit()


def _refuse_taken_port(settings: Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise click.ClickException(
                f"{settings.address} cannot be used ({error.strerror}); "
                "choose another with TITIAN_PORT"
            ) from None


def _print_sign_ins(settings: Settings, ways: list[demo_data.DemoSignIn]) -> None:
    click.echo(f"\nTitian: http://{settings.address}\n")
    for way in ways:
        click.echo(f"  {way.audience:<9} {way.name:<28} {way.secret:<18} {way.who}")
    click.echo("\nEverybody in the demo is made up. Stop with Ctrl-C.\n")


def _end_with(parent: int) -> None:
    """End this process when the server that started it is gone."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)
