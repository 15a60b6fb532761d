from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pepportal.ui.forms import PortalForm, SelectField, TextField


class MailboxForm(PortalForm):
    """Which messages of the demonstration's mailbox to show."""

    q = TextField("Words in the message", required=False, max_length=80)

    def __init__(self, *args: Any, recipients: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipient"] = SelectField(
            "To", [(each, each) for each in recipients], required=False, empty="Everybody"
        )
