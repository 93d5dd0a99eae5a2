"""Forms of the trainers' pages."""

from datetime import date

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from govuk_frontend_wtf.wtforms_widgets import GovFileInput

from models.enums import Education, Gender, PersonStatus
from web.forms import (
    AtMost,
    ChecksField,
    ChoiceField,
    DayField,
    Filled,
    Form,
    RadiosField,
    SendField,
    TextField,
    ValidationError,
    WholeNumberField,
    members,
    options,
    sentence,
)
from web.services import accounts, cells
from web.services.cells import CellError
from web.services.certificates import LONGEST_NUMBER, normal_number
from web.services.training_imports import KIND_LABELS


def _today() -> date:
    return date.today()  # noqa: DTZ011


def is_not_in_the_future(_form: Form, field: DayField) -> None:
    if field.data is not None and field.data > _today():
        raise ValidationError(str(_("Tanggal ini belum tiba.")))


class PersonForm(Form):
    full_name = TextField(
        _("Nama lengkap"),
        [Filled(_("Tulis nama lengkap.")), AtMost(200)],
        description=_("Seperti di KTP. Satu kata juga boleh."),
    )
    nik = TextField(
        _("NIK"),
        [Filled(_("Tulis NIK."))],
        description=_("16 angka"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    phone = TextField(
        _("Nomor telepon"),
        description=_("Dipakai untuk masuk. Boleh diisi nanti. Contoh: 0812 3456 7890"),
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    gender = RadiosField(
        _("Jenis kelamin"),
        choices=[*options([("", _("Tidak diisi"))]), *members(Gender)],
        description=_("Hanya untuk memeriksa bahwa semua diperlakukan sama."),
        validate_choice=True,
        default="",
    )
    birth_date = DayField(
        _("Tanggal lahir"), [is_not_in_the_future], description=_("Boleh kosong.")
    )
    status = ChoiceField(_("Status"), choices=members(PersonStatus))
    expected_release = DayField(_("Perkiraan bebas"), description=_("Contoh: 15 2 2027"))
    home = ChoiceField(_("Kabupaten atau kota asal"), validate_choice=True)
    education = ChoiceField(_("Pendidikan terakhir"), choices=members(Education))
    send = SendField(_("Daftarkan peserta"))

    def validate_nik(self, field: TextField) -> None:
        try:
            field.data = cells.nik(field.data or "")
        except CellError as error:
            raise ValidationError(sentence(error)) from None

    def validate_phone(self, field: TextField) -> None:
        if (field.data or "").strip() and accounts.normal_phone(field.data) is None:
            raise ValidationError(str(_("Tulis nomor telepon lengkap, misalnya 0812 3456 7890.")))

    def validate_home(self, field: ChoiceField) -> None:
        if not field.data:
            raise ValidationError(str(_("Pilih kabupaten atau kota.")))

    def validate_expected_release(self, field: DayField) -> None:
        if self.status.data == PersonStatus.IN_CUSTODY.value and field.data is None:
            raise ValidationError(str(_("Tulis perkiraan bebas selama masih menjalani pembinaan.")))


class PhoneForm(Form):
    phone = TextField(
        _("Nomor telepon baru"),
        [Filled(_("Tulis nomor telepon."))],
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    send = SendField(_("Simpan nomor"))

    def validate_phone(self, field: TextField) -> None:
        if accounts.normal_phone(field.data or "") is None:
            raise ValidationError(str(_("Tulis nomor telepon lengkap, misalnya 0812 3456 7890.")))


class TrainingForm(Form):
    scheme = ChoiceField(_("Skema pelatihan"), validate_choice=True)
    hours = WholeNumberField(
        _("Jam pelatihan"), 1, 5000, [Filled(_("Tulis jumlah jam pelatihan."))]
    )
    started_on = DayField(_("Mulai"), [Filled(_("Tulis tanggal mulai.")), is_not_in_the_future])
    finished_on = DayField(
        _("Selesai"), [is_not_in_the_future], description=_("Kosongkan bila masih berjalan.")
    )
    send = SendField(_("Simpan pelatihan"))

    def validate_scheme(self, field: ChoiceField) -> None:
        if not field.data:
            raise ValidationError(str(_("Pilih skema.")))

    def validate_finished_on(self, field: DayField) -> None:
        if field.data and self.started_on.data and field.data < self.started_on.data:
            raise ValidationError(str(_("Selesai sebelum mulai. Periksa tanggalnya.")))


class SchemeForm(Form):
    """The first step of a certificate: which scheme; read from the address."""

    class Meta(Form.Meta):
        csrf = False

    scheme = ChoiceField(_("Skema sertifikasi"), validate_choice=True)


class CertificateForm(Form):
    lsp_name = TextField(
        _("Lembaga Sertifikasi Profesi (LSP)"), [Filled(_("Tulis nama LSP.")), AtMost(200)]
    )
    number = TextField(
        _("Nomor sertifikat"),
        [Filled(_("Tulis nomor sertifikat.")), AtMost(80)],
        render_kw={"autocomplete": "off"},
    )
    issued_on = DayField(
        _("Tanggal terbit"), [Filled(_("Tulis tanggal terbit.")), is_not_in_the_future]
    )
    expires_on = DayField(_("Berlaku sampai"), [Filled(_("Tulis sampai kapan berlaku."))])
    level = ChoiceField(
        _("Level KKNI"), choices=options((str(level), str(level)) for level in range(1, 10))
    )
    units = ChecksField(_("Unit kompetensi yang lulus"))
    send = SendField(_("Simpan sertifikat"))

    def validate_number(self, field: TextField) -> None:
        if len(normal_number(field.data or "")) > LONGEST_NUMBER:
            raise ValidationError(str(_("Nomor sertifikat paling banyak 80 huruf.")))

    def validate_expires_on(self, field: DayField) -> None:
        if field.data and self.issued_on.data and field.data <= self.issued_on.data:
            raise ValidationError(
                str(_("Sertifikat habis sebelum atau pada hari terbit. Periksa tanggalnya."))
            )

    def validate_units(self, field: ChecksField) -> None:
        if not field.data:
            raise ValidationError(str(_("Pilih paling sedikit satu unit.")))


class ImportForm(Form):
    kind = RadiosField(
        _("Isi berkas"),
        choices=options((kind.value, label) for kind, label in KIND_LABELS.items()),
        default="people",
        validate_choice=True,
    )
    file = FileField(
        _("Berkas CSV atau Excel (.xlsx)"),
        [FileRequired(_("Pilih berkas dari komputer Anda."))],
        widget=GovFileInput(),
    )


class SearchForm(Form):
    """Read from the address; needs no CSRF token."""

    class Meta(Form.Meta):
        csrf = False

    text = TextField(_("Nama"), [AtMost(100)])
