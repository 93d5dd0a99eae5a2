"""Saying so when the data is made up."""

from flask import Flask
from sqlmodel import select

from models.people import Person
from web import database


def init_app(app: Flask) -> None:
    known: list[bool] = []

    def has_demo_data() -> bool:
        """Whether the database holds synthetic people; looked up once in each worker."""
        if not known:
            known.append(
                database.session()
                .exec(select(Person.id).where(Person.is_synthetic == True).limit(1))  # noqa: E712
                .first()
                is not None
            )
        return known[0]

    app.jinja_env.globals["has_demo_data"] = has_demo_data
