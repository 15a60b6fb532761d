"""What is typed about meetings, checked. The day is checked by the council's rule for meeting dates (R10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms

from meetings.actions import Asked, Presence, asked
from meetings.models import Invitation, Meeting, OtherKind, OtherMeeting, Reply
from meetings.rules import DateRule, Suggestion
from pepportal.ui.forms import (
    CheckboxesField,
    CheckField,
    ChoiceField,
    DateField,
    EmailField,
    LongTextField,
    NumberField,
    PortalForm,
    TextField,
    TimeField,
    YesNoField,
)
from pepportal.ui.wording import LONDON, in_words
from peps.deadlines.rules import Verdict

PLACE_HINT = (
    "Shown only to people asked who may see the child, never in the subject or text of an email. "
    "If the address is confidential, name a room that they know."
)


class WarnedDate:
    """One date box under the council's rule: refused with the reason, or warned about and then asked why.

    A warning is given once: the form carries the day it was given for, so that sending again goes on.
    """

    verdict: Verdict | None = None
    warned_day: date | None = None

    def judge(self, form: PortalForm, box: str, why: str, day: date, verdict: Verdict) -> None:
        if not verdict.allowed:
            form.add_error(box, f"Choose another day. {' '.join(verdict.reasons)}")
            return
        if verdict.outcome != "warned":
            return
        self.verdict, self.warned_day = verdict, day
        if form.cleaned_data.get(why):
            return
        seen = form.data.get(f"{box}_warned") == day.isoformat()
        if verdict.needs_reason or not seen:
            ask = (
                "Say why this day, or choose another."
                if verdict.needs_reason
                else "Say why this day, or send again if it is right."
            )
            form.add_error(why, f"{' '.join(verdict.reasons)} {ask}")


class DayAndPlaceForm(PortalForm):
    """When and where: shared by arranging and moving."""

    day = DateField("Date", required="Enter the date of the meeting", noun="The date of the meeting")
    date_reason = LongTextField("Why this day?", required=False, max_length=500, rows=2, hint="Kept with the meeting.")
    at = TimeField("Time", required="Enter the time the meeting starts", hint="For example 2:30pm", noun="The time")
    minutes = NumberField(
        "How long", required="Enter how many minutes the meeting takes", least=10, most=480, suffix="minutes",
        noun="The length", initial=60,
    )  # fmt: skip
    place = TextField("Place", required="Enter where the meeting is", max_length=200, hint=PLACE_HINT)
    interim = CheckField("Hold an interim meeting, at the placement or the virtual school", required=False)

    def __init__(self, *args: Any, rule: DateRule, today: date, interim_reason: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule, self.today = rule, today
        self.warning = WarnedDate()
        if not interim_reason:
            del self.fields["interim"]

    @property
    def asks_why(self) -> bool:
        """Whether the box for a reason is shown: only with a warning, or where something was written in it."""
        return self.warning.verdict is not None or bool(self["date_reason"].value())

    @property
    def warned_day(self) -> str:
        return self.warning.warned_day.isoformat() if self.warning.warned_day else ""

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        day = found.get("day")
        if day is not None:
            verdict = self.rule.verdict(day, interim=bool(found.get("interim")))
            self.warning.judge(self, "day", "date_reason", day, verdict)
            self._judge_past(day, verdict)
        return found

    def _judge_past(self, day: date, verdict: Verdict) -> None:
        """A wrong year is the usual slip; a meeting that was held and never entered is the rare truth."""
        if day >= self.today or not verdict.allowed or self.data.get("day_past") == day.isoformat():
            return
        self.add_error("day", f"{in_words(day)} is in the past. If the meeting was held then, send this again.")

    @property
    def past_day(self) -> str:
        day = getattr(self, "cleaned_data", {}).get("day") or self._typed_day()
        return day.isoformat() if day and day < self.today else ""

    def _typed_day(self) -> date | None:
        try:
            return (
                self.fields["day"].clean([self.data.get(f"day_{part}", "") for part in range(3)])
                if self.is_bound
                else None
            )
        except forms.ValidationError:
            return None

    def said(self) -> dict[str, Any]:
        """What the action takes, apart from the moment."""
        given = self.cleaned_data
        return {
            "minutes": given["minutes"],
            "place": given["place"],
            # A reason typed for a day that needs none is no fact about the day that was chosen.
            "date_reason": given.get("date_reason", "") if self.warning.verdict else "",
            "interim": bool(given.get("interim")),
        }

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["at"], LONDON)


def _words(suggestion: Suggestion) -> str:
    return f"{suggestion.person.name}, {suggestion.person.part.lower()}"


class OtherPerson:
    """Somebody without a part in the child's team: a name, in what part, an address."""

    @staticmethod
    def check(form: PortalForm) -> None:
        given = form.cleaned_data
        name, part, email = (given.get(f"other_{each}", "") for each in ("name", "part", "email"))
        if (part or email) and not name and "other_name" not in form.errors:
            form.add_error("other_name", "Enter the name of the person to ask")
        if name and not part and "other_part" not in form.errors:
            form.add_error("other_part", "Enter in what part they come, for example educational psychologist")

    @staticmethod
    def of(given: Mapping[str, Any]) -> Asked | None:
        if not given.get("other_name"):
            return None
        return Asked(given["other_name"], given["other_part"], None, given.get("other_email", ""))


class ArrangeForm(DayAndPlaceForm):
    chair = TextField("Who leads the meeting", required="Enter who leads the meeting", max_length=120)
    people = CheckboxesField("Who else is asked", required=False)
    other_name = TextField("Name", required=False, max_length=120)
    other_part = TextField("In what part", required=False, max_length=60, hint="For example educational psychologist")
    other_email = EmailField("Email address", required=False, max_length=120, autocomplete="off")

    def __init__(self, *args: Any, suggestions: Sequence[Suggestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggestions = suggestions
        free = [each for each in suggestions if not each.required]
        field = CheckboxesField(
            "Who else is asked", [(each.key, _words(each)) for each in free], required=False,
            hints={each.key: each.why for each in free}, initial=[each.key for each in free if each.ticked],
        )  # fmt: skip
        self.fields["people"] = field
        if not free:
            del self.fields["people"]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        OtherPerson.check(self)
        return found

    def said(self) -> dict[str, Any]:
        return super().said() | {"chair": self.cleaned_data["chair"]}

    @property
    def must_come(self) -> list[Suggestion]:
        return [each for each in self.suggestions if each.required]

    def everybody(self) -> list[Asked]:
        chosen = set(self.cleaned_data.get("people", []))
        people = [asked(each) for each in self.suggestions if each.required or each.key in chosen]
        other = OtherPerson.of(self.cleaned_data)
        return [*people, other] if other else people


class MoveForm(DayAndPlaceForm):
    reason = LongTextField(
        "Why is it moved?", required="Say why the meeting is moved", max_length=500, rows=2,
        hint="Kept with the meeting; those who read the plan see it. It is not sent by email.",
    )  # fmt: skip

    def said(self) -> dict[str, Any]:
        return super().said() | {"reason": self.cleaned_data["reason"]}

    @staticmethod
    def as_arranged(meeting: Meeting) -> dict[str, Any]:
        starts = meeting.starts_at.astimezone(LONDON)
        return {
            "day": starts.date(), "at": starts.time(), "minutes": meeting.minutes, "place": meeting.place,
            "interim": meeting.interim, "date_reason": meeting.date_reason,
        }  # fmt: skip


class CancelForm(PortalForm):
    reason = LongTextField(
        "Why is it cancelled?", required="Say why the meeting is cancelled", max_length=500, rows=3,
        hint="Kept with the meeting; those who read the plan see it. It is not sent by email.",
    )  # fmt: skip


class InviteForm(PortalForm):
    people = CheckboxesField("From the team around the child", required=False)
    other_name = TextField("Name", required=False, max_length=120)
    other_part = TextField("In what part", required=False, max_length=60, hint="For example educational psychologist")
    other_email = EmailField("Email address", required=False, max_length=120, autocomplete="off")

    def __init__(self, *args: Any, suggestions: Sequence[Suggestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggestions = suggestions
        self.fields["people"] = CheckboxesField(
            "From the team around the child", [(each.key, _words(each)) for each in suggestions], required=False,
            hints={each.key: each.why for each in suggestions},
        )  # fmt: skip
        if not suggestions:
            del self.fields["people"]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        OtherPerson.check(self)
        if not self.errors and not self.everybody():
            self.add_error("people" if "people" in self.fields else "other_name", "Choose or name somebody to ask")
        return found

    def everybody(self) -> list[Asked]:
        chosen = set(self.cleaned_data.get("people", []))
        people = [asked(each) for each in self.suggestions if each.key in chosen]
        other = OtherPerson.of(self.cleaned_data)
        return [*people, other] if other else people


class ReplyForm(PortalForm):
    answer = ChoiceField(
        "Will you come?",
        [(Reply.YES.value, "Yes"), (Reply.NO.value, "No"), (Reply.REPORT.value, "No, but I send a report")],
        required="Select whether you come",
        hints={Reply.REPORT.value: "Give it to the person who leads the meeting before the day."},
    )


class RecordForm(PortalForm):
    """What happened. One question a person asked, then the overview and the next date; short enough for a phone."""

    def __init__(
        self,
        *args: Any,
        meeting: Meeting,
        people: Iterable[Invitation],
        today: date,
        entry_on: date,
        next_rule: Callable[[date], DateRule],
        child_name: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people, self.today, self.entry_on, self.next_rule = list(people), today, entry_on, next_rule
        self.warning = WarnedDate()
        arranged = meeting.starts_at.astimezone(LONDON).date()
        self.fields["held_on"] = DateField(
            "Date it was held", required="Enter the date the meeting was held", initial=meeting.held_on or min(arranged, today),
        )  # fmt: skip
        for each in self.people:
            self.fields[f"came_{each.pk.hex}"] = YesNoField(
                f"Did {each.name} come?", required=f"Say whether {each.name} came", initial=each.attended,
                hint=f"{each.part}{', must come' if each.required else ''}", noun=f"Whether {each.name} came",
            )  # fmt: skip
            if each.required:
                self.fields[f"why_{each.pk.hex}"] = TextField(
                    f"If not, why was {each.name} not there?", required=False, max_length=300, initial=each.absence_reason,
                )  # fmt: skip
        self.fields |= {
            "also_name": TextField("Somebody else who came", required=False, max_length=120, hint="Their name"),
            "also_part": TextField("In what part did they come?", required=False, max_length=60),
            "overview": LongTextField(
                "What was said and agreed", required="Enter an overview of the meeting", rows=5, initial=meeting.overview,
                hint="The main points, and who does what by when. Targets and money have their own pages.",
            ),
            "child_took_part": LongTextField(
                f"How did {child_name} take part?", required=False, rows=2, initial=meeting.child_took_part,
                hint="Joined for the end, talked with the teacher before, agreed or changed the targets.",
            ),
            "next_on": DateField(
                "Date of the next meeting", required=False, initial=meeting.next_meeting_on,
                hint="Set it while everybody is there. The section can’t be marked complete without it.",
            ),
            "next_reason": LongTextField(
                "Why this day?", required=False, max_length=500, rows=2, initial=meeting.next_meeting_reason
            ),
        }  # fmt: skip

    @property
    def asks_why(self) -> bool:
        return self.warning.verdict is not None or bool(self["next_reason"].value())

    @property
    def warned_day(self) -> str:
        return self.warning.warned_day.isoformat() if self.warning.warned_day else ""

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """For each person the question whether they came and, for those who must, why not."""
        return [
            (self[f"came_{each.pk.hex}"], self[f"why_{each.pk.hex}"] if each.required else None) for each in self.people
        ]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        held_on = found.get("held_on")
        if held_on and held_on > self.today:
            self.add_error("held_on", "The date it was held must be today or in the past")
        elif held_on and held_on < self.entry_on:
            self.add_error(
                "held_on", f"The child came into care on {in_words(self.entry_on)}: the meeting can’t be before that"
            )
        for each in self.people:
            why = f"why_{each.pk.hex}"
            missed = each.required and found.get(f"came_{each.pk.hex}") is False
            if missed and not found.get(why) and why not in self.errors:
                self.add_error(why, f"Say why {each.name} was not there")
        if found.get("also_name") and not found.get("also_part"):
            self.add_error("also_part", "Enter in what part they came")
        elif found.get("also_part") and not found.get("also_name"):
            self.add_error("also_name", "Enter the name of the person who came")
        if found.get("next_on") and held_on and "held_on" not in self.errors:
            verdict = self.next_rule(held_on).verdict(found["next_on"])
            self.warning.judge(self, "next_on", "next_reason", found["next_on"], verdict)
        return found

    def said(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.cleaned_data
        return {
            "held_on": given["held_on"],
            "came": self.presence(),
            "overview": given["overview"],
            "child_took_part": given["child_took_part"],
            "next_meeting_on": given.get("next_on"),
            "next_meeting_reason": given.get("next_reason", "") if self.warning.verdict else "",
            "also_came": self.also_came(),
        }

    def presence(self) -> dict[UUID, Presence]:
        return {
            each.pk: Presence(self.cleaned_data[f"came_{each.pk.hex}"], self.cleaned_data.get(f"why_{each.pk.hex}", ""))
            for each in self.people
        }

    def also_came(self) -> Asked | None:
        name = self.cleaned_data.get("also_name")
        return Asked(name, self.cleaned_data["also_part"]) if name else None


class OtherMeetingForm(PortalForm):
    """Another meeting about the child's education: what it was, when, who came, what was decided (R19)."""

    kind = ChoiceField("What kind of meeting was it?", OtherKind.choices, required="Select what kind of meeting it was")
    on = DateField("When was it?", required="Enter the day of the meeting", noun="The day of the meeting")
    who_came = LongTextField(
        "Who came?", required="Enter who came", max_length=1000, rows=3, hint="Name and part, one a line."
    )
    summary = LongTextField(
        "What was decided?", required="Enter what was decided", max_length=4000, rows=6,
        hint="What it changes for the plan. Everybody who reads the plan reads this.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, today: date, row: OtherMeeting | None = None) -> None:
        super().__init__(data)
        self.today = today
        if row is not None:
            self.initial = {name: getattr(row, name) for name in ("kind", "on", "who_came", "summary")}

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on and on > self.today:
            self.add_error("on", "The day of the meeting must be today or in the past")
        return on

    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("kind", "on", "who_came", "summary")}


class FindForm(PortalForm):
    q = TextField("Child’s name or reference", required=False, max_length=80)
    when = ChoiceField(
        "Which", [("next", "To come"), ("past", "Held or cancelled")], required=False, widget=forms.Select()
    )
