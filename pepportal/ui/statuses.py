"""Every state a page shows as a tag: its word and its GOV.UK tag colour, once. Pure.

A state that isn't listed is shown by its own name in grey, so that a new state reads well before it has a colour.
Red is kept for what is late or refused; never used on a child's own page.
"""

from __future__ import annotations

STATUSES: dict[str, tuple[str, str]] = {
    # sections and tasks
    "not_started": ("Not started", "grey"),
    "in_progress": ("In progress", "blue"),
    "check": ("Check", "yellow"),
    "needs_change": ("Needs a change", "orange"),
    "complete": ("Complete", "green"),
    "done": ("Done", "green"),
    "optional": ("Optional", "grey"),
    "not_yet": ("Not yet", "grey"),
    "waiting": ("Waiting", "yellow"),
    "not_needed": ("Not needed", "grey"),
    # a PEP
    "opened": ("Opened", "grey"),
    "draft": ("Draft", "blue"),
    "before_meeting": ("Before the meeting", "blue"),
    "meeting_held": ("Meeting held", "blue"),
    "completed": ("Completed", "teal"),
    "signed": ("Signed", "teal"),
    "submitted": ("With the virtual school", "purple"),
    "in_review": ("With the virtual school", "purple"),
    "returned": ("Returned", "orange"),
    "finalised": ("Finalised", "green"),
    "closed": ("Closed", "grey"),
    # what is due
    "due": ("Due", "blue"),
    "due_soon": ("Due soon", "yellow"),
    "due_today": ("Due today", "orange"),
    "late": ("Late", "red"),
    "overdue": ("Late", "red"),
    "met": ("Met", "green"),
    "met_late": ("Met late", "grey"),
    # meetings
    "proposed": ("Proposed", "blue"),
    "scheduled": ("Booked", "blue"),
    "booked": ("Booked", "blue"),
    "held": ("Held", "green"),
    "moved": ("Moved", "grey"),
    "cancelled": ("Cancelled", "grey"),
    "invited": ("Invited", "blue"),
    "accepted": ("Coming", "green"),
    "declined": ("Not coming", "grey"),
    "attended": ("Came", "green"),
    "absent": ("Did not come", "grey"),
    # money
    "requested": ("Asked for", "blue"),
    "entitled": ("Entitled", "teal"),
    "on_hold": ("On hold", "yellow"),
    "released": ("Released", "green"),
    "paid": ("Paid", "green"),
    "refused": ("Refused", "red"),
    # targets
    "achieved": ("Achieved", "green"),
    "partly_achieved": ("Partly achieved", "yellow"),
    "not_achieved": ("Not achieved", "orange"),
    "carried_on": ("Carried on", "blue"),
    # accounts
    "active": ("Active", "green"),
    "ended": ("Ended", "grey"),
    "expired": ("Expired", "grey"),
}


def status_words(status: str) -> tuple[str, str]:
    """The word and the tag colour of ``status``.

    >>> status_words("overdue"), status_words("gone-fishing")
    (('Late', 'red'), ('Gone fishing', 'grey'))
    """
    key = str(status).replace("-", "_")
    if key in STATUSES:
        return STATUSES[key]
    words = key.replace("_", " ")
    return words[:1].upper() + words[1:], "grey"
