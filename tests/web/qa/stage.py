"""A plan brought as far as a test needs it: filled in with canaries, its meeting held, its sections complete."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from children.models import PlacementAddress
from meetings.models import Invitation, Meeting
from pepportal.access.actor import actor_for
from pepportal.accounts.versions import keep
from peps.actions import bring_about, open_pep
from peps.models import Answer, Pep
from peps.queries import document_of
from peps.states import PepEvent
from qa import actions
from qa.actions import Reading
from qa.queries import quality_rules
from targets.models import Target
from tests import cast as stage
from tests.factories import LONDON

ADDRESS = "14 Quiet Lane, Westmere, ZZ3 4ZZ"


def by(user, minutes=0):
    return actor_for(user, stage.NOW + timedelta(minutes=minutes))


def use_profile(cast, name):
    cast.westmere.profile_name = name
    cast.westmere.save()


def filled_plan(cast, key="amara", *, came=()) -> Pep:
    """A plan after its meeting, every section marked complete: ready to be signed."""
    child, teller = cast.children[key], cast.social_worker
    actor = by(teller)
    pep = open_pep(
        child=child,
        episode=cast.episodes[key],
        kind="first",
        cause=f"first:{key}",
        trigger_on=date(2026, 10, 5),
        by=actor,
    )
    placement = child.placements.first()
    PlacementAddress.objects.create(placement=placement, text=ADDRESS, confidential=True)
    for field in document_of(pep).fields.values():
        if field.type in ("text", "long_text"):
            text = f"canary-{field.audience} {field.id}"
            if field.id == "carer_role":
                text += f" Lives at {ADDRESS.lower()}. Ring 07700 900 123."
            keep(Answer(pep=pep, field=field.id, value=text, author=teller, at=actor.at), by=actor)
        elif field.type == "choice":
            keep(Answer(pep=pep, field=field.id, value=field.choices[0].value, author=teller, at=actor.at), by=actor)
    meeting = Meeting(
        pep=pep, state="held", starts_at=datetime(2026, 10, 5, 14, 0, tzinfo=LONDON), place=ADDRESS, organised_by=teller,
        held_on=date(2026, 10, 5), overview="canary-overview", next_meeting_on=date(2027, 2, 3), recorded_by=teller, recorded_at=actor.at,
    )  # fmt: skip
    keep(meeting, by=actor)
    for user, part in ((cast.designated_teacher, "Designated teacher"), (teller, "Social worker"), *came):
        keep(Invitation(meeting=meeting, user=user, name=user.name, part=part, attended=True), by=actor)
    target = Target(
        pep=pep, position=1, kind="academic", need="canary-need", outcome_wanted="Reads a chapter aloud", baseline="Reads a page",
        measure="Notes", strategies="Reading with an adult", who="Ms T. Ward", review_by=date(2026, 12, 1), drafted_by=teller,
    )  # fmt: skip
    keep(target, by=actor)
    for section in pep.sections.all():
        section.complete, section.completed_by, section.completed_at = True, teller, actor.at
        keep(section, by=actor)
    return bring_about(pep, PepEvent.HOLD_MEETING, by=actor)


def signed_plan(cast, key="amara", **more) -> Pep:
    """With the virtual school: teacher and social worker have signed as their council asks."""
    pep = filled_plan(cast, key, **more)
    for step, user in (("designated_teacher", cast.designated_teacher), ("social_worker", cast.social_worker)):
        if step in {s.role for s in actions.queries.signatures_policy(pep).steps}:
            actions.sign(pep, step=step, by=by(user))
    return pep


def reading(pep, grade="good", **more) -> Reading:
    keys = [each.key for each in quality_rules(pep).criteria]
    return Reading(dict.fromkeys(keys, grade), {keys[0]: "A comment"}, more.get("feedback", "Some feedback"))


def finalised_plan(cast, key="amara") -> Pep:
    pep = signed_plan(cast, key)
    assert actions.approve(pep, reading=reading(pep), by=by(cast.vs_head)).finalised
    return pep


def review_data(pep, grade="good", **more) -> dict:
    data = {f"grade_{each.key}": grade for each in quality_rules(pep).criteria}
    return data | {"read": pep.revision, "decision": "approve", "feedback": "Typed feedback"} | more
