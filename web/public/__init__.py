"""What everybody sees: front page, sign-in, registration, errors."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)

from web.public import views  # noqa: E402, F401  (registers the routes)
