from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from pepportal.accounts.models import EARLIEST_HOUR, LATEST_HOUR, User
from pepportal.notify.queries import STATES, Asked
from pepportal.ui.forms import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    ChoiceField,
    DateField,
    PortalForm,
    SelectField,
    TextField,
    Worded,
)
from pepportal.ui.wording import time_words


class MailboxForm(PortalForm):
    """Which messages of the demonstration's mailbox to show."""

    q = TextField("Words in the message", required=False, max_length=80)

    def __init__(self, *args: Any, recipients: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipient"] = SelectField(
            "To", [(each, each) for each in recipients], required=False, empty="Everybody"
        )


class DayInput(forms.DateInput):
    input_type = "date"


class DayField(Worded, forms.DateField):
    """A day in one box, where three would crowd a list's filters; its browser's own way to choose one."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, widget=DayInput(format="%Y-%m-%d"), input_formats=["%Y-%m-%d"], **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
            raise ValidationError(f"Enter a day between {EARLIEST_YEAR} and {LATEST_YEAR}", code="another_century")


class SentForm(PortalForm):
    """Which of the messages that were sent to show."""

    q = TextField("Name or email address", required=False, max_length=80)
    kind = SelectField("Kind", required=False, empty="Every kind")
    state = SelectField("Delivery", list(STATES.items()), required=False, empty="Any")
    first = DayField("From", required=False)
    last = DayField("Until", required=False)

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = SelectField("Kind", kinds, required=False, empty="Every kind")
        self.order_fields(["q", "kind", "state", "first", "last"])

    def asked(self) -> Asked:
        """What was asked for; what can't be read counts for nothing."""
        self.is_valid()
        given = getattr(self, "cleaned_data", {})
        return Asked(
            words=given.get("q", ""),
            kind=given.get("kind", ""),
            state=given.get("state", ""),
            first=given.get("first"),
            last=given.get("last"),
        )


AS_IT_COMES = "each"


class HourForm(PortalForm):
    """When the e-mails come."""

    hour = SelectField(
        "When should your emails come?",
        [(str(hour), f"Once a day, at {time_words(time(hour))}") for hour in range(EARLIEST_HOUR, LATEST_HOUR + 1)]
        + [(AS_IT_COMES, "Each message as it comes")],
        empty="",
        required="Choose when your emails should come",
    )

    @property
    def chosen(self) -> int | None:
        hour = self.cleaned_data["hour"]
        return None if hour == AS_IT_COMES else int(hour)


class AbsenceForm(PortalForm):
    """From when until when somebody is away, and who covers."""

    began_on = DateField("First day away", required="Enter the first day away", noun="The first day away")
    until = DateField("Last day away", required="Enter the last day away", noun="The last day away")
    cover = ChoiceField("Who covers?", required="Select who covers")
    reason = TextField(
        "Reason", required=False, max_length=120, hint="You can leave this out. Only you and your manager see it."
    )

    def __init__(self, *args: Any, colleagues: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.colleagues = {str(each.pk): each for each in colleagues}
        self.fields["cover"] = ChoiceField(
            "Who covers?",
            [(key, each.name) for key, each in self.colleagues.items()],
            required="Select who covers",
            hint="They get the messages and see the children for these days, no longer.",
        )
        self.order_fields(["began_on", "until", "cover", "reason"])

    @property
    def values(self) -> dict[str, Any]:
        """For the action: the first day back is the day after the last one away."""
        given = self.cleaned_data
        return {
            "cover": self.colleagues[given["cover"]], "began_on": given["began_on"],
            "ended_on": given["until"] + timedelta(days=1), "reason": given["reason"],
        }  # fmt: skip


class ToldForm(PortalForm):
    """How somebody was told whom the e-mail did not reach."""

    how = TextField(
        "How were they told?", max_length=200, required="Enter how they were told, for example by telephone"
    )
