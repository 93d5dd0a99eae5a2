"""Forms of the public pages."""

from flask_babel import lazy_gettext as _

from web.forms import (
    AtMost,
    ChoiceField,
    Filled,
    Form,
    SecretField,
    SendField,
    TextField,
    ValidationError,
    password_is_good,
)
from web.services import accounts, cells
from web.services.accounts import LEAST_PASSWORD


def email_is_real(_form: Form, field: TextField) -> None:
    try:
        field.data = accounts.whole_email(field.data or "")
    except accounts.EmailMisshapen:
        raise ValidationError(
            str(_("Tulis alamat surel yang lengkap, misalnya nama@perusahaan.co.id."))
        ) from None


class StaffSignInForm(Form):
    email = TextField(
        _("Surel"), [Filled(_("Tulis alamat surel Anda."))], render_kw={"autocomplete": "username"}
    )
    password = SecretField(
        _("Kata sandi"),
        [Filled(_("Tulis kata sandi Anda."))],
        render_kw={"autocomplete": "current-password"},
    )
    send = SendField(_("Masuk"))


class PersonSignInForm(Form):
    phone = TextField(
        _("Nomor telepon"),
        [Filled(_("Tulis nomor telepon Anda."))],
        description=_("Contoh: 0812 3456 7890"),
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    code = TextField(
        _("Kode dari petugas, atau PIN Anda"),
        [Filled(_("Tulis kode dari petugas atau PIN Anda."))],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    send = SendField(_("Masuk"))


class EmployerRegistrationForm(Form):
    company = TextField(
        _("Nama perusahaan atau usaha"),
        [Filled(_("Tulis nama perusahaan atau usaha.")), AtMost(200)],
        render_kw={"autocomplete": "organization"},
    )
    nib = TextField(
        _("Nomor Induk Berusaha (NIB)"),
        description=_("13 angka. Boleh diisi nanti."),
        render_kw={"inputmode": "numeric"},
    )
    region = ChoiceField(_("Kabupaten atau kota"), validate_choice=True)
    name = TextField(
        _("Nama Anda"),
        [Filled(_("Tulis nama Anda.")), AtMost(200)],
        render_kw={"autocomplete": "name"},
    )
    email = TextField(
        _("Surel"),
        [Filled(_("Tulis alamat surel Anda.")), email_is_real],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )
    password = SecretField(
        _("Kata sandi"),
        [Filled(_("Buat kata sandi.")), password_is_good],
        description=_("%(least)s huruf atau lebih.", least=LEAST_PASSWORD),
        render_kw={"autocomplete": "new-password"},
    )
    send = SendField(_("Daftar"))

    def validate_nib(self, field: TextField) -> None:
        field.data = "".join((field.data or "").split())
        if field.data and not cells.is_digits(field.data, 13):
            raise ValidationError(
                str(_("NIB terdiri dari 13 angka. Periksa lagi, atau kosongkan."))
            )

    def validate_region(self, field: ChoiceField) -> None:
        if not field.data:
            raise ValidationError(str(_("Pilih kabupaten atau kota.")))
