"""Term dates in the browser: filled in, sent as a file or pasted; looked at and compared; bank holidays; import_calendar."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from children import actions, queries
from children.actions import FactsConflict
from children.models import BankHoliday, Calendar, ChangeMark
from children.rules import PublishedYear
from pepportal.audit.models import Event
from tests import factories as f
from tests.cast import NOW, TODAY
from tests.unit.children.test_calendar_files import CSV, OTHERS, TERMS, event, ics

pytestmark = pytest.mark.django_db
TERM_DATES = Path(__file__).parents[2] / "data" / "term-dates"


def words(response) -> str:
    return " ".join(response.content.decode().replace("&#x27;", "'").split())


@pytest.fixture
def officer(cast, client_as):
    return client_as(cast.data_officer)


@pytest.fixture
def by(cast, acting):
    return acting(cast.data_officer, NOW)


@pytest.fixture
def address(cast) -> str:
    return reverse("children:publish-school", args=[cast.primary.pk])


def filled_in(response) -> dict[str, str]:
    """What the form on a page would send as it stands."""
    form = response.context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: form.fields[name].prepare_value(value) if value else "" for name, value in data.items()}
    return data | {"way": "form", "academic_year": form.academic_year, "closed": str(form.closed)}


def publish(client, address: str, preview):
    """Presses the button of a preview."""
    context = preview.context
    sent = {
        "way": "text",
        "step": "publish",
        "text": context["text"],
        "source": context["source"],
        "seen": context["seen"],
    }
    return client.post(address, sent, follow=True)


def test_a_correction_is_one_change_to_the_days_that_count_now(cast, officer, address):
    page = officer.get(f"{address}?way=form&year=2026/27")
    assert "Wed 2 Sep 2026" in words(page) and "from “Westmere pattern”, version 1" in words(page)
    data = filled_in(page)
    preview = officer.post(address, data | {"last_5": "Tue 20 July 2027"})
    assert "1 pupil day taken away: Wednesday 21 July 2027." in words(preview)
    assert "worked out again for 2 children in care" in words(preview)
    assert not Calendar.objects.filter(school=cast.primary).exists()
    assert "Published: 2026/27 (version 1)" in words(publish(officer, address, preview))
    made = Calendar.objects.get(school=cast.primary)
    assert made.spans[5] == ["2027-06-07", "2027-07-20", "Summer term, second half"]
    assert [closure[:2] for closure in made.closures][:2] == [["2026-09-02", "inset"], ["2026-11-02", "inset"]]


def test_nothing_changed_is_said(officer, address):
    preview = officer.post(address, filled_in(officer.get(f"{address}?year=2026/27")))
    assert "No pupil day differs." in words(preview)


def test_another_closed_day_is_added_without_javascript(officer, address):
    page = officer.get(f"{address}?year=2026/27")
    data = filled_in(page)
    more = officer.post(address, data | {"step": "add", "first_0": "nonsense"})
    assert more.context["form"].closed == page.context["form"].closed + 3
    assert "There is a problem" not in words(more) and "nonsense" in words(more)
    last = f"closed_{more.context['form'].closed - 1}"
    data = filled_in(more) | {
        "first_0": data["first_0"],
        last: "27/5/2027",
        last.replace("closed", "kind"): "occasional",
    }
    assert "1 pupil day taken away: Thursday 27 May 2027." in words(officer.post(address, data))


@pytest.mark.parametrize(("field", "value", "sentence", "at"), [
    ("first_0", "31/11/2026", "is not a real date", "first_0"),
    ("first_0", "Tue 2 Sep 2026", "says Tuesday, but that day is a Wednesday", "first_0"),
    ("first_0", "5/9/2026", "Saturday 5 September 2026 is at a weekend", "first_0"),
    ("first_1", "22/10/2026", "begins before", "first_1"),
    ("last_1", "", "Autumn term, second half: enter the last pupil day too", "last_1"),
    ("closed_5", "26/10/2026", "", ""),
    ("words_5", "Eid", "Enter the day of “Eid”", "closed_5"),
    ("closed_5", "2/9/2026", "is listed twice", "closed_"),
    ("words_0", "Monday club", "“Monday club” says Monday, but the day is Wednesday 2 September 2026", "words_0"),
    ("pupil_days", "17", "The school says 17, but these dates give", "pupil_days"),
    ("academic_year", "2027/28", "is not in the academic year", "first_0"),
])  # fmt: skip
def test_a_mistake_in_the_form_stands_at_its_field(cast, officer, address, field, value, sentence, at):
    data = filled_in(officer.get(f"{address}?year=2026/27")) | {field: value}
    response = officer.post(address, data)
    if not sentence:  # staff training may lie between half terms
        assert "Check the term dates, then publish" in words(response)
        return
    assert "There is a problem" in words(response) and sentence in words(response)
    assert f'href="#id_{at}' in words(response)
    assert not Calendar.objects.filter(school=cast.primary).exists()


@pytest.mark.parametrize(("name", "content"), [
    ("dates.csv", CSV.encode()), ("dates.csv", b"\xef\xbb\xbf" + CSV.encode()), ("dates.ics", ics(*TERMS, *OTHERS)),
    ("secondary-staggered-inset.toml", (TERM_DATES / "secondary-staggered-inset.toml").read_bytes()),
])  # fmt: skip
def test_a_file_is_checked_shown_and_only_then_published(cast, officer, address, name, content):
    preview = officer.post(address, {"way": "file", "file": SimpleUploadedFile(name, content), "source": ""})
    assert "Check the term dates, then publish" in words(preview)
    assert not Calendar.objects.filter(school=cast.primary).exists()
    assert "Published: 2026/27 (version 1)" in words(publish(officer, address, preview))
    made = Calendar.objects.get(school=cast.primary)
    assert len(made.spans) == 6 and made.source == name


@pytest.mark.parametrize(("name", "content", "sentence"), [
    ("dates.csv", b"PK\x03\x04 xl/workbook.xml", "This is an Excel workbook, whatever its name ends in"),
    ("dates.csv", CSV.replace("18/12/2026", "19/12/2026").encode(), "Line 3: Saturday 19 December 2026 is at a weekend"),
    ("dates.ics", ics(*TERMS, event("Sports day", "20270601")), "is not understood"),
    ("dates.ics", ics("x" * 1_100_000), "larger than 1 MB"),
])  # fmt: skip
def test_a_file_with_a_mistake_is_never_published(cast, officer, address, name, content, sentence):
    response = officer.post(address, {"way": "file", "file": SimpleUploadedFile(name, content)})
    assert "There is a problem" in words(response) and sentence in words(response)
    assert "Choose the file" in words(officer.post(address, {"way": "file"}))
    assert not Calendar.objects.filter(school=cast.primary).exists()


def test_who_is_slower_sees_the_other_version_first(cast, officer, address, by):
    preview = officer.post(address, {"way": "file", "file": SimpleUploadedFile("dates.csv", CSV.encode())})
    year = queries.calendars_for(cast.primary, cast.westmere).year("2026/27").published
    actions.publish_calendar(year=year, name="Quicker", school=cast.primary, by=by)
    late = publish(officer, address, preview)
    assert "Somebody else has just published 2026/27 (version 1)" in words(late) and "Against “Quicker”" in words(late)
    assert Calendar.objects.filter(school=cast.primary).count() == 1
    assert "Published: 2026/27 (version 2)" in words(publish(officer, address, late))


def test_every_year_is_published_or_none(cast, by):
    good = PublishedYear("2026/27", ((date(2026, 9, 2), date(2026, 12, 18), ""),))
    bad = PublishedYear("2027/28", ((date(2027, 9, 4), date(2027, 12, 17), ""),))
    with pytest.raises(FactsConflict, match="weekend"):
        actions.publish_calendars(years=[good, bad], name="x", school=cast.primary, by=by)
    assert not Calendar.objects.filter(school=cast.primary).exists()


def test_versions_say_who_and_when_and_two_are_compared(cast, officer, by, client_as):
    year = queries.calendars_for(cast.primary, cast.westmere).year("2026/27").published
    one = actions.publish_calendar(year=year, name="Hollin", school=cast.primary, source="its website", by=by)
    spans = (*year.spans[:-1], (year.spans[-1][0], date(2027, 7, 19), ""))
    two = actions.publish_calendar(
        year=PublishedYear("2026/27", spans, year.closures), name="Hollin", school=cast.primary, by=by
    )
    page = reverse("children:school", args=[cast.primary.pk])
    text = words(officer.get(page))
    assert f"by {cast.data_officer.name}" in text and "its website" in text
    assert "2026/27, version 2</a> (counts now)" in text and "version 1</a> (counts now)" not in text
    earlier = words(officer.get(f"{page}?version={one.pk}"))
    assert "An earlier version: it no longer counts." in earlier and "Wed 21 Jul" not in words(officer.get(page))
    text = words(officer.get(f"{page}?version={two.pk}&against={one.pk}"))
    assert "2 pupil days taken away: Tuesday 20 July 2027 to Wednesday 21 July 2027." in text
    other = f.CalendarFactory(school=cast.secondary)
    assert officer.get(f"{page}?version={other.pk}&against=nonsense").status_code == 200
    assert "Westmere pattern" not in words(officer.get(f"{page}?version={other.pk}"))


def test_the_page_asks_the_database_the_same_for_two_versions_and_for_twenty(
    cast, officer, by, django_assert_max_num_queries
):
    year = queries.calendars_for(cast.primary, cast.westmere).year("2026/27").published
    for _ in range(20):
        actions.publish_calendar(year=year, name="Hollin", school=cast.primary, by=by)
    with django_assert_max_num_queries(15):
        officer.get(reverse("children:school", args=[cast.primary.pk]))


# --- bank holidays ----------------------------------------------------------------------------------------------------


def three(day: date) -> dict[str, int]:
    return {"day_0": day.day, "day_1": day.month, "day_2": day.year}


def test_an_administrator_adds_cancels_and_takes_back_a_bank_holiday(cast, client_as):
    admin, page = client_as(cast.administrator), reverse("children:bank-holidays")
    text = words(admin.get(page))
    assert "<strong>Monday 28 December 2026</strong>: Boxing Day (substitute day)" in text
    ChangeMark.objects.all().delete()
    admin.post(page, {"what": "add", **three(date(2026, 11, 20)), "name": "A royal wedding"})
    assert queries.bank_holidays()[date(2026, 11, 20)] == "A royal wedding"
    assert Event.objects.filter(verb="add bank holiday").count() == 1
    admin.post(page, {"what": "cancel", **three(date(2026, 12, 25))})
    assert date(2026, 12, 25) not in queries.bank_holidays()
    text = words(admin.get(page))
    assert "Added here" in text and "Cancelled" in text and text.count("Take this back") == 2
    for day in ("2026-11-20", "2026-12-25"):
        admin.post(page, {"take_back": day})
    assert not BankHoliday.objects.exists() and date(2026, 12, 25) in queries.bank_holidays()
    assert admin.post(page, {"take_back": "soon"}).status_code == 404


def test_a_bank_holiday_marks_every_child_in_care(cast, by):
    ChangeMark.objects.all().delete()
    actions.set_bank_holiday(day=date(2026, 11, 20), name="A royal wedding", by=by)
    marked = set(ChangeMark.objects.filter(what="bank holidays").values_list("child", flat=True))
    assert marked == set(queries.children_in_care(TODAY).values_list("pk", flat=True))
    assert len(marked) > 2  # of more than one council
    actions.take_back_bank_holiday(day=date(2026, 11, 20), by=by)
    assert ChangeMark.objects.filter(what="bank holidays").count() == 2 * len(marked)
    actions.take_back_bank_holiday(day=date(2026, 11, 20), by=by)
    assert Event.objects.filter(verb="take back bank holiday").count() == 1


@pytest.mark.parametrize(("what", "day", "sentence"), [
    ("add", date(2026, 11, 21), "is at a weekend"), ("add", date(2026, 12, 25), "is a bank holiday already"),
    ("add", date(2035, 5, 7), "list of bank holidays ends"), ("cancel", date(2026, 11, 20), "is not a bank holiday"),
    ("add", date(2024, 5, 7), "is more than a year ago"), ("add", date(2026, 10, 9), "has been changed already"),
    ("cancel", date(2026, 10, 9), "has been changed already"),
])  # fmt: skip
def test_a_bank_holiday_that_cannot_be_is_refused_in_words(cast, client_as, what, day, sentence):
    BankHoliday.objects.create(day=date(2026, 10, 9), name="A coronation", cancelled=what == "add")
    response = client_as(cast.administrator).post(
        reverse("children:bank-holidays"), {"what": what, **three(day), "name": "x"}
    )
    assert "There is a problem" in words(response) and sentence in words(response)
    assert BankHoliday.objects.count() == 1


def test_others_read_the_bank_holidays_and_change_none(cast, client_as):
    page = reverse("children:bank-holidays")
    for who, expected in (("data_officer", 200), ("vs_head", 200), ("social_worker", 403), ("designated_teacher", 403)):
        client = client_as(getattr(cast, who))
        assert client.get(page).status_code == expected, who
        assert client.post(page, {"what": "add", **three(date(2026, 11, 20)), "name": "x"}).status_code == 403, who
    assert "Change the list" not in words(client_as(cast.vs_head).get(page))
    assert not BankHoliday.objects.exists()


# --- the command ------------------------------------------------------------------------------------------------------


def imported(*given: str) -> dict:
    out = io.StringIO()
    call_command("import_calendar", *given, "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def test_a_file_is_published_by_command_as_versions(cast):
    path = str(TERM_DATES / "kent-six-term.toml")
    told = imported(path, "--school", "hollin lane primary")
    assert told["versions"] == [{"academic_year": "2025/26", "version": 1, "pupil_days": 190}]
    assert imported(path, "--school", str(cast.primary.pk))["versions"][0]["version"] == 2
    assert imported(path, "--authority", cast.westmere.code.lower())["owner"] == str(cast.westmere)
    made = Calendar.objects.get(school=cast.primary, version=1)
    assert made.source == "kent-six-term.toml" and made.published_by_id is None


def test_a_file_that_names_its_school_needs_no_option_and_check_writes_nothing(cast, tmp_path):
    path = tmp_path / "dates.ics"
    path.write_bytes(ics(*TERMS).replace(b"Hollin Lane", b"Hollin Lane Primary"))
    told = imported(str(path), "--check")
    assert told["versions"] == [] and told["checked_only"] and told["years"][0]["academic_year"] == "2026/27"
    assert not Calendar.objects.filter(school=cast.primary).exists()
    assert imported(str(path))["owner"] == "Hollin Lane Primary"


@pytest.mark.parametrize(("given", "sentence"), [
    (["missing.toml", "--school", "x"], "can’t be read"),
    (["{file}", "--school", "Nowhere"], "fits nothing"),
    (["{file}", "--authority", "Nowhere"], "fits nothing"),
    (["{file}", "--authority", "a", "--school", "b"], "not both"),
    (["{file}"], "Say whose term dates they are"),
    (["{bad}", "--school", "Hollin Lane Primary"], "Line 6: pupil_days says 191, but the dates of 2025/26 give 190"),
])  # fmt: skip
def test_what_cannot_be_imported_is_refused_in_a_sentence(cast, tmp_path, given, sentence):
    file = TERM_DATES / "portsmouth-infant.toml"
    bad = tmp_path / "bad.toml"
    bad.write_text(file.read_text().replace("pupil_days = 190", "pupil_days = 191"))
    with pytest.raises(CommandError, match=sentence):
        imported(*(each.format(file=file, bad=bad) for each in given))
    assert not Calendar.objects.filter(school=cast.primary).exists()


def test_the_command_reads_for_people_too(cast, capsys):
    call_command("import_calendar", str(TERM_DATES / "staffordshire.toml"), "--authority", "Westmere")
    assert "2026/27: 193 pupil days, published for Westmere" in capsys.readouterr().out


def test_a_year_that_shares_days_with_its_neighbour_is_refused(cast, by):
    first = PublishedYear("2026/27", ((date(2026, 9, 2), date(2027, 8, 20), ""),))
    second = PublishedYear("2027/28", ((date(2027, 8, 19), date(2028, 7, 20), ""),))
    with pytest.raises(FactsConflict, match="2026/27 ends on Friday 20 August 2027, but 2027/28 begins on Thursday 19"):
        actions.publish_calendars(years=[first, second], name="x", school=cast.primary, by=by)
    actions.publish_calendar(year=first, name="x", school=cast.primary, by=by)
    with pytest.raises(FactsConflict, match="correct one of them"):
        actions.publish_calendar(year=second, name="x", school=cast.primary, by=by)
    assert Calendar.objects.filter(school=cast.primary).count() == 1
    shorter = PublishedYear("2026/27", ((date(2026, 9, 2), date(2027, 7, 20), ""),))
    actions.publish_calendars(years=[second, shorter], name="x", school=cast.primary, by=by)  # both corrected at once


def test_two_years_published_at_once_mark_a_child_once(cast, by):
    ChangeMark.objects.all().delete()
    years = [
        PublishedYear("2026/27", ((date(2026, 9, 2), date(2027, 7, 20), ""),)),
        PublishedYear("2027/28", ((date(2027, 9, 2), date(2028, 7, 20), ""),)),
    ]
    actions.publish_calendars(years=years, name="x", school=cast.primary, by=by)
    marked = list(ChangeMark.objects.values_list("child_id", flat=True))
    assert cast.children["amara"].pk in marked and len(marked) == len(set(marked))
