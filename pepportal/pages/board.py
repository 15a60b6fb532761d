"""The overdue board: everything owed about the children somebody answers for, coloured by days, with who holds it.

Read from the index, in a fixed number of queries. A row is red when its day has passed, amber when at most five days of its
own unit are left, green otherwise; the same for the page and for its counts, since the database colours every row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case, CharField, Count, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import QueryDict
from django.urls import reverse

from children.models import Allocation, Child, Enrolment, Part
from children.policies import standing, with_standing
from children.rules import sort_name
from pepportal.access.actor import Actor
from pepportal.access.roles import AUTHORITY_WIDE, Role, may
from pepportal.access.vocabulary import May
from pepportal.accounts.models import Membership, User, holds_on
from pepportal.clock.chasing import reached_by_hand
from pepportal.clock.models import Chase, Obligation
from pepportal.pages.owed import SOON, UNIT_WORDS, days_left, owed_href
from pepportal.timekeeping import london_date
from pepportal.ui import wording
from pepportal.ui.owners import OWNERS
from peps.calendars import calendars_for_schools, working_calendar
from peps.deadlines.calendars import CalendarNotPublished, Calendars, DayCalendar, academic_year_bounds

ONE_DAY = timedelta(days=1)
COLOURS = {"red": ("Late", "late"), "amber": ("Due soon", "due_soon"), "green": ("Later", "complete")}
"""Colour -> its word, and the state whose tag it wears."""
SORTS = ("due", "child", "holder")
KINDS = {
    "initiated": "Start a plan", "first_pep": "Open the first plan", "arranged": "Arrange a meeting", "meeting": "Hold a meeting",
    "completed": "Complete a plan", "prepare": "Part before the meeting", "complete": "Part after the meeting",
    "return": "Return to the social worker", "upload": "Upload to the case system", "send": "Send a copy", "amend": "Amend a returned plan",
    "quality": "Check a plan", "next_review": "Next review", "extra_pep": "Extra plan after a change", "formal_review": "Formal review",
    "care_review": "Plan for the care review", "sdq": "SDQ", "data": "Data collection", "allocate": "Allocate a social worker",
    "teacher": "Find the designated teacher", "next_school": "Next school",
}  # fmt: skip
NOBODY = "nobody"
MOST_HOLDERS = 10
OFFICE = "virtual_school"
NOBODY_IS_THERE = Q(kind="allocate") | (Q(holder=None) & ~Q(holder_role=OFFICE))
"""Rows that wait for somebody to be allocated at all. What the virtual school holds without a name is somebody's."""


@dataclass(frozen=True)
class BoardFilters:
    """What the board was asked for."""

    search: str = ""
    colour: str = ""
    kind: str = ""
    role: str = ""
    person: str = ""
    school: str = ""
    mine: bool = False
    sort: str = "due"
    descending: bool = False


# --- whose rows -------------------------------------------------------------------------------------------------------


def may_see_board(actor: Actor) -> bool:
    """Whether anything this person holds gives the board: the virtual school's people and team managers."""
    return may({held.role for held in actor.held}, May.SEE_OVERDUE)


def board_children(actor: Actor) -> QuerySet[Child]:
    """The children on this person's board: their virtual school's, and those of the social workers they manage. A child whom
    they see in another part (as a teacher, say) is not."""
    wide = [role for role in AUTHORITY_WIDE if may({role}, May.SEE_OVERDUE)]
    seen = Q(authority__in=[pk for role in wide for pk in actor.authorities_as(role)])
    if actor.organisations(Role.TEAM_MANAGER):
        seen |= Q(_team_manager=True)
    return with_standing(actor).filter(seen)


def chasable(actor: Actor, ids: Iterable[str], *verbs: May) -> list[Obligation]:
    """Those of the rows named in a form that are open and whose child gives this person every verb; all others, another
    authority's or made up, are as if they had not been named. Two queries."""
    wanted = {pk for each in ids if (pk := _uuid(each))}
    rows = list(
        Obligation.objects.open()
        .filter(pk__in=wanted)
        .select_related("child__authority", "holder", "holder_organisation")
        .order_by("child__sort_name", "due_on", "id")
    )
    theirs = with_standing(actor).filter(pk__in={row.child_id for row in rows})
    allowed = {child.pk for child in theirs if all(may(standing(actor, child), verb) for verb in verbs)}
    return [row for row in rows if row.child_id in allowed]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# --- colours ----------------------------------------------------------------------------------------------------------


class BoardDays:
    """The calendars of everybody's schools, loaded once for the whole board: three queries however many children."""

    def __init__(self, children: Collection[UUID], day: date) -> None:
        self.day = day
        held = Enrolment.objects.filter(holds_on(day), main=True, child__in=children)
        pairs = {
            (row.school, row.child.authority)
            for row in held.select_related("school__organisation", "child__authority").distinct(
                "school", "child__authority"
            )
        }
        self.schools = sorted({(str(school.pk), str(school)) for school, _ in pairs}, key=lambda each: each[1])
        self.found = calendars_for_schools(pairs)
        self.working = working_calendar()

    def left(self, row: Obligation, school_id: UUID | None) -> int | None:
        """Days of the row's own unit from today to its day; None where the calendar isn't published."""
        school = self.found.get((school_id, row.child.authority_id)) if school_id else None
        return days_left(Calendars(working=self.working, school=school), row.due_on, row.unit, self.day)

    def amber_before(self, calendar: DayCalendar) -> date:
        """The first day that is more than five counted days away: what is due before it is due soon."""
        try:
            return max(calendar.nth_after(self.day, SOON + 1), self.day + ONE_DAY)
        except CalendarNotPublished as gap:
            return max(academic_year_bounds(gap.academic_year)[0], self.day + ONE_DAY)

    def colour(self) -> Case:
        """Every row's colour, said by the database. Most schools share one amber day; the others are named."""
        bounds = {pair: self.amber_before(calendar) for pair, calendar in self.found.items()}
        working = self.amber_before(self.working)
        usual = Counter(bounds.values()).most_common(1)[0][0] if bounds else working
        cases = [When(due_on__lt=self.day, then=Value("red"))]
        odd: dict[tuple[date, UUID], list[UUID]] = {}
        for (school, authority), bound in bounds.items():
            if bound != usual:
                odd.setdefault((bound, authority), []).append(school)
        for (bound, authority), schools in odd.items():
            there = Enrolment.objects.filter(
                holds_on(self.day), main=True, school__in=schools, child__authority=authority
            )
            inner = Case(When(due_on__lt=bound, then=Value("amber")), default=Value("green"))
            cases.append(When(unit="school", child__in=there.values("child"), then=inner))
        for unit, bound in (
            ("school", usual),
            ("working", working),
            ("calendar", self.day + timedelta(days=SOON + 1)),
        ):
            cases.append(When(unit=unit, due_on__lt=bound, then=Value("amber")))
        return Case(*cases, default=Value("green"), output_field=CharField())


# --- rows -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BoardRow:
    """One thing owed, worded for the board."""

    pk: UUID
    child: Child
    title: str
    href: str
    why_href: str
    due: date
    when: str
    colour: str
    word: str
    tag: str
    holder: str
    """Who holds it: a person, the virtual school as a whole, or "" for nobody at all."""
    holder_note: str
    """In which part, and where."""
    allocate: bool
    """Somebody is to be allocated: nobody holds it by name, or that is what is owed."""
    provisional: bool
    school: str
    told: str
    """When somebody was last told about it, and whether that was a reminder or an escalation."""


@dataclass(frozen=True)
class HolderRow:
    """How much one person holds."""

    name: str
    part: str
    person: str
    role: str
    late: int
    all: int
    oldest: date | None


@dataclass(frozen=True)
class Board:
    page: Page[Obligation]
    rows: list[BoardRow]
    counts: Mapping[str, int]
    """Colour -> how many, under every filter but the colour's own."""
    holders: list[HolderRow]
    """Who holds most late things, at most ten."""


class BoardReading:
    """One look at the board: the choices of its filters, then its page."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        # Their ids, once: who may see whom is a question of many parts, which no statement should ask again for every row.
        self.children = list(board_children(actor).values_list("pk", flat=True))
        self.days = BoardDays(self.children, actor.today)
        self.open = Obligation.objects.open().filter(child__in=self.children)
        self.held = self._by_holder()

    def _by_holder(self) -> list[dict[str, Any]]:
        late = Q(due_on__lt=self.actor.today)
        rows = (
            self.open.values("holder", "holder__name", "holder_role", "holder_organisation__name")
            .annotate(late=Count("pk", filter=late), all=Count("pk"), oldest=Min("due_on", filter=late))
            .order_by("-late", "-all", "holder__name", "holder_role")
        )
        return [dict(row) for row in rows]

    @property
    def people(self) -> list[tuple[str, str]]:
        """Everybody who holds something, by name, for the filter."""
        named = {str(each["holder"]): each["holder__name"] for each in self.held if each["holder"]}
        return sorted(named.items(), key=lambda each: each[1])

    @property
    def roles(self) -> list[tuple[str, str]]:
        return sorted({(each["holder_role"], role_words(each["holder_role"])) for each in self.held})

    def board(self, wanted: BoardFilters, *, size: int, number: str | None) -> Board:
        """The page asked for. The counts follow the filters, the holders don't: they are the way to filter."""
        rows: Any = self._filtered(wanted)  # each with its colour
        counts = {row["colour"]: row["n"] for row in rows.order_by().values("colour").annotate(n=Count("pk"))}
        if wanted.colour:
            rows = rows.filter(colour=wanted.colour)
        enrolment = Enrolment.objects.filter(holds_on(self.actor.today), child=OuterRef("child"), main=True)
        rows = rows.annotate(
            school_pk=Subquery(enrolment.values("school")[:1]),
            school_name=Subquery(enrolment.values("school__organisation__name")[:1]),
        )
        paginator = Paginator(_sorted(rows, wanted), size)
        paginator.count = counts.get(wanted.colour, 0) if wanted.colour else sum(counts.values())
        page = paginator.get_page(number)
        shown: list[Any] = list(page.object_list)
        page.object_list = shown
        top = [each for each in self.held if each["late"]][:MOST_HOLDERS]
        work = self._organisations({row.holder_id for row in shown} | {each["holder"] for each in top})
        told = last_told(shown)
        return Board(
            page=page,
            rows=[self._row(row, work, told) for row in shown],
            counts=counts,
            holders=[_holder_row(each, work) for each in top],
        )

    def _filtered(self, wanted: BoardFilters) -> QuerySet[Obligation]:
        today, rows = self.actor.today, self.open
        for word in wanted.search.split()[:5]:
            rows = rows.filter(
                Q(child__sort_name__icontains=sort_name("", word).strip())
                | Q(child__known_as__icontains=word)
                | Q(child__reference__icontains=word)
            )
        if wanted.kind:
            rows = rows.filter(kind=wanted.kind)
        if wanted.role:
            rows = rows.filter(holder_role=wanted.role)
        if wanted.person:
            rows = rows.filter(holder=None if wanted.person == NOBODY else UUID(wanted.person))
        if wanted.school:
            here = Enrolment.objects.filter(holds_on(today), main=True, school=UUID(wanted.school))
            rows = rows.filter(child__in=here.values("child"))
        if wanted.mine:
            own = Allocation.objects.filter(holds_on(today), user=self.actor.user, part=Part.CASEWORKER)
            rows = rows.filter(child__in=own.values("child"))
        return rows.annotate(colour=self.days.colour())

    def _organisations(self, people: Collection[UUID | None]) -> dict[tuple[UUID, str], str]:
        """Where people work, by person and role: for those whose organisation the index doesn't say. One query."""
        held = Membership.objects.current(self.actor.today).filter(user__in=[pk for pk in people if pk])
        return {
            (row.user_id, row.role): row.organisation.name
            for row in held.select_related("organisation").order_by("began_on", "id")
        }

    def _row(self, row: Any, work: Mapping[tuple[UUID, str], str], told: Mapping[tuple[UUID, str], Chase]) -> BoardRow:
        left = self.days.left(row, row.school_pk)
        word, tag = COLOURS[row.colour]
        chase = told.get((row.child_id, row.key))
        name, note = _holder(row, work)
        return BoardRow(
            pk=row.pk, child=row.child, title=row.title, href=owed_href(row),
            why_href=reverse("pages:deadline", args=[row.child_id, row.key]), due=row.due_on,
            when=wording.upper_first(wording.due_words(row.due_on, self.days.day, left, UNIT_WORDS.get(row.unit, "day"))),
            colour=row.colour, word=word, tag=tag, holder=name, holder_note=note,
            allocate=row.kind == "allocate" or row.holder_id is None,
            provisional=row.provisional, school=row.school_name or "No school place",
            told=told_words(chase) if chase else "",
        )  # fmt: skip


def _holder(row: Obligation, work: Mapping[tuple[UUID, str], str]) -> tuple[str, str]:
    """The holder's name and the words below it."""
    office = row.holder_organisation.name if row.holder_organisation else ""
    if row.holder is None:
        return (
            (office or "The virtual school", "Nobody by name")
            if row.holder_role == OFFICE
            else ("", role_words(row.holder_role))
        )
    office = office or work.get((row.holder.pk, row.holder_role), "")
    return row.holder.name, ", ".join(filter(None, (role_words(row.holder_role), office)))


def _sorted(rows: QuerySet[Obligation], wanted: BoardFilters) -> QuerySet[Obligation]:
    """What nobody holds comes first, then the longest overdue; or by child or holder, as asked."""
    rows = rows.select_related("child__authority", "holder", "holder_organisation")
    if wanted.sort == "child":
        name = F("child__sort_name")
        return rows.order_by(name.desc() if wanted.descending else name.asc(), "due_on", "id")
    if wanted.sort == "holder":
        who = F("holder__name")
        order = who.desc(nulls_last=True) if wanted.descending else who.asc(nulls_first=True)
        return rows.order_by(order, "holder_role", "due_on", "id")
    if wanted.descending:
        return rows.order_by("-due_on", "id")
    return rows.order_by(Case(When(NOBODY_IS_THERE, then=Value(0)), default=Value(1)), "due_on", "id")


def _holder_row(each: Mapping[str, Any], work: Mapping[tuple[UUID, str], str]) -> HolderRow:
    office = each["holder_organisation__name"] or work.get((each["holder"], each["holder_role"]), "")
    nobody = office if each["holder_role"] == OFFICE and office else "Nobody"
    return HolderRow(
        name=each["holder__name"] or nobody, part=", ".join(filter(None, (role_words(each["holder_role"]), office))),
        person=str(each["holder"] or NOBODY), role=each["holder_role"], late=each["late"], all=each["all"], oldest=each["oldest"],
    )  # fmt: skip


def role_words(role: str) -> str:
    """A holder's role as people say it."""
    return OWNERS[role].words if role in OWNERS else role.replace("_", " ").capitalize()


# --- who was told -----------------------------------------------------------------------------------------------------


def last_told(rows: Iterable[Obligation]) -> dict[tuple[UUID, str], Chase]:
    """The last time anybody was told about each of these, by child and key. One query."""
    wanted = {(row.child_id, row.key) for row in rows}
    found = Chase.objects.filter(child_id__in={c for c, _ in wanted}, obligation_key__in={k for _, k in wanted})
    return {(each.child_id, each.obligation_key): each for each in found.order_by("at", "id")}


def told_words(chase: Chase) -> str:
    """ "Reminded by hand, Fri 2 Oct: Mr P. Doyle"."""
    names = [each[1] for each in chase.told if len(each) > 1]
    who = f": {wording.join_words(names)}" if names else ": nobody is in that part"
    return f"{chase.get_what_display()} {wording.in_short(london_date(chase.at))}{who}"


@dataclass(frozen=True)
class Reminding:
    """Whom a reminder by hand would reach, and what about."""

    rows: list[Obligation]
    """Those that a message would go out about."""
    already: int
    """How many of the chosen somebody reminded of by hand today: those are left out."""
    by_person: list[tuple[User, list[Obligation]]]


def reminding(rows: list[Obligation], today: date) -> Reminding:
    """Sorts the chosen rows by who would be reminded."""
    reached = reached_by_hand(rows, today)
    people: dict[User, list[Obligation]] = {}
    for row in rows:
        for person in reached.get(row.pk, ()):
            people.setdefault(person, []).append(row)
    send = [row for row in rows if reached.get(row.pk)]
    already = sum(1 for row in rows if row.pk in reached and not reached[row.pk])
    return Reminding(send, already, sorted(people.items(), key=lambda each: each[0].name))


def reminded_words(told: int, found: Reminding) -> str:
    """ "9 people are reminded about 12 things. 2 things had been reminded of today already."."""
    people, things = wording.count_words(told, "person"), wording.count_words(len(found.rows), "thing")
    said = f"{people} {'is' if told == 1 else 'are'} reminded about {things}."
    if found.already:
        said += f" {wording.count_words(found.already, 'thing')} had been reminded of today already."
    return said


# --- who takes over ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Move:
    """One child whose part goes to somebody else, or stays with them."""

    child: Child
    holder: str
    """Who has the part on that day, or ""."""
    stays: bool


def moves_of(children: list[Child], part: Part, user: User, day: date) -> list[Move]:
    """Who has ``part`` for each child on ``day``, those who change first. One query."""
    now = Allocation.objects.filter(holds_on(day), child__in=children, part=part).select_related("user")
    held = {row.child_id: row.user for row in now}
    moves = [
        Move(child, held[child.pk].name if child.pk in held else "", held.get(child.pk) == user) for child in children
    ]
    return sorted(moves, key=lambda each: each.stays)


def part_words(part: Part) -> str:
    """The part within a sentence."""
    return part.label[:1].lower() + part.label[1:]


# --- the page ---------------------------------------------------------------------------------------------------------


def may_chase(actor: Actor) -> bool:
    """Whether anything this person holds lets them remind and reassign; asked of each child again when they do."""
    return may({held.role for held in actor.held}, May.CHASE)


@dataclass(frozen=True)
class Bar:
    """One colour's part of the picture on top: where it begins and how wide it is, in percent."""

    colour: str
    word: str
    count: int
    start: str
    width: str
    fill: str
    href: str


FILLS = {"red": "#b10e1e", "amber": "#f47738", "green": "#0f7a52"}


def board_words(found: Board, wanted: BoardFilters, sent: QueryDict) -> dict[str, Any]:
    """The picture's bars, the sortable headings and the second table, for the page."""

    def link(**changes: str) -> str:
        query = sent.copy()
        for key in ("page", "tick"):
            query.pop(key, None)
        for key, value in changes.items():
            query[key] = value
        return f"?{query.urlencode()}"

    def heading(key: str, text: str) -> dict[str, Any]:
        now = wanted.sort == key
        turned = f"-{key}" if now and not wanted.descending else key
        sort = ("descending" if wanted.descending else "ascending") if now else "none"
        return {"text": text, "href": link(sort=turned), "sort": sort}

    total = sum(found.counts.values())
    bars, start = [], 0.0
    for colour, (word, _) in COLOURS.items():
        count = found.counts.get(colour, 0)
        width = 100 * count / total if total else 0.0
        bars.append(Bar(colour, word, count, f"{start:.2f}%", f"{width:.2f}%", FILLS[colour], link(colour=colour)))
        start += width
    holders = [
        [
            {"text": each.name, "href": link(person=each.person, role=each.role)},
            each.part,
            each.late,
            each.all,
            each.oldest,
        ]
        for each in found.holders
    ]
    return {
        "bars": bars, "total": total, "tick_link": link(tick="all"), "untick_link": link(),
        "headings": [heading("child", "What, and about whom"), heading("due", "When"), heading("holder", "Who holds it")],
        "holder_columns": ["Who", "Part", {"text": "Late", "numeric": True}, {"text": "All they hold", "numeric": True}, "Oldest late day"],
        "holder_rows": holders,
    }  # fmt: skip
