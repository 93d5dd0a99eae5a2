"""The links under the header, by role."""

from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_babel import gettext as _

from models.enums import RoleName
from web.permissions import actor


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str
    current: bool


def init_app(app: Flask) -> None:
    app.jinja_env.globals["navigation"] = navigation


def navigation() -> list[Link]:
    """The main links of the signed-in actor; none for visitors."""
    found = actor()
    if found is None:
        return []
    entries = {
        RoleName.EMPLOYER: [
            (_("Lowongan saya"), "employers.vacancies"),
            (_("Pengantar"), "employers.introductions"),
        ],
        RoleName.OFFICER: [
            (_("Klien"), "officers.caseload"),
            (_("Lowongan"), "officers.vacancies"),
            (_("Pengantar"), "officers.introductions"),
        ],
        RoleName.PERSON: [
            (_("Lowongan cocok"), "people.opportunities"),
            (_("Tawaran"), "people.introductions"),
            (_("Data saya"), "people.own_data"),
        ],
        RoleName.TRAINER: [
            (_("Peserta"), "trainers.people"),
            (_("Impor berkas"), "trainers.imports"),
        ],
    }.get(found.role, [])
    return [
        Link(text, url_for(endpoint), request.endpoint == endpoint) for text, endpoint in entries
    ]


def home_of(role: RoleName) -> str:
    """The address each audience lands on after signing in."""
    return url_for(
        {
            RoleName.EMPLOYER: "employers.vacancies",
            RoleName.OFFICER: "officers.caseload",
            RoleName.PERSON: "people.opportunities",
            RoleName.TRAINER: "trainers.people",
        }[role]
    )
