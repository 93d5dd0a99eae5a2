"""Forms of a person's own pages."""

from flask_babel import lazy_gettext as _

from models.enums import HOURS_LABELS, Mobility
from web.forms import (
    ChecksField,
    ChoiceField,
    Filled,
    Form,
    RadiosField,
    RupiahField,
    SendField,
    TextField,
    ValidationError,
    WholeNumberField,
    flags,
    members,
)
from web.services import cells
from web.services.accounts import is_easy_pin


class WishesForm(Form):
    first_trade = ChoiceField(_("Pekerjaan yang Anda mau"), validate_choice=True)
    second_trade = ChoiceField(_("Pekerjaan lain yang Anda mau"), validate_choice=True)
    mobility = RadiosField(
        _("Seberapa jauh Anda mau bekerja?"),
        choices=members(Mobility),
        validate_choice=True,
    )
    commute_km = WholeNumberField(
        _("Paling jauh dari rumah, dalam kilometer"), 0, 500, [Filled(_("Tulis jaraknya."))]
    )
    hours = ChecksField(
        _("Kapan Anda bisa bekerja?"),
        coerce=int,
        choices=flags(HOURS_LABELS),
    )
    least_wage = RupiahField(
        _("Upah paling sedikit yang Anda mau, per bulan"), description=_("Boleh kosong.")
    )
    send = SendField(_("Simpan"))

    def validate_hours(self, field: ChecksField) -> None:
        if not field.data:
            raise ValidationError(str(_("Pilih paling sedikit satu waktu kerja.")))


class PinForm(Form):
    pin = TextField(
        _("PIN baru, 6 angka"),
        [Filled(_("Tulis 6 angka."))],
        description=_("Dipakai untuk masuk lain kali, sebagai ganti kode."),
        render_kw={"inputmode": "numeric", "autocomplete": "new-password"},
    )
    send = SendField(_("Simpan PIN"))

    def validate_pin(self, field: TextField) -> None:
        given = (field.data or "").strip()
        if not cells.is_digits(given, 6):
            raise ValidationError(str(_("PIN terdiri dari 6 angka.")))
        if is_easy_pin(given):
            raise ValidationError(str(_("PIN ini mudah ditebak. Pilih angka lain.")))
        field.data = given
