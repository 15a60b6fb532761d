"""Why no plan is made for a child (yet), in words: by the council's own ages, provision and short breaks (R17)."""

from __future__ import annotations

from datetime import date

from children.models import CareEpisode, Child
from pepportal.profiles.queries import profile_for
from pepportal.ui.wording import in_words
from peps.deadlines.scope import Scope, birthday, in_scope, scope_from, statutory_school_age


def why_no_plan(child: Child, episode: CareEpisode, *, day: date, in_provision: bool) -> str:
    """Why a child in care has no plan on ``day`` under the rules in force then, and from when the portal opens one; "" where
    the child has one. Raises NoProfile. One query."""
    scope = scope_from(profile_for(child.authority, day).rules.table("scope"))
    return explain(
        scope, born=child.date_of_birth, day=day, in_provision=in_provision, short_breaks=episode.short_breaks
    )


def explain(scope: Scope, *, born: date, day: date, in_provision: bool, short_breaks: bool) -> str:
    """``why_no_plan`` of plain facts.

    >>> ages = Scope("age", "end_of_year_group", from_age=3, until_year_group=13)
    >>> explain(ages, born=date(2024, 3, 9), day=date(2026, 10, 5), in_provision=False, short_breaks=False)
    'Not yet 3. The portal opens the first plan by itself on Tuesday 9 March 2027.'
    >>> explain(ages, born=date(2017, 3, 9), day=date(2026, 10, 5), in_provision=True, short_breaks=False)
    ''
    """
    now = in_scope(scope, born=born, day=day, in_provision=in_provision, short_break=short_breaks)
    if now.yes:
        return ""
    if short_breaks and not scope.short_breaks_in_scope:
        return f"{now.reason} If the child stays in care for more than that, correct the entry: the portal then opens the first plan."
    school_from, _ = statutory_school_age(born)
    ahead = sorted({each for each in (birthday(born, scope.from_age), school_from) if each > day})
    first = next((each for each in ahead if in_scope(scope, born=born, day=each, in_provision=in_provision).yes), None)
    if first is None:
        return f"{now.reason} No plan is opened."
    sooner = not in_provision and in_scope(scope, born=born, day=day, in_provision=True).yes
    unless = ", or sooner when a nursery or school is recorded" if sooner else ""
    return f"{now.reason} The portal opens the first plan by itself on {in_words(first)}{unless}."
