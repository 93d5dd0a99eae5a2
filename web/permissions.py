"""Who may do what: one place that routes, services and templates ask.

A route names its permission with `@requires(...)`; a route that names none is refused at start, so
nothing is open by forgetting. Which objects an actor may touch (an employer's own vacancies, the
clients of an officer's own Bapas, the people of a trainer's own facility) is decided by the
services, which take the actor and find nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any

from flask import Flask, abort, g, redirect, request, url_for
from flask_login import current_user

from models.enums import RoleName


class Permission(Enum):
    """What a route lets somebody do. The value says it in words."""

    PUBLIC = "see public pages"
    ACCOUNT = "use one's own account"
    OWN_VACANCIES = "write the employer's own vacancies and see anonymous cards for them"
    OWN_INTRODUCTIONS = "ask for introductions and follow the employer's own"
    CLIENTS = "see and guide the clients of the officer's Bapas"
    MATCHES = "see vacancies and rank clients for them"
    PROPOSE = "propose an introduction for a client"
    OWN_OPPORTUNITIES = "see one's own opportunities, card and data"
    OWN_CONSENT = "say yes or no to introductions and to being listed"
    TRAINING = "register people, training and certificates of the trainer's facility"
    VERIFY = "verify certificates of the trainer's facility"


EVERYBODY = frozenset(RoleName)

ALLOWED: dict[Permission, frozenset[RoleName]] = {
    Permission.ACCOUNT: EVERYBODY,
    Permission.OWN_VACANCIES: frozenset({RoleName.EMPLOYER}),
    Permission.OWN_INTRODUCTIONS: frozenset({RoleName.EMPLOYER}),
    Permission.CLIENTS: frozenset({RoleName.OFFICER}),
    Permission.MATCHES: frozenset({RoleName.OFFICER}),
    Permission.PROPOSE: frozenset({RoleName.OFFICER}),
    Permission.OWN_OPPORTUNITIES: frozenset({RoleName.PERSON}),
    Permission.OWN_CONSENT: frozenset({RoleName.PERSON}),
    Permission.TRAINING: frozenset({RoleName.TRAINER}),
    Permission.VERIFY: frozenset({RoleName.TRAINER}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in this request, and on whose behalf. Exactly the ids of its role are set."""

    user_id: int
    role: RoleName
    language: str
    name: str
    employer_id: int | None = None
    bapas_id: int | None = None
    facility_id: int | None = None
    person_id: int | None = None

    def may(self, permission: Permission) -> bool:
        return permission is Permission.PUBLIC or self.role in ALLOWED[permission]


def actor() -> Actor | None:
    """The signed-in actor of this request, or None."""
    if "actor" not in g:
        g.actor = _find_actor()
    return g.actor


def the_actor() -> Actor:
    """The signed-in actor; for routes behind a permission."""
    found = actor()
    if found is None:
        abort(401)
    return found


def _find_actor() -> Actor | None:
    from web.services import accounts  # services know permissions, not the other way round

    if not current_user.is_authenticated:
        return None
    return accounts.actor_of(current_user)


def requires(permission: Permission) -> Callable:
    """Decorate a view with the permission it needs.

    The signed-out go to sign-in and come back afterwards; others without the permission get 403.
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if permission is not Permission.PUBLIC:
                found = actor()
                if found is None:
                    back = request.full_path.rstrip("?") if request.method == "GET" else None
                    return redirect(url_for("public.sign_in", next=back))
                if not found.may(permission):
                    abort(403)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    """The permission a route names, or None."""
    return getattr(app.view_functions[endpoint], "permission", None)


def refuse_open_routes(app: Flask) -> None:
    """Raise RuntimeError when a route names no permission."""
    open_routes = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if permission_of(app, rule.endpoint) is None
    ]
    if open_routes:
        raise RuntimeError(f"routes without a permission: {', '.join(sorted(open_routes))}")
