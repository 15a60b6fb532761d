"""Lets each child's story happen, through the same actions that people use, at moments in the past (issue 2, item 4).

Nothing here writes what an action doesn't: a rule that refuses a day gets another day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from children import actions as facts
from children.models import Allocation, CareEpisode, Carer, Child, Part, School
from children.queries import team_of
from funding import actions as money
from funding.queries import scheme_of
from meetings import actions as meetings
from meetings import queries as meeting_queries
from meetings.models import Meeting
from meetings.rules import DateRule, PlanFacts, meeting_due, next_due
from pepportal.access.actor import Actor
from pepportal.accounts.models import User
from pepportal.accounts.versions import keep
from pepportal.audit.acting import LONDON, Acting
from pepportal.clock.facts import default_policy
from pepportal.clock.opening import tell_organiser
from pepportal.demo import names, writing
from pepportal.demo.days import ONE_DAY, Clock, Days
from pepportal.demo.people import ADDRESS, Council, People
from pepportal.demo.stories import Story
from pepportal.pages.panels import NEVER_MARKED, panel_missing
from pepportal.pages.queries import trigger_of_next
from pepportal.profiles.queries import profile_for
from peps import actions as plans
from peps.calendars import calendars_of
from peps.deadlines.counting import add_months
from peps.deadlines.rules import Policy, policy_of
from peps.deadlines.scope import year_group
from peps.form_documents import Section
from peps.models import Pep, PepKind
from peps.queries import document_of
from peps.states import PepEvent, PepState
from qa import actions as checking
from qa import queries as qa_queries
from targets import actions as targets
from targets.models import Target
from targets.queries import sdq_state, target_rules

SCHOOL_PHASES = {
    "early_years": ("early_years", "primary"), "primary": ("primary", "primary", "primary", "special", "all_through"),
    "secondary": ("secondary", "secondary", "secondary", "special", "all_through"), "post_16": ("post_16",),
}  # fmt: skip
STARTS = {"early_years": -1, "primary": 0, "secondary": 7, "post_16": 12}
MEETINGS = {"arranged": (2, 14), "ready": (1, 6), "completing": (-7, -1), "late": (-22, -12)}
"""How many school days from today the meeting is, by stage."""
ENDS = {
    "submitted": (-8, -1), "submitted_late": (-16, -12), "returned": (-7, -1), "returned_late": (-16, -12), "finalised": (-24, -1),
    "left": (-40, -16),
}  # fmt: skip
"""The same of the day on which it was submitted, returned or finalised."""


@dataclass
class Life:
    """One child's story while it is told."""

    story: Story
    council: Council
    school: School | None
    days: Days
    clock: Clock
    rng: Random
    born: date
    carer: Carer | None
    worker: User
    iro: User
    caseworker: User
    entry_on: date
    legal_status: str
    meets: int | None
    """The number of the meeting's school day."""
    ends: int | None
    trigger_on: date
    child: Child = field(init=False)
    episode: CareEpisode = field(init=False)
    about: writing.About = field(init=False)

    @property
    def leaves_on(self) -> date:
        """For a child who left care: some days after the plan was finished."""
        return self.days.on(min((self.ends or -12) + 6, -1))

    def upto(self, number: int) -> date:
        """A school day that is not ahead."""
        return self.days.on(min(number, 0))


class Storyteller:
    def __init__(self, people: People, rng: Random) -> None:
        self.people, self.rng, self.now = people, rng, people.now
        self.today = people.now.astimezone(LONDON).date()
        pairs = [(given, family) for given in names.GIVEN for family in names.FAMILY]
        self.names = iter(rng.sample(pairs, len(pairs)))
        self._days: dict[tuple[object, object], Days] = {}
        self._policies: dict[object, Policy] = {}
        self._workers = 0
        self._homes = 0
        self._left = 0

    # --- what is settled before anything happens ------------------------------------------------------------------------

    def plan(self, story: Story) -> Life:
        """Chooses school, people and days, so that children can be recorded in the order in which they came into care."""
        council = getattr(self.people, story.council)
        school = self._school(story)
        days = self._days_at(school, council)
        worker = council.workers[0] if story.with_doyle else self._next_worker(council)
        iros, caseworkers = (
            people[:1] if story.well_known else people for people in (council.iros, council.caseworkers)
        )
        life = Life(
            story=story, council=council, school=school, days=days, clock=Clock(self.rng, self.now), rng=self.rng,
            born=self._born(story), carer=self._carer(story, council), worker=worker, iro=self.rng.choice(iros),
            caseworker=self.rng.choice(caseworkers),
            entry_on=self.today, legal_status=self.rng.choice(names.LEGAL), meets=None, ends=None, trigger_on=self.today,
        )  # fmt: skip
        self._choose_days(life)
        return life

    def _school(self, story: Story) -> School | None:
        if story.no_school or story.stage == "no_plan":
            return None
        schools = self.people.schools
        if story.with_khan:
            return schools[0]
        if story.out_of_area and story.phase in ("primary", "secondary"):
            return self.rng.choice(
                [s for s in schools if s.local_authority_id is None and s.phase == story.phase] or schools[1:2]
            )
        phases = SCHOOL_PHASES[story.phase]
        home = [s for s in schools[1:] if s.phase in phases and s.local_authority_id is not None]
        if story.stage not in ("entered", "overdue", "unplanned", "arranged"):
            home = [s for s in home if self.people.teachers[s.pk]]  # nobody signs where nobody leads
        return self.rng.choice(home)

    def _days_at(self, school: School | None, council: Council) -> Days:
        key = (school.pk if school else None, council.authority.pk)
        if key not in self._days:
            self._days[key] = Days(calendars_of(school, council.authority), self.today)
        return self._days[key]

    def _next_worker(self, council: Council) -> User:
        self._workers += 1
        others = council.workers[1:] if council is self.people.westmere else council.workers
        return others[self._workers % len(others)]

    def _carer(self, story: Story, council: Council) -> Carer | None:
        if story.with_bright:
            return self.people.bright
        self._homes += 1
        return council.carers[self._homes % len(council.carers)]

    def _choose_days(self, life: Life) -> None:
        story, days, rng = life.story, life.days, self.rng
        if story.stage in MEETINGS:
            life.meets = rng.randint(*MEETINGS[story.stage])
        elif story.stage in ENDS:
            life.ends = rng.randint(*ENDS[story.stage])
            life.meets = life.ends - {"finalised": 14, "left": 14, "returned": 12, "returned_late": 12}.get(
                story.stage, 8
            )
        elif story.stage in ("finalised_next", "finalised_overdue"):
            terms = 1 if story.stage == "finalised_next" else 2
            life.meets = days.within_term(terms, rng.uniform(0.15, 0.45))
            life.ends = life.meets + 14
        if story.stage == "left" and story.phase == "post_16":
            life.born = add_months(life.leaves_on, -12 * 18)
        if life.meets is None:
            self._choose_entry(life)
            return
        step = 1 if life.meets > 0 else -1
        for number in range(life.meets, life.meets + 120 * step, step):
            self._choose_entry(life, days.on(number))
            if self._allowed(life, days.on(number)):
                life.meets = number
                return
        raise LookupError(f"No day on which the rules allow a meeting near {days.on(life.meets)}.")

    def _choose_entry(self, life: Life, meeting_on: date | None = None) -> None:
        """When the child came into care, and the day from which the plan's clock runs."""
        story, rng = life.story, self.rng
        if story.first or story.stage == "no_plan":
            if meeting_on is None:
                ago = {"overdue": (48, 75), "unplanned": (3, 9), "no_plan": (6, 40)}.get(story.stage, (8, 24))
                life.entry_on = self.today - timedelta(days=rng.randint(*ago))
            else:
                life.entry_on = min(meeting_on - timedelta(days=rng.randint(18, 26)), self.today - timedelta(days=4))
            life.trigger_on = life.entry_on
            return
        if meeting_on is not None and story.moved:
            life.trigger_on = min(meeting_on - timedelta(days=24), self.today - timedelta(days=8))
        elif not life.days.terms():
            life.trigger_on = (meeting_on or self.today) - timedelta(days=150 if story.stage == "overdue" else 90)
        elif meeting_on is not None:
            place = life.days.term_of(meeting_on)
            term = life.days.terms()[max(place - 1, 0)]
            life.trigger_on = min(term.first + (term.last - term.first) * 0.5, meeting_on - timedelta(days=30))
        else:
            life.trigger_on = life.days.on(
                life.days.within_term(2 if story.stage == "overdue" else 1, rng.uniform(0.15, 0.4))
            )
        grown = (life.trigger_on - life.born).days - 90
        life.entry_on = life.trigger_on - timedelta(days=rng.randint(min(250, grown), min(1500, grown)))

    def _rules(self, life: Life) -> Policy:
        published = profile_for(life.council.authority, life.trigger_on)
        if published.version.pk not in self._policies:
            self._policies[published.version.pk] = policy_of(published.rules.document)
        return self._policies[published.version.pk]

    def _date_rule(self, life: Life) -> DateRule:
        """What decides about the meeting's day, before there is a plan to ask."""
        story, policy, calendars = life.story, self._rules(life), life.days.calendars
        kind = PepKind.FIRST if story.first else PepKind.EXTRA if story.moved else PepKind.REVIEW
        about = PlanFacts(kind, "", life.trigger_on, story.planned, life.school is not None, story.year_group)
        due = meeting_due(about, policy, default_policy(), calendars)
        return DateRule(policy, calendars, life.entry_on, due)

    def _allowed(self, life: Life, day: date) -> bool:
        return self._date_rule(life).verdict(day).allowed

    # --- who acts --------------------------------------------------------------------------------------------------------

    def _by(self, life: Life, user: User, day: date, hour: int | None = None) -> Actor:
        return self.people.as_(user, life.clock.at(day, hour=hour))

    def _teacher(self, life: Life) -> User:
        """Who writes the school's part: its designated teacher, or the virtual school's caseworker."""
        school = life.school
        leads = self.people.teachers[school.pk] if school else []
        return leads[0] if leads else life.caseworker

    def _writer(self, life: Life, section: Section) -> tuple[User, str]:
        """Who fills in a section, and for whom where it isn't their own."""
        carer = life.carer
        if section.owner == "social_worker":
            return life.worker, ""
        if section.owner == "both":
            return (life.worker if section.key == "aspirations" else self._teacher(life)), ""
        if section.owner == "carer":
            return (carer.user, "") if carer and carer.user else (life.worker, "the carer")
        if section.owner == "child":
            return (life.child.user, "") if life.child.user else (self._teacher(life), "the child")
        return self._teacher(life), ""

    # --- the story -------------------------------------------------------------------------------------------------------

    def tell(self, life: Life) -> None:
        self._into_care(life)
        stage = life.story.stage
        if stage == "no_plan":
            return
        if stage == "left":
            self._left += 1
        pep = self._open(life)
        if stage == "left" and self._left % 2:
            self._leave(life, pep)
            return
        if stage in ("entered", "overdue", "unplanned"):
            self._waiting(life, pep)
        else:
            self._go_on(life, pep, stage)
        self._afterwards(life)

    def _go_on(self, life: Life, pep: Pep, stage: str) -> None:
        assert life.meets is not None
        meeting = self._arrange(life, pep)
        self._prepare(life, pep, share=1 if stage != "arranged" else 0.5 if life.story.well_known else 0.2)
        if stage in ("arranged", "ready"):
            self._answer_invitations(life, meeting)
            return
        self._meet(life, meeting)
        pep = self._fresh(pep)
        if stage in ("completing", "late"):
            self._complete(life, pep, until=life.meets + 5, leave_open=True)
            return
        submitted = life.ends if life.ends is not None and stage.startswith("submitted") else life.meets + 8
        self._complete(life, pep, until=submitted - 1)
        self._sign(life, pep, life.upto(submitted))
        if stage.startswith("submitted"):
            return
        assert life.ends is not None
        if stage.startswith("returned"):
            self._return(life, pep, life.upto(life.ends))
            return
        if self.rng.random() < 0.15:
            self._return(life, pep, life.upto(submitted + 2))
            self._amend(life, self._fresh(pep), life.upto(submitted + 4))
        pep = self._fresh(pep)
        self._finalise(life, pep, life.upto(life.ends))
        self._send(life, pep, life.ends + 3)
        if stage == "finalised_next":
            self._open_next(life, self._fresh(pep))
        elif stage == "left":
            self._leave(life, None)

    def _into_care(self, life: Life) -> None:
        story, rng = life.story, self.rng
        given, family = next(self.names)
        area = life.council.authority.name
        if story.out_of_area:
            area = life.school.area if life.school and life.school.area != area else rng.choice(names.ELSEWHERE)
        born = life.born
        home = f"{rng.randint(2, 88)} {rng.choice(names.STREETS)}, {area}"
        kind = "foster" if story.with_bright else rng.choice(("foster",) * 5 + ("kinship", "residential"))
        if story.phase == "post_16" and rng.random() < 0.5:
            kind = "semi_independent"
        joined = self._joined(life)
        school = self._earlier_school(life) if story.moved else life.school
        recorded = min(life.entry_on + ONE_DAY, self.today - ONE_DAY)
        by = self._by(life, life.council.data_officer, recorded, hour=9)
        life.child = facts.record_entry(
            authority=life.council.authority, given_name=given, family_name=family, date_of_birth=born,
            began_on=life.entry_on, planned=story.planned, legal_status=life.legal_status if story.planned else "interim_care_order",
            placement_kind=kind, placement_area=area, address=home, confidential=story.confidential, carer=life.carer,
            known_as=names.KNOWN_AS.get(given, "") if rng.random() < 0.5 else "",
            upn=f"X{rng.randrange(10**11, 10**12)}" if story.year_group > 0 else "",
            language="English" if rng.random() < 0.85 else rng.choice(("Polish", "Arabic", "Turkish", "Yoruba", "Pashto")),
            school=school, school_began_on=joined, social_worker=life.worker,
            iro=life.iro if rng.random() < 0.9 or story.well_known else None,
            caseworker=life.caseworker if story.well_known or rng.random() < 0.7 else None, by=by,
        )  # fmt: skip
        life.episode = CareEpisode.objects.get(child=life.child)
        life.about = writing.About(
            name=life.child.first_name, born=born, legal_status=life.episode.legal_status, joined_on=joined,
            has_school=life.school is not None, today=self.today,
        )  # fmt: skip
        if story.account:
            user = self.people.account(f"{given} {family[0]}.", at=by.at)
            user.email = f"{given}.{family}{ADDRESS}".lower()
            keep(user, by=by, fields=["email"])
            life.child.user = user
            keep(life.child, by=by, fields=["user"])

    def _born(self, story: Story) -> date:
        """A birthday in the year group; nobody of eighteen is looked after still."""
        this = self.today.year if self.today.month >= 9 else self.today.year - 1
        born = date(this - 5 - story.year_group, 9, 1) + timedelta(days=self.rng.randint(0, 200))
        if self.today >= add_months(born, 12 * 18):
            story.year_group -= 1
            born = add_months(born, 12)
        return born

    def _joined(self, life: Life) -> date | None:
        if life.school is None:
            return None
        story = life.story
        this = self.today.year if self.today.month >= 9 else self.today.year - 1
        starts = date(this - (story.year_group - STARTS[story.phase]), 9, 2)
        return min(starts, life.entry_on)

    def _earlier_school(self, life: Life) -> School:
        assert life.school is not None
        return next(s for s in self.people.schools[5:] if s.phase in ("primary", "secondary") and s != life.school)

    def _open(self, life: Life) -> Pep:
        """The plan opens: by itself with the entry, after a move, or by the virtual school ahead of a review."""
        story, on = life.story, life.days
        if story.first:
            cause, kind = f"first:{life.episode.pk}", PepKind.FIRST
            by: Acting = self._by(
                life, life.council.data_officer, min(life.entry_on + ONE_DAY, self.today - ONE_DAY), hour=9
            )
        elif story.moved:
            assert life.school is not None
            by = self._by(life, life.council.data_officer, life.trigger_on)
            enrolment = facts.change_school(child=life.child, school=life.school, began_on=life.trigger_on, by=by)
            change = next(iter(self._rules(life).extra_pep_on), "school_change")
            cause, kind = f"{change}:{enrolment.pk}", PepKind.EXTRA
        else:
            # The plans before this one were made before the council had the portal.
            cause, kind = f"review:paper:{life.trigger_on}", PepKind.REVIEW
            ago = {"entered": -self.rng.randint(1, 8), "overdue": -25}.get(story.stage, min((life.meets or 0) - 20, -1))
            by = self._by(life, life.caseworker, max(on.on(ago), life.trigger_on + ONE_DAY))
        pep = plans.open_pep(
            child=life.child, episode=life.episode, kind=kind, cause=cause, trigger_on=life.trigger_on, by=by
        )
        pep = self._fresh(pep)
        tell_organiser(pep, by=by)
        return pep

    def _fresh(self, pep: Pep) -> Pep:
        found = Pep.objects.select_related(
            "child__authority", "child__user", "episode", "profile_version", "form_version"
        )
        return found.get(pk=pep.pk)

    def _waiting(self, life: Life, pep: Pep) -> None:
        """The meeting isn't arranged. Some parts are begun, and one meeting was called off."""
        if self.rng.random() < 0.15 or life.story.well_known:
            self._prepare(life, pep, share=0.25)
        if life.story.stage == "overdue" and life.school and self.rng.random() < 0.2:
            life.meets = next((n for n in range(4, 60) if self._allowed(life, life.days.on(n))), None)
            if life.meets is not None:
                meeting = self._arrange(life, pep)
                by = self._by(life, self._teacher(life), life.upto(0))
                meetings.cancel(meeting, reason="The carers are away that week; a new day is being found.", by=by)

    def _arrange(self, life: Life, pep: Pep) -> Meeting:
        assert life.meets is not None
        team = team_of(life.child, life.upto(life.meets - 1))
        people = meeting_queries.whose_job(pep, team).people or (life.caseworker,)
        by = self._by(life, people[0], life.upto(life.meets - self.rng.randint(11, 14)))
        day = life.days.on(life.meets)
        place = self.rng.choice(names.MEETING_ROOMS) if life.school else "At the placement"
        verdict = self._date_rule(life).verdict(day)
        meeting = meetings.schedule(
            pep, starts_at=self._starts(day), place=place, minutes=self.rng.choice((45, 60, 60, 75)),
            chair=self._teacher(life).name, by=by,
            date_reason="The first day on which everybody could come." if verdict.needs_reason or verdict.outcome == "warned" else "",
        )  # fmt: skip
        if self.rng.random() < 0.12:
            meeting = self._move(life, meeting, by)
        return meeting

    def _starts(self, day: date) -> datetime:
        hour, minute = self.rng.choice(((9, 30), (10, 0), (13, 30), (14, 0), (15, 15)))
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)

    def _move(self, life: Life, meeting: Meeting, by: Actor) -> Meeting:
        """To another hour of the same day, which every council allows that allowed the first."""
        later = meeting.starts_at + timedelta(hours=-1 if meeting.starts_at.astimezone(LONDON).hour > 12 else 1)
        mover = self.people.as_(by.user, life.clock.at(by.today))
        return meetings.move(meeting, starts_at=later, reason="The social worker is in court until then.", by=mover)

    def _answer_invitations(self, life: Life, meeting: Meeting) -> None:
        for invitation in meeting_queries.invitations_of(meeting):
            if invitation.user is None or self.rng.random() > (0.9 if life.story.well_known else 0.5):
                continue
            answer = self.rng.choice(("yes", "yes", "yes", "yes", "report", "no"))
            meetings.reply(invitation, answer=answer, by=self._by(life, invitation.user, life.upto(0)))

    # --- filling in ------------------------------------------------------------------------------------------------------

    def _prepare(self, life: Life, pep: Pep, *, share: float) -> None:
        """The parts before the meeting: facts, school, views, drafted targets and a score. ``share`` of them are there."""
        number = life.meets if life.meets is not None else 0
        for section in document_of(pep).sections:
            if section.owner == "virtual_school" or "meeting" in section.panels or "funding" in section.panels:
                continue
            if self.rng.random() > share:
                continue
            day = life.upto(number - self.rng.randint(5, 7))
            whole = not section.panels and section.owner != "both" and (share == 1 or self.rng.random() < 0.5)
            written = self._fill(life, pep, section, day)
            if "targets" in section.panels and share == 1:
                self._set_targets(life, pep, day)
            if "sdq" in section.panels and share == 1:
                self._score(life, pep, day)
            if whole and written:
                self._mark(life, pep, section, day)

    def _fill(self, life: Life, pep: Pep, section: Section, day: date) -> bool:
        """Whether there was anything to write: nobody has to fill in the child's and the carer's parts."""
        fully = life.story.well_known or (section.owner in ("child", "carer") and self.rng.random() < 0.5)
        values = writing.answers(self.rng, section, life.about, fully=fully)
        if values:
            writer, spoken_for = self._writer(life, section)
            plans.save_section(
                pep, section.key, values=values, based_on={}, written_for=spoken_for, by=self._by(life, writer, day)
            )
        return bool(values)

    def _mark(self, life: Life, pep: Pep, section: Section, day: date) -> None:
        writer, _ = self._writer(life, section)
        missing = panel_missing(pep, section)
        plans.mark_section_complete(pep, section.key, panel_missing=missing, by=self._by(life, writer, day))

    def _set_targets(self, life: Life, pep: Pep, day: date) -> None:
        wanted = [kind for rule in target_rules(pep).required for kind in (rule.kinds[0],) * rule.count]
        if life.story.well_known and len(wanted) < 3:
            wanted.append("academic")
        if "social_emotional" not in wanted:
            wanted.append("social_emotional")
        teacher = self._teacher(life)
        as_teacher = life.school is not None and bool(self.people.teachers[life.school.pk])
        by = self._by(life, teacher, day)
        meets = life.days.on(life.meets) if life.meets is not None else by.today
        taken: list[str] = []
        for kind in wanted:
            values = writing.target(
                self.rng, kind, life.about, who=teacher.name, taken=taken,
                review_by=max(meets, by.today) + timedelta(weeks=self.rng.randint(8, 11)),
            )  # fmt: skip
            taken.append(values.outcome_wanted.rstrip("."))
            made = targets.draft(pep, values=values, as_teacher=as_teacher, by=self._by(life, teacher, day))
            if made.confirmed_at is None:
                targets.confirm(made, based_on=made.revision, by=self._by(life, teacher, day))

    def _score(self, life: Life, pep: Pep, day: date) -> None:
        state = sdq_state(pep)
        if state.asked.possible and (state.asked.asked or self.rng.random() < 0.3):
            by = self._by(life, self._teacher(life), day)
            targets.enter_sdq(pep, values=writing.sdq(self.rng, on=by.today, teacher=by.label), based_on="", by=by)

    def _ask_for_money(self, life: Life, pep: Pep, day: date) -> None:
        if not life.story.well_known and self.rng.random() > 0.6:
            return
        by = self._by(life, self._teacher(life), day)
        scheme = scheme_of(pep, by.today)
        allowed = [each for each in names.PURPOSES if each[0] not in scheme.never_for]
        category, purpose, impact, pence = self.rng.choice(allowed)
        most = scheme.most_pence(by.today) or pence
        named = tuple(
            Target.objects.filter(pep=pep, withdrawn_at=None).order_by("position").values_list("pk", flat=True)[:1]
        )
        values = money.RequestValues(min(pence, most), category, f"{purpose}.", f"{impact}.", named)
        request = money.ask(pep, values=values, by=by)
        chance = self.rng.random()
        if chance < 0.85:
            agree = chance > 0.08
            money.decide(
                request, agree=agree, pence=values.amount_pence if agree else None, based_on=request.revision,
                reason="" if agree else "The school’s own budget already pays for this.",
                by=self._by(life, life.council.deputies[0], day),
            )  # fmt: skip

    # --- the meeting and after it ----------------------------------------------------------------------------------------

    def _meet(self, life: Life, meeting: Meeting) -> None:
        assert life.meets is not None
        day = life.days.on(life.meets)
        by = self._by(life, self._teacher(life), day, hour=16)
        came = {}
        for invitation in meeting_queries.invitations_of(meeting):
            optional = not invitation.required
            there = self.rng.random() < (0.7 if optional else 0.95)
            came[invitation.pk] = meetings.Presence(there, "" if there else self.rng.choice(names.ABSENT))
        meetings.record(
            meeting, held_on=day, came=came, overview=self.rng.choice(names.OVERVIEWS).format(name=life.about.name), by=by,
            child_took_part=self.rng.choice(names.TOOK_PART), next_meeting_on=self._next_meeting(life),
        )  # fmt: skip

    def _next_meeting(self, life: Life) -> date:
        """A school day some time before the next review is due, on which the council allows a meeting."""
        day = life.days.on(life.meets or 0)
        policy, calendars = self._rules(life), life.days.calendars
        due_next = next_due(policy, day, calendars, year_group(life.born, day))
        rule = DateRule(policy, calendars, life.entry_on, due_next, not_before=day)
        due = rule.due.due if rule.due else day + timedelta(days=90)
        wanted = max(due - timedelta(days=self.rng.randint(0, 18)), day + ONE_DAY)
        school = life.days.calendars.school or life.days.calendars.working
        for number in range(150):
            for candidate in (wanted - timedelta(days=number), wanted + timedelta(days=number)):
                if candidate > day and self._counts(school.counts, candidate) and rule.verdict(candidate).allowed:
                    return candidate
        raise LookupError(f"No day on which the rules allow a meeting after {day}.")

    @staticmethod
    def _counts(counts: Callable[[date], bool], day: date) -> bool:
        try:
            return counts(day)
        except LookupError:
            return day.weekday() < 5

    def _complete(self, life: Life, pep: Pep, *, until: int, leave_open: bool = False) -> None:
        """What is left after the meeting, section by section. ``leave_open``: some of it waits."""
        assert life.meets is not None
        done = set(pep.sections.filter(complete=True).values_list("key", flat=True))
        answered = set(pep.answers.values_list("field", flat=True))
        left = [s for s in document_of(pep).sections if s.key not in done and not set(s.panels) & NEVER_MARKED]
        if leave_open:
            left = [s for s in left if self.rng.random() < 0.5][: len(left) - 1]
        for place, section in enumerate(left):
            number = life.meets + 1 + round((until - life.meets - 1) * place / max(len(left), 1))
            day = life.upto(number)
            there = bool({each.id for each in section.fields} & answered) or self._fill(life, pep, section, day)
            if "targets" in section.panels and not pep.targets.exists():
                self._set_targets(life, pep, day)
            if "sdq" in section.panels and not pep.sdqs.exists():
                self._score(life, pep, day)
            if "funding" in section.panels:
                self._ask_for_money(life, pep, day)
            if there or section.panels:
                self._mark(life, pep, section, day)
        checking.ask_to_sign(pep, by=self._by(life, self._teacher(life), life.upto(until)))

    def _sign(self, life: Life, pep: Pep, day: date) -> None:
        """Everybody signs whose turn it is, until the plan goes to the virtual school."""
        for _ in range(8):
            turns = qa_queries.signatures_now(pep).turns
            if not turns or pep.state == PepState.SUBMITTED:
                break
            checking.sign(pep, step=turns[0], by=self._by(life, self._signer(life, turns[0]), day))
        if pep.state != PepState.SUBMITTED:
            raise LookupError(f"The plan was not submitted after every signature: {pep.state}.")

    def _signer(self, life: Life, step: str) -> User:
        carer = life.carer.user if life.carer else None
        people = {
            "social_worker": life.worker, "iro": life.iro, "carer": carer, "child": life.child.user,
            "designated_teacher": self._teacher(life), "data_team": life.council.data_officer,
        }  # fmt: skip
        person = people.get(step)
        if person is None:
            raise LookupError(f"Nobody can sign as {step}.")
        return person

    # --- the virtual school's check --------------------------------------------------------------------------------------

    def _reading(self, pep: Pep, *, good: bool) -> checking.Reading:
        policy = qa_queries.quality_rules(pep)
        best = [grade.key for grade in policy.grades]
        choices = best[:2] if good else best[1:3]
        grades = {each.key: self.rng.choice(choices) for each in policy.criteria}
        if good and not policy.good_enough(policy.overall(grades).grade.key):
            grades = dict.fromkeys(grades, best[0])
        noted = self.rng.choice(policy.criteria)
        return checking.Reading(
            grades=grades, comments={noted.key: "Look here first next time."} if not good else {},
            feedback=self.rng.choice(names.FEEDBACK) if good else "Much of this is good already; see what is asked for.",
        )  # fmt: skip

    def _checker(self, life: Life, check: str) -> User:
        council = life.council
        if check == "virtual_school_head":
            return council.head
        if check in ("virtual_school_deputy", "virtual_school_phase_lead"):
            return council.deputies[0]
        # Who signed for the school's part can't check it as well.
        return life.caseworker if life.school is not None else council.deputies[0]

    def _return(self, life: Life, pep: Pep, day: date) -> None:
        checker = self._checker(life, qa_queries.checks_of(pep)[0])
        checking.return_for_amendment(
            pep, reading=self._reading(pep, good=False), reason=self.rng.choice(names.RETURNED),
            sections=["targets", "school_attendance"], by=self._by(life, checker, day),
        )  # fmt: skip

    def _amend(self, life: Life, pep: Pep, day: date) -> None:
        for section in document_of(pep).sections:
            if not pep.sections.filter(key=section.key, complete=False).exists() or set(section.panels) & NEVER_MARKED:
                continue
            if section.key == "targets":
                first = Target.objects.filter(pep=pep, withdrawn_at=None).order_by("position")[0]
                values = targets.TargetValues(
                    kind=first.kind, need=first.need, outcome_wanted=first.outcome_wanted, baseline=first.baseline,
                    measure=f"{first.measure} Looked at together after six weeks.", strategies=first.strategies, who=first.who,
                    review_by=first.review_by, in_childs_words=first.in_childs_words,
                )  # fmt: skip
                by = self._by(life, self._teacher(life), day)
                amended = targets.amend(first, values=values, based_on=first.revision, as_teacher=True, by=by)
                if isinstance(amended, Target) and amended.confirmed_at is None:
                    targets.confirm(amended, based_on=amended.revision, by=by)
            self._mark(life, pep, section, day)
        self._sign(life, pep, day)

    def _finalise(self, life: Life, pep: Pep, day: date) -> None:
        for check in qa_queries.checks_of(pep):
            by = self._by(life, self._checker(life, check), day)
            reading = self._reading(pep, good=True)
            approved = checking.approve(pep, reading=reading, by=by)
        if not approved.finalised:
            raise LookupError(f"The plan was not finalised: {', '.join(approved.waiting_for)} left.")

    def _send(self, life: Life, pep: Pep, number: int) -> None:
        """Some days later what has to leave by hand has gone, nearly always: by post, or into the case system."""
        for delivery in qa_queries.deliveries_of(pep):
            if delivery.method != "portal" and number <= 0 and self.rng.random() < 0.9:
                checking.mark_posted(delivery, by=self._by(life, life.caseworker, life.days.on(number)))

    def _open_next(self, life: Life, last: Pep) -> None:
        day = max(life.days.on(-self.rng.randint(2, 9)), life.upto((life.ends or 0) + 2))
        by = self._by(life, life.caseworker, day)
        made = plans.open_pep(
            child=life.child, episode=life.episode, kind=PepKind.REVIEW, cause=f"review:{last.pk}",
            trigger_on=trigger_of_next(last), by=by,
        )  # fmt: skip
        made = self._fresh(made)
        tell_organiser(made, by=by)
        for target in last.targets.filter(withdrawn_at=None).order_by("position")[:1]:
            targets.review_target(
                target, pep=made, outcome=self.rng.choice(("achieved", "partly")), based_on=target.revision,
                impact="Reached a little before the day. The daily time with one adult is what did it.",
                by=self._by(life, self._teacher(life), life.upto(0)),
            )  # fmt: skip

    def _leave(self, life: Life, open_plan: Pep | None) -> None:
        last = life.clock.last or life.clock.now
        day = min(max(life.leaves_on, last.astimezone(LONDON).date()), self.today - ONE_DAY)
        grown = day >= add_months(life.born, 12 * 18)
        reasons = ("returned_home", "returned_home", "adopted", "special_guardianship")
        reason = "turned_18" if grown else self.rng.choice(reasons)
        words = {
            "returned_home": "returned home",
            "adopted": "adopted",
            "special_guardianship": "lives with a guardian",
        }
        by = self._by(life, life.council.data_officer, day)
        facts.end_care(episode=life.episode, ended_on=max(day, life.entry_on + ONE_DAY), reason=reason, by=by)
        if open_plan is not None:
            plans.bring_about(
                open_plan, PepEvent.CLOSE, by=self._by(life, life.caseworker, day),
                close_reason=f"Left care: {words.get(reason, 'turned 18')}",
            )  # fmt: skip

    def _afterwards(self, life: Life) -> None:
        story = life.story
        if story.care_review:
            on = self.today + timedelta(days=self.rng.randint(2, 24))
            on += timedelta(days=max(0, 7 - on.weekday()) if on.weekday() >= 5 else 0)
            facts.set_care_review(child=life.child, on=on, by=self._by(life, life.iro, life.upto(0)))
        if story.no_worker:
            held = Allocation.objects.get(child=life.child, part=Part.SOCIAL_WORKER)
            by = self._by(life, life.council.data_officer, self.today - ONE_DAY)
            facts.end_allocation(allocation=held, ended_on=self.today, by=by)
