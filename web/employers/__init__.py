"""What employers see: their vacancies, anonymous competency cards, introductions."""

from flask import Blueprint

blueprint = Blueprint("employers", __name__, url_prefix="/perusahaan")

from web.employers import views  # noqa: E402, F401  (registers the routes)
