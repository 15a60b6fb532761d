"""Term dates as CSV and iCalendar, and files that are neither: the same years as from TOML, or every mistake in words."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from children.bank_holidays import england_and_wales
from children.calendar_files import LARGEST_FILE, as_toml, csv_dates, read_file, toml_dates
from children.calendar_files.drafts import read_day, weekday_mistake
from children.calendar_forms import YearForm
from children.rules import PublishedYear, calendar_mistakes

HOLIDAYS = england_and_wales()
TERM_DATES = sorted((Path(__file__).parents[2] / "data" / "term-dates").glob("*.toml"))

CSV = """\
Academic year,Kind,First,Last,Words,Weekday
2026/27,term,02/09/2026,23/10/2026,"Autumn term, first half",Wed
2026/27,term,02/11/2026,18/12/2026,"Autumn term, second half",Mon
2026/27,term,2027-01-04,2027-02-12,,
2026/27,term,22/02/2027,25/03/2027,,
2026/27,term,12/04/2027,28/05/2027,,
2026/27,term,07/06/2027,21/07/2027,,
2026/27,inset,02/09/2026,,,Wednesday
2026/27,INSET day,02/11/2026,03/11/2026,,
2026/27,closure,27/05/2027,,Village fair,
2026/27,holiday,26/10/2026,30/10/2026,Half term,
2026/27,bank holiday,03/05/2027,,Early May,
2026/27,pupil days,,,190,
"""
ICS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//a school//EN
X-WR-CALNAME:Hollin Lane
{events}END:VCALENDAR
"""


def event(summary: str, first: str, end: str = "", *more: str) -> str:
    """One whole-day event; ``end`` is the day after the last, as calendars write it."""
    lines = ["BEGIN:VEVENT", f"UID:{summary}{first}@x", f"SUMMARY:{summary}", f"DTSTART;VALUE=DATE:{first}"]
    if end:
        lines.append(f"DTEND;VALUE=DATE:{end}")
    return "\n".join([*lines, *more, "END:VEVENT", ""])


TERMS = [
    event("Autumn term 1", "20260902", "20261024"),
    event("Autumn term 2", "20261102", "20261219"),
    event("Spring term 1", "20270104", "20270213"),
    event("Spring term 2", "20270222", "20270326"),
    event("Summer term 1", "20270412", "20270529"),
    event("Summer term 2", "20270607", "20270722"),
]
OTHERS = [
    event("INSET day", "20260902", "20260903"),
    event("Staff training", "20261102", "20261104"),
    event("Occasional day: Village fair", "20270527"),
    event("Half term", "20261026", "20261031"),
    event("Early May bank holiday", "20270503", "20270504"),
    event("Christmas holidays", "20261221", "20270102"),
]


def ics(*events: str) -> bytes:
    return ICS.format(events="".join(events)).encode()


def read_csv(text: str):
    return read_file(text.encode(), "dates.csv", HOLIDAYS)


def days(year: PublishedYear) -> tuple:
    return tuple((first, last) for first, last, _ in year.spans), tuple((day, kind) for day, kind, _ in year.closures)


def test_csv_and_icalendar_give_the_same_year():
    from_csv, from_ics = read_csv(CSV), read_file(ics(*TERMS, *OTHERS), "dates.ics", HOLIDAYS)
    assert from_csv.problems == () and from_ics.problems == ()
    (one,), (other,) = from_csv.years, from_ics.years
    assert days(one) == days(other)
    assert one.academic_year == other.academic_year == "2026/27"
    assert one.closures[-1] == (date(2027, 5, 27), "occasional", "Village fair")
    assert [kind for _, kind, _ in one.closures] == ["inset", "inset", "inset", "occasional"]
    assert from_ics.name == "Hollin Lane"


def test_the_example_of_the_page_can_be_published():
    reading = read_csv(csv_dates.EXAMPLE)
    assert reading.problems == () and len(reading.years[0].spans) == 6


@pytest.mark.parametrize("change", [
    lambda text: "\ufeff" + text,
    lambda text: text.replace('"Autumn term, first half"', "Autumn").replace('"Autumn term, second half"', "Autumn").replace(",", ";"),
    lambda text: text.replace("\n", "\r\n"),
    lambda text: "sep=,\n" + text,
    lambda text: text.replace("Academic year,Kind,First,Last", "school_year,TYPE,Start date,End-date"),
    lambda text: text.replace("2026/27,", "2026-2027,"),
    lambda text: text.replace("2026/27,pupil days,,,190,\n", "").replace("2026/27,", ",").replace("02/09/2026", "Wed 2 Sept 2026"),
    lambda text: text + "\n,,,,,\n",
])  # fmt: skip
def test_csv_as_spreadsheets_and_people_write_it(change):
    reading = read_csv(change(CSV))
    assert reading.problems == ()
    assert days(reading.years[0]) == days(read_csv(CSV).years[0])


@pytest.mark.parametrize(("old", "new", "says"), [
    ("Kind", "Colour", "Line 1: The first line must name the columns"),
    ("Words", "First day", "Line 1: Two columns mean the same"),
    ("2026/27,inset", "2026/27,party", "Line 8: “party” is not a known kind"),
    ("02/11/2026,18/12/2026", "02/11/2026,", "Line 3: A term needs its last pupil day too"),
    ("02/11/2026,18/12/2026", "31/11/2026,18/12/2026", "Line 3: “31/11/2026” is not a real date"),
    ("02/11/2026,18/12/2026", "11/13/2026,18/12/2026", "Line 3: “11/13/2026” is not a real date: write the day first"),
    ("02/11/2026,18/12/2026", "02/11/26,18/12/2026", "Line 3: “02/11/26”: write the year with four digits"),
    ("02/11/2026,18/12/2026", "02/11/2026,19/12/2026", "Line 3: Saturday 19 December 2026 is at a weekend"),
    ("second half\",Mon", "second half\",Tue", "Line 3: “Tue” says Tuesday, but the day is Monday 2 November 2026"),
    ("second half\",Mon", "second half\",Moonday", "Line 3: “Moonday” is not a weekday"),
    ("02/11/2026,18/12/2026", "19/10/2026,18/12/2026", "Line 3: The stretch from Monday 19 October 2026 begins before"),
    ("27/05/2027", "29/05/2027", "Line 10: Saturday 29 May 2027 (Village fair) is at a weekend"),
    ("27/05/2027,", "29/05/2027,30/05/2027", "Line 10: Saturday 29 May 2027 (Village fair) is at a weekend"),
    ("27/05/2027", "02/06/2027", "Line 10: Wednesday 2 June 2027 (Village fair) lies outside"),
    ("26/10/2026,30/10/2026", "19/10/2026,30/10/2026", "Line 11: “Half term” (Monday 19 October 2026 to Friday 30"),
    ("03/05/2027", "04/05/2027", "Line 12: Tuesday 4 May 2027 is called a bank holiday"),
    (",,,190,", ",,,191,", "Line 13: pupil_days says 191, but the dates of 2026/27 give 190"),
    (",,,190,", ",,,many,", "Line 13: The number of pupil days must be a whole number"),
    ("2026/27,closure", "2027/28,closure", "Line 10: 2027/28 has no spans"),
    ("2026/27,closure", "summer,closure", "Line 10: “summer” is not an academic year"),
    ("Village fair", "\"Village fair", "this can’t be read as a table"),
])  # fmt: skip
def test_each_mistake_in_a_csv_is_named_with_its_line_and_nothing_is_read(old, new, says):
    assert old in CSV
    reading = read_csv(CSV.replace(old, new, 1))
    assert reading.years == ()
    assert says in "\n".join(reading.problems)


def test_a_column_that_nobody_knows_is_left_out_and_said():
    reading = read_csv(CSV.replace("Weekday", "Colour"))
    assert reading.years and "“Colour” is not known" in reading.warnings[0]


def test_starts_and_ends_of_terms_are_paired():
    pairs = [
        event("Autumn term starts (Wednesday)", "20260902"), event("Autumn term ends", "20261218", "20261219"),
        event("Pupils return", "20270104"), event("Last day of spring term", "20270325"),
        event("Start of summer term", "20270412"), event("School closes for the summer", "20270721"),
        event("Spring half term", "20270215", "20270220"),
    ]  # fmt: skip
    reading = read_file(ics(*pairs), "x.ics", HOLIDAYS)
    assert "“Spring half term” (Monday 15 February 2027 to Friday 19 February 2027) overlaps" in reading.problems[0]
    reading = read_file(ics(*pairs[:-1]), "x.ics", HOLIDAYS)
    assert reading.problems == ()
    assert [span[:2] for span in reading.years[0].spans] == [
        (date(2026, 9, 2), date(2026, 12, 18)), (date(2027, 1, 4), date(2027, 3, 25)), (date(2027, 4, 12), date(2027, 7, 21)),
    ]  # fmt: skip


@pytest.mark.parametrize(("events", "says"), [
    ([*TERMS, event("Sports day", "20270601")], "Line 41: “Sports day” (Tuesday 1 June 2027) is not understood"),
    ([*TERMS, event("INSET (Monday)", "20260903")], "says Monday, but the day is Thursday 3 September 2026"),
    ([event("Term starts", "20260902")], "Line 5: “Term starts” (Wednesday 2 September 2026) has no event for the end"),
    ([event("Term ends", "20261218")], "has no event for the start"),
    ([*TERMS, event("Half term", "20261022", "20261031")], "Line 41: “Half term” (Thursday 22 October 2026 to Friday"),
    ([*TERMS, event("A bank holiday", "20270531"), event("Jubilee bank holiday", "20270610")], "10 June 2027 is called a bank"),
    ([*TERMS, event("INSET", "20270608", "20270701")], "closes 17 school days"),
    ([*TERMS, event("INSET", "20270612")], "“INSET” (Saturday 12 June 2027) is at a weekend"),
    ([*TERMS, event("INSET", "20260907", "", "RRULE:FREQ=WEEKLY")], "“INSET” repeats"),
    ([event("Autumn term 1", "20261024", "20260902")], "before it starts"),
    ([event("Autumn term 1", "2026-09-02", "20261024")], "“Autumn term 1”: its DTSTART can’t be read"),
    ([event("INSET", "20260902")], "There is no term in this calendar"),
    ([], "There is no term in this calendar"),
    ([TERMS[0].replace("END:VEVENT\n", "")], "This is not a whole calendar file"),
    ([TERMS[0].replace("SUMMARY:Autumn term 1\n", "")], "has no summary"),
])  # fmt: skip
def test_what_a_calendar_file_cannot_say_is_named_and_nothing_is_read(events, says):
    reading = read_file(ics(*events), "x.ics", HOLIDAYS)
    assert reading.years == ()
    assert says in "\n".join(reading.problems)


def test_a_cancelled_event_is_not_there_and_times_are_days_in_london():
    timed = (
        "BEGIN:VEVENT\nSUMMARY:INSET\nDTSTART:20270606T230000Z\nDTEND:20270607T150000Z\nEND:VEVENT\n"
        "BEGIN:VEVENT\nSUMMARY:Sports day\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20270610\nEND:VEVENT\n"
    )
    reading = read_file(ics(*TERMS, timed), "x.ics", HOLIDAYS)
    assert reading.problems == ()
    assert reading.years[0].closures == ((date(2027, 6, 7), "inset", ""),)


def zipped(name: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(("content", "name", "says"), [
    (b"", "x.csv", "The file is empty"),
    (b" \n ", "x.toml", "The file is empty"),
    (b"BEGIN:VCALENDAR\n" + b"X" * (10 * LARGEST_FILE), "x.ics", "larger than 1 MB"),
    (zipped("dates.csv"), "x.zip", "Unpack it first"),
    (zipped("[Content_Types].xml"), "x.csv", "This is an Excel workbook, whatever its name ends in"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "x.xls", "Save as"),
    (b"%PDF-1.7 x", "x.pdf", "This is a PDF"),
    (b"\x89PNG\r\n", "x.png", "This is a picture"),
    (b"a\x00b", "x.csv", "This is not a text file"),
    ("kind,first\nterm,1".encode("utf-16"), "x.csv", "UTF-16"),
    ("kind,first,words\ninset,02/09/2026,Journée pédagogique".encode("cp1252"), "x.csv", "Line 2: a letter here is not in UTF-8"),
    (b"<!DOCTYPE html><html>", "x.ics", "This is a web page"),
    (b"hello", "x.docx", "know what a file ending in .docx holds"),
    (b"kind,first\n", "x.csv", "There are no dates below"),
    (b"kind,first\n" + b"inset,02/09/2026\n" * 2000, "x.csv", "a school year has about 20"),
    (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 2000, "x.ics", "a school year has about 20"),
    (b"BEGIN:VCALENDAR\nnonsense", "x.ics", "calendar"),
])  # fmt: skip
def test_a_file_that_holds_no_term_dates_says_what_to_do(content, name, says):
    reading = read_file(content, name, HOLIDAYS)
    assert reading.years == () and len(reading.problems) == 1
    assert says in reading.problems[0]


def odd(*lines: str) -> str:
    """An event of the given lines; its first line is the 41st of a calendar that begins with TERMS."""
    return "\n".join(["BEGIN:VEVENT", "SUMMARY:INSET", *lines, "END:VEVENT", ""])


UNREADABLE = "Line 41: “INSET”: this date can’t be read: write it as"


@pytest.mark.parametrize(("lines", "says"), [
    (["DTSTART;VALUE=DATE:20270608", "DTSTART;VALUE=DATE:20270609"], UNREADABLE),
    (["DTSTART;VALUE=TIME:090000"], UNREADABLE),
    (["DTSTART;VALUE=PERIOD:20270608T090000Z/PT1H"], UNREADABLE),
    (["DTSTART;VALUE=DURATION:P1D"], UNREADABLE),
    (["DTSTART;VALUE=DATE:20270608", "DTEND;VALUE=DATE:20270609", "DTEND;VALUE=DATE:20270610"], UNREADABLE),
    (["DTSTART;VALUE=DATE:20270608", "DURATION:P9999999D"], UNREADABLE),
    (["DTSTART;VALUE=DATE:20270608", "DURATION:P1D", "DURATION:P2D"], UNREADABLE),
    (["DTSTART;VALUE=DATE:99991231"], UNREADABLE),
    (["DTSTART;VALUE=DATE:00010101", "DTEND;VALUE=DATE:00010101"], UNREADABLE),
    (["DTSTART;VALUE=DATE:00010101"], "Line 41: Monday 1 January 1 is not between 2000 and 2100"),
    (["DTSTART:00010101T000000Z"], "Line 41: "),
    (["DTSTART;VALUE=DATE:20270608", "DTEND;VALUE=DATE:20990609"], "Line 41: Tuesday 8 June 2027 to Monday 8 June 2099 is more than 400"),
])  # fmt: skip
def test_a_calendar_date_that_is_none_is_named_with_its_line(lines, says):
    reading = read_file(ics(*TERMS, odd(*lines)), "x.ics", HOLIDAYS)
    assert reading.years == ()
    assert reading.problems[0].startswith(says)


@pytest.mark.parametrize(("first", "last"), [("1/1/0001", "18/12/2026"), ("2/9/2026", "31/12/9999")])
def test_the_form_of_a_year_refuses_days_of_another_century(first, last):
    typed = {"first_0": first, "last_0": last, "pupil_days": "70"}
    form = YearForm(typed, academic_year="2026/27", now=None, bank_holidays=dict.fromkeys(HOLIDAYS, ""))
    assert not form.is_valid() and form.reading is None
    assert "is not between 2000 and 2100" in form.error_summary[0][1]


def test_an_endless_summary_is_read_by_its_beginning():
    long = "term start " * 4000
    reading = read_file(ics(*TERMS, event(long, "20270608")), "x.ics", HOLIDAYS)
    assert reading.years == () and len(reading.problems[0]) < 500


@pytest.mark.parametrize(("first", "last", "says"), [
    ("0001-01-01", "9999-12-31", "is not between 2000 and 2100"),
    ("2026-09-02", "9999-12-31", "Friday 31 December 9999 is not between 2000 and 2100"),
    ("1999-12-31", "2000-01-03", "Friday 31 December 1999 is not between 2000 and 2100"),
    ("2026-09-02", "2027-10-08", "Wednesday 2 September 2026 to Friday 8 October 2027 is more than 400 days"),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["term", "inset", "closure", "holiday", "bank holiday"])
def test_days_of_another_century_are_refused_before_they_are_listed(kind, first, last, says):
    reading = read_csv(CSV + f"2026/27,{kind},{first},{last},Long,\n")
    assert reading.years == ()
    assert len(reading.problems) == 1 and reading.problems[0].startswith("Line 14: ") and says in reading.problems[0]


YEAR = '[[year]]\nacademic_year = "2026/27"\n'
SPAN = 'spans = [["2026-09-02", "2026-12-18"]]\n'


@pytest.mark.parametrize(("text", "says"), [
    (f"pupil_days = {'9' * 5000}\n{YEAR}", "Line 1: this line has 5,013 characters"),
    (f"{'a.' * 1500}a = 1\n{YEAR}", "Line 1: this line has 3,005 characters"),
    (f"{YEAR}{SPAN}name = {'[' * 1900}\n", "can’t be read"),
    (f"terms_per_year.{'a.' * 950}a = 1\n{YEAR}{SPAN}", "Line 1: terms_per_year must be 3 or 6"),
    (f"{YEAR}{SPAN}pupil_days.{'a.' * 950}a = 1\n", "Line 4: pupil_days must be a whole number"),
    (f"{YEAR}spans = [{{{'a.' * 950}a = 1}}]\n", "Line 3: Each of the spans must be"),
    (f"{YEAR}spans = [\n" + '["2026-09-02", "2026-12-18"],\n' * 2000 + "]\n", "There are 2,000 rows; a school year has about 20"),
    (f"{YEAR}{SPAN}closures = [\n" + '["2026-09-02", "INSET"],\n' * 2000 + "]\n", "There are 2,001 rows"),
    (f"{YEAR}{SPAN}training_days = [\n" + '"2026-09-02",\n' * 2000 + "]\n", "There are 2,001 rows"),
    (YEAR * 2000, "There are 2,000 years"),
    (f"{YEAR}spans = [[0001-01-01, 9999-12-31]]\n", "Line 3: Monday 1 January 1 is not between 2000 and 2100"),
    (f'{YEAR}{SPAN}closures = [["9999-12-31", "INSET"]]\n', "Line 4: Friday 31 December 9999 is not between"),
    (f"{YEAR}{SPAN}training_days = [0001-01-01]\n", "Line 4: Monday 1 January 1 is not between 2000 and 2100"),
])  # fmt: skip
def test_a_toml_that_no_school_wrote_is_refused_in_words(text, says):
    reading = read_file(text.encode(), "x.toml", HOLIDAYS)
    assert reading.years == ()
    assert says in reading.problems[0] and len(reading.problems[0]) < 500


def test_of_thousands_of_unknown_words_the_first_are_named():
    reading = read_file(("".join(f"word{number} = 1\n" for number in range(3000)) + YEAR + SPAN).encode(), "x.toml", HOLIDAYS)  # fmt: skip
    assert reading.years == () and 1 < len(reading.problems) < 30
    assert "Line 1: “word0” is not known here" in reading.problems[0]


def test_control_characters_do_not_get_into_the_database():
    text = f'name = "Hollin\\u0000 Lane\\u001b"\n{YEAR}spans = [["2026-09-02", "2026-12-18", "Aut\\u0000umn"]]\n' + (
        'closures = [["2026-09-02", "INSET", "First\\u0000 aid"]]\n'
    )
    reading = read_file(text.encode(), "x.toml", HOLIDAYS)
    assert reading.problems == () and reading.name == "Hollin Lane"
    assert reading.years[0].spans[0][2] == "Autumn" and reading.years[0].closures[0][2] == "First aid"
    assert "\x1b" not in repr(read_csv(CSV.replace("Village fair", "Village\x1b fair")).years[0].closures[-1][2])


@pytest.mark.parametrize("path", TERM_DATES, ids=lambda path: path.stem)
def test_real_term_dates_are_the_same_in_all_three_formats(path):
    reading = read_file(path.read_bytes(), path.name, HOLIDAYS)
    (year,) = reading.years
    rows = ["kind;first;last;words"]
    rows += [f"term;{first:%d/%m/%Y};{last:%d/%m/%Y};" for first, last, _ in year.spans]
    rows += [f"inset;{day:%d.%m.%Y};;" for day, _, _ in year.closures]
    (from_csv,) = read_csv("\n".join(rows)).years
    events = [
        event(f"Term {number}", f"{first:%Y%m%d}", f"{last + timedelta(days=1):%Y%m%d}")
        for number, (first, last, _) in enumerate(year.spans, 1)
    ]
    events += [event("Non-pupil day", f"{day:%Y%m%d}") for day, _, _ in year.closures]
    (from_ics,) = read_file(ics(*events), "x.ics", HOLIDAYS).years
    assert days(from_csv) == days(from_ics) == days(year)


@st.composite
def published_years(draw: st.DrawFn) -> PublishedYear:
    """Any year that could be published: words of any kind, closed days on any of its weekdays."""
    spans = []
    for first, last in ((date(2026, 9, 2), date(2026, 12, 18)), (date(2027, 1, 4), date(2027, 3, 25))):
        spans.append(
            (first, last, draw(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)))
        )
    weekdays = [
        first + timedelta(days=number)
        for first, last, _ in spans
        for number in range((last - first).days + 1)
        if (first + timedelta(days=number)).weekday() < 5
    ]
    closed = draw(st.lists(st.sampled_from(weekdays), unique=True, max_size=5))
    kinds = st.sampled_from(["inset", "occasional", "emergency"])
    return PublishedYear(
        "2026/27",
        tuple(spans),
        tuple((day, draw(kinds), draw(st.sampled_from(["", "Eid", "A “fair”, \\ 1"]))) for day in closed),
    )


@settings(max_examples=60, deadline=None)
@given(published_years())
def test_what_the_portal_writes_it_reads_again(year):
    assert calendar_mistakes(year) == []
    reading = toml_dates.read(as_toml("A “name”", [year]), HOLIDAYS)
    if not any("says" in problem for problem in reading.problems):  # a drawn text may begin with a weekday
        assert reading.problems == () and reading.years == (year,)


@pytest.mark.parametrize(("text", "day"), [
    ("2026-09-02", date(2026, 9, 2)), ("02/09/2026", date(2026, 9, 2)), ("2.9.2026", date(2026, 9, 2)), ("2-9-2026", date(2026, 9, 2)),
    ("Wed 02/09/2026", date(2026, 9, 2)), ("Wednesday, 2nd September 2026", date(2026, 9, 2)), ("2 Sept 2026", date(2026, 9, 2)),
    ("02-Sep-2026", date(2026, 9, 2)),
    ("2026-09-02 00:00:00", date(2026, 9, 2)), ("29/02/2028", date(2028, 2, 29)), ("1 9 2026", date(2026, 9, 1)),
])  # fmt: skip
def test_dates_as_people_write_them(text, day):
    assert read_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "31/11/2026",
        "29/02/2027",
        "2026-13-01",
        "9/2026",
        "Wed",
        "1 Smarch 2026",
        "02/09/26",
        "Tue 02/09/2026",
    ],
)
def test_what_is_no_date_is_refused_in_words(text):
    with pytest.raises(ValueError, match="“"):
        read_day(text)


@pytest.mark.parametrize(("words", "wrong"), [
    ("Wednesday to Friday", False), ("Friday to Wednesday", True), ("Autumn term (Wednesday)", False), ("Autumn term (Thursday)", True),
    ("starts Monday", True), ("Christmas market and Sunday best", False), ("Monday, Tuesday, Wednesday", False), ("", False),
])  # fmt: skip
def test_weekdays_in_the_words_of_a_stretch(words, wrong):
    assert bool(weekday_mistake(words, date(2026, 9, 2), date(2026, 10, 23))) is wrong
