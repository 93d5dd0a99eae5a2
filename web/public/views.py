"""Front page, sign-in, registration and health, for everybody."""

from urllib.parse import urlsplit

from flask import flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security.utils import logout_user
from werkzeug.wrappers import Response

from models.employers import Employer
from web import database
from web.forms import options
from web.i18n import remember_language
from web.navigation import home_of
from web.permissions import Permission, actor, requires
from web.public import blueprint
from web.public.forms import EmployerRegistrationForm, PersonSignInForm, StaffSignInForm
from web.services import accounts, regions

PUBLIC = requires(Permission.PUBLIC)


@blueprint.get("/")
@PUBLIC
def front() -> str:
    return render_template("public/front.html")


@blueprint.route("/masuk", methods=["GET", "POST"])
@PUBLIC
def sign_in() -> str | Response:
    """Sign-in of employers, officers and trainers."""
    form = StaffSignInForm()
    if form.validate_on_submit():
        try:
            user = accounts.sign_in_with_password(
                database.session(), form.email.data, form.password.data, _address()
            )
        except accounts.TooManyAttempts:
            form.password.errors = [_too_many()]
        else:
            if user:
                return _welcome()
            form.password.errors = [_("Surel dan kata sandi tidak cocok. Coba lagi.")]
    return render_template("public/sign_in.html", form=form, back=_back())


@blueprint.route("/masuk/kode", methods=["GET", "POST"])
@PUBLIC
def sign_in_with_code() -> str | Response:
    """Sign-in of people, by phone number and code."""
    form = PersonSignInForm()
    if form.validate_on_submit():
        try:
            user = accounts.sign_in_with_code(
                database.session(), form.phone.data, form.code.data, _address()
            )
        except accounts.TooManyAttempts:
            form.code.errors = [_too_many()]
        else:
            if user:
                return _welcome()
            form.code.errors = [
                _("Nomor dan kode tidak cocok, atau kode sudah habis waktunya. Tanya petugas Anda.")
            ]
    return render_template("public/sign_in_with_code.html", form=form, back=_back())


@blueprint.post("/keluar")
@PUBLIC
def sign_out() -> Response:
    logout_user()
    language = session.get("language")
    session.clear()
    if language:
        remember_language(language)
    answer = redirect(url_for("public.front"))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@blueprint.route("/daftar", methods=["GET", "POST"])
@PUBLIC
def register() -> str | Response:
    """Registration of an employer and its first user."""
    form = EmployerRegistrationForm()
    form.region.choices = options([("", _("Pilih…")), *regions.choices(database.session())])
    if form.validate_on_submit():
        employer = Employer(
            name=form.company.data.strip(),
            nib=form.nib.data or None,
            region_code=form.region.data,
        )
        try:
            accounts.register_employer(
                database.session(),
                form.name.data.strip(),
                form.email.data,
                form.password.data,
                employer,
            )
        except accounts.EmailTaken:
            form.email.errors = [_("Surel ini sudah terdaftar. Masuk, atau pakai surel lain.")]
        except accounts.NibTaken:
            form.nib.errors = [
                _("NIB ini sudah terdaftar. Minta rekan Anda yang sudah punya akun.")
            ]
        else:
            accounts.sign_in_with_password(
                database.session(), form.email.data, form.password.data, _address()
            )
            flash(_("Akun Anda sudah jadi. Sekarang tulis lowongan pertama."), "success")
            g.pop("actor", None)
            return redirect(url_for("employers.new_vacancy"))
    return render_template("public/register.html", form=form)


@blueprint.post("/bahasa")
@PUBLIC
def switch_language() -> Response:
    remember_language(request.form.get("language", ""))
    return redirect(_inside(request.form.get("back", "")) or url_for("public.front"))


@blueprint.get("/healthz")
@PUBLIC
def health() -> tuple[dict, int]:
    """200 while the process answers."""
    return {"status": "ok"}, 200


def _welcome() -> Response:
    g.pop("actor", None)  # somebody else acts from here on
    found = actor()
    home = home_of(found.role) if found else url_for("public.front")
    return redirect(_back() or home)


def _back() -> str:
    return _inside(request.values.get("next", ""))


def _inside(address: str) -> str:
    """The address when it stays on this site, else nothing."""
    try:
        parts = urlsplit(address)
    except ValueError:  # no address at all
        return ""
    is_path = address.startswith("/") and not address.startswith("//") and address.isprintable()
    # browsers read a backslash as a slash
    is_plain = not parts.netloc and not parts.scheme and "\\" not in address
    return address if is_path and is_plain else ""


def _address() -> str:
    return request.remote_addr or ""


def _too_many() -> str:
    return _("Terlalu banyak percobaan. Tunggu 15 menit, lalu coba lagi.")
