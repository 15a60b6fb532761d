"""The stage set for the tests that walk every address: each child of the cast with one of everything, made by the actions.

Every word that somebody wrote about a child, and the child's own name, holds ``zq<key>``: a page that shows it to somebody whose
child it isn't has told them. A child has two plans: one finalised, with its copies, and one open, its meeting still to come.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.test import Client

from children import actions as facts
from children.models import ChangeKind, Child, Placement, PlacementAddress
from children.rules import sort_name
from funding import actions as money
from funding import rules as money_rules
from funding.queries import scheme_of
from meetings import actions as meetings
from meetings.queries import invitations_of
from pepportal.access.actor import Actor, actor_for
from pepportal.access.roles import Role
from pepportal.accounts.models import Absence, Authority, User
from pepportal.audit.acting import the_portal
from pepportal.clock.actions import sync_marked
from pepportal.clock.models import Obligation
from pepportal.jobs.middleware import _signer
from pepportal.jobs.models import HeldForm
from pepportal.notify.actions import Message, owe
from pepportal.notify.models import Notice
from pepportal.pages.panels import NEVER_MARKED
from pepportal.pages.queries import trigger_of_next
from pepportal.profiles import actions as rules
from pepportal.profiles.models import ProfileVersion
from peps import actions as plans
from peps.models import Pep
from peps.queries import document_of
from qa import actions as checking
from qa.editions import edition as edition_of
from qa.models import Delivery, Edition
from qa.queries import checks_of, plan_given, quality_rules, signatures_now
from targets import actions as targets
from targets.queries import sdq_state, target_rules
from tests import cast as stage
from tests import factories as f
from tests.cast import Cast, _child, _person

LEFT_SINCE = datetime(2026, 5, 12, 10, 0, tzinfo=f.LONDON)
"""When everything about the child who has left care was written: while she was in care."""


def canary(child: str) -> str:
    return f"zq{child}"


@dataclass(frozen=True)
class Team:
    """Who acts for one child."""

    worker: User
    teacher: User
    caseworker: User
    head: User
    at: datetime

    def by(self, user: User, minutes: int = 0) -> Actor:
        return actor_for(user, self.at + timedelta(minutes=minutes))


@dataclass(frozen=True)
class Walker:
    """Somebody who walks the portal, with the child they walk it for and those whom they must not find."""

    user: User
    own: str
    strangers: tuple[str, ...]
    knows: frozenset[str]
    """Every child whose name they may read."""


@dataclass
class World:
    cast: Cast
    children: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Child -> name of an address's argument, or of one special thing -> its id."""

    @property
    def walkers(self) -> dict[str, Walker]:
        return walkers(self.cast, frozenset(self.children))

    def values(self, child: str, wanted: list[str], special: dict[str, str], user: User) -> dict[str, Any]:
        """The arguments of an address for one child, or for the walker's own papers."""
        known = self.children[child]
        if {"notice_id", "held_id", "absence_id"} & set(wanted):
            known = known | self._own(user)
        return {name: known[special.get(name, name)] for name in wanted}

    def _own(self, user: User) -> dict[str, Any]:
        about = {
            "notice_id": self._notice_of(user),
            "held_id": self._held_of(user),
            "absence_id": self._absence_of(user),
        }
        other = self.cast.other_social_worker if user != self.cast.other_social_worker else self.cast.social_worker
        return about | {
            "another_notice": self._notice_of(other), "another_held": self._held_of(other), "another_absence": self._absence_of(other),
        }  # fmt: skip

    def _notice_of(self, user: User) -> Any:
        found = Notice.objects.for_person(user.pk).first()
        return found.pk if found else self._write_to(user)

    def _write_to(self, user: User) -> Any:
        words = Message(
            "meeting_moved", "A meeting has moved", ("It has moved.",), "/meetings/", "See it", "It has moved."
        )
        made = owe(words, to=user, about="meeting:1:1", by=the_portal(stage.NOW))
        assert made is not None
        return made.pk

    def _absence_of(self, user: User) -> Any:
        """Next year's, so that today nothing goes to a cover."""
        days = {"began_on": date(2027, 8, 2), "ended_on": date(2027, 8, 16)}
        absence = Absence.objects.filter(user=user, cancelled_at=None).first()
        return (absence or Absence.objects.create(user=user, cover=self.cast.left_worker, **days)).pk

    def _held_of(self, user: User) -> Any:
        if not HeldForm.objects.filter(user=user).exists():
            Client().post("/schools/", {"_holder": _signer.sign(str(user.pk)), "words": "kept words"})
        return HeldForm.objects.get(user=user).pk


SPECIAL: dict[str, dict[str, dict[str, str]]] = {
    "peps:section": {
        "the designated teacher's": {"key": "section_designated_teacher"}, "the social worker's": {"key": "section_social_worker"},
        "the shared": {"key": "section_both"}, "the child's": {"key": "section_child"}, "the carer's": {"key": "section_carer"},
    },
    "peps:draft": {
        "the designated teacher's": {"key": "section_designated_teacher"}, "the social worker's": {"key": "section_social_worker"},
        "the child's": {"key": "section_child"}, "the carer's": {"key": "section_carer"},
    },
    "peps:reopen": {
        "the designated teacher's": {"key": "section_designated_teacher"}, "the social worker's": {"key": "section_social_worker"},
        "the child's": {"key": "section_child"},
    },
    "peps:history": {"the designated teacher's": {"key": "section_designated_teacher"}, "the carer's": {"key": "section_carer"}},
    "pages:complete-section": {
        "the designated teacher's": {"key": "section_designated_teacher"}, "the social worker's": {"key": "section_social_worker"},
        "the child's": {"key": "section_child"}, "the carer's": {"key": "section_carer"},
    },
    "pages:pep": {"open": {}, "finalised": {"pep_id": "finished_pep"}},
    "pages:deadline": {"": {"key": "deadline"}},
    "targets:review": {"": {"target_id": "earlier_target"}},
    "funding:panel": {"open": {}, "finalised": {"pep_id": "finished_pep"}},
    "qa:quality": {"open": {}, "finalised": {"pep_id": "finished_pep"}},
    "qa:copies": {"open": {}, "finalised": {"pep_id": "finished_pep"}},
    "qa:download": {each: {"edition_id": f"{each}_copy"} for each in ("full", "school", "iro", "carer", "child", "draft")},
    "qa:read": {each: {"edition_id": f"{each}_copy"} for each in ("full", "school", "iro", "carer", "child")},
    "notify:again": {"": {"notice_id": "undelivered"}},
    "notify:told": {"": {"notice_id": "undelivered"}},
    "notify:end-absence": {"own": {}, "somebody else's": {"absence_id": "another_absence"}},
    "notify:notice": {"own": {}, "somebody else's": {"notice_id": "another_notice"}},
    "jobs:kept": {"own": {}, "somebody else's": {"held_id": "another_held"}},
    "children:school": {"the child's": {}, "another": {"school_id": "another_school"}},
    "children:publish-school": {"in the area": {}, "elsewhere": {"school_id": "another_school"}},
    "children:pattern": {"own authority's": {}, "another authority's": {"authority_id": "another_authority"}},
    "children:publish-pattern": {"own authority's": {}, "another authority's": {"authority_id": "another_authority"}},
    "rules:edit-table": {"": {"key": "rules_table"}},
    "rules:version": {"own council's": {}, "another council's": {"version_id": "another_version"}},
    "rules:file": {"own council's": {}, "another council's": {"version_id": "another_version"}},
    "funding:scheme": {"own authority's": {}, "another authority's": {"authority_id": "another_authority"}},
}  # fmt: skip
"""Addresses that are walked more than once, for several things of their kind: case -> argument -> the special thing's name."""

PERSONAL = {"notify:notice", "notify:end-absence", "jobs:kept"}
"""About the walker's own papers, not about a child."""


def walkers(cast: Cast, everybody: frozenset[str]) -> dict[str, Walker]:
    """A person in each role, and beyond those: other authorities' people, people of the past, somebody without any role."""
    own_authority = frozenset({"amara", "jonah", "skye", "leila", "mina"})
    theirs = everybody - own_authority

    def whole(user: User) -> Walker:
        return Walker(user, "amara", ("ben",), own_authority)

    def some(user: User, own: str, knows: set[str], other_authority: str = "ben") -> Walker:
        """Strangers: one who was theirs until she left care, one of the same authority, one of the other."""
        return Walker(user, own, ("leila", "mina", other_authority), frozenset(knows))

    found = {
        Role.SOCIAL_WORKER.value: some(cast.social_worker, "amara", {"amara", "jonah", "skye"}),
        Role.TEAM_MANAGER.value: some(cast.team_manager, "amara", {"amara", "jonah", "skye"}),
        Role.DESIGNATED_TEACHER.value: some(cast.designated_teacher, "amara", {"amara", "ben"}, "tom"),
        Role.HEAD_TEACHER.value: some(cast.head_teacher, "amara", {"amara", "ben"}, "tom"),
        Role.IRO.value: some(cast.iro, "amara", {"amara", "jonah"}),
        Role.CARER.value: some(cast.carer, "amara", {"amara"}),
        Role.CHILD.value: some(cast.young_person, "jonah", {"jonah"}),
        Role.VS_HEAD.value: whole(cast.vs_head),
        Role.VS_DEPUTY.value: whole(cast.vs_deputy),
        Role.VS_CASEWORKER.value: whole(cast.caseworker),
        Role.VS_DATA.value: whole(cast.data_officer),
        Role.VS_FINANCE.value: whole(cast.finance),
        Role.ADMINISTRATOR.value: whole(cast.administrator),
    }
    beyond = {
        "another authority's social worker": Walker(
            cast.other_social_worker, "", ("amara", "mina"), frozenset({"ben", "tom"})
        ),
        "another authority's head": Walker(cast.other_vs_head, "", ("amara", "leila"), theirs),
        "another school's teacher": Walker(cast.other_teacher, "", ("amara", "ben"), frozenset({"jonah"})),
        "a worker who has left": Walker(cast.left_worker, "", ("amara", "leila"), frozenset()),
        "nobody": Walker(cast.nobody, "", ("amara", "ben"), frozenset()),
    }
    return found | beyond


def set_stage(cast: Cast, only: tuple[str, ...] = ()) -> World:
    """Everything about every child (or ``only`` some), on the database. Files are written to the default storage."""
    _others(cast)
    for key, child in cast.children.items():
        _rename(child, key)
    _pasts(cast)
    world = World(cast)
    for key in cast.children:  # nobody walks for the child without a school: only her name is on the lists
        world.children[key] = _everything(cast, key) if key != "skye" and (not only or key in only) else {}
    sync_marked(by=the_portal(stage.NOW))
    for known in world.children.values():
        if due := Obligation.objects.filter(pep=known.get("pep_id")).order_by("key").first():
            known["deadline"] = due.key
    return world


def _rename(child: Child, key: str) -> None:
    child.given_name, child.family_name = canary(key).capitalize(), f"{canary(key).capitalize()}son"
    child.sort_name = sort_name(child.family_name, child.given_name)
    child.save()


def own_rules(authority: Authority) -> ProfileVersion:
    """A version that is this council's own."""
    return rules.load("default", the_portal(stage.NOW), authority=authority).version


def _others(cast: Cast) -> None:
    """A child of the same authority with another team, school and carer; and a child of the other authority at that school."""
    team = f.OrganisationFactory(kind="social_care", name="Children in Care Team 9", authority=cast.westmere)
    school = f.SchoolFactory(organisation__name="Fell Road School", area="Elsewhere", local_authority=cast.eastvale)
    _person(cast, "second_worker", "Ms O. Frame", Role.SOCIAL_WORKER, team)
    _person(cast, "third_teacher", "Mr I. Noon", Role.DESIGNATED_TEACHER, school.organisation)
    _person(cast, "second_carer", "Mr W. Cole", None, None)
    carer = f.CarerFactory(authority=cast.westmere, name="Mr W. Cole", user=cast.second_carer)
    _child(cast, "mina", "Mina", "Roe", authority=cast.westmere, school=school, born=date(2016, 1, 5), carer=carer,
           sw=cast.second_worker)  # fmt: skip
    _child(cast, "tom", "Tom", "Hale", authority=cast.eastvale, school=school, born=date(2015, 2, 5), sw=cast.other_social_worker,
           area="Eastvale")  # fmt: skip


def _pasts(cast: Cast) -> None:
    """People who once stood by a child: the carer, reviewing officer and worker of the child who left."""
    left = cast.children["leila"]
    first = left.placements.get()
    first.carer = cast.carer.carer_record
    first.save()
    began, ended = date(2025, 9, 8), date(2026, 7, 1)
    f.AllocationFactory(child=left, user=cast.iro, part="iro", began_on=began, ended_on=ended)
    f.AllocationFactory(
        child=cast.children["amara"], user=cast.left_worker, began_on=date(2026, 3, 1), ended_on=date(2026, 9, 1)
    )


def _team(cast: Cast, key: str) -> Team:
    teachers = {
        "jonah": cast.other_teacher,
        "mina": cast.third_teacher,
        "tom": cast.third_teacher,
        "skye": cast.caseworker,
    }
    workers = {"ben": cast.other_social_worker, "tom": cast.other_social_worker, "mina": cast.second_worker}
    east = key in ("ben", "tom")
    return Team(
        worker=workers.get(key, cast.social_worker), teacher=teachers.get(key, cast.designated_teacher),
        caseworker=cast.other_caseworker if east else cast.caseworker, head=cast.other_vs_head if east else cast.vs_head,
        at=LEFT_SINCE if key == "leila" else stage.NOW,
    )  # fmt: skip


def fresh(pep: Pep) -> Pep:
    rows = Pep.objects.select_related("child__authority", "child__user", "episode", "profile_version", "form_version")
    return rows.get(pk=pep.pk)


def _everything(cast: Cast, key: str) -> dict[str, Any]:
    child, team, word = cast.children[key], _team(cast, key), canary(key)
    placement = Placement.objects.filter(child=child).first()
    if placement:
        PlacementAddress.objects.create(placement=placement, text=f"{word} Lane 5", confidential=True)
    enrolment = child.enrolments.first()
    other = cast.westmere if child.authority == cast.eastvale else cast.eastvale
    known: dict[str, Any] = {
        "child_id": child.pk, "part": "social-worker", "step": "designated_teacher", "authority_id": child.authority_id,
        "another_authority": other.pk, "version_id": own_rules(child.authority).pk, "rules_table": "deadlines",
        "another_version": own_rules(other).pk, "school_id": enrolment.school_id if enrolment else cast.primary.pk,
        "another_school": cast.secondary.pk if key != "jonah" else cast.primary.pk,
    }  # fmt: skip
    review_on = (team.at + timedelta(days=20)).date()
    facts.set_care_review(child=child, on=review_on, by=team.by(team.head))
    change = facts.record_change(
        child=child, kind=ChangeKind.CONCERN, on=team.at.date(), what=f"{word} has changed", by=team.by(team.worker)
    )
    first = _finished(cast, key, child, team, word)
    known |= _copies(first, team)
    known |= _open_plan(key, child, team, word, first)
    another = meetings.record_other(
        fresh(first), kind="ehcp_review", on=team.at.date(), who_came=f"{word} who came", summary=f"{word} decided",
        by=team.by(team.teacher),
    )  # fmt: skip
    known |= {"change_id": change.pk, "other_meeting_id": another.pk}
    known["undelivered"] = _undelivered(child, team, word)
    known["finished_pep"] = first.pk
    known["earlier_target"] = first.targets.order_by("position").values_list("pk", flat=True)[0]
    known["deadline"] = "meeting:none"  # until the clock has been round
    return known


def _undelivered(child: Child, team: Team, word: str) -> Any:
    """A message about the child that no mail server took."""
    words = Message(
        "meeting_moved", "A meeting has moved", ("It has moved.",), "/help/", "See it", f"{word}’s meeting has moved"
    )
    made = owe(words, to=f"guest-{child.reference.lower()}@elsewhere.example", about="meeting:2:1", by=team.by(team.worker),
               child_id=child.pk)  # fmt: skip
    assert made is not None
    Notice.objects.filter(pk=made.pk).update(work_state="failed", attempts=1, last_error="The address was refused.")
    return made.pk


def _finished(cast: Cast, key: str, child: Child, team: Team, word: str) -> Pep:
    """The first plan, through its meeting, sections, signatures and check."""
    episode, day = cast.episodes[key], team.at.date()
    by = team.by(team.teacher)
    pep = plans.open_pep(
        child=child, episode=episode, kind="first", cause=f"first:{episode.pk}", trigger_on=episode.began_on, by=by
    )
    pep = fresh(pep)
    held_on = day - timedelta(days=1)
    meeting = meetings.schedule(
        pep, starts_at=datetime.combine(held_on, time(14), f.LONDON), place=f"{word} place", chair=f"{word} chair",
        date_reason=f"{word} reason", by=by,
    )  # fmt: skip
    _write(pep, team, word)
    target = _targets(pep, team, word)
    _score(pep, team, word)
    request = _ask(pep, team, word, target)
    money.decide(
        request, agree=True, pence=request.amount_pence, reason="", based_on=request.revision, by=team.by(team.head)
    )
    came = {each.pk: meetings.Presence(True) for each in invitations_of(meeting)}
    meetings.record(meeting, held_on=held_on, came=came, overview=f"{word} overview", child_took_part=f"{word} took part", by=by,
                    next_meeting_on=_next_day(pep, team, held_on))  # fmt: skip
    pep = fresh(pep)
    for section in document_of(pep).sections:
        if not set(section.panels) & NEVER_MARKED:
            plans.mark_section_complete(pep, section.key, panel_missing=(), by=by)
    signers = {"social_worker": team.worker, "designated_teacher": team.teacher}
    while pep.state != "submitted":
        turn = signatures_now(pep).turns[0]
        checking.sign(pep, step=turn, by=team.by(signers[turn]))
    reading = checking.Reading({each.key: quality_rules(pep).grades[0].key for each in quality_rules(pep).criteria}, {},
                               f"{word} feedback")  # fmt: skip
    checker = team.head
    assert len(checks_of(pep)) == 1
    assert checking.approve(pep, reading=reading, by=team.by(checker)).finalised
    return fresh(pep)


def _next_day(pep: Pep, team: Team, held_on: date) -> date:
    from children.queries import team_of
    from meetings.queries import next_date_rule

    rule = next_date_rule(pep, team_of(pep.child, team.at.date()), held_on)
    days = (held_on + timedelta(days=number) for number in range(40, 200))
    return next(day for day in days if day.weekday() < 5 and rule.verdict(day).allowed)


def _copies(first: Pep, team: Team) -> dict[str, Any]:
    """The finished plan's copies, kept as the worker keeps them, but for the drawing of the PDF."""
    from children.queries import team_of

    found: dict[str, Any] = {}
    import json

    for made in Edition.objects.filter(pep=first, draft=False).select_related("pep__child"):
        content = edition_of(plan_given(first, team_of(first.child, team.at.date())), made.audience, draft=False)
        data = json.dumps(content.to_json()).encode()
        checking.keep_rendered(
            made, document=b"%PDF-1.7 " + data, data=data, digest="0" * 64, pages=1, by=the_portal(team.at)
        )
        found[f"{made.audience}_copy"] = made.pk
    deliveries = Delivery.objects.filter(pep=first)
    delivery = deliveries.exclude(method="portal").first() or deliveries.first()
    assert delivery is not None
    return found | {"delivery_id": delivery.pk}


def _open_plan(key: str, child: Child, team: Team, word: str, first: Pep) -> dict[str, Any]:
    """The plan in hand: its meeting arranged, its parts begun, a draft copy and unsaved words beside it."""
    by = team.by(team.teacher, minutes=60)
    pep = fresh(plans.open_pep(child=child, episode=first.episode, kind="review", cause=f"review:{first.pk}",
                               trigger_on=trigger_of_next(first), by=by))  # fmt: skip
    meeting = meetings.schedule(
        pep, starts_at=datetime.combine(_meeting_day(pep, team), time(14), f.LONDON), place=f"{word} place", by=by,
        date_reason=f"{word} reason",
    )  # fmt: skip
    extra = meetings.invite(
        meeting, person=meetings.Asked(f"{word} guest", "Tutor", email=f"{word}@guest.example"), by=by
    )
    _write(pep, team, word)
    target = _targets(pep, team, word)
    _score(pep, team, word)
    request = _ask(pep, team, word, target)
    draft = checking.request_draft_copy(fresh(pep), by=team.by(team.worker))
    document = document_of(pep)
    sections = {
        f"section_{owner}": next(each.key for each in document.sections if each.owner == owner and each.fields)
        for owner in ("designated_teacher", "social_worker", "both", "child", "carer")
    }
    plans.keep_draft(
        pep, sections["section_social_worker"], typed={"x": [f"{word} unsaved"]}, based_on={}, by=team.by(team.worker)
    )
    return {
        "pep_id": pep.pk, "meeting_id": meeting.pk, "invitation_id": extra.pk, "target_id": target.pk, "request_id": request.pk,
        "draft_copy": draft.pk, "key": sections["section_designated_teacher"], **sections,
    }  # fmt: skip


def _meeting_day(pep: Pep, team: Team) -> date:
    from children.queries import team_of
    from meetings.queries import date_rule

    rule = date_rule(pep, team_of(pep.child, team.at.date()))
    days = (team.at.date() + timedelta(days=number) for number in range(7, 120))
    return next(day for day in days if rule.verdict(day).allowed)


def _write(pep: Pep, team: Team, word: str) -> None:
    """Every question of every section, by whoever owns it."""
    plain: dict[str, Any] = {"yes_no": True, "percent": 90, "number": 2, "date": "2026-09-01"}
    for section in document_of(pep).sections:
        values: dict[str, Any] = {}
        for each in section.fields:
            if not each.asks:
                continue
            if each.type in ("choice", "choices"):
                values[each.id] = each.choices[0].value if each.type == "choice" else [each.choices[0].value]
            else:
                values[each.id] = plain.get(each.type, f"{word} {each.id}")
        if values:
            who = team.worker if section.owner in ("social_worker", "carer") else team.teacher
            plans.save_section(pep, section.key, values=values, based_on={}, by=team.by(who))


def _targets(pep: Pep, team: Team, word: str) -> Any:
    kinds = [kind for rule in target_rules(pep).required for kind in (rule.kinds[0],) * rule.count] or ["academic"]
    made = None
    for kind in [*kinds, "social_emotional"]:
        values = targets.TargetValues(
            kind=kind, need=f"{word} need", outcome_wanted=f"{word} outcome", baseline=f"{word} baseline", measure=f"{word} measure",
            strategies=f"{word} strategies", who=f"{word} who", in_childs_words=f"{word} own words",
            review_by=(team.at + timedelta(days=40)).date(),
        )  # fmt: skip
        target = targets.draft(pep, values=values, as_teacher=True, by=team.by(team.teacher))
        made = made or target
    return made


def _score(pep: Pep, team: Team, word: str) -> None:
    if not sdq_state(pep).asked.possible:
        return
    scales = {"emotional": 1, "conduct": 1, "hyperactivity": 1, "peer": 1, "prosocial": 9}
    values = targets.SdqValues(team.at.date(), f"{word} rater", 9, True, scales=scales)
    targets.enter_sdq(pep, values=values, based_on="", by=team.by(team.teacher))


def _ask(pep: Pep, team: Team, word: str, target: Any) -> Any:
    scheme = scheme_of(pep, team.at.date())
    category = next(each for each in money_rules.CATEGORIES if each not in scheme.never_for)
    values = money.RequestValues(1000, category, f"{word} purpose", f"{word} impact", (target.pk,))
    return money.ask(pep, values=values, by=team.by(team.teacher))
