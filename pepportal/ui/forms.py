"""The portal's form fields and the renderer that gives every Django form GOV.UK's shape (STACK.md section 5).

A field says its own required message: ``TextField("Full name", required="Enter the full name")``, or
``required=False``.
Typed text is kept as typed, minus control characters, and shown again escaped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.forms.renderers import TemplatesSetting
from django.utils.datastructures import MultiValueDict

from pepportal.ui.wording import MONTHS, money, time_words

TEXT_LIMIT = 20_000
LATEST_YEAR, EARLIEST_YEAR = 2100, 1900


# --- rendering --------------------------------------------------------------------------------------------------------

_BASE_CLASSES = {
    "textarea.html": "govuk-textarea",
    "select.html": "govuk-select",
    "file.html": "govuk-file-upload",
    "clearable_file_input.html": "govuk-file-upload",
} | {
    f"{kind}.html": "govuk-input"
    for kind in (
        "input",
        "text",
        "email",
        "number",
        "password",
        "url",
        "tel",
        "search",
        "date",
        "datetime",
        "time",
        "color",
    )
}
_OWN_TEMPLATES = {
    "django/forms/widgets/radio.html": "forms/widgets/choices.html",
    "django/forms/widgets/checkbox_select.html": "forms/widgets/choices.html",
    "django/forms/widgets/checkbox.html": "forms/widgets/checkbox.html",
    "django/forms/widgets/clearable_file_input.html": "forms/widgets/file.html",
}


class GovukRenderer(TemplatesSetting):
    """Renders any form, those of other packages too, with GOV.UK classes: no widget needs to be replaced for its
    looks."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    def get_template(self, template_name: str) -> Any:
        return super().get_template(_OWN_TEMPLATES.get(template_name, template_name))

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if "widget" in context:
            _dress(context["widget"])
        return super().render(template_name, context, request)


def _dress(widget: dict[str, Any]) -> None:
    """Adds GOV.UK's classes to a widget's context, its parts and its options, and the error class where it is wrong."""
    attrs = widget.get("attrs", {})
    base = _BASE_CLASSES.get(widget["template_name"].rpartition("/")[2])
    if base and widget.get("type") != "hidden":
        wrong = f" {base}--error" if attrs.get("aria-invalid") == "true" else ""
        attrs["class"] = f"{base}{wrong} {attrs.get('class', '')}".strip()
    for part in widget.get("subwidgets") or []:
        _dress(part)
    if widget.get("template_name", "").endswith(("radio.html", "checkbox_select.html")):
        kind = "radios" if widget["template_name"].endswith("radio.html") else "checkboxes"
        widget["kind"] = kind
        for _, options, _ in widget["optgroups"]:
            for option in options:
                option["attrs"] = {
                    key: value for key, value in option["attrs"].items() if key not in ("class", "aria-invalid")
                } | {"class": f"govuk-{kind}__input"}
                if option.get("hint"):
                    option["attrs"]["aria-describedby"] = f"{option['attrs'].get('id', '')}-hint"


# --- typed text -------------------------------------------------------------------------------------------------------


def without_control_characters(text: str) -> str:
    """Text as PostgreSQL and people can hold it: line ends as ``\\n``; NUL, other control characters and lone
    surrogates go.

    Marks of direction and joiners stay: Arabic, Farsi and emoji need them.

    >>> without_control_characters("a\\x00b\\r\\nc\\x1b[31m\\td")
    'ab\\nc[31m\\td'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def _cleaned(data: Any) -> Any:
    """Submitted data with every text cleaned, so that what is validated is also what is shown again."""
    if isinstance(data, MultiValueDict):
        return MultiValueDict({key: [_clean_one(value) for value in values] for key, values in data.lists()})
    if isinstance(data, Mapping):
        return {key: _clean_one(value) for key, value in data.items()}
    return data


def _clean_one(value: Any) -> Any:
    return without_control_characters(value) if isinstance(value, str) else value


# --- widgets ----------------------------------------------------------------------------------------------------------


class TextInput(forms.TextInput):
    """A text box with an optional unit before or behind it, and a width in characters (2, 3, 4, 5, 10, 20, 30)."""

    template_name = "forms/widgets/text.html"

    def __init__(
        self, attrs: Mapping[str, Any] | None = None, *, prefix: str = "", suffix: str = "", width: int | None = None
    ) -> None:
        super().__init__(dict(attrs or {}))
        self.prefix, self.suffix, self.width = prefix, suffix, width

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["prefix"], widget["suffix"] = self.prefix, self.suffix
        if self.width:
            widget["attrs"]["class"] = f"govuk-input--width-{self.width} {widget['attrs'].get('class', '')}".strip()
        return context


class EmailInput(TextInput):
    input_type = "email"


class Textarea(forms.Textarea):
    """A text area as tall as what is in it; portal.mjs lets it grow while typing."""

    def __init__(self, attrs: Mapping[str, Any] | None = None, *, rows: int = 4) -> None:
        super().__init__({"data-autogrow": True, **(attrs or {})})
        self.least_rows = rows

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        written = str(context["widget"]["value"] or "")
        needed = sum(len(line) // 70 + 1 for line in written.split("\n")) + 1 if written else 0
        context["widget"]["attrs"]["rows"] = min(max(self.least_rows, needed), 30)
        context["widget"]["attrs"].pop("cols", None)
        return context


class _OptionHints:
    """Lets each option carry a line of its own under its label."""

    option_hints: Mapping[Any, str] = {}
    inline = False

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **kwargs)  # type: ignore[misc]
        option["hint"] = self.option_hints.get(str(option["value"]), "")
        return option

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)  # type: ignore[misc]
        context["widget"]["inline"] = self.inline
        return context


class Radios(_OptionHints, forms.RadioSelect):
    """Radio buttons; ``inline`` only for two short answers."""


class Checkboxes(_OptionHints, forms.CheckboxSelectMultiple):
    """Tick boxes: none, one or many."""


class DatePartsWidget(forms.MultiWidget):
    """Day, month and year in three boxes named ``x_0``, ``x_1``, ``x_2``; what was typed comes back as typed."""

    template_name = "forms/widgets/date_parts.html"
    parts = (("Day", 2, "day"), ("Month", 2, "month"), ("Year", 4, "year"))

    def __init__(self, attrs: Mapping[str, Any] | None = None, *, autocomplete: str = "") -> None:
        super().__init__([forms.TextInput() for _ in self.parts], dict(attrs or {}))
        self.autocomplete = autocomplete
        self.wrong_parts: frozenset[int] = frozenset()

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                return ["", "", ""]
        return [value.day, value.month, value.year] if isinstance(value, date) else ["", "", ""]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for number, (part, (label, width, word)) in enumerate(
            zip(context["widget"]["subwidgets"], self.parts, strict=True)
        ):
            part["label"] = label
            wrong = number in self.wrong_parts
            part["attrs"] |= {
                "class": f"govuk-date-input__input govuk-input--width-{width}",
                "inputmode": "numeric",
                "aria-invalid": "true" if wrong else False,
                "autocomplete": f"{self.autocomplete}-{word}" if self.autocomplete else "off",
            }
        return context

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_{min(self.wrong_parts, default=0)}" if id_ else ""


class FileInput(forms.ClearableFileInput):
    use_fieldset = False


# --- fields -----------------------------------------------------------------------------------------------------------


class Worded:
    """What every field of the portal can say: a hint, a folded example, a note beside the label, its required message.

    ``required`` is the message ("Enter the full name") or ``False``; leaving it out, or asking for Django's "This
    field is
    required.", raises ``TypeError``, so that no field is compulsory without telling people what to do.
    """

    default_noun = ""

    def __init__(
        self,
        label: str | None = None,
        *,
        required: str | bool | None = None,
        hint: str = "",
        example: str = "",
        note: str = "",
        note_kind: str = "",
        noun: str = "",
        **kwargs: Any,
    ) -> None:
        messages = dict(kwargs.pop("error_messages", None) or {})
        if isinstance(required, str):
            messages["required"] = required
        if required is not False and "required" not in messages:
            raise TypeError(f"{label!r}: say required='Enter …' (the message) or required=False.")
        if hint:
            kwargs["help_text"] = hint
        self.example, self.note, self.note_kind = example, note, note_kind
        kwargs |= {"label": label, "required": required is not False, "error_messages": messages}
        super().__init__(**kwargs)
        # "Date of entry to care must be a real date": the label where it is a name, else what the caller gives.
        self.noun = noun or (label if label and not label.endswith("?") else self.default_noun or "Your answer")


class TextField(Worded, forms.CharField):
    """One line of text, at most ``TEXT_LIMIT`` characters; the browser never cuts off a paste, the message says how
    long."""

    widget: Any = TextInput

    def __init__(
        self,
        label: str | None = None,
        *,
        max_length: int = TEXT_LIMIT,
        width: int | None = None,
        prefix: str = "",
        suffix: str = "",
        autocomplete: str = "",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("widget", TextInput(prefix=prefix, suffix=suffix, width=width))
        super().__init__(label, **kwargs)
        self.longest = max_length
        if autocomplete:
            self.widget.attrs["autocomplete"] = autocomplete

    def clean(self, value: Any) -> str:
        text = str(super().clean(without_control_characters(value) if isinstance(value, str) else value))
        if len(text) > self.longest:
            raise ValidationError(
                f"{self.noun} must be {self.longest:,} characters or fewer: it has {len(text):,}", code="max_length"
            )
        return text


class LongTextField(TextField):
    """Several lines of text."""

    def __init__(self, label: str | None = None, *, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("widget", Textarea(rows=rows))
        super().__init__(label, **kwargs)


class EmailField(TextField):
    """An e-mail address."""

    def __init__(self, label: str | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("widget", EmailInput(attrs={"spellcheck": "false"}))
        kwargs.setdefault("max_length", 254)
        super().__init__(label, **{"autocomplete": "email", **kwargs})

    def clean(self, value: Any) -> str:
        address = super().clean(value)
        if address:
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(
                    "Enter an email address in the correct format, like name@example.com", code="invalid"
                ) from None
        return address


class DateField(Worded, forms.Field):
    """A date in three boxes. Gives a ``date`` or ``None``. A month may be a number or its name."""

    widget: Any = DatePartsWidget
    default_noun = "The date"

    def __init__(self, label: str | None = None, *, autocomplete: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("widget", DatePartsWidget(autocomplete=autocomplete))
        super().__init__(label, **kwargs)

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date) or not value:
            return value or None
        self._wrong()
        typed = [str(part or "").strip() for part in value]
        if not any(typed):
            return None
        missing = [number for number, part in enumerate(typed) if not part]
        if missing:
            self._wrong(*missing)
            lacking = " and ".join(f"a {DatePartsWidget.parts[number][2]}" for number in missing)
            raise ValidationError(f"{self.noun} must include {lacking}", code="incomplete")
        numbers = [_whole(typed[0]), _month(typed[1]), _whole(typed[2])]
        if numbers[2] is not None and len(typed[2]) != 4:
            self._wrong(2)
            raise ValidationError("Year must include 4 numbers", code="invalid_year")
        limits = ((1, 31), (1, 12), (EARLIEST_YEAR, LATEST_YEAR))
        wrong = [
            place
            for place, (number, (least, most)) in enumerate(zip(numbers, limits, strict=True))
            if number is None or not least <= number <= most
        ]
        if not wrong:
            day, month, year = (number or 0 for number in numbers)
            try:
                return date(year, month, day)
            except ValueError:  # 31 November
                wrong = [0]
        self._wrong(*wrong)
        raise ValidationError(f"{self.noun} must be a real date", code="invalid")

    def validate(self, value: Any) -> None:
        if self.required and value is None:
            self._wrong(0, 1, 2)
            raise ValidationError(self.error_messages["required"], code="required")

    def _wrong(self, *parts: int) -> None:
        if isinstance(self.widget, DatePartsWidget):
            self.widget.wrong_parts = frozenset(parts)


def _whole(text: str) -> int | None:
    return int(text) if len(text) <= 4 and text.isascii() and text.isdigit() else None


def _month(text: str) -> int | None:
    names = [
        number for number, name in enumerate(MONTHS, 1) if len(text) >= 3 and name.lower().startswith(text.lower())
    ]
    return names[0] if names else _whole(text)


class TimeField(Worded, forms.Field):
    """A time of day as people write it: 2:30pm, 2.30 pm, 14:30, 9am, midday. Gives a ``time`` or ``None``."""

    default_noun = "The time"
    unreadable = "Enter a time like 2:30pm or 14:30"

    def __init__(self, label: str | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("widget", TextInput(width=5))
        super().__init__(label, **kwargs)

    def to_python(self, value: Any) -> time | None:
        if isinstance(value, time) or value in (None, ""):
            return value or None
        text = str(value).strip().lower()
        if not text:
            return None
        if text in ("midday", "noon", "12 noon"):
            return time(12)
        if text == "midnight":
            return time(0)
        match = re.fullmatch(r"([0-9]{1,2})(?:[:.\s]?([0-9]{2}))?\s*(a\.?m\.?|p\.?m\.?)?", text)
        if not match:
            raise ValidationError(self.unreadable, code="invalid")
        hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
        if half:
            if not 1 <= hour <= 12:
                raise ValidationError(self.unreadable, code="invalid")
            hour = hour % 12 + (12 if half.startswith("p") else 0)
        elif match[2] is None:
            raise ValidationError(self.unreadable, code="invalid")
        elif 1 <= hour <= 6 and not match[1].startswith("0"):
            # 2:30 on a meeting form is the afternoon to some and the small hours to the clock: ask.
            raise ValidationError(f"Say if {match[1]}:{match[2]} is am or pm", code="ambiguous")
        if hour > 23 or minute > 59:
            raise ValidationError(self.unreadable, code="invalid")
        return time(hour, minute)

    def prepare_value(self, value: Any) -> Any:
        return time_words(value) if isinstance(value, time) else value


class NumberField(Worded, forms.Field):
    """A whole number, typed as digits."""

    def __init__(
        self,
        label: str | None = None,
        *,
        least: int | None = None,
        most: int | None = None,
        prefix: str = "",
        suffix: str = "",
        width: int | None = 4,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault(
            "widget", TextInput(attrs={"inputmode": "numeric"}, prefix=prefix, suffix=suffix, width=width)
        )
        super().__init__(label, **kwargs)
        self.least, self.most = least, most

    def to_python(self, value: Any) -> int | None:
        text = str("" if value is None else value).strip().replace(",", "")
        if not text:
            return None
        if not re.fullmatch(r"[-−]?[0-9]{1,15}", text):
            raise ValidationError(f"{self.noun} must be a whole number, like 16", code="invalid")
        number = int(text.replace("−", "-"))
        if self.least is not None and number < self.least:
            raise ValidationError(f"{self.noun} must be {self.least:,} or more", code="least")
        if self.most is not None and number > self.most:
            raise ValidationError(f"{self.noun} must be {self.most:,} or less", code="most")
        return number


class MoneyField(Worded, forms.Field):
    """An amount in pounds. Gives whole pence (``int``) or ``None``; accepts "£1,045" and "1045.50"."""

    default_noun = "The amount"

    def __init__(self, label: str | None = None, *, most: int | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("widget", TextInput(attrs={"inputmode": "decimal"}, prefix="£", width=10))
        super().__init__(label, **kwargs)
        self.most = most

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, int):
            return value
        text = re.sub(r"[£\s]", "", str("" if value is None else value))
        if not text:
            return None
        if text[0] in "-−":
            raise ValidationError(f"{self.noun} must be £0 or more", code="negative")
        if re.fullmatch(r"[0-9,]*\.[0-9]{3,}", text):
            raise ValidationError(f"{self.noun} must have no more than 2 digits of pence, like £45.50", code="pence")
        match = re.fullmatch(r"([0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})?(?:\.([0-9]{1,2}))?", text)
        if not match or not (match[1] or match[2]):
            raise ValidationError(f"{self.noun} must be an amount of money, like £1,045 or £45.50", code="invalid")
        pence = int((match[1] or "0").replace(",", "")) * 100 + int((match[2] or "0").ljust(2, "0"))
        if self.most is not None and pence > self.most:
            raise ValidationError(f"{self.noun} must be {money(self.most)} or less", code="most")
        return pence

    def prepare_value(self, value: Any) -> Any:
        return money(value)[1:] if isinstance(value, int) and value >= 0 else value


class PercentField(Worded, forms.Field):
    """A percentage. Gives a ``Decimal`` between 0 and ``most``, or ``None``; at most two digits after the point."""

    default_noun = "The percentage"

    def __init__(self, label: str | None = None, *, most: int = 100, **kwargs: Any) -> None:
        kwargs.setdefault("widget", TextInput(attrs={"inputmode": "decimal"}, suffix="%", width=5))
        super().__init__(label, **kwargs)
        self.most = most

    def to_python(self, value: Any) -> Decimal | None:
        text = str("" if value is None else value).strip().removesuffix("%").strip()
        if not text:
            return None
        if not re.fullmatch(r"[-−]?[0-9]{1,9}(\.[0-9]{1,20})?", text):
            raise ValidationError(f"{self.noun} must be a number, like 91.4", code="invalid")
        try:
            number = Decimal(text.replace("−", "-"))
        except InvalidOperation:
            raise ValidationError(f"{self.noun} must be a number, like 91.4", code="invalid") from None
        if not 0 <= number <= self.most:
            raise ValidationError(f"{self.noun} must be between 0 and {self.most}", code="range")
        if number != round(number, 2):
            raise ValidationError(f"{self.noun} must have no more than 2 digits after the point", code="decimals")
        return number

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return format(value.normalize() if value % 1 else value.quantize(Decimal(1)), "f")
        return value


class ChoiceField(Worded, forms.ChoiceField):
    """One of a few, as radio buttons. ``hints`` gives an option a line of its own."""

    def __init__(
        self,
        label: str | None = None,
        choices: Any = (),
        *,
        hints: Mapping[Any, str] | None = None,
        inline: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("widget", Radios())
        super().__init__(label, choices=choices, **kwargs)
        if isinstance(self.widget, _OptionHints):
            self.widget.option_hints = {str(key): hint for key, hint in (hints or {}).items()}
            self.widget.inline = inline
        self.error_messages["invalid_choice"] = "Select one of the answers given"


class SelectField(Worded, forms.ChoiceField):
    """One of many, as a drop-down list that starts at ``empty``."""

    def __init__(
        self, label: str | None = None, choices: Any = (), *, empty: str = "Choose one", **kwargs: Any
    ) -> None:
        listed = choices if callable(choices) else [("", empty), *choices] if empty else list(choices)
        kwargs.setdefault("widget", forms.Select())
        super().__init__(label, choices=listed, **kwargs)
        self.error_messages["invalid_choice"] = "Select one of the answers given"


class CheckboxesField(Worded, forms.MultipleChoiceField):
    """Any number of a few."""

    def __init__(
        self, label: str | None = None, choices: Any = (), *, hints: Mapping[Any, str] | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("widget", Checkboxes())
        super().__init__(label, choices=choices, **kwargs)
        if isinstance(self.widget, _OptionHints):
            self.widget.option_hints = {str(key): hint for key, hint in (hints or {}).items()}
        self.error_messages["invalid_choice"] = "Select from the answers given"


class CheckField(Worded, forms.BooleanField):
    """A single box to tick ("I have checked this")."""


class YesNoField(ChoiceField):
    """Yes or no, side by side, neither chosen beforehand. Gives ``True``, ``False`` or ``None`` when not answered."""

    def __init__(self, label: str | None = None, *, yes: str = "Yes", no: str = "No", **kwargs: Any) -> None:
        kwargs.setdefault("inline", len(yes + no) < 20)
        super().__init__(label, choices=[("yes", yes), ("no", no)], **kwargs)

    def clean(self, value: Any) -> Any:
        answer = super().clean(value)
        return {"yes": True, "no": False}.get(answer)

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (self.prepare_value(initial) or "") != (data or "")


class FileField(Worded, forms.FileField):
    """A file to send."""

    def __init__(self, label: str | None = None, *, accept: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("widget", FileInput(attrs={"accept": accept} if accept else None))
        super().__init__(label, **kwargs)
        self.error_messages |= {"empty": "The file is empty", "invalid": "Choose a file to send"}


# --- forms ------------------------------------------------------------------------------------------------------------


class PortalFormMixin:
    """What PortalForm adds to a form: cleaned input, no browser messages in our place, and the error summary."""

    use_required_attribute = False
    _django_says: ClassVar[str] = str(forms.Field.default_error_messages["required"])

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(_cleaned(data), *args, **kwargs)  # type: ignore[call-arg]
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            if field.required and str(field.error_messages.get("required")) == self._django_says:
                raise TypeError(f"{type(self).__name__}.{name} is required: give it a message that says what to do.")

    @property
    def error_summary(self) -> list[tuple[str, str]]:
        """(link target, message) of each mistake in the order of the fields; the target is "" for the form as a
        whole."""
        return error_summary_of([self])


class PortalForm(PortalFormMixin, forms.Form):
    """The base of every form of the portal."""


class PortalModelForm(PortalFormMixin, forms.ModelForm):
    """The same for forms drawn from a model."""


def error_summary_of(found: Iterable[Any]) -> list[tuple[str, str]]:
    """The mistakes in forms and formsets of any make, as (link target, message), in page order."""
    summary: list[tuple[str, str]] = []
    for form in found:
        if not form or not getattr(form, "is_bound", False):
            continue
        if hasattr(form, "forms"):
            summary += [("", message) for message in form.non_form_errors()]
            summary += error_summary_of(form.forms)
            continue
        summary += [("", message) for message in form.non_field_errors()]
        for name in form.fields:
            bound = form[name]
            summary += [(_target(bound), message) for message in form.errors.get(name, ())]
    return summary


def _target(bound: Any) -> str:
    """The control a link must move the focus to: the first radio, the first wrong part of a date, else the control."""
    if bound.is_hidden or not bound.auto_id:
        return ""
    widget = bound.field.widget
    if isinstance(widget, DatePartsWidget):
        return f"#{widget.id_for_label(bound.auto_id)}"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple, forms.MultiWidget)):
        return f"#{bound.auto_id}_0"
    return f"#{bound.id_for_label or bound.auto_id}"
