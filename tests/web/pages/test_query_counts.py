"""How often the pages people live in ask the database: never more with 500 children than with 5, and never more than 15 times.

All is counted: session, person, memberships, the record of the look. The marks of savepoints, which ask nothing, are not.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from children.models import Allocation, CareEpisode, CareReview, Child, Enrolment, Placement
from funding.models import FundingRequest, LedgerEntry
from meetings.models import Invitation, Meeting
from pepportal.accounts.models import User
from pepportal.clock.models import Obligation
from pepportal.notify.models import Notice
from peps.models import Pep, Section
from qa.models import Delivery, Edition, Review, Signature
from tests import cast as stage
from tests.cast import Cast
from tests.stage import World, set_stage

MOST = 15
FEW, MANY = 5, 500


def copies(model: Any, rows: list[Any]) -> None:
    model.objects.bulk_create(rows, batch_size=1000)


class Crowd:
    """More children like Amara: same school, carer, team, with a plan, its meeting, money, a copy and what is owed."""

    def __init__(self, cast: Cast, world: World) -> None:
        self.cast, self.size, self.plans = cast, 0, list[Pep]()
        self.pep = Pep.objects.get(pk=world.children["amara"]["pep_id"])
        self.finished = Pep.objects.get(pk=world.children["amara"]["finished_pep"])
        self.keys = [section.key for section in self.pep.sections.all()]

    def grow(self, size: int) -> None:
        new = [self._child(number) for number in range(self.size, size)]
        self.size = size
        copies(Child, new)
        episodes = [
            CareEpisode(child=each, began_on=date(2026, 9, 7), planned=True, legal_status="section_20") for each in new
        ]
        copies(CareEpisode, episodes)
        cast = self.cast
        copies(Placement, [Placement(child=e.child, episode=e, kind="foster", carer=cast.carer.carer_record, area="Westmere",
                                     began_on=e.began_on) for e in episodes])  # fmt: skip
        copies(Enrolment, [Enrolment(child=each, school=cast.primary, began_on=date(2026, 9, 7)) for each in new])
        parts = [
            ("social_worker", cast.social_worker),
            ("iro", cast.iro),
            ("virtual_school_caseworker", cast.caseworker),
        ]
        copies(
            Allocation,
            [
                Allocation(child=each, user=user, part=part, began_on=date(2026, 9, 7))
                for each in new
                for part, user in parts
            ],
        )
        copies(CareReview, [CareReview(child=each, on=date(2026, 10, 20)) for each in new])
        self._plans(episodes)

    def _child(self, number: int) -> Child:
        return Child(
            authority=self.cast.westmere, reference=f"WM-{5000 + number}", given_name=f"Crowd{number}", family_name="Example",
            date_of_birth=date(2016, 3, 1) + timedelta(days=number % 300), sort_name=f"example crowd{number:04}", created_at=stage.NOW,
        )  # fmt: skip

    def _plans(self, episodes: list[CareEpisode]) -> None:
        """Two each, one finalised, and one open: every second of those is with the virtual school, or has come back from it."""
        plans, done = [], []
        for number, episode in enumerate(episodes):
            same = {"child": episode.child, "episode": episode, "term": "autumn 2026", "trigger_on": episode.began_on,
                    "profile_version_id": self.pep.profile_version_id, "form_version_id": self.pep.form_version_id}  # fmt: skip
            state = ("preparing", "submitted", "preparing", "returned")[number % 4]
            with_them = {"state": state, "submitted_at": stage.NOW if number % 2 else None}
            plans.append(Pep(kind="review", cause="crowd", opened_at=stage.NOW, **same, **with_them))
            done.append(Pep(kind="first", cause="before", opened_at=stage.NOW - timedelta(days=20), state="finalised",
                            finalised_at=stage.NOW - timedelta(days=2), **same))  # fmt: skip
        copies(Pep, plans + done)
        signed = {
            "step": "social_worker",
            "user": self.cast.social_worker,
            "name": "x",
            "statement": "x",
            "at": stage.NOW,
        }
        copies(Signature, [Signature(pep=each, revision=0, **signed) for each in plans if each.submitted_at])
        read = {"reviewer": self.cast.vs_head, "grades": {}, "overall": "good", "decision": "returned", "return_reason": "Say more",
                "at": stage.NOW, "revision": 0}  # fmt: skip
        copies(Review, [Review(pep=each, **read) for each in plans if each.state == "returned"])
        self.plans = plans
        copies(Section, [Section(pep=each, key=key) for each in plans for key in self.keys])
        cast, users = (
            self.cast,
            [self.cast.designated_teacher, self.cast.social_worker, self.cast.caseworker, self.cast.carer],
        )
        meetings = [Meeting(pep=each, starts_at=datetime(2026, 10, 20, 14, tzinfo=stage.f.LONDON), place="Room 4",
                            organised_by=cast.designated_teacher) for each in plans]  # fmt: skip
        copies(Meeting, meetings)
        copies(
            Invitation,
            [Invitation(meeting=each, user=user, name=user.name, part="Carer") for each in meetings for user in users],
        )
        copies(Obligation, list(self._owed(plans)))
        requests = [FundingRequest(pep=each, amount_pence=1000, category="tuition", purpose="Books", expected_impact="More",
                                   state="agreed", agreed_pence=1000, decided_by=cast.vs_head, decided_at=stage.NOW,
                                   requested_by=cast.designated_teacher, requested_at=stage.NOW) for each in done]  # fmt: skip
        copies(FundingRequest, requests)
        copies(LedgerEntry, [LedgerEntry(request=each, kind="held", amount_pence=1000, financial_year="2026/27", reasons=["Wait."],
                                         by_label="x", at=stage.NOW) for each in requests])  # fmt: skip
        ready = {
            "work_state": "done",
            "requested_at": stage.NOW,
            "rendered_at": stage.NOW,
            "not_before": stage.NOW,
            "revision": 0,
        }
        copies(
            Edition, [Edition(pep=each, audience=who, **ready) for each in done for who in ("carer", "iro", "child")]
        )
        copies(Delivery, [Delivery(pep=each, audience="iro", to_user=cast.iro, to_name=cast.iro.name, method="portal",
                                   owed_from=stage.NOW) for each in done])  # fmt: skip
        copies(Notice, [Notice(kind="part_due", person=user, key=str(uuid.uuid4()), subject="Your part is due", text="x", html="x",
                               screen_text="Your part is due", child_id=each.child_id, created_at=stage.NOW, not_before=stage.NOW)
                        for each in plans for user in [*users, cast.vs_head]])  # fmt: skip

    def _owed(self, plans: list[Pep]) -> Iterator[Obligation]:
        cast = self.cast
        about = {"due_on": date(2026, 10, 16), "unit": "school", "starts_on": date(2026, 9, 7), "rule": "A rule"}
        for number, pep in enumerate(plans):
            for role, user, kind, organisation in (
                ("designated_teacher", cast.designated_teacher, "complete", cast.primary.organisation),
                ("social_worker", cast.social_worker, "prepare", None),
                ("virtual_school", cast.caseworker, "meeting", cast.virtual_school),
                ("virtual_school", None, "quality", cast.virtual_school),
            ):
                yield Obligation(child_id=pep.child_id, pep=pep, key=f"{kind}:{number}:{pep.pk}", kind=kind, title="Do it", holder=user,
                                 holder_role=role, holder_organisation=organisation, **about)  # fmt: skip


@dataclass(frozen=True)
class Page:
    words: str
    who: str
    address: str


def pages(world: World, crowd: Crowd) -> list[Page]:
    known = world.children["amara"]
    plans = {"to be met about": known["pep_id"], "finalised": known["finished_pep"], "submitted": crowd.plans[1].pk,
             "returned": crowd.plans[3].pk}  # fmt: skip

    def section(owner: str) -> str:
        return reverse("peps:section", args=[known["pep_id"], known[f"section_{owner}"]])

    return [
        *(Page("home", who, "/") for who in ("designated_teacher", "social_worker", "caseworker", "vs_head", "iro", "carer")),
        *(Page("caseload", who, "/children/") for who in ("designated_teacher", "social_worker", "caseworker", "vs_head")),
        Page("caseload, searched", "vs_head", "/children/?q=crowd&sort=-due"),
        *(Page("a child", who, reverse("pages:child", args=[known["child_id"]]))
          for who in ("designated_teacher", "social_worker", "caseworker", "carer")),
        *(Page(f"a plan, {words}", who, reverse("pages:pep", args=[pk])) for words, pk in plans.items()
          for who in ("designated_teacher", "social_worker", "vs_head")),
        Page("a section", "designated_teacher", section("designated_teacher")),
        Page("a section", "social_worker", section("social_worker")),
        Page("a section", "carer", section("carer")),
        *(Page("meetings", who, "/meetings/") for who in ("designated_teacher", "caseworker", "carer")),
        *(Page("overdue", who, "/overdue/?size=100") for who in ("caseworker", "vs_head", "team_manager")),
        Page("overdue, filtered", "vs_head", f"/overdue/?colour=green&school={world.cast.primary.pk}&sort=-child&q=crowd"),
        Page("what if", "social_worker", reverse("pages:child-what-if", args=[known["child_id"]])),
        Page("why this day", "vs_head", reverse("pages:deadline", args=[known["child_id"], known["deadline"]])),
        Page("my calendar", "social_worker", "/me/calendar/"),
        Page("quality queue", "caseworker", "/quality/"),
        *(Page("money", who, "/funding/") for who in ("caseworker", "finance")),
        *(Page("notices", who, "/notices/") for who in ("designated_teacher", "vs_head")),
        *(Page("shared with me", who, "/shared/") for who in ("carer", "iro")),
    ]  # fmt: skip


def asks(user: User, address: str) -> list[str]:
    """What one page asks, after everything that is asked once a process."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(address).status_code == 200, address
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return [
        each["sql"]
        for each in caught.captured_queries
        if not each["sql"].startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))
    ]


@pytest.mark.django_db
def test_no_page_asks_more_of_a_big_council(cast):
    world = set_stage(cast, only=("amara",))
    crowd, found = Crowd(cast, world), {}
    crowd.grow(FEW)
    walked = pages(world, crowd)
    for size in (FEW, MANY):
        crowd.grow(size)
        for page in walked:
            found[size, page] = asks(getattr(cast, page.who), page.address)
    wrong = []
    print(f"\n{'page':22}{'who':22}{FEW:>5}{MANY:>5}")
    for page in walked:
        few, many = len(found[FEW, page]), len(found[MANY, page])
        print(f"{page.words:22}{page.who:22}{few:>5}{many:>5}")
        if few != many or many > MOST:
            wrong.append(
                "\n".join([f"{page.words} for {page.who}: {few} and {many}", *(sql for sql in found[MANY, page])])
            )
    assert not wrong, "\n\n".join(wrong)
