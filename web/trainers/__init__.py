"""What trainers see: people, training and certificates of their facility."""

from flask import Blueprint

blueprint = Blueprint("trainers", __name__, url_prefix="/pelatihan")

from web.trainers import views  # noqa: E402, F401  (registers the routes)
