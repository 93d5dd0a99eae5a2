"""What a person sees: opportunities, what is missing, introductions, their own data."""

from flask import Blueprint

blueprint = Blueprint("people", __name__, url_prefix="/saya")

from web.people import views  # noqa: E402, F401  (registers the routes)
