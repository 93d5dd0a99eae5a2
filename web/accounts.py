"""Signing in and out: Flask-Security keeps users and passwords; the words and limits are ours."""

from flask import Flask
from flask_security import Security, SQLAlchemySessionUserDatastore
from werkzeug.local import LocalProxy

from models.accounts import Role, User
from models.columns import search_digest
from web import database
from web.services.accounts import LEAST_PASSWORD


def init_app(app: Flask) -> None:
    """Set Flask-Security up without its own pages: ours speak Indonesian and count attempts."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SALT=search_digest("password pepper", ""),  # outlives session keys
        SECURITY_PASSWORD_LENGTH_MIN=LEAST_PASSWORD,
        SECURITY_REGISTERABLE=False,
        SECURITY_SEND_REGISTER_EMAIL=False,
        SECURITY_ANONYMOUS_USER_DISABLED=False,
    )
    datastore = SQLAlchemySessionUserDatastore(LocalProxy(database.session), User, Role)
    Security(app, datastore, register_blueprint=False)
