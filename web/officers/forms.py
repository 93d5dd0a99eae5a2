"""Forms of the officers' pages."""

from datetime import date

from flask_babel import lazy_gettext as _

from models.enums import RestrictionKind
from web.forms import (
    AtMost,
    ChoiceField,
    DayField,
    Filled,
    Form,
    LongTextField,
    RadiosField,
    SendField,
    TextField,
    ValidationError,
    members,
    options,
)


class RestrictionForm(Form):
    kind = RadiosField(
        _("Syarat pembimbingan"),
        choices=members(RestrictionKind),
        validate_choice=True,
    )
    legal_basis = TextField(
        _("Dasar hukum atau surat keputusan"),
        [Filled(_("Tulis dasar hukum atau nomor surat keputusan.")), AtMost(300)],
    )
    decided_by = TextField(
        _("Diputuskan oleh"), [Filled(_("Tulis siapa yang memutuskan.")), AtMost(200)]
    )
    until = DayField(_("Berlaku sampai"), description=_("Boleh kosong."))
    send = SendField(_("Simpan syarat"))

    def validate_until(self, field: DayField) -> None:
        if field.data is not None and field.data < date.today():  # noqa: DTZ011
            raise ValidationError(str(_("Tanggal ini sudah lewat.")))


class NoteForm(Form):
    text = LongTextField(
        _("Catatan baru"),
        [Filled(_("Tulis catatannya.")), AtMost(4000)],
        description=_("Hanya petugas Bapas ini yang bisa membacanya."),
    )
    send = SendField(_("Simpan catatan"))


class ReportForm(Form):
    reported_on = DayField(_("Tanggal lapor"), [Filled(_("Tulis tanggal lapor."))])
    is_working = RadiosField(
        _("Sedang bekerja?"),
        choices=options([("yes", _("Ya")), ("no", _("Tidak"))]),
        validate_choice=True,
    )
    send = SendField(_("Catat lapor"))

    def validate_reported_on(self, field: DayField) -> None:
        if field.data is not None and field.data > date.today():  # noqa: DTZ011
            raise ValidationError(str(_("Tanggal ini belum tiba.")))


class SearchForm(Form):
    """Read from the address; needs no CSRF token."""

    class Meta(Form.Meta):
        csrf = False

    text = TextField(_("Kata"), [AtMost(100)])
    province = ChoiceField(_("Provinsi"), validate_choice=True)
    occupation = ChoiceField(_("Pekerjaan"), validate_choice=True)
    available_by = ChoiceField(_("Bisa mulai"), validate_choice=True)
