"""Form fields and checks that several pages share; every message says what to do."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovDateInput,
    GovPasswordInput,
    GovRadioInput,
    GovSelect,
    GovSubmitInput,
    GovTextArea,
    GovTextInput,
)
from markupsafe import Markup
from wtforms import (
    DateField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import StopValidation, ValidationError

from models.enums import LabelledEnum
from web.services import accounts, cells
from web.services.cells import CellError


class Form(FlaskForm):
    """A form whose fields come from these classes."""

    class Meta(FlaskForm.Meta):
        locales = ("id", "en")


def sentence(error: CellError) -> str:
    """What is wrong with a cell, as a form says it: with a capital and a full stop."""
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


def in_digits(number: int) -> LazyString:
    """A number as the page's language writes it, for a label that is made before any page."""
    return LazyString(lambda: format_decimal(number))


class Filled:
    """The field must hold something; `message` says what to write."""

    field_flags = {"required": True}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, _form: Form, field: Any) -> None:
        if field.process_errors:  # something stands there that could not be read, and is told
            raise StopValidation()
        if field.data is None or (isinstance(field.data, str) and not field.data.strip()):
            field.errors[:] = []
            raise StopValidation(str(self.message))


class AtMost:
    """Text of at most `length` characters; the message says how many there are."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __call__(self, _form: Form, field: Any) -> None:
        given = len(field.data or "")
        if given > self.length:
            raise ValidationError(
                str(
                    _(
                        "Terlalu panjang: %(given)s huruf. Ringkas menjadi paling banyak %(most)s.",
                        given=format_decimal(given),
                        most=format_decimal(self.length),
                    )
                )
            )


class Kept:
    """Keep the HTML of fields that hold nothing yet or a choice from a list: it is the same for
    everybody, and a long list takes milliseconds to write. What somebody typed is never kept."""

    MOST = 500  # pieces of HTML
    is_typed = True
    _kept: ClassVar[dict[tuple[str, str], Markup]] = {}

    def render(self, params: dict) -> Markup:
        if (self.is_typed and params.get("value")) or params.get("errorMessage"):
            return super().render(params)  # type: ignore[misc]
        key = self.template, repr(params)  # type: ignore[attr-defined]
        html = self._kept.get(key)
        if html is None:
            if len(self._kept) >= self.MOST:
                self._kept.clear()
            html = self._kept[key] = super().render(params)  # type: ignore[misc]
        return html


class TextInput(Kept, GovTextInput):
    pass


class SelectInput(Kept, GovSelect):
    pass


class RadiosInput(Kept, GovRadioInput):
    pass


class ChecksInput(Kept, GovCheckboxesInput):
    pass


class TextField(StringField):
    widget = TextInput()


class LongTextInput(Kept, GovTextArea):
    """The component has rows of its own; a second attribute would not count."""

    def map_gov_params(self, field: Any, **kwargs: Any) -> dict:
        params = super().map_gov_params(field, **kwargs)
        params["rows"] = params["attributes"].pop("rows", 5)
        return params


class LongTextField(TextAreaField):
    widget = LongTextInput()


class SecretInput(Kept, GovPasswordInput):
    """The component's hidden words, in the page's language."""

    def map_gov_params(self, field: Any, **kwargs: Any) -> dict:
        params = super().map_gov_params(field, **kwargs)
        params["autocomplete"] = params["attributes"].pop("autocomplete", "off")
        params["showPasswordText"] = gettext("Tampilkan")
        params["showPasswordAriaLabelText"] = gettext("Tampilkan kata sandi")
        return params


class SecretField(PasswordField):
    widget = SecretInput()


NOT_IN_THE_LIST = _("Pilih salah satu dari daftar.")


def options(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """(value, label) pairs as choices of a field; the labels are shown as they stand."""
    return [SelectChoice(value, label) for value, label in pairs]


def members(enum: type[LabelledEnum]) -> list[SelectChoice]:
    """The members of an enum as choices, in the page's language."""
    return [SelectChoice(member.value, _(member.label)) for member in enum]


def flags(labels: Mapping[Any, str]) -> list[SelectChoice]:
    """Flags with their labels as boxes to tick, in the page's language."""
    return [SelectChoice(int(flag), _(label)) for flag, label in labels.items()]


class ChoiceField(SelectField):
    widget = SelectInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, invalid_choice_message=NOT_IN_THE_LIST, **kwargs)


class RadiosField(RadioField):
    widget = RadiosInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, invalid_choice_message=NOT_IN_THE_LIST, **kwargs)


class ChecksField(SelectMultipleField):
    """Boxes to tick; data holds each ticked value once, so that flags can be added up."""

    widget = ChecksInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, invalid_choice_message=NOT_IN_THE_LIST, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.data = list(dict.fromkeys(self.data or ()))


class SendInput(Kept, GovSubmitInput):
    """A button without an id: a page may hold several forms, and an id only once."""

    is_typed = False

    def map_gov_params(self, field: Any, **kwargs: Any) -> dict:
        return {**super().map_gov_params(field, **kwargs), "id": ""}


class SendField(SubmitField):
    widget = SendInput()


class DayInput(GovDateInput):
    """Three boxes with labels in the page's language; what was typed stays, whatever it was."""

    def map_gov_params(self, field: Any, **kwargs: Any) -> dict:
        typed = (field.raw_data or []) if field.raw_data is not None else None
        if typed is not None:
            field.raw_data = [*typed, "", "", ""][:3]
        params = super().map_gov_params(field, **kwargs)
        labels = (gettext("Hari"), gettext("Bulan"), gettext("Tahun"))
        for item, label in zip(params["items"], labels, strict=True):
            item["label"] = label
        return params


class DayField(DateField):
    """A date in three boxes: day, month, year."""

    widget = DayInput()

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, format="%d %m %Y", **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not any(part.strip() for part in valuelist):
            self.data = None
            return
        try:
            day, month, year = (int(part) for part in valuelist)
            self.data = date(year, month, day)
        except (ValueError, OverflowError):  # OverflowError: a year beyond any calendar
            self.data = None
            raise ValueError(
                str(_("Tanggal ini tidak ada. Tulis hari, bulan dan tahun, misalnya 27 3 2026."))
            ) from None


class RupiahField(StringField):
    """Rupiah as people write it: 4.500.000 or "Rp 4500000"; data is an int or None."""

    widget = GovTextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        self.raw_text = valuelist[0].strip() if valuelist else ""
        self.data = cells.rupiah(self.raw_text)
        if self.data is None and self.raw_text:
            raise ValueError(str(_("Tulis jumlah rupiah dengan angka, misalnya 4.500.000.")))

    def _value(self) -> str:
        if getattr(self, "raw_text", ""):
            return self.raw_text
        return f"{self.data:,}".replace(",", ".") if self.data is not None else ""


class WholeNumberField(StringField):
    """A whole number between two bounds; data is an int or None."""

    widget = GovTextInput()

    def __init__(
        self, label: Any, least: int, most: int, validators: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[str]) -> None:
        self.raw_text = valuelist[0].strip() if valuelist else ""
        if not self.raw_text:
            self.data = None
            return
        try:
            self.data = cells.whole_number(self.raw_text, self.least, self.most)
        except CellError as error:
            self.data = None
            raise ValueError(sentence(error)) from None

    def _value(self) -> str:
        if getattr(self, "raw_text", ""):
            return self.raw_text
        return str(self.data) if self.data is not None else ""


def password_is_good(_form: Form, field: Any) -> None:
    """Long enough and not just one letter repeated (NIST SP 800-63B: length, no composition)."""
    if len(field.data or "") < accounts.LEAST_PASSWORD:
        raise ValidationError(
            str(
                _(
                    "Pakai kata sandi %(least)s huruf atau lebih. Beberapa kata yang Anda ingat itu baik.",
                    least=accounts.LEAST_PASSWORD,
                )
            )
        )
    if len(field.data) > 128:
        raise ValidationError(str(_("Kata sandi paling banyak 128 huruf.")))
    if len(set(field.data)) < 4:
        raise ValidationError(str(_("Kata sandi ini terlalu mudah ditebak.")))
