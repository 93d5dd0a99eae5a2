"""The Flask application: puts the parts together and nothing else."""

import hashlib
import secrets

from flask import Flask, abort, g, render_template, request
from flask_compress import Compress
from flask_wtf.csrf import CSRFError, CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from whitenoise import WhiteNoise

from models.columns import use_data_key
from web import (
    accounts,
    database,
    demo,
    employers,
    formats,
    i18n,
    navigation,
    officers,
    people,
    public,
    trainers,
)
from web.permissions import actor, refuse_open_routes
from web.services import matching
from web.settings import ROOT, Settings, load_settings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
STATIC_YEAR = 365 * 24 * 3600


def create_app(settings: Settings | None = None) -> Flask:
    """The web application for the given settings (default: the environment's).

    Raises SettingsError for a wrong setting. Never imports torch.
    """
    settings = settings or load_settings()
    app = Flask("web", root_path=str(ROOT / "web"), static_folder=None)
    app.config.update(
        SETTINGS=settings,
        DATABASE_URL=settings.database,
        SECRET_KEY=settings.secret(),
        SESSION_COOKIE_NAME="titian",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=settings.upload_megabytes * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        COMPRESS_ALGORITHM=["br", "gzip"],
    )
    use_data_key(settings.data_key_bytes())
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_loader = ChoiceLoader(
        [
            PackageLoader("web"),
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    _add_headers(app)  # first, so that what the others refuse has a request id too
    CSRFProtect(app)
    Compress(app)
    WTFormsHelpers(app)
    database.init_app(app)
    i18n.init_app(app)
    formats.init_app(app)
    navigation.init_app(app)
    demo.init_app(app)
    accounts.init_app(app)
    matching.init_app(app)
    for audience in (public, employers, officers, people, trainers):
        app.register_blueprint(audience.blueprint)
    _serve_static(app)
    _refuse_nul(app)
    _add_error_pages(app)
    app.context_processor(lambda: {"actor": actor(), "settings": settings})
    refuse_open_routes(app)
    return app


def _serve_static(app: Flask) -> None:
    """Static files by WhiteNoise; the address carries a digest, so browsers may keep them."""
    static = ROOT / "web" / "static"
    digests: dict[str, str] = {}

    def static_address(name: str) -> str:
        if name not in digests:
            digests[name] = hashlib.sha256((static / name).read_bytes()).hexdigest()[:8]
        return f"/static/{name}?v={digests[name]}"

    app.jinja_env.globals["static"] = static_address
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=str(static), prefix="static/", max_age=STATIC_YEAR
    )


def _refuse_nul(app: Flask) -> None:
    """Answer 400 to a NUL byte in address, form or file name: PostgreSQL cannot keep one."""

    @app.before_request
    def refuse_nul() -> None:
        given = [request.path]
        for values in (request.args, request.form):
            given += [text for pair in values.items(multi=True) for text in pair]
        given += [file.filename or "" for file in request.files.values()]
        if any("\0" in text for text in given):
            abort(400)


def _add_headers(app: Flask) -> None:
    @app.before_request
    def name_request() -> None:
        g.request_id = secrets.token_hex(8)

    @app.after_request
    def add_headers(response):
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Permissions-Policy"] = "geolocation=(), camera=(), microphone=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response


ERROR_PAGES = (400, 401, 403, 404, 405, 409, 413, 429, 500, 503)


def _add_error_pages(app: Flask) -> None:
    def error_page(error):
        code = getattr(error, "code", 500)
        if code not in ERROR_PAGES:
            code = 500
        return render_template("public/error.html", code=code, csrf=False), code

    for code in ERROR_PAGES:
        app.register_error_handler(code, error_page)

    @app.errorhandler(CSRFError)
    def csrf_error(_error):
        return render_template("public/error.html", code=400, csrf=True), 400
