"""Commands about accounts of staff."""

import click
from sqlmodel import col, or_, select

from models.enums import RoleName
from models.regions import Bapas, Facility
from web import database
from web.cli import open_app, require_current_database, titian
from web.services import accounts
from web.services.accounts import LEAST_PASSWORD

LONGEST_NAME = 200


@titian.group()
def users() -> None:
    """Accounts of officers and trainers."""


@users.command("add")
@click.option("--role", type=click.Choice(["officer", "trainer"]), required=True)
@click.option("--email", required=True)
@click.option("--name", required=True, help="the user's own name")
@click.option("--place", required=True, help="code or name of the Bapas or facility")
@click.password_option(help=f"{LEAST_PASSWORD} characters or more; asked for when left out")
def add(role: str, email: str, name: str, place: str, password: str) -> None:
    """Give an officer of a Bapas or a trainer of a facility an account."""
    if len(password) < LEAST_PASSWORD:
        raise click.ClickException(f"the password must have {LEAST_PASSWORD} characters or more")
    if len(name) > LONGEST_NAME:
        raise click.ClickException(f"--name: at most {LONGEST_NAME} characters")
    with open_app().app_context():
        require_current_database()
        session = database.session()
        table = Bapas if role == "officer" else Facility
        found = session.exec(
            select(table).where(or_(col(table.code) == place, col(table.name) == place))
        ).first()
        if found is None:
            raise click.ClickException(f"no {table.__name__} with code or name {place!r}")
        try:
            accounts.new_staff(session, RoleName(role), name, email, password, found)
        except accounts.EmailMisshapen:
            raise click.ClickException(
                f"--email: {email!r} is no e-mail address; write it whole, such as name@bapas.example"
            ) from None
        except accounts.EmailTaken:
            raise click.ClickException(f"{email} has an account already") from None
    click.echo(f"{email} may sign in as {role} of {found.name}")
