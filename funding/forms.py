"""Reads what was typed about Pupil Premium Plus."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from funding import rules
from funding.actions import RequestValues
from funding.models import FundingRequest
from funding.policy import FundingPolicy
from funding.queries import SORTS, STAGES
from pepportal.ui.forms import (
    CheckboxesField,
    ChoiceField,
    LongTextField,
    MoneyField,
    NumberField,
    PortalForm,
    SelectField,
    TextField,
)


class RequestForm(PortalForm):
    """What is asked for (R60). The scheme's answers come back beside the field that they are about."""

    amount = MoneyField("How much is needed?", required="Enter how much is needed", noun="The amount", most=10_000_000)
    category = ChoiceField("What is it for?", required="Select what it is for")
    purpose = LongTextField(
        "What exactly will be bought or paid for?",
        required="Enter what will be bought or paid for",
        rows=3,
        noun="What will be bought",
        example="20 sessions of 45 minutes with a reading tutor, Tuesdays and Thursdays until February half term, at £22.",
    )
    targets = CheckboxesField("Which targets does it pay towards?", required="Select at least one target")
    expected_impact = LongTextField(
        "What difference will it make?",
        required="Enter what difference it will make",
        rows=3,
        noun="What difference it will make",
        hint="And how you will see that it did.",
    )

    def __init__(
        self,
        data: Any = None,
        *,
        scheme: FundingPolicy,
        choices: list[tuple[str, str]],
        today: date,
        others: Iterable[rules.Taken],
        request: FundingRequest | None = None,
    ) -> None:
        self.scheme, self.today, self.others = scheme, today, tuple(others)
        super().__init__(data, initial=_shown(request) if request else None)
        allowed = [pair for pair in rules.CATEGORIES.items() if pair[0] not in scheme.never_for]
        self.fields["category"].choices = allowed  # type: ignore[attr-defined]
        self.fields["targets"].choices = choices  # type: ignore[attr-defined]
        self.fields["amount"].help_text = rules.in_words(scheme, today)[0]
        if scheme.never_for:
            self.fields["category"].help_text = f"Not possible under these rules: {rules.never_words(scheme)}."
        if not scheme.linked_to_targets:
            self.fields["targets"].required = False

    def clean_amount(self) -> int:
        pence: int = self.cleaned_data["amount"]
        if pence == 0:
            self.add_error("amount", "The amount must be more than £0")
        for reason in rules.within_cap(self.scheme, pence, self.today, self.others).against:
            self.add_error("amount", reason)
        return pence

    def clean(self) -> dict[str, Any]:
        posted = str(self.data.get("category", "")) if self.is_bound else ""
        if posted in self.scheme.never_for:
            self.errors.pop("category", None)
            self.add_error("category", rules.category_allowed(self.scheme, posted).against[0])
        return self.cleaned_data

    @property
    def values(self) -> RequestValues:
        given = self.cleaned_data
        return RequestValues(
            amount_pence=given["amount"], category=given["category"], purpose=given["purpose"],
            expected_impact=given["expected_impact"], targets=tuple(UUID(each) for each in given["targets"]),
        )  # fmt: skip


def _shown(request: FundingRequest) -> dict[str, Any]:
    return {
        "amount": request.amount_pence, "category": request.category, "purpose": request.purpose,
        "expected_impact": request.expected_impact, "targets": [str(each.pk) for each in request.targets.all()],
    }  # fmt: skip


class DecisionForm(PortalForm):
    """The virtual school's answer (R64)."""

    decision = ChoiceField(
        "Does the virtual school agree?",
        [("agree", "Agree"), ("refuse", "Do not agree")],
        required="Select whether the virtual school agrees",
    )
    amount = MoneyField("How much is agreed?", required=False, noun="The amount agreed", hint="Only if you agree.")
    reason = TextField(
        "Reason",
        required=False,
        max_length=500,
        hint="Needed if you do not agree. The school reads it.",
        noun="The reason",
    )

    def __init__(self, data: Any = None, *, request: FundingRequest) -> None:
        self.request = request
        super().__init__(data, initial={"amount": request.amount_pence}, auto_id=f"id_{request.pk}_%s")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("decision") == "agree" and "amount" in given:
            if not given["amount"]:
                self.add_error("amount", "Enter how much is agreed")
            elif given["amount"] > self.request.amount_pence:
                self.add_error("amount", f"The amount agreed must be {rules.pounds(self.request.amount_pence)} or less")
        if given.get("decision") == "refuse" and not given.get("reason"):
            self.add_error("reason", "Enter why it is not agreed")
        return given


class SchemeForm(PortalForm):
    """What the virtual school pays in a financial year, where the rules leave it to be entered."""

    amount = MoneyField(
        "The most that one request may ask for", required="Enter the most that one request may ask for", most=10_000_000
    )
    times = NumberField(
        "How many requests a year for one child?",
        required="Enter how many requests a year",
        least=1,
        most=12,
        width=2,
        noun="The number of requests",
    )

    def clean_amount(self) -> int:
        pence: int = self.cleaned_data["amount"]
        if pence == 0:
            self.add_error("amount", "The amount must be more than £0")
        return pence


class LedgerForm(PortalForm):
    """Search and filters of the authority's list."""

    q = TextField("Child or school", required=False, max_length=100)
    stage = SelectField("What became of it", list(STAGES.items()), empty="All", required=False)
    sort = SelectField(
        "Sort by",
        [("-when", "Newest first"), ("when", "Oldest first"), ("child", "Child"), ("-asked", "Largest first")],
        empty="",
        required=False,
    )

    def wanted(self) -> tuple[str, str, str]:
        """Search, stage and sort, with anything unknown left out."""
        given = self.cleaned_data if self.is_bound and (self.is_valid() or self.errors) else {}
        sort = given.get("sort") or "-when"
        return given.get("q", ""), given.get("stage", ""), sort if sort.lstrip("-") in SORTS else "-when"
