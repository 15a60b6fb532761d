# ruff: noqa: E501 (a table of samples reads better in long lines)
"""Every component in every state, with sample data about fictional people: what the gallery page shows and the tests read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms as django_forms
from django.core.paginator import Paginator

from pepportal.ui import forms, wording
from pepportal.ui.owners import OWNERS
from pepportal.ui.statuses import STATUSES


@dataclass(frozen=True)
class State:
    """One state of a component: what it is called, how a template writes it, and the values it is given.

    ``values`` is called for each showing, since a form shown twice has lost its error summary.
    """

    name: str
    source: str
    values: Callable[[], dict[str, Any]] = field(default=dict)


@dataclass(frozen=True)
class Component:
    key: str
    name: str
    about: str
    states: tuple[State, ...]


class SampleForm(forms.PortalForm):
    """One field of every type."""

    name = forms.TextField("Full name", required="Enter the full name", hint="As on the school’s register")
    plan = forms.LongTextField(
        "What is the plan for Friday absences?",
        required="Enter what the plan is",
        hint="Say what will happen, who does it, and when you will know that it works.",
        example="Miss Bell meets Amara at the gate on Fridays at 8:40am until half term. We look at the register on 18 December.",
        note="changed: was empty in summer",
        note_kind="changed",
    )
    entered = forms.DateField(
        "Date of entry to care", required="Enter the date of entry to care", hint="For example, 27 3 2026"
    )
    starts = forms.TimeField(
        "Time of the meeting", required="Enter the time of the meeting", hint="Like 2:30pm or 14:30"
    )
    attendance = forms.PercentField(
        "Attendance this term", required="Enter the attendance this term", note="unchanged since summer"
    )
    cost = forms.MoneyField("How much is asked for?", required="Enter how much is asked for", most=100_000)
    score = forms.NumberField("Teacher’s SDQ score", required="Enter the score", least=0, most=40, width=2)
    email = forms.EmailField("Email address", required="Enter an email address")
    stage = forms.SelectField(
        "Key stage",
        required="Choose a key stage",
        choices=[("1", "Key stage 1"), ("2", "Key stage 2"), ("3", "Key stage 3")],
    )
    kind = forms.ChoiceField(
        "How did the child come into care?",
        required="Select how the child came into care",
        choices=[("planned", "Planned"), ("unplanned", "Unplanned")],
        hints={"unplanned": "An emergency, with no placement agreed beforehand"},
    )
    interpreter = forms.YesNoField("Is an interpreter needed?", required="Select yes if an interpreter is needed")
    people = forms.CheckboxesField(
        "Who came?",
        required="Select who came",
        choices=[("child", "Amara"), ("carer", "Mrs Bello, carer"), ("worker", "Mr Doyle, social worker")],
    )
    letter = forms.FileField("Letter", required=False, hint="A PDF or a picture, up to 5 MB")
    checked = forms.CheckField("I have checked this with Amara", required="Tick the box when you have checked this")


class SampleFilters(django_forms.Form):
    """A list's search and filters."""

    q = forms.TextField("Search by name", required=False)
    state = forms.SelectField("State", choices=[("late", "Late"), ("due", "Due")], required=False, empty="All")
    school = forms.SelectField("School", choices=[("h", "Hollin Lane Primary")], required=False, empty="All")


FILLED = {
    "name": "Amara Okafor",
    "plan": "Amara finds Friday swimming hard. Mr Osei will walk with her to the pool and stay until she is changed.",
    "entered": date(2025, 10, 13),
    "starts": time(14, 0),
    "attendance": "91.4",
    "cost": 50_000,
    "score": 16,
    "email": "r.khan@hollinlane.example",
    "stage": "2",
    "kind": "planned",
    "interpreter": False,
    "people": ["child", "carer"],
    "checked": True,
}
WRONG = {
    "name": "",
    "plan": "",
    "entered_0": "31",
    "entered_1": "11",
    "entered_2": "2025",
    "starts": "2:30",
    "attendance": "914",
    "cost": "45.505",
    "score": "sixteen",
    "email": "r.khan at school",
}


def _at(*numbers: int) -> datetime:
    year, month, day, hour, minute = numbers
    return datetime(year, month, day, hour, minute, tzinfo=wording.LONDON)


def owed() -> list[dict[str, Any]]:
    """Three things owed by one teacher."""
    today = date(2026, 11, 22)
    facts = (
        (date(2026, 11, 18), -2, "late", "Finish Amara’s plan after the meeting", "Carry on",
         "The meeting was on 4 November. Left for you: 1 answer, 1 target’s cost, 1 check. Mr Doyle (social worker) has finished his."),
        (date(2026, 11, 26), 4, "soon", "Draft targets for Jonah before his meeting", "Start",
         "Meeting on Thursday 3 December at 2pm. Last term’s three targets are waiting for your review."),
        (date(2026, 12, 3), 9, "", "Answer a question about Skye’s attendance", "Answer",
         "Ms Petrou (virtual school) asked on Friday: “Is the reduced timetable still in place?”"),
    )  # fmt: skip
    return [
        {
            "when": wording.due_words(due, today, left),
            "tone": tone,
            "due": due,
            "title": title,
            "href": f"#owed-{number}",
            "hint": hint,
            "button": button,
            "primary": number == 0,
        }
        for number, (due, left, tone, title, button, hint) in enumerate(facts)
    ]


def sections() -> list[dict[str, Any]]:
    """A plan's sections, one per owner at least."""
    facts = (
        (
            "School and attendance",
            "designated_teacher",
            "",
            "in_progress",
            "1 answer left: plan for Friday absences",
            True,
        ),
        ("Who needs to know what", "both", "", "check", "Confirm: nothing changed since summer", True),
        ("Facts about care", "social_worker", "", "done", "Checked by Mr Doyle, 9 November", False),
        ("My views", "child", "Amara", "done", "Amara drew a picture and said three things", False),
        ("At home", "carer", "", "optional", "Not written yet. Carers are not required to", False),
        ("Quality check", "virtual_school", "", "not_yet", "Starts when both of you have signed", False),
    )
    return [
        {"title": t, "owner": o, "owner_name": n, "status": s, "hint": h, "mine": m, "href": "" if s == "not_yet" else f"#{s}-{o}"}
        for t, o, n, s, h, m in facts
    ]  # fmt: skip


def calendar() -> list[list[dict[str, Any]]]:
    """Twenty school days from 13 October 2025, with a fortnight's half term."""
    start, weeks, number = date(2025, 10, 13), [], 0
    half_term = {date(2025, 10, 20) + timedelta(days=n) for n in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)}
    for week in range(7):
        cells: list[dict[str, Any]] = []
        for weekday in range(7):
            day = start + timedelta(days=7 * week + weekday)
            cell: dict[str, Any] = {"day": day}
            if day == start:
                cell |= {"kind": "start", "reason": "Came into care"}
            elif number == 20:
                cell |= {"kind": "outside"}
            elif day in half_term:
                cell |= {"kind": "skipped", "reason": "Half term"}
            elif weekday > 4:
                cell |= {"kind": "skipped", "reason": "Weekend"}
            else:
                number += 1
                cell |= {"kind": "due" if number == 20 else "counted", "number": number}
            cells.append(cell)
        weeks.append(cells)
    return weeks


def waiting_table() -> dict[str, Any]:
    """A table with sorting, a tag in a cell, and a date."""
    return {
        "columns": [
            {"text": "Child", "href": "?sort=child", "sort": "ascending"},
            {"text": "What", "href": "?sort=what", "sort": ""},
            "Who has it",
            "State",
            {"text": "Money", "numeric": True},
            "Expected",
        ],
        "rows": [
            [{"text": "Kofi A.", "href": "#kofi", "note": "Year 4"}, "Quality check", {"owner": "virtual_school"}, {"status": "submitted"},
             wording.money(50_000), date(2026, 12, 1)],
            [{"text": "Leila M.", "href": "#leila", "note": "Year 9"}, "Facts about care", {"owner": "social_worker"}, {"status": "overdue"},
             wording.money(104_550), date(2026, 11, 25)],
        ],
    }  # fmt: skip


FACTS = [
    {"key": "Care began", "value": date(2025, 10, 13), "href": "#began"},
    {"key": "School", "value": ["Hollin Lane Primary", "Year 5"], "href": "#school", "action": "Move"},
    {"key": "Attendance this term", "value": "91.4%"},
    {"key": "Interpreter", "value": None},
]
HISTORY = [
    {
        "when": _at(2026, 11, 9, 16, 5),
        "by": "Mr Doyle, social worker",
        "title": "Facts about care marked complete",
    },
    {
        "when": _at(2026, 11, 4, 14, 0),
        "by": "Ms Khan, designated teacher",
        "title": "Meeting held",
        "text": "7 of 7 came. Next meeting Tuesday 9 March 2027.",
        "href": "#meeting",
    },
    {"when": date(2025, 10, 13), "title": "Came into care"},
]
NEXT = [
    {"text": "Mr Doyle signs", "state": "done"},
    {"text": "You finish and sign", "state": "now"},
    "Virtual school checks quality",
    "£500 can be released",
    "Amara’s carer gets a copy",
]
SIGNED = [
    {"name": "Mr Doyle", "role": "Social worker", "signed_at": _at(2026, 11, 9, 16, 10), "status": "signed"},
    {"name": "Ms Khan", "role": "Designated teacher", "status": "waiting", "reason": "Two sections are not complete"},
    {"name": "Mrs Bello", "role": "Carer", "status": "needs_change", "status_word": "Sign again", "reason": "Target 2 changed after signing"},
]  # fmt: skip


def _bound() -> dict[str, Any]:
    return {"form": SampleForm(dict(WRONG))}


GALLERY: tuple[Component, ...] = (
    Component("owner-tag", "Owner tag", "Whose it is. Word, shape and colour together.", (
        State("Every owner", "".join(f'{{% owner_tag "{key}" %}} ' for key in OWNERS)),
        State("A child’s preferred name", '{% owner_tag "child" "Amara" %}'),
    )),
    Component("section-banner", "Section banner", "The top of a section’s page.", (
        State("Mine, with something left", '{% section_banner "designated_teacher" "School and attendance" mine=True note="1 answer left" %}'),
        State("Somebody else’s", '{% section_banner "social_worker" "Facts about care" expected=expected %}', lambda: {"expected": date(2026, 11, 25)}),
        State("Both", '{% section_banner "both" "The meeting" mine=True %}'),
        State("The child’s", '{% section_banner "child" "My views" name="Amara" %}'),
        State("The carer’s", '{% section_banner "carer" "At home" %}'),
        State("The virtual school’s", '{% section_banner "virtual_school" "Quality check" %}'),
    )),
    Component("task-list", "Task list", "A plan’s sections; a row leads to one page.", (
        State("Every owner", "{% progress 2 whose='you' %}{% task_list rows %}", lambda: {"rows": sections()}),
        State("Nothing left", "{% progress 0 %}"),
    )),
    Component("status-tag", "Status tag", "A state, by its word.", (
        State("Every state", "".join(f'{{% status_tag "{key}" %}} ' for key in STATUSES)),
        State("Said more exactly", '{% status_tag "waiting" "Waiting for cost" %}'),
    )),
    Component("owed-list", "What you owe", "The top of a home page, soonest first.", (
        State("Late, soon, later", "{% owed_list items %}", lambda: {"items": owed()}),
        State("Nothing owed", '{% empty_state "You owe nothing now" "The next thing is Jonah’s meeting on Thursday 3 December." "#meetings" "See your meetings" %}'),
    )),
    Component("filters", "Search and filters", "A list’s search box and the two or three filters that matter.", (
        State("With a count", '{% filters form clear="?" %}<p class="pp-count">{{ 23|count_words:"child" }}</p>', lambda: {"form": SampleFilters({"q": "ama"})}),
    )),
    Component("data-table", "Table", "Sorted by its headings; on a phone each row stacks, or the table scrolls.", (
        State("Stacks on a phone", '{% data_table "Waiting for someone else" columns rows %}', waiting_table),
        State("Scrolls on a phone", '{% data_table "Money by child" columns rows phone="scroll" %}', waiting_table),
    )),
    Component("pagination", "Pages", "Keeps the search.", (
        State("In the middle", "{% pagination page %}", lambda: {"page": Paginator(range(500), 25).page(7)}),
    )),
    Component("calendar", "A deadline explained", "Every day from start to due date, counted or not, and why.", (
        State("Calendar", '{% calendar_table weeks "From Monday 13 October to Monday 24 November 2025" %}', lambda: {"weeks": calendar()}),
        State("The same as a list", '{% details "Show as a list" %}{% day_list days %}{% enddetails %}', lambda: {"days": [cell for week in calendar() for cell in week]}),
    )),
    Component("summary", "Facts", "What is known, with where to change it.", (
        State("List", "{% summary_list rows %}", lambda: {"rows": FACTS}),
        State("Card", '{% summary_card "Amara’s school" rows actions %}', lambda: {"rows": FACTS, "actions": [{"text": "Move school", "href": "#move"}]}),
    )),
    Component("timeline", "Timeline", "What happened.", (State("Events", "{% timeline items level=3 %}", lambda: {"items": HISTORY}),)),
    Component("steps", "What happens next", "Numbered, with where we are.", (
        State("In a side card", '{% card "Next" %}{% steps items %}{% endcard %}', lambda: {"items": NEXT}),
    )),
    Component("card", "Side card", "Beside the main column.", (
        State("Plain", '{% card "Also here" %}<p>Mr Doyle is reading this page.</p>{% endcard %}'),
        State("A child’s words", '{% card "Amara said" kind="said" %}<p>“I don’t like getting changed with everyone.”</p><p><a class="govuk-link" href="#link">Link this to the plan</a></p>{% endcard %}'),
    )),
    Component("signatures", "Signatures", "Who has signed, and what keeps the others.", (State("Signed, waiting, void", "{% signatures rows %}", lambda: {"rows": SIGNED}),)),
    Component("conflict", "Two versions", "Two people saved one answer: both are kept until somebody chooses.", (
        State("To choose", '{% conflict "plan" "What is the plan for Friday absences?" yours theirs %}', lambda: {
            "yours": {"value": "mine", "who": "yours", "text": "Mr Osei walks with her to the pool."},
            "theirs": {"value": "theirs", "who": "Mr Doyle’s", "at": _at(2026, 11, 9, 16, 5), "text": "Amara goes to the library instead."},
        }),
    )),
    Component("messages", "Messages", "After an act, before an act, and what is in the way.", (
        State("Success", '{% notification "Target 2 is saved." kind="success" %}'),
        State("Important", '{% notification "The meeting was moved from 1 to 3 December." %}'),
        State("Warning", '{% warning "Once finalised, the plan can only be changed by returning it." %}'),
        State("Inset", "{% inset %}The carer sees this section as it is written.{% endinset %}"),
        State("Done", '{% panel "Sent for quality check" "Ms Petrou has it. You hear by Tuesday 1 December." %}'),
    )),
    Component("buttons", "Buttons", "One green button a page.", (
        State("Kinds", '<div class="pp-buttons">{% button "Save and go to targets" %}{% button "Preview" href="#preview" kind="secondary" %}{% button "Cancel the meeting" kind="warning" %}</div>'),
        State("Not possible yet, with the reason", '<p class="pp-reason">You can sign when School and attendance is complete.</p>'),
        State("Saved", '<p class="pp-saved" role="status" data-autosave-status data-state="saved">Saved 10:42am, as you type</p>'),
        State("Leave quickly", "{% quick_exit %}"),
    )),
    Component("form", "Form", "Every field, then every mistake.", (
        State("Filled", '<form method="post" novalidate>{% form_token %}{% portal_form form %}</form>', lambda: {"form": SampleForm(initial=FILLED, prefix="filled")}),
        State("With mistakes", '<form method="post" novalidate>{% form_token %}{% portal_form form %}</form>', _bound),
    )),
)  # fmt: skip
