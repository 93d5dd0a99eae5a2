"""The Flask application: puts the parts together and nothing else."""

import contextlib
import hashlib
import secrets
import shutil
import tempfile
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask, abort, g, render_template, request
from flask_compress import Compress
from flask_wtf.csrf import CSRFError, CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

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
from web.services import matching, retrieval
from web.settings import ROOT, Settings, load_settings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
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
    retrieval.init_app(app)
    for audience in (public, employers, officers, people, trainers):
        app.register_blueprint(audience.blueprint)
    _serve_static(app, settings.home / "cache")
    _refuse_nul(app)
    _add_error_pages(app)
    app.context_processor(lambda: {"actor": actor(), "settings": settings})
    refuse_open_routes(app)
    return app


def _serve_static(app: Flask, cache: Path) -> None:
    """Static files by WhiteNoise; the address carries a digest, so browsers may keep them."""
    static = ROOT / "web" / "static"
    digests: dict[str, str] = {}

    def static_address(name: str) -> str:
        if name not in digests:
            digests[name] = hashlib.sha256((static / name).read_bytes()).hexdigest()[:8]
        return f"/static/{name}?v={digests[name]}"

    app.jinja_env.globals["static"] = static_address
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(_with_compressed(static, cache)),
        prefix="static/",
        max_age=STATIC_YEAR,
        add_headers_function=_add_static_headers,
    )


def _add_static_headers(headers: Headers, _path: str, _address: str) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value


def _with_compressed(static: Path, cache: Path) -> Path:
    """A folder in the cache with the static files and a compressed copy of each, made once for
    the same contents; the static folder itself where the cache cannot be written."""
    files = sorted(path for path in static.iterdir() if path.is_file())
    digest = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files))
    folder = cache / f"static-{digest.hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=cache))
        compressor = Compressor(quiet=True)
        for path in files:
            compressor.compress(shutil.copy(path, made))
        with contextlib.suppress(OSError):  # another process was first
            made.rename(folder)
    except OSError:
        return static
    if made.is_dir():
        shutil.rmtree(made)
    return folder


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
        response.headers.update(SECURITY_HEADERS)
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response


PLAIN_ERROR = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><title>Titian</title></head><body><main>
<h1>Ada kesalahan di pihak kami</h1>
<p>Coba lagi sebentar. Data yang sudah tersimpan tetap aman.</p>
<p lang="en">Something went wrong on our side. Try again soon. What was saved is safe.</p>
<p><a href="/">Titian</a></p>
</main></body></html>"""
ERROR_PAGES = (400, 401, 403, 404, 405, 409, 413, 429, 500, 503)


def _add_error_pages(app: Flask) -> None:
    def error_page(error):
        code = getattr(error, "code", 500)
        if code not in ERROR_PAGES:
            code = 500
        try:
            return render_template("public/error.html", code=code, csrf=False), code
        except Exception:  # what broke the page, such as a database that is gone, breaks this too
            app.logger.exception("the page for an error could not be made")
            return PLAIN_ERROR, code

    for code in ERROR_PAGES:
        app.register_error_handler(code, error_page)

    @app.errorhandler(CSRFError)
    def csrf_error(_error):
        return render_template("public/error.html", code=400, csrf=True), 400
