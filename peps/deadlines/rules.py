"""What a council's published policy makes of the facts: when each thing is due, under which rule, on what assumption.

Every function takes the policy, plain facts and calendars and gives a `Deadline` that can show itself. Where the
school's calendar is not published the counting raises `CalendarNotPublished`; a caller may pass a calendar `continued()`
on last year's pattern instead, and the deadline then says that it is provisional. Nothing here asks what day it is.
Sources: R1-R10, R13, R14, R16, R35 and the deadline rows of the published profiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from peps.deadlines.calendars import (
    HOLIDAY_AFTER,
    ONE_DAY,
    TERMS,
    WEEKEND,
    Calendars,
    DayCalendar,
    SchoolCalendar,
    Term,
    WorkingCalendar,
    academic_year_of,
    in_words,
)
from peps.deadlines.counting import Step, add_days, add_months, amount, due_only, explain, subtract_days

EVENT_WORDS = {
    "initiated": "the PEP must be started",
    "meeting_arranged": "the PEP meeting must be arranged",
    "meeting_held": "the PEP meeting must be held",
    "document_completed": "the PEP must be completed",
    "returned_to_social_worker": "the PEP must be returned to the social worker",
}
#: What may call an extra PEP (R8), in words.
CHANGE_WORDS = {
    "school_change": "change of school",
    "placement_change": "change of placement",
    "significant_change": "significant change",
    "concern": "concern",
    "transition": "transition",
    "concern_at_informal_review": "concern at an informal review",
    "education_breakdown": "breakdown of the education placement",
}
COPY_WORDS = {
    "carer": "The carer gets the finished plan",
    "school_file": "The finished plan goes on the school’s file",
    "case_system": "The finished plan is uploaded to the case system",
}
TIMES_WORDS = {1: "once", 2: "twice", 3: "three times"}
NO_DAY_FOR_DATA = "The document says how often, not by which day: the last school day of the term."
NO_SCHOOL_CALENDAR = "The child has no school, so working days are counted instead of school days."
TERMS_TAKEN = "The ends of terms are taken as 20 December, 31 March and 20 July."
NO_SCHOOL_TERMS = TERMS_TAKEN.replace("The ends", "The child has no school, so the ends")


class DatesNotPublished(LookupError):
    """A council that publishes its deadline dates term by term has published none that could be used."""


@dataclass(frozen=True)
class CountedRule:
    """So many days of a unit until an event. `source` and `assumed` are what the profile says about itself."""

    count: int
    unit: str
    event: str = ""
    owners: tuple[str, ...] = ()
    wherever_placed: bool = False
    applies_to: tuple[str, ...] = ()
    source: str = ""
    assumed: tuple[str, ...] = ()
    default: bool = False


@dataclass(frozen=True)
class PublishedDate:
    academic_year: str
    term: str
    due: date
    #: For these year groups only; for all where empty.
    year_groups: tuple[int, ...] = ()


@dataclass(frozen=True)
class ReviewRule:
    cycle: str  # every_term, at_most_months or published_dates
    event: str
    months: int | None = None
    formal_a_year: int | None = None
    third: str = "formal"
    formal_if_concerns: bool = False
    published: tuple[PublishedDate, ...] = ()
    source: str = ""
    assumed: tuple[str, ...] = ()
    default: bool = False


@dataclass(frozen=True)
class OpeningRule:
    """When documents are opened: so many days before the meeting, or in a week of the year for each term (R14)."""

    when: str  # before_meeting or weeks
    count: int = 0
    unit: str = "school"
    weeks: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    assumed: tuple[str, ...] = ()
    default: bool = False


@dataclass(frozen=True)
class MeetingDates:
    """What a council makes of a meeting on an awkward day: allowed, warned, reason (allowed with one), or refused."""

    holidays: str
    weekends: str
    bank_holidays: str
    closed_days: str
    after_due: str
    after_term_deadline: str
    lead_up: str
    lead_up_days: int
    lead_up_assumed: tuple[str, ...] = ()
    term_deadline_assumed: tuple[str, ...] = ()


#: The rules for what a child is without, and what has to be done by when.
WITHOUT = {
    "social_worker_allocated": "A social worker must be allocated",
    "designated_teacher_known": "The school’s designated teacher must be known",
    "next_school_known": "The school for the new school year must be recorded",
}


@dataclass(frozen=True)
class Policy:
    """The clock of one published profile version."""

    name: str
    version: str
    day_zero: bool
    inset_counts: bool
    first_pep_planned: CountedRule
    first_pep_unplanned: CountedRule
    first_pep_no_school_place: CountedRule
    review: ReviewRule
    extra_pep_on: tuple[str, ...]
    extra_pep_due: CountedRule
    completion: CountedRule
    preparation: CountedRule
    prepared_parts: tuple[str, ...]
    opening: OpeningRule
    quality_turnaround: CountedRule
    before_care_review: CountedRule
    facts_confirmed_each: str
    data_collections_a_year: int
    meeting_dates: MeetingDates
    #: How long a child may be without somebody; None in a version kept before there were such rules.
    social_worker_allocated: CountedRule | None = None
    designated_teacher_known: CountedRule | None = None
    next_school_known: CountedRule | None = None
    data_collection_source: str = ""


def policy_from(
    deadlines: Mapping[str, Any], meeting_dates: Mapping[str, Any], *, name: str = "", version: str | int = ""
) -> Policy:
    """The policy that a profile's `[deadlines]` and `[meeting_dates]` tables publish.

    Takes the tables of a checked profile (`profile.document["deadlines"]`, with its marks of what is a default); raises
    KeyError where a key is missing.
    """
    defaults = set(deadlines.get("defaults", ()))

    def counted(key: str) -> CountedRule:
        rule = deadlines[key]
        return CountedRule(
            count=rule["count"],
            unit=rule["unit"],
            event=rule.get("event", ""),
            owners=tuple(rule.get("owners", ())),
            wherever_placed=rule.get("wherever_placed", False),
            applies_to=tuple(rule.get("applies_to", ())),
            **_marks(rule, key in defaults),
        )

    review = deadlines["review"]
    opening = deadlines["opening"]
    counting = deadlines["counting"]
    return Policy(
        name=name,
        version=str(version),
        day_zero=counting["day_zero"],
        inset_counts=counting["inset_counts"],
        first_pep_planned=counted("first_pep_planned"),
        first_pep_unplanned=counted("first_pep_unplanned"),
        first_pep_no_school_place=counted("first_pep_no_school_place"),
        review=ReviewRule(
            cycle=review["cycle"],
            event=review["event"],
            months=review.get("months"),
            formal_a_year=review.get("formal_a_year"),
            third=review.get("third", "formal"),
            formal_if_concerns=review.get("formal_if_concerns", False),
            published=tuple(
                PublishedDate(
                    each["academic_year"], each["term"], _day(each["due"]), tuple(each.get("year_groups", ()))
                )
                for each in review.get("published", ())
            ),
            **_marks(review, "review" in defaults),
        ),
        extra_pep_on=tuple(deadlines["extra_pep"]["on"]),
        extra_pep_due=counted("extra_pep_due"),
        completion=counted("completion"),
        preparation=counted("preparation"),
        prepared_parts=tuple(deadlines["prepared"]["parts"]),
        opening=OpeningRule(
            when=opening["when"],
            count=opening.get("count", 0),
            unit=opening.get("unit", "school"),
            weeks={term: opening[term] for term in TERMS if term in opening},
            **_marks(opening, "opening" in defaults),
        ),
        quality_turnaround=counted("quality_turnaround"),
        before_care_review=counted("before_care_review"),
        facts_confirmed_each=deadlines["facts_confirmed"]["each"],
        data_collections_a_year=deadlines.get("data_collection", {}).get("times_a_year", 0),
        data_collection_source=str(deadlines.get("data_collection", {}).get("source", "")),
        meeting_dates=MeetingDates(
            holidays=meeting_dates["holidays"],
            weekends=meeting_dates["weekends"],
            bank_holidays=meeting_dates["bank_holidays"],
            closed_days=meeting_dates["closed_days"],
            after_due=meeting_dates["after_due"],
            after_term_deadline=meeting_dates["after_term_deadline"],
            lead_up=meeting_dates["lead_up"]["outcome"],
            lead_up_days=meeting_dates["lead_up"]["school_days"],
            lead_up_assumed=tuple(meeting_dates["lead_up"].get("assumed", {}).values()),
            term_deadline_assumed=tuple(
                reason for key, reason in meeting_dates.get("assumed", {}).items() if key == "after_term_deadline"
            ),
        ),
        **{key: counted(key) for key in WITHOUT if key in deadlines},
    )


def policy_of(document: Mapping[str, Any]) -> Policy:
    """The policy of a whole profile document (`profile.document`, or the one stored)."""
    head = document["profile"]
    return policy_from(document["deadlines"], document["meeting_dates"], name=head["name"], version=head["version"])


def _marks(rule: Mapping[str, Any], default: bool) -> dict[str, Any]:
    return {
        "source": "default" if default else str(rule.get("source", "")),
        "assumed": tuple(rule.get("assumed", {}).values()),
        "default": default,
    }


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Deadline:
    """Something due, by when, and everything needed to say why."""

    kind: str
    event: str
    due: date
    unit: str
    count: int
    start: date
    #: The rule as a sentence.
    rule: str
    source: str
    #: Finds the steps and the sentence of the day: only when somebody looks, because a sweep over many children never does.
    look: Callable[[], tuple[tuple[Step, ...], str]] = field(compare=False, repr=False)
    assumed: tuple[str, ...] = ()
    #: True where the source is silent, so that the product's default applies.
    default: bool = False
    #: Rests on a year that isn't published yet.
    provisional: bool = False
    owners: tuple[str, ...] = ()

    @cached_property
    def _seen(self) -> tuple[tuple[Step, ...], str]:
        return self.look()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Each day on the way counted or skipped and why; none where no days are counted."""
        return self._seen[0]

    @property
    def explanation(self) -> str:
        """The day that the rule gives, as a sentence or two."""
        return self._seen[1]


def _calendar(policy: Policy, unit: str, calendars: Calendars) -> tuple[DayCalendar, tuple[str, ...]]:
    """The calendar for a unit. A child without a school has no school days: working days then, and it is said."""
    if unit == "calendar":
        return calendars.days, ()
    if unit == "working":
        return calendars.working, ()
    if calendars.school is None:
        return calendars.working, (NO_SCHOOL_CALENDAR,)
    return calendars.school.with_inset(policy.inset_counts), ()


def _is_provisional(calendar: DayCalendar, day: date) -> bool:
    return isinstance(calendar, (SchoolCalendar, WorkingCalendar)) and calendar.is_provisional(day)


def _deadline(
    policy: Policy, kind: str, rule: CountedRule, start: date, calendars: Calendars, *, sentence: str, event: str = ""
) -> Deadline:
    calendar, noted = _calendar(policy, rule.unit, calendars)
    due = due_only(start, rule.count, calendar, day_zero=policy.day_zero)

    def look() -> tuple[tuple[Step, ...], str]:
        answer = add_days(start, rule.count, calendar, policy.day_zero)
        said = explain(answer, start=start, count=rule.count, unit=calendar.unit, day_zero=policy.day_zero)
        return answer.steps, said

    return Deadline(
        kind=kind,
        event=event or rule.event,
        due=due,
        unit=calendar.unit,
        count=rule.count,
        start=start,
        rule=sentence,
        source=rule.source,
        look=look,
        assumed=(*rule.assumed, *noted),
        default=rule.default,
        provisional=_is_provisional(calendar, due),
        owners=rule.owners,
    )


def first_pep_rule(policy: Policy, *, planned: bool, has_school_place: bool) -> CountedRule:
    """Which of the three rules a child's entry comes under (R1-R4)."""
    rule = policy.first_pep_planned if planned else policy.first_pep_unplanned
    kind = "planned" if planned else "unplanned"
    if not has_school_place and not rule.wherever_placed and kind in policy.first_pep_no_school_place.applies_to:
        return policy.first_pep_no_school_place
    return rule


def first_pep(
    policy: Policy, entry_date: date, planned: bool, has_school_place: bool, calendars: Calendars
) -> Deadline:
    """When the first PEP is due (R1-R4): by the rule for planned or unplanned care, or for no school place.

    Raises CalendarNotPublished where the days up to the due date aren't all published.
    """
    rule = first_pep_rule(policy, planned=planned, has_school_place=has_school_place)
    if rule is policy.first_pep_no_school_place:
        case = "For a child without a school place"
    else:
        case = "After a planned placement" if planned else "After an unplanned placement"
    sentence = f"{case} {EVENT_WORDS[rule.event]} within {amount(rule.count, rule.unit)} of coming into care."
    return _deadline(policy, "first_pep", rule, entry_date, calendars, sentence=sentence)


def first_pep_due_only(
    policy: Policy, entry_date: date, *, planned: bool, has_school_place: bool, calendars: Calendars
) -> date:
    """The due date of `first_pep` alone, for sweeps over many children."""
    rule = first_pep_rule(policy, planned=planned, has_school_place=has_school_place)
    calendar, _ = _calendar(policy, rule.unit, calendars)
    return due_only(entry_date, rule.count, calendar, day_zero=policy.day_zero)


def extra_pep(policy: Policy, changed_on: date, change: str, *, calendars: Calendars) -> Deadline | None:
    """The PEP that a change calls (R8), or nothing where this council calls none for such a change."""
    if change not in policy.extra_pep_on:
        return None
    rule = policy.extra_pep_due
    sentence = (
        f"A {CHANGE_WORDS[change]} calls an extra PEP: {EVENT_WORDS[rule.event]} within "
        f"{amount(rule.count, rule.unit)} of it."
    )
    return _deadline(policy, "extra_pep", rule, changed_on, calendars, sentence=sentence)


def completion(policy: Policy, held_on: date, *, calendars: Calendars, owner: str = "") -> Deadline | None:
    """When the document must be complete after the meeting (R9); nothing for an owner who has no part in it."""
    rule = policy.completion
    if owner and owner not in rule.owners:
        return None
    sentence = f"After the meeting {EVENT_WORDS[rule.event]} within {amount(rule.count, rule.unit)}."
    made = _deadline(policy, "completion", rule, held_on, calendars, sentence=sentence)
    return replace(made, owners=(owner,)) if owner else made


def preparation(policy: Policy, meeting_on: date, *, calendars: Calendars) -> Deadline:
    """When the parts due before the meeting must be ready (R35): so many days before it."""
    rule = policy.preparation
    return _before(
        policy, "preparation", rule, meeting_on, calendars, "parts_ready",
        f"The parts owed before the meeting must be ready {amount(rule.count, rule.unit)} before it.",
    )  # fmt: skip


def before_care_review(policy: Policy, review_on: date, *, calendars: Calendars) -> Deadline:
    """When the finished PEP must be there for the care review (R73)."""
    rule = policy.before_care_review
    return _before(
        policy, "before_care_review", rule, review_on, calendars, "available",
        f"The PEP must be available {amount(rule.count, rule.unit)} before the care review.",
    )  # fmt: skip


def _before(
    policy: Policy, kind: str, rule: CountedRule, day: date, calendars: Calendars, event: str, sentence: str
) -> Deadline:
    calendar, noted = _calendar(policy, rule.unit, calendars)
    due = calendar.nth_before(day, rule.count)

    def look() -> tuple[tuple[Step, ...], str]:
        said = f"{amount(rule.count, calendar.unit)} before {in_words(day)}: {in_words(due)}."
        return subtract_days(day, rule.count, calendar).steps, said

    return Deadline(
        kind=kind,
        event=event,
        due=due,
        unit=calendar.unit,
        count=rule.count,
        start=day,
        rule=sentence,
        source=rule.source,
        look=look,
        assumed=(*rule.assumed, *noted),
        default=rule.default,
        provisional=_is_provisional(calendar, day),
    )


def without(policy: Policy, what: str, since: date, *, calendars: Calendars) -> Deadline | None:
    """When somebody whom a child is without since a day must be there: `what` is a key of WITHOUT. Nothing where the kept
    version knows no such rule. A council's document says none: these are the product's own days."""
    rule: CountedRule | None = getattr(policy, what)
    if rule is None:
        return None
    sentence = f"{WITHOUT[what]} within {amount(rule.count, rule.unit)}."
    return _deadline(policy, what, rule, since, calendars, sentence=sentence, event="known")


def send_copy(policy: Policy, to: str, rule: CountedRule, finalised_on: date, *, calendars: Calendars) -> Deadline:
    """When a finished plan must have reached the carer, the school's file or the case system (R72, R74, R81): `to` is a key
    of COPY_WORDS."""
    sentence = f"{COPY_WORDS[to]} within {amount(rule.count, rule.unit)} of being finalised."
    return _deadline(policy, "copy", rule, finalised_on, calendars, sentence=sentence, event="sent")


def data_terms(policy: Policy, day: date, school: SchoolCalendar) -> tuple[Term, ...]:
    """The terms whose progress data are due from schools about now (R7, R58): the two that began last, so that late data stay
    owed through the term that follows, and the next. Twice a year is read as spring and summer, once as summer; none
    where the council says nothing."""
    if not policy.data_collections_a_year:
        return ()
    wanted = TERMS[-policy.data_collections_a_year :]
    terms = [term for term in school.terms() if term.name in wanted]
    begun = [term for term in terms if term.first <= day]
    return (*begun[-2:], *terms[len(begun) : len(begun) + 1])


def data_collection(policy: Policy, term: Term, school: SchoolCalendar) -> Deadline:
    """When a term's progress and attainment data are due (R7, R58): on its last school day."""
    times = policy.data_collections_a_year
    due = school.with_inset(policy.inset_counts).last_school_day(term)
    often = TIMES_WORDS.get(times, f"{times} times")
    return Deadline(
        kind="data_collection",
        event="data_sent",
        due=due,
        unit="school",
        count=0,
        start=term.first,
        rule=f"The school sends progress and attainment data {often} a year: by the end of the {term.name} term.",
        source=policy.data_collection_source,
        look=lambda: ((), f"The {term.name} term {term.academic_year} ends on {in_words(due)}."),
        assumed=(NO_DAY_FOR_DATA,),
        provisional=school.is_provisional(due),
    )


def quality_turnaround(policy: Policy, submitted_on: date, *, calendars: Calendars) -> Deadline:
    """When the virtual school must have checked a plan that was submitted."""
    rule = policy.quality_turnaround
    sentence = f"The virtual school checks a plan within {amount(rule.count, rule.unit)} of getting it."
    return _deadline(policy, "quality_turnaround", rule, submitted_on, calendars, sentence=sentence, event="checked")


def next_review(
    policy: Policy, last_meeting_on: date, *, calendars: Calendars, year_group: int | None = None
) -> Deadline:
    """When the next review is due after a meeting (R5, R6, R13).

    Every term: before the lead-up to the end of the term that follows. At most so many months: that day of the month.
    Published dates: the date published for the term that follows, or, where that year has none, the last published
    year's date moved to the nearest same weekday and marked provisional.

    ``year_group`` is the child's on ``last_meeting_on``; a published date goes by the one they are in when its term begins.

    Raises CalendarNotPublished where the next term's dates aren't known, DatesNotPublished where no date ever was.
    """
    rule = policy.review
    if rule.cycle == "at_most_months":
        assert rule.months is not None  # the profile's reader refuses one without
        due = add_months(last_meeting_on, rule.months)
        days = (due - last_meeting_on).days
        said = f"The next review is held at most {rule.months} months after the last meeting."
        return _review(
            policy, due, last_meeting_on, said,
            lambda: f"{rule.months} months from {in_words(last_meeting_on)}: {in_words(due)}.",
            unit="calendar", count=days, steps=lambda: add_days(last_meeting_on, days, calendars.days).steps,
        )  # fmt: skip
    term, provisional, noted = _term_following(last_meeting_on, calendars)
    if rule.cycle == "published_dates":
        grown = None if year_group is None else year_group + years_between(last_meeting_on, term.first)
        due, moved = _published(rule, term, grown)
        said = f"The deadline for the {term.name} term is published by the virtual school."
        if moved:
            noted = (*noted, f"No deadline is published for {term.academic_year}: this is the pattern of {moved}.")
        return _review(
            policy, due, last_meeting_on, said,
            lambda: f"{term.name.capitalize()} term {term.academic_year}: {in_words(due)}.",
            noted=noted, provisional=provisional or bool(moved),
        )  # fmt: skip
    clear = policy.meeting_dates.lead_up_days if policy.meeting_dates.lead_up != "allowed" else 0
    said = "A review is held every school term."
    if calendars.school is not None:
        school = calendars.school.with_inset(policy.inset_counts)
        due = school.last_day_before_lead_up(term, clear)
        ends = school.last_school_day(term)
    else:
        due, ends = calendars.working.nth_before(term.last + ONE_DAY, clear + 1), term.last

    def why() -> str:
        clearly = f"; its last {clear} school days are kept clear" if clear else ""
        return f"The {term.name} term ends on {in_words(ends)}{clearly}: {in_words(due)}."

    return _review(policy, due, last_meeting_on, said, why, noted=noted, provisional=provisional)


def years_between(day: date, later: date) -> int:
    """How many academic years a day's lies after another's: by so many a child's year group goes up."""
    return int(academic_year_of(later)[:4]) - int(academic_year_of(day)[:4])


def _review(
    policy: Policy,
    due: date,
    start: date,
    said: str,
    why: Callable[[], str],
    *,
    unit: str = "school",
    count: int = 0,
    noted: tuple[str, ...] = (),
    provisional: bool = False,
    steps: Callable[[], tuple[Step, ...]] = tuple,
) -> Deadline:
    rule = policy.review
    return Deadline(
        kind="review",
        event=rule.event,
        due=due,
        unit=unit,
        count=count,
        start=start,
        rule=said,
        source=rule.source,
        look=lambda: (steps(), why()),
        assumed=(*rule.assumed, *noted),
        default=rule.default,
        provisional=provisional,
    )


def _term_following(day: date, calendars: Calendars) -> tuple[Term, bool, tuple[str, ...]]:
    """The term after the one a meeting fell in. Without a school the year is cut at Christmas, Easter week and July."""
    if calendars.school is not None:
        term = calendars.school.term_after(day)
        return term, calendars.school.is_provisional(term.last), ()
    noted = (NO_SCHOOL_TERMS,)
    for year in (day.year, day.year + 1):
        for name, first, last in (
            ("spring", date(year, 1, 2), date(year, 3, 31)),
            ("summer", date(year, 4, 1), date(year, 7, 20)),
            ("autumn", date(year, 9, 1), date(year, 12, 20)),
        ):
            if first > day:
                return Term(name, academic_year_of(first), first, last), True, noted
    raise AssertionError("two years hold a term that starts after any day in the first")  # pragma: no cover


def _published(rule: ReviewRule, term: Term, year_group: int | None) -> tuple[date, str]:
    """The date for a term and year group, and the academic year whose pattern it is where it isn't the term's own."""

    def fits(each: PublishedDate) -> bool:
        return each.term == term.name and (not each.year_groups or year_group in each.year_groups)

    dates = sorted(filter(fits, rule.published), key=lambda each: (each.academic_year, bool(each.year_groups)))
    own = [each for each in dates if each.academic_year == term.academic_year]
    if own:
        return own[-1].due, ""
    if not dates:
        raise DatesNotPublished(f"No deadline for the {term.name} term was ever published.")
    last = dates[-1]
    years = int(term.academic_year[:4]) - int(last.academic_year[:4])
    same_day = add_months(last.due, 12 * years)
    off = (last.due.weekday() - same_day.weekday() + 3) % 7 - 3
    return same_day + timedelta(days=off), last.academic_year


def form_of_next_review(policy: Policy, *, formal_this_year: int, concern: bool = False) -> str:
    """ "formal" or "informal": the review after the year's formal ones may be informal until a concern (R6)."""
    rule = policy.review
    if rule.third == "informal" and rule.formal_a_year is not None and formal_this_year >= rule.formal_a_year:
        return "formal" if concern and rule.formal_if_concerns else "informal"
    return "formal"


def opening(policy: Policy, meeting_on: date, *, calendars: Calendars) -> tuple[date, date]:
    """The first and last day on which the document for a meeting is opened to its people (R14, R30).

    Before the meeting: one day. By weeks: Monday to Friday of the week that the council names for the meeting's term.
    Raises CalendarNotPublished.
    """
    rule = policy.opening
    if rule.when == "before_meeting":
        calendar, _ = _calendar(policy, rule.unit, calendars)
        day = subtract_days(meeting_on, rule.count, calendar).due
        return day, day
    if calendars.school is None:
        term, _, _ = _term_following(meeting_on - timedelta(days=122), calendars)
    else:
        term = calendars.school.term_of(meeting_on) or calendars.school.term_after(meeting_on)
    monday = term.first - timedelta(days=term.first.weekday())
    if rule.weeks[term.name] == "last_week_of_holiday_before":
        monday -= timedelta(days=7)
    return monday, monday + timedelta(days=4)


@dataclass(frozen=True)
class Verdict:
    """Whether a meeting may be on a day: allowed, warned, or refused; every reason in words, the gravest first."""

    outcome: str
    reasons: tuple[str, ...] = ()
    #: Allowed only when whoever sets it says why.
    needs_reason: bool = False
    assumed: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.outcome != "refused"


_GRAVITY = ("allowed", "warned", "reason", "refused")


def meeting_date(
    policy: Policy,
    day: date,
    calendars: Calendars,
    due: date | None = None,
    *,
    entry_date: date | None = None,
    term_deadline: date | None = None,
    interim: bool = False,
) -> Verdict:
    """Whether a meeting may be held on `day` (R10), under the council's own rules for awkward days.

    A child without a school has no terms to respect, only weekends and bank holidays. An `interim` meeting is held away
    from the school, so holidays and the end of term don't stop it. A day that the school has not published is no reason
    to refuse: it is a warning.
    """
    rules = policy.meeting_dates
    found: list[tuple[str, str]] = []
    assumed: tuple[str, ...] = ()
    if entry_date is not None and day < entry_date:
        found.append(("refused", f"{in_words(day)} is before the child came into care on {in_words(entry_date)}."))
    school = None if interim else calendars.school
    try:
        reason = (school or calendars.working).reason_not(day)
        if reason is not None:
            found.append((_outcome_of(rules, reason), f"{in_words(day)}: {reason}."))
        if school is not None and rules.lead_up != "allowed" and school.lead_up(day, rules.lead_up_days):
            said = (
                f"{in_words(day)} is in the last {rules.lead_up_days} school days of term: what has to be put right "
                "afterwards could not be before the holiday."
            )
            found.append((rules.lead_up, said))
            assumed += rules.lead_up_assumed
    except LookupError as unpublished:
        found.append(("warned", f"{unpublished} Check that {in_words(day)} is a school day."))
    if due is not None and day > due:
        found.append((rules.after_due, f"{in_words(day)} is after the day it is due, {in_words(due)}."))
    if term_deadline is not None and day > term_deadline:
        said = f"{in_words(day)} is after this term's deadline, {in_words(term_deadline)}."
        found.append((rules.after_term_deadline, said))
        assumed += rules.term_deadline_assumed
    kept = sorted((each for each in found if each[0] != "allowed"), key=lambda each: -_GRAVITY.index(each[0]))
    gravest = kept[0][0] if kept else "allowed"
    return Verdict(
        outcome="warned" if gravest == "reason" else gravest,
        reasons=tuple(reason for _, reason in kept),
        needs_reason=gravest == "reason",
        assumed=assumed,
    )


def _outcome_of(rules: MeetingDates, reason: str) -> str:
    if reason == WEEKEND:
        return rules.weekends
    if reason.startswith("bank holiday"):
        return rules.bank_holidays
    if reason in ("half term", *HOLIDAY_AFTER.values()):
        return rules.holidays
    return rules.closed_days


@dataclass(frozen=True)
class Interim:
    """An interim meeting that is offered, where, and why."""

    reason: str
    places: tuple[str, ...] = ("placement", "virtual_school")


def interim_needed(policy: Policy, today: date, due: date, calendars: Calendars) -> Interim | None:
    """An interim meeting at the placement or the virtual school, where no day on which the council lets a meeting be
    held at school is left before `due` (today included); nothing where there is one, or no school to wait for.

    After `due` it is offered only while the school is closed. Raises CalendarNotPublished.
    """
    school = calendars.school
    if school is None:
        return None
    day = today
    while day <= max(today, due):
        if school.is_school_day(day) and meeting_date(policy, day, calendars).allowed:
            return None
        day += ONE_DAY
    return Interim(f"No school day is left on which the meeting could be held by {in_words(due)}.")
