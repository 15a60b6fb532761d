"""Reads what was typed about targets and SDQ scores."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from pepportal.ui.forms import (
    CheckField,
    ChoiceField,
    DateField,
    LongTextField,
    NumberField,
    PortalForm,
    TextField,
)
from pepportal.ui.wording import in_words
from targets import rules, sdq
from targets.actions import SdqValues, TargetValues
from targets.models import Outcome, Target, TargetKind

ANSWERS = [("0", "Not true"), ("1", "Somewhat true"), ("2", "Certainly true")]


class TargetForm(PortalForm):
    """One SMART target (R50, R51)."""

    kind = ChoiceField("What kind of target is it?", TargetKind.choices, required="Select what kind of target it is")
    need = LongTextField(
        "Which need does it come from?",
        required=False,
        rows=2,
        hint="What holds the child back, in a sentence.",
        example="Knows how to read single words but loses the thread of a longer text.",
    )
    outcome_wanted = LongTextField(
        "What will the child be able to do?",
        required="Enter what the child will be able to do",
        rows=3,
        noun="What the child will be able to do",
        hint="Specific: one thing, in words that the child and the carer can use.",
        example="Reads a story of ten pages aloud and tells what happened in it, in the right order.",
    )
    baseline = LongTextField(
        "Where is the child now?",
        required="Enter where the child is now",
        rows=2,
        noun="Where the child is now",
        example="Reads two pages, then stops; retells one event out of five.",
    )
    measure = LongTextField(
        "How will everyone know that it is reached?",
        required="Enter how everyone will know that it is reached",
        rows=2,
        noun="How everyone will know",
        hint="Measurable: what is counted, seen or heard, and by whom.",
        example="In three readings in a row, on different days, retells four events out of five to the class teacher.",
    )
    strategies = LongTextField(
        "What will be done, how often and where?",
        required="Enter what will be done, how often and where",
        rows=3,
        noun="What will be done",
        example=(
            "Reads with a trained adult in the library for 15 minutes on Monday, Wednesday and Friday. "
            "Chooses the book. Same book at home with the carer at the weekend."
        ),
    )
    who = TextField(
        "Who will do it?",
        required="Enter who will do it",
        max_length=200,
        noun="Who will do it",
        hint="People by name or job, for each thing that is to be done.",
    )
    review_by = DateField(
        "When will it be reviewed?", required="Enter the date to review it by", noun="The date to review it by"
    )
    in_childs_words = LongTextField(
        "How would the child say it?",
        required=False,
        rows=2,
        hint="In the child's own words, where you have them.",
        example="I want to read the whole dragon book by myself.",
    )

    def __init__(
        self, data: Any = None, *, latest: date, weeks: int, today: date, target: Target | None = None
    ) -> None:
        self.latest, self.weeks, self.today, self.target = latest, weeks, today, target
        names = [each.name for each in fields(TargetValues)]
        super().__init__(data, initial={name: getattr(target, name) for name in names} if target else None)
        self.fields["review_by"].help_text = f"Within {weeks} weeks: on or before {in_words(latest)}."

    def clean_review_by(self) -> date:
        day: date = self.cleaned_data["review_by"]
        kept = self.target is not None and self.target.review_by == day
        if not kept and (refused := rules.review_refused(day, latest=self.latest, weeks=self.weeks, today=self.today)):
            self.add_error("review_by", refused)
        return day

    @property
    def values(self) -> TargetValues:
        return TargetValues(**{each.name: self.cleaned_data[each.name] for each in fields(TargetValues)})

    def show_theirs(self, target: Target, who: str) -> None:
        """Puts beside each field that differs what the other person saved there."""
        for each in fields(TargetValues):
            theirs = getattr(target, each.name)
            if self.cleaned_data.get(each.name) == theirs:
                continue
            said = in_words(theirs) if isinstance(theirs, date) else theirs
            said = target.get_kind_display() if each.name == "kind" else said
            field: Any = self.fields[each.name]
            field.note, field.note_kind = f"{who} saved: {said or 'nothing'}", "changed"


class WithdrawForm(PortalForm):
    reason = TextField(
        "Why is it withdrawn?", required="Enter why it is withdrawn", max_length=100, noun="Why it is withdrawn"
    )


class ReviewForm(PortalForm):
    """How an earlier target went (R53)."""

    outcome = ChoiceField(
        "How did it go?",
        [choice for choice in Outcome.choices if choice[0] != Outcome.OPEN],
        required="Select how it went",
    )
    impact = LongTextField(
        "What difference did it make, and how do we know?",
        required="Enter what difference it made",
        noun="What difference it made",
        hint="What changed for the child; what helped; what the child says about it.",
        example="Reads six pages without stopping. The fixed time with the same adult helped; reading at home did not happen.",
    )


class SdqForm(PortalForm):
    """A teacher's questionnaire entered from the completed paper form: numbers only, no item's wording (domain 3.7)."""

    completed_on = DateField(
        "When was the form completed?", required="Enter when the form was completed", noun="The date of the form"
    )
    completed_by = TextField(
        "Who completed it?",
        required="Enter who completed the form",
        max_length=120,
        noun="Who completed it",
        hint="The teacher who knows the child best.",
    )
    known_months = NumberField(
        "How many months have they known the child?",
        required="Enter how many months they have known the child",
        least=0,
        most=240,
        noun="The number of months",
        suffix="months",
        hint=f"{rules.KNOWN_MONTHS} at least; 6 is better.",
    )
    paper_held = CheckField(
        "The school holds the completed paper form", required="Tick that the school holds the completed paper form"
    )

    def __init__(self, data: Any = None, *, today: date, born: date, how: str, initial: Any = None) -> None:
        self.today, self.born, self.how = today, born, how
        super().__init__(data, initial=initial)
        confirmed = self.fields.pop("paper_held")
        if how == "scales":
            for name in sdq.SCALES:
                label = sdq.SCALE_LABELS[name]
                self.fields[name] = NumberField(
                    label, required=f"Enter the score for “{label}”", least=0, most=10, width=2, hint="0 to 10"
                )
        else:
            for number in range(1, 26):
                self.fields[f"item_{number}"] = ChoiceField(
                    f"Item {number}", ANSWERS, required=False, inline=True, noun=f"Item {number}"
                )
        self.fields["paper_held"] = confirmed

    def clean_completed_on(self) -> date:
        day: date = self.cleaned_data["completed_on"]
        least, most = rules.T4_17
        if day > self.today:
            self.add_error("completed_on", "The date of the form must be today or in the past")
        elif not least <= rules.age_on(self.born, day) <= most:
            self.add_error("completed_on", f"The child must be {least} to {most} years old on the date of the form")
        return day

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if self.how == "items" and not any(given.get(f"item_{number}") for number in range(1, 26)):
            self.add_error("item_1", "Enter the answers from the paper form")
        return given

    @property
    def rows(self) -> list[Any]:
        """The bound fields of the 25 items, where answers are entered by number."""
        return [self[name] for name in self.fields if name.startswith("item_")]

    @property
    def others(self) -> list[Any]:
        """All other bound fields; the items come before the last."""
        return [self[name] for name in self.fields if not name.startswith("item_")]

    @property
    def values(self) -> SdqValues:
        given = self.cleaned_data
        items = scales = None
        if self.how == "scales":
            scales = {name: given[name] for name in sdq.SCALES}
        else:
            answers = {number: given[f"item_{number}"] for number in range(1, 26)}
            items = {number: int(answer) if answer else None for number, answer in answers.items()}
        return SdqValues(
            completed_on=given["completed_on"], completed_by=given["completed_by"], known_months=given["known_months"],
            paper_held=given["paper_held"], items=items, scales=scales,
        )  # fmt: skip


class SdqReasonForm(PortalForm):
    reason = LongTextField(
        "Why is no target needed for it?",
        required="Enter why no target is needed",
        rows=3,
        noun="Why no target is needed",
        hint="For example, support that is in place already and working.",
    )
