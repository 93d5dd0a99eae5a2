"""What officers see: their Bapas's clients, vacancies, matches with every reason."""

from flask import Blueprint

blueprint = Blueprint("officers", __name__, url_prefix="/petugas")

from web.officers import views  # noqa: E402, F401  (registers the routes)
