"""Fields: what they accept, what they say, and that nothing typed is lost or run."""

from datetime import date, time
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django import forms as django_forms
from django.http import QueryDict

from pepportal.ui import forms
from pepportal.ui.gallery import WRONG, SampleForm


class Inputs(HTMLParser):
    """The controls a browser would show, by name, with their values as it would read them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.area: str | None = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "input" and (found.get("type") not in ("radio", "checkbox") or "checked" in found):
            self.values.setdefault(found["name"], []).append(found.get("value") or "")
        if tag == "textarea":
            self.area = found["name"]
            self.values[self.area] = [""]

    def handle_data(self, data):
        if self.area:
            self.values[self.area][0] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None


def one(field, data, **more):
    form = type("OneForm", (forms.PortalForm,), {"x": field})(data if isinstance(data, dict) else {"x": data}, **more)
    form.is_valid()
    return form


def said(field, data) -> str:
    return one(field, data).errors["x"][0]


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% debug %}",
    "\u202egnp.exe",
    "👩🏽‍🏫 é ẹ̀kọ́ العربية",
    "x" * 20_001,
    "9" * 5000,
    "nul\x00inside\x1b[31m",
]
FIELDS = {
    "text": forms.TextField("Name", required="Enter the name"),
    "long": forms.LongTextField("Plan", required="Enter the plan"),
    "email": forms.EmailField("Email", required="Enter an email address"),
    "time": forms.TimeField("Time", required="Enter the time"),
    "number": forms.NumberField("Score", required="Enter the score"),
    "money": forms.MoneyField("Cost", required="Enter the cost"),
    "percent": forms.PercentField("Attendance", required="Enter the attendance"),
}
CHOICES = {
    "radios": forms.ChoiceField("Kind", choices=[("a", "A")], required="Select a kind"),
    "select": forms.SelectField("Kind", choices=[("a", "A")], required="Choose a kind"),
    "boxes": forms.CheckboxesField("Who", choices=[("a", "A")], required="Select who came"),
    "yesno": forms.YesNoField("Is it?", required="Select yes if it is"),
    "check": forms.CheckField("Checked", required="Tick when checked"),
    "file": forms.FileField("Letter", required="Choose a letter"),
}


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: text[:12].encode("unicode_escape").decode())
@pytest.mark.parametrize("kind", FIELDS)
def test_hostile_text_is_shown_again_as_text(kind, hostile):
    form = one(FIELDS[kind], hostile)
    shown = Inputs(str(form))
    kept = hostile.replace("\x00", "").replace("\x1b", "")
    assert shown.values["x"][0].strip("\n") == kept
    assert "script" not in shown.tags
    assert "img" not in shown.tags
    assert "\x00" not in str(form)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: text[:12].encode("unicode_escape").decode())
@pytest.mark.parametrize("kind", CHOICES)
def test_hostile_choices_are_refused_and_harmless(kind, hostile):
    sent = QueryDict(mutable=True)
    sent.setlist("x", [hostile])
    form = type("OneForm", (forms.PortalForm,), {"x": CHOICES[kind]})(sent)
    assert form.is_valid() == (kind == "check")  # any text ticks a box, as browsers send it
    shown = Inputs(str(form))
    assert "script" not in shown.tags
    assert "img" not in shown.tags


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: text[:12].encode("unicode_escape").decode())
def test_hostile_dates_are_shown_again_as_text(hostile):
    form = one(
        forms.DateField("Date of birth", required="Enter the date of birth"), {f"x_{n}": hostile for n in range(3)}
    )
    assert not form.is_valid()
    shown = Inputs(str(form))
    assert [shown.values[f"x_{n}"][0] for n in range(3)] == [hostile.replace("\x00", "").replace("\x1b", "")] * 3
    assert "script" not in shown.tags


def test_control_characters_never_reach_the_database():
    assert one(forms.LongTextField("Plan", required=False), "a\x00b\r\nc\x07").cleaned_data["x"] == "ab\nc"


def test_text_past_the_limit_says_how_long_it_is_and_is_kept_whole():
    field = forms.LongTextField("Plan", required=False)
    assert one(field, "x" * 20_000).is_valid()
    form = one(field, "x" * 20_431)
    assert form.errors["x"] == ["Plan must be 20,000 characters or fewer: it has 20,431"]
    assert "x" * 20_431 in str(form)
    assert "maxlength" not in str(form)


ENTRY = forms.DateField("Date of entry to care", required="Enter the date of entry to care")


@pytest.mark.parametrize(
    ("day", "month", "year", "message", "wrong"),
    [
        ("", "", "", "Enter the date of entry to care", 0),
        ("3", "", "2025", "Date of entry to care must include a month", 1),
        ("", "", "2025", "Date of entry to care must include a day and a month", 0),
        ("3", "3", "", "Date of entry to care must include a year", 2),
        ("31", "11", "2025", "Date of entry to care must be a real date", 0),
        ("29", "2", "2025", "Date of entry to care must be a real date", 0),
        ("3", "13", "2025", "Date of entry to care must be a real date", 1),
        ("three", "3", "2025", "Date of entry to care must be a real date", 0),
        ("3", "3", "25", "Year must include 4 numbers", 2),
        ("3", "3", "0001", "Date of entry to care must be a real date", 2),
        ("-3", "3", "2025", "Date of entry to care must be a real date", 0),
        ("٣", "3", "2025", "Date of entry to care must be a real date", 0),
    ],
)
def test_a_wrong_date_says_which_part_and_links_to_it(day, month, year, message, wrong):
    form = one(ENTRY, {"x_0": day, "x_1": month, "x_2": year})
    assert form.error_summary == [(f"#id_x_{wrong}", message)]
    html = str(form)
    shown = Inputs(html)
    assert [shown.values[f"x_{n}"] for n in range(3)] == [[day], [month], [year]]
    assert f'href="#id_x_{wrong}"' in html


@pytest.mark.parametrize("month", ["3", "03", "March", "mar", "MAR"])
def test_a_month_may_be_a_name(month):
    assert one(ENTRY, {"x_0": " 7 ", "x_1": month, "x_2": "2026"}).cleaned_data["x"] == date(2026, 3, 7)


def test_dates_shown_from_a_record_and_seen_as_unchanged():
    form = type("OneForm", (forms.PortalForm,), {"x": ENTRY})(
        {"x_0": "7", "x_1": "3", "x_2": "2026"}, initial={"x": date(2026, 3, 7)}
    )
    assert form.changed_data == []
    shown = Inputs(str(type(form)(initial={"x": date(2026, 3, 7)})))
    assert [shown.values[f"x_{n}"] for n in range(3)] == [["7"], ["3"], ["2026"]]


def test_one_forms_wrong_parts_are_not_anothers():
    one(ENTRY, {"x_0": "3", "x_1": "13", "x_2": "2025"})
    assert one(ENTRY, {"x_0": "3", "x_1": "3", "x_2": ""}).error_summary[0][0] == "#id_x_2"
    assert ENTRY.widget.wrong_parts == frozenset()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2:30pm", time(14, 30)), ("2.30 PM", time(14, 30)), ("14:30", time(14, 30)), ("1430", time(14, 30)),
        ("9am", time(9)), ("9:05", time(9, 5)), ("12pm", time(12)), ("12am", time(0)), ("midday", time(12)),
        ("02:30", time(2, 30)), ("2:30 p.m.", time(14, 30)), ("00:15", time(0, 15)),
    ],
)  # fmt: skip
def test_times_as_people_write_them(typed, meant):
    assert one(FIELDS["time"], typed).cleaned_data["x"] == meant


@pytest.mark.parametrize("typed", ["25:00", "13pm", "0am", "14:60", "half past two", "9", "-2pm", "2:3pm"])
def test_times_that_are_none(typed):
    assert said(FIELDS["time"], typed) == "Enter a time like 2:30pm or 14:30"


def test_a_time_that_could_be_two_is_asked_about():
    assert said(FIELDS["time"], "2:30") == "Say if 2:30 is am or pm"


@pytest.mark.parametrize(
    ("typed", "pence"),
    [("£1,045", 104500), ("1045.50", 104550), ("1045.5", 104550), ("0", 0), (".50", 50), (" 1 045 ", 104500)],
)
def test_money_is_whole_pence(typed, pence):
    assert one(FIELDS["money"], typed).cleaned_data["x"] == pence


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("-5", "Cost must be £0 or more"),
        ("−5", "Cost must be £0 or more"),
        ("45.505", "Cost must have no more than 2 digits of pence, like £45.50"),
        ("1,04", "Cost must be an amount of money, like £1,045 or £45.50"),
        ("ten", "Cost must be an amount of money, like £1,045 or £45.50"),
        ("1e3", "Cost must be an amount of money, like £1,045 or £45.50"),
        (".", "Cost must be an amount of money, like £1,045 or £45.50"),
        ("£", "Enter the cost"),
    ],
)
def test_money_that_is_none(typed, message):
    assert said(FIELDS["money"], typed) == message


def test_money_from_a_record_is_shown_in_pounds_and_seen_as_unchanged():
    cls = type("OneForm", (forms.PortalForm,), {"x": FIELDS["money"]})
    assert Inputs(str(cls(initial={"x": 104550}))).values["x"] == ["1,045.50"]
    assert cls({"x": "1,045.50"}, initial={"x": 104550}).changed_data == []


@pytest.mark.parametrize(("typed", "number"), [("91.4", "91.4"), ("91.4%", "91.4"), ("0", "0"), ("100", "100")])
def test_percentages(typed, number):
    assert one(FIELDS["percent"], typed).cleaned_data["x"] == Decimal(number)


@pytest.mark.parametrize("typed", ["914", "-1", "100.01", "ninety", "NaN", "Infinity", "1e1", "91.445"])
def test_percentages_that_are_none(typed):
    assert said(FIELDS["percent"], typed).startswith("Attendance must ")


@pytest.mark.parametrize(("typed", "answer"), [("yes", True), ("no", False), ("", None)])
def test_yes_no_keeps_not_answered_apart_from_no(typed, answer):
    assert one(forms.YesNoField("Is it?", required=False), typed).cleaned_data["x"] is answer


def test_no_from_a_record_is_checked():
    form = type("OneForm", (forms.PortalForm,), {"x": CHOICES["yesno"]})(initial={"x": False})
    assert Inputs(str(form)).values["x"] == ["no"]


@pytest.mark.parametrize("typed", ["r.khan at school", "a@b", "a@b@c.example", "x" * 260 + "@a.example"])
def test_addresses_that_are_none(typed):
    assert not one(FIELDS["email"], typed).is_valid()


@pytest.mark.parametrize("make", [forms.TextField, forms.DateField, forms.YesNoField, forms.FileField])
def test_a_compulsory_field_without_a_message_is_a_programming_error(make):
    with pytest.raises(TypeError, match="required"):
        make("Name")
    with pytest.raises(TypeError, match="required"):
        make("Name", required=True)


def test_a_form_with_djangos_own_message_is_refused():
    form = type("OneForm", (forms.PortalForm,), {"x": django_forms.CharField()})
    with pytest.raises(TypeError, match=r"OneForm\.x"):
        form()


def test_every_link_of_the_summary_leads_to_a_control_on_the_page():
    form = SampleForm(dict(WRONG))
    shown = Inputs(str(form))
    assert len(form.error_summary) == 13
    for target, message in form.error_summary:
        assert target.removeprefix("#") in shown.ids, message
    assert len(shown.ids) == len(set(shown.ids))


def test_errors_are_tied_to_their_controls():
    html = str(one(FIELDS["text"], ""))
    assert 'aria-describedby="id_x_error"' in html
    assert 'id="id_x_error"' in html
    assert "govuk-input--error" in html
    assert " required" not in html.replace("is_required", "")


def test_the_summary_is_shown_once():
    form = one(FIELDS["text"], "")
    assert "There is a problem" in str(form)
    assert "There is a problem" not in str(form)


def test_a_mistake_of_the_form_as_a_whole_is_shown_without_a_link():
    class Dates(forms.PortalForm):
        def clean(self):
            raise django_forms.ValidationError("The placement must not start before care began")

    form = Dates({})
    assert form.error_summary == [("", "The placement must not start before care began")]
    assert "The placement must not start" in str(form)


def test_forms_of_other_packages_look_the_same():
    class Other(django_forms.Form):
        login = django_forms.EmailField(label="Email")
        stay = django_forms.BooleanField(required=False)
        kind = django_forms.ChoiceField(choices=[("a", "A")], widget=django_forms.RadioSelect)
        pick = django_forms.ChoiceField(choices=[("a", "A")])
        note = django_forms.CharField(widget=django_forms.Textarea)

    html = str(Other({}))
    for name in (
        "input govuk-input--error",
        "checkboxes__input",
        "radios__input",
        "select govuk-select--error",
        "textarea",
    ):
        assert f"govuk-{name}" in html
    assert "style=" not in html
