"""The forms of signing and checking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from pepportal.ui.forms import (
    CheckboxesField,
    CheckField,
    ChoiceField,
    LongTextField,
    PortalForm,
    SelectField,
    TextField,
)
from peps.form_documents import FormDocument
from peps.models import PepKind
from peps.states import PepState
from qa.actions import Reading
from qa.policy import QualityPolicy
from qa.queries import NEVER_MARKED
from qa.rules import Verdict

MOST_WORDS = 4000


class SignForm(PortalForm):
    """One tick; ``read`` is the version of the plan that the page showed."""

    agree = CheckField(
        "I have read the plan and I agree", required="Tick the box to say that you have read the plan and agree"
    )
    read = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)


class ReviewForm(PortalForm):
    """The rubric of the council, a comment a criterion, words on the whole, and the decision."""

    read = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, policy: QualityPolicy, document: FormDocument, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy = policy
        for each in policy.criteria:
            self.fields[f"grade_{each.key}"] = ChoiceField(
                each.title,
                [(grade.key, grade.label) for grade in policy.grades],
                hints={grade.key: each.words.get(grade.key, grade.words) for grade in policy.grades},
                required=f"Choose a grade for “{each.title}”",
            )
            self.fields[f"comment_{each.key}"] = LongTextField(
                f"Comment on “{each.title}”", required=False, max_length=MOST_WORDS, rows=2
            )
        self.fields["feedback"] = LongTextField(
            "Feedback on the whole plan",
            required=False,
            max_length=MOST_WORDS,
            hint="What is good, and what to do better next time. It goes into the full record.",
        )
        self.fields["decision"] = ChoiceField(
            "What do you decide?",
            [(Verdict.APPROVE, "Approve it"), (Verdict.RETURN, "Return it for a change")],
            hints={Verdict.APPROVE: "The plan becomes final when everybody who must has approved it.",
                   Verdict.RETURN: "Those who wrote it are told. Signatures don’t count any more: the changed plan is signed again."},
            required="Choose whether to approve the plan or return it",
        )  # fmt: skip
        self.fields["return_reason"] = LongTextField(
            "If you return it: what must change, and why?",
            required=False,
            max_length=MOST_WORDS,
            hint="Everyone who works on the plan reads this here. It isn’t in the e-mail.",
        )
        self.fields["sections"] = CheckboxesField(
            "If you return it: which sections are opened again?",
            [(each.key, each.title) for each in document.sections if not NEVER_MARKED & set(each.panels)],
            required=False,
            hint="The others stay complete.",
        )

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Grade and comment of each criterion, for the page."""
        return [(self[f"grade_{each.key}"], self[f"comment_{each.key}"]) for each in self.policy.criteria]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("decision") == Verdict.RETURN:
            if not found.get("return_reason", "").strip() and "return_reason" not in self.errors:
                self.add_error("return_reason", "Say what must change, and why")
            if not found.get("sections") and "sections" not in self.errors:
                self.add_error("sections", "Choose at least one section to open again")
        elif found.get("decision") == Verdict.APPROVE and all(
            f"grade_{each.key}" in found for each in self.policy.criteria
        ):
            overall = self.policy.overall(self.reading.grades)
            if not self.policy.good_enough(overall.grade.key) and self.policy.minimum_grade:
                minimum = self.policy.grade(self.policy.minimum_grade).label.lower()
                self.add_error("decision", f"The overall grade is {overall.grade.label.lower()} ({'; '.join(overall.reasons).lower()}). "
                               f"Your council’s rules finalise a plan at {minimum} or better: return it instead")  # fmt: skip
        return found

    @property
    def reading(self) -> Reading:
        """What was written, once the grades are valid."""
        data = self.cleaned_data
        keys = [each.key for each in self.policy.criteria]
        return Reading(
            {key: data[f"grade_{key}"] for key in keys},
            {key: data.get(f"comment_{key}", "") for key in keys},
            data.get("feedback", ""),
        )

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Everything that was typed, label and words, for the page that keeps it when the plan has moved on."""
        names = [*(f"comment_{each.key}" for each in self.policy.criteria), "feedback", "return_reason"]
        return [
            (str(self.fields[name].label), str(self.data.get(name, "")))
            for name in names
            if str(self.data.get(name, "")).strip()
        ]


class QueueForm(PortalForm):
    """Search and filters of the queue."""

    q = TextField("Name or reference", required=False, max_length=80, width=20)
    state = SelectField(
        "Show",
        [(PepState.SUBMITTED.value, "Waiting for the check"), (PepState.RETURNED.value, "Returned")],
        required=False,
        empty="",
    )
    kind = SelectField("Kind of plan", PepKind.choices, required=False, empty="All kinds")


def sections_by_title(document: FormDocument, keys: Iterable[str]) -> list[str]:
    """The titles of sections, in the form's order."""
    wanted = set(keys)
    return [each.title for each in document.sections if each.key in wanted]
