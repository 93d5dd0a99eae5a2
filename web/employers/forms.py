"""Forms of the employers' pages."""

from datetime import date

from flask_babel import lazy_gettext as _

from models.enums import HOURS_LABELS, VACANCY_TRAIT_LABELS, Education
from web.forms import (
    AtMost,
    ChecksField,
    ChoiceField,
    DayField,
    Filled,
    Form,
    LongTextField,
    RupiahField,
    SendField,
    TextField,
    ValidationError,
    WholeNumberField,
    flags,
    in_digits,
    members,
)
from web.services.vacancies import LONGEST_TEXT, LONGEST_TITLE


class VacancyTextForm(Form):
    title = TextField(
        _("Nama pekerjaan"),
        [Filled(_("Tulis nama pekerjaan, misalnya Juru las SMAW.")), AtMost(LONGEST_TITLE)],
        description=_("Seperti di papan lowongan. Contoh: Juru las SMAW"),
    )
    text = LongTextField(
        _("Isi lowongan"),
        [Filled(_("Tulis atau tempel isi lowongan.")), AtMost(LONGEST_TEXT)],
        description=_(
            "Tulis dengan kata-kata Anda: tugas, syarat, tempat, upah, jam kerja. Titian membacanya, "
            "lalu Anda memeriksa. Paling banyak %(most)s huruf.",
            most=in_digits(LONGEST_TEXT),
        ),
        render_kw={"rows": 12},
    )
    send = SendField(_("Baca lowongan ini"))


class VacancyForm(Form):
    title = TextField(
        _("Nama pekerjaan"), [Filled(_("Tulis nama pekerjaan.")), AtMost(LONGEST_TITLE)]
    )
    occupation = ChoiceField(_("Jenis pekerjaan"), validate_choice=True)
    region = ChoiceField(_("Kabupaten atau kota tempat kerja"), validate_choice=True)
    positions = WholeNumberField(_("Jumlah orang"), 1, 1000, [Filled(_("Tulis jumlah orang."))])
    wage_min = RupiahField(_("Upah paling sedikit, rupiah per bulan"))
    wage_max = RupiahField(_("Upah paling banyak, rupiah per bulan"))
    hours = ChecksField(
        _("Waktu kerja"),
        coerce=int,
        choices=flags(HOURS_LABELS),
    )
    education = ChoiceField(
        _("Pendidikan paling rendah"),
        choices=members(Education),
        description=_("Isi hanya bila pekerjaan atau hukum benar-benar memerlukannya."),
    )
    traits = ChecksField(
        _("Pekerjaan ini meliputi"),
        coerce=int,
        choices=flags(VACANCY_TRAIT_LABELS),
    )
    start_on = DayField(_("Mulai bekerja"), description=_("Contoh: 1 12 2026. Boleh kosong."))
    added = LongTextField(
        _("Tambah syarat"),
        [AtMost(2000)],
        description=_("Satu syarat tiap baris. Boleh kosong."),
        render_kw={"rows": 3},
    )
    send = SendField(_("Simpan dan tayangkan"))

    def validate_wage_max(self, field: RupiahField) -> None:
        if (
            field.data is not None
            and self.wage_min.data is not None
            and field.data < self.wage_min.data
        ):
            raise ValidationError(
                str(_("Upah paling banyak lebih kecil daripada upah paling sedikit."))
            )

    def validate_start_on(self, field: DayField) -> None:
        if field.data is not None and not 2020 <= field.data.year <= date.today().year + 5:  # noqa: DTZ011
            raise ValidationError(str(_("Periksa tahunnya.")))
