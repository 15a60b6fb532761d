"""What a council's published rules may say: every table, every key and the kind of value each takes.

A profile is a tree two levels deep. The first level is a table (`[deadlines]`, `[funding]`, …), the second a key whose
value is taken whole: a council that says anything about a key replaces the default's value of that key, never half of
it. Inside a value a record may say where it comes from (`source`) and what the source leaves open (`assumed`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

#: Who may be named by a rule. The words people see come from the profile's labels.
ROLES = (
    "social_worker",
    "team_manager",
    "designated_teacher",
    "head_teacher",
    "carer",
    "child",
    "iro",
    "virtual_school",
    "virtual_school_caseworker",
    "virtual_school_phase_lead",
    "virtual_school_deputy",
    "virtual_school_head",
    "data_team",
    "independent_chair",
    "advocate",
)
UNITS = ("school", "working", "calendar")
EVENTS = ("initiated", "meeting_arranged", "meeting_held", "document_completed", "returned_to_social_worker")
PHASES = ("early_years", "primary", "secondary", "post_16")
TERMS = ("autumn", "spring", "summer")
OWNERS = ("designated_teacher", "social_worker", "both", "child", "carer", "virtual_school")

Fail = Callable[[str, str], None]


class Kind(Protocol):
    """What a value may be. Called with a value it checks it, tells ``fail`` each mistake, and gives what is kept.

    Kinds are plain data, so that the pages which show and edit rules are drawn from them.
    """

    def __call__(self, value: Any, path: str, fail: Fail) -> Any: ...


@dataclass(frozen=True)
class Text:
    def __call__(self, value: Any, path: str, fail: Fail) -> Any:
        if not isinstance(value, str) or not value.strip():
            fail(path, f"must be words in quotation marks, not {value!r}")
        return value


@dataclass(frozen=True)
class YesNo:
    def __call__(self, value: Any, path: str, fail: Fail) -> Any:
        if not isinstance(value, bool):
            fail(path, f"must be true or false, not {value!r}")
        return value


@dataclass(frozen=True)
class Day:
    """A real date; kept as ISO text so that a profile is plain JSON."""

    def __call__(self, value: Any, path: str, fail: Fail) -> Any:
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                fail(path, f"must be a real date such as 2026-09-01, not {value!r}")
                return value
        if not isinstance(value, date) or isinstance(value, datetime):
            fail(path, f"must be a date such as 2026-09-01, not {value!r}")
            return value
        return value.isoformat()


@dataclass(frozen=True)
class Whole:
    """A whole number; ``shown`` says what it counts where that isn't plain: "money" (pence), "month", "year_group"."""

    low: int
    high: int
    shown: str = ""

    def __call__(self, value: Any, path: str, fail: Fail) -> Any:
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            fail(path, f"must be a whole number from {self.low} to {self.high}, not {value!r}")
        return value


@dataclass(frozen=True)
class OneOf:
    allowed: tuple[str, ...]

    def __call__(self, value: Any, path: str, fail: Fail) -> Any:
        if value not in self.allowed:
            fail(path, f"must be one of {', '.join(self.allowed)}, not {value!r}")
        return value


@dataclass(frozen=True)
class ListOf:
    kind: Kind
    unique: bool = True
    empty: bool = True

    def __call__(self, value: Any, path: str, fail: Fail) -> Any:
        if not isinstance(value, list):
            fail(path, f"must be a list, not {value!r}")
            return value
        if not value and not self.empty:
            fail(path, "must name at least one")
        kept = [self.kind(item, f"{path}[{index}]", fail) for index, item in enumerate(value)]
        if self.unique and any(item in kept[:index] for index, item in enumerate(kept)):
            fail(path, "names the same thing twice")
        return kept


@dataclass(frozen=True)
class WordsBy:
    """A table from a name (one of ``keys``, or any where none are given) to words, or to values of another ``kind``."""

    keys: tuple[str, ...] = ()
    kind: Kind = Text()

    def __call__(self, value: Any, path: str, fail: Fail) -> Any:
        if not isinstance(value, Mapping):
            fail(path, f"must be a table of words, not {value!r}")
            return value
        for key, item in value.items():
            if self.keys and key not in self.keys:
                fail(f"{path}.{key}", f"is not known here; known are {', '.join(self.keys)}")
            self.kind(item, f"{path}.{key}", fail)
        return dict(value)


text = Text()
yes_no = YesNo()
day = Day()
whole = Whole
list_of = ListOf


def one_of(*allowed: str) -> OneOf:
    return OneOf(allowed)


def words_by(*keys: str) -> WordsBy:
    return WordsBy(keys)


@dataclass(frozen=True)
class Record:
    """A value with named parts: `required` ones must be there, unknown ones are refused."""

    required: Mapping[str, Kind] = field(default_factory=dict)
    optional: Mapping[str, Kind] = field(default_factory=dict)
    #: Part -> its value -> the parts that must then be there too.
    needs: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    #: Further conditions between parts: returns the reason it is refused, or nothing.
    also: Callable[[Mapping[str, Any]], str | None] = lambda value: None

    @property
    def parts(self) -> Mapping[str, Kind]:
        """Every part that says something, in the order in which it is shown."""
        return {**self.required, **self.optional}

    def lacking(self, value: Mapping[str, Any]) -> list[tuple[str, str, tuple[str, ...]]]:
        """(part, its value, the parts that this value calls for and that aren't there)."""
        return [
            (part, value[part], missing)
            for part, by_value in self.needs.items()
            if (missing := tuple(each for each in by_value.get(value.get(part, ""), ()) if each not in value))
        ]

    def __call__(self, value: Any, path: str, fail: Fail) -> Any:
        if not isinstance(value, Mapping):
            fail(path, f"must be a table, not {value!r}")
            return value
        known = {**self.parts, "source": text, "assumed": words_by()}
        for key in value:
            if key not in known:
                fail(f"{path}.{key}", f"is not a known key; known are {', '.join(sorted(known))}")
        for key in self.required:
            if key not in value:
                fail(f"{path}.{key}", "is missing")
        for key in value.get("assumed", {}) if isinstance(value.get("assumed"), Mapping) else ():
            if key not in value:
                fail(f"{path}.assumed.{key}", "is marked as assumed but has no value here")
        wrong: list[str] = []

        def note(at: str, reason: str) -> None:
            wrong.append(at)
            fail(at, reason)

        kept = {key: known[key](item, f"{path}.{key}", note) for key, item in value.items() if key in known}
        if wrong or not all(key in value for key in self.required):
            return kept
        for part, said, missing in self.lacking(kept):
            fail(path, f"{part} {said} needs {' and '.join(missing)}")
        if not self.lacking(kept) and (reason := self.also(kept)):
            fail(path, reason)
        return kept


role = one_of(*ROLES)
COUNT = whole(0, 400)

DUE = Record(
    {"count": COUNT, "unit": one_of(*UNITS), "event": one_of(*EVENTS)},
    {
        "owners": list_of(role, empty=False),
        "wherever_placed": yes_no,
        "applies_to": list_of(one_of("planned", "unplanned")),
    },
)
SPAN_OF_DAYS = Record({"count": COUNT, "unit": one_of(*UNITS)})


REVIEW = Record(
    {"cycle": one_of("every_term", "at_most_months", "published_dates"), "event": one_of(*EVENTS)},
    {
        "months": whole(1, 12),
        "formal_a_year": whole(1, 6),
        "third": one_of("formal", "informal"),
        "formal_if_concerns": yes_no,
        "published": list_of(
            Record(
                {"academic_year": text, "term": one_of(*TERMS), "due": day},
                {"year_groups": list_of(whole(-2, 14, "year_group"), empty=False)},
            ),
            empty=False,
        ),
    },
    needs={"cycle": {"at_most_months": ("months",), "published_dates": ("published",)}},
)


WEEKS = one_of("last_week_of_holiday_before", "first_week_of_term")
OPENING = Record(
    {"when": one_of("before_meeting", "weeks")},
    {"count": COUNT, "unit": one_of(*UNITS), "autumn": WEEKS, "spring": WEEKS, "summer": WEEKS},
    needs={"when": {"before_meeting": ("count", "unit"), "weeks": TERMS}},
)

DEADLINES: Mapping[str, Kind] = {
    "counting": Record({"day_zero": yes_no, "inset_counts": yes_no}),
    "first_pep_planned": DUE,
    "first_pep_unplanned": DUE,
    "first_pep_no_school_place": DUE,
    "review": REVIEW,
    "extra_pep": Record(
        {"on": list_of(one_of(
            "school_change", "placement_change", "significant_change", "concern", "transition",
            "concern_at_informal_review", "education_breakdown",
        ), empty=False)},
        {"tells": list_of(role)},
    ),
    "extra_pep_due": DUE,
    "completion": DUE,
    "preparation": SPAN_OF_DAYS,
    "prepared": Record({"parts": list_of(one_of(
        "social_worker", "designated_teacher", "sdq", "child", "targets", "attainment", "attendance", "plans",
        "funding", "right_form", "everyone_has_read",
    ), empty=False)}),
    "opening": OPENING,
    "quality_turnaround": SPAN_OF_DAYS,
    "before_care_review": SPAN_OF_DAYS,
    "facts_confirmed": Record({"each": one_of("meeting", "pep")}),
    "data_collection": Record({"times_a_year": whole(1, 12)}),
    "social_worker_allocated": SPAN_OF_DAYS,
    "designated_teacher_known": SPAN_OF_DAYS,
    "next_school_known": SPAN_OF_DAYS,
}  # fmt: skip

OUTCOME = one_of("allowed", "warned", "reason", "refused")
MEETING_DATES: Mapping[str, Kind] = {
    "holidays": OUTCOME,
    "lead_up": Record({"outcome": OUTCOME, "school_days": whole(0, 40)}),
    "weekends": OUTCOME,
    "bank_holidays": OUTCOME,
    "closed_days": OUTCOME,
    "after_due": OUTCOME,
    "after_term_deadline": OUTCOME,
}


SCOPE: Mapping[str, Kind] = {
    "ages": Record(
        {
            "from": one_of("statutory_school_age", "age"),
            "until": one_of("statutory_school_age", "birthday", "end_of_year_group"),
        },
        {
            "from_age": whole(0, 18),
            "only_in_provision_before_school_age": yes_no,
            "until_age": whole(5, 25),
            "until_year_group": whole(0, 14, "year_group"),
        },
        needs={
            "from": {"age": ("from_age",)},
            "until": {"birthday": ("until_age",), "end_of_year_group": ("until_year_group",)},
        },
    ),
    "until_adoption_order": yes_no,
    "short_breaks_in_scope": yes_no,
}

NO_SCHOOL_PLACE = Record(
    {"school_part_by": role},
    {
        "meeting_at": one_of("placement", "virtual_school"),
        "education_providers_involved": yes_no,
        "note_of_situation": yes_no,
    },
)
ATTENDS = one_of(
    "always", "first_meeting", "as_required", "new_case", "school_move", "out_of_borough", "red_rated",
    "independent_chair", "year_6", "year_11", "published_criteria",
)  # fmt: skip
RESPONSIBILITIES: Mapping[str, Kind] = {
    "starts_first_pep": role,
    "told_at_start": list_of(role),
    "organises_first_meeting": role,
    "organises_reviews": role,
    "sets_next_meeting": role,
    "chairs": role,
    "may_chair": list_of(role),
    "must_attend": list_of(role, empty=False),
    "expected": list_of(role),
    "invited": list_of(role),
    "virtual_school_attends": list_of(ATTENDS, empty=False),
    "invitations_warn_above": whole(1, 50),
    "without_school_place": NO_SCHOOL_PLACE,
    "confirms_facts": list_of(role, empty=False),
    "marks_complete": list_of(role, empty=False),
    "opened_parts_go_to": WordsBy(kind=role),
}

FORM: Mapping[str, Kind] = {
    **dict.fromkeys(PHASES, text),
    "parts": list_of(Record({"key": text, "label": text, "sections": list_of(text, empty=False)}), empty=False),
    #: Section -> who fills it, where the council gives it to somebody else than the form does.
    "owners": WordsBy(kind=one_of(*OWNERS)),
}


TARGET_KINDS = ("academic", "social_emotional", "personal", "other")
AREAS = (
    "cognition_and_learning",
    "social_emotional_mental_health",
    "speech_language_communication",
    "sensory_physical",
    "independence_self_help",
)
TARGETS: Mapping[str, Kind] = {
    "required": list_of(
        Record({"kinds": list_of(one_of(*TARGET_KINDS), empty=False), "count": whole(1, 10), "words": text}), empty=True
    ),
    "weeks": whole(1, 52),
    "teacher_only": yes_no,
    "earlier_reviewed_first": yes_no,
    "longer_term_plan": yes_no,
    "drafted_before_meeting": yes_no,
    "areas": list_of(one_of(*AREAS), empty=False),
}

SDQ: Mapping[str, Kind] = {
    "informants": list_of(one_of("teacher", "carer", "self"), empty=False),
    "frequency": one_of("yearly", "termly", "never"),
    "local_threshold": Record(
        {"informant": one_of("teacher", "carer", "self"), "total": whole(0, 40), "words": text},
    ),
    "bands": one_of("four-band", "three-band"),
}

SIGNATURES: Mapping[str, Kind] = {
    "steps": list_of(
        Record(
            {"role": role, "order": whole(1, 9), "statement": text},
            {"required": yes_no, "when": one_of("always", "present"), "title": text},
        ),
        empty=False,
    ),
    "different_people": yes_no,
    "scrutiny": list_of(role),
}

MONTH = whole(1, 12, "month")
PENCE = whole(1, 10_000_000, "money")


def _scheme(value: Mapping[str, Any]) -> str | None:
    if (
        "total_pence" in value
        and sum(part["amount_pence"] for part in value.get("instalments", ())) != value["total_pence"]
    ):
        return "the instalments do not add up to total_pence"
    return None


FUNDING: Mapping[str, Kind] = {
    "scheme": Record(
        {"kind": one_of("to_be_entered", "per_request", "instalments")},
        {
            "amount_pence": PENCE,
            "times_a_year": whole(1, 12),
            "year": one_of("academic", "financial"),
            "total_pence": PENCE,
            "instalments": list_of(
                Record({"label": text, "amount_pence": PENCE, "from_month": MONTH, "to_month": MONTH, "seen": text})
            ),
        },
        needs={"kind": {"per_request": ("amount_pence", "times_a_year"), "instalments": ("instalments",)}},
        also=_scheme,
    ),
    "never_for": list_of(one_of("administration", "clothing", "transport", "uniform", "base_provision")),
    "linked_to_targets": yes_no,
    "agreed_at_meeting": yes_no,
    "impact_shown": yes_no,
    "exceptional": yes_no,
    "release_needs": list_of(one_of("finalised", "targets_agreed", "use_agreed", "minimum_grade")),
}


QUALITY: Mapping[str, Kind] = {
    "grades": list_of(
        Record(
            {"key": text, "label": text, "tone": one_of("green", "turquoise", "yellow", "orange", "red")},
            {"words": text},
        ),
        empty=False,
    ),
    "criteria": list_of(Record({"key": text, "title": text, "words": words_by()}), empty=False),
    "roll_up": list_of(
        Record({"grade": text, "at_or_below": text}, {"at_least": whole(1, 50), "majority": yes_no}), empty=False
    ),
    "minimum_grade": text,
    "checkers": list_of(role, empty=False),
    "feedback_to": list_of(role, empty=False),
}

COPY = Record(
    {
        "edition": one_of("full", "carer", "child"),
        "by": role,
        "how": list_of(one_of("portal", "secure_email", "post", "upload"), empty=False),
    },
    {"count": COUNT, "unit": one_of(*UNITS)},
)
COPY_TO = ("care_review", "carer", "school_file", "case_system")
SHARING: Mapping[str, Kind] = {
    **{f"to_{where}": COPY for where in COPY_TO},
    "feeds_roll": yes_no,
    "reports": one_of("monthly", "termly"),
}

ESCALATION: Mapping[str, Kind] = {
    "unit": one_of(*UNITS),
    "steps": list_of(
        Record(
            {"after": COUNT, "from": one_of("due", "meeting_held"), "tell": list_of(role, empty=False)},
            {"by": role, "when": one_of("late", "meeting_not_held", "document_late")},
        ),
        unique=True,
        empty=False,
    ),
    "manager_told_of": list_of(one_of("social_worker_part_missing", "social_worker_absent")),
    "iro_may_raise_with": list_of(role),
}

REMINDERS: Mapping[str, Kind] = {
    "before_due": list_of(COUNT, empty=False),
    "unit": one_of(*UNITS),
    "to": list_of(role, empty=False),
}

LABELS = (
    "child", "children", "pep", "meeting", "section", "social_worker", "designated_teacher", "virtual_school",
    "virtual_school_head", "carer", "iro", "school", "placement", "pupil_premium_plus", "target", "part",
)  # fmt: skip

#: Every table but `[profile]`, in the order they are read and shown.
TABLES: Mapping[str, Mapping[str, Kind]] = {
    "scope": SCOPE,
    "deadlines": DEADLINES,
    "responsibilities": RESPONSIBILITIES,
    "meeting_dates": MEETING_DATES,
    "form": FORM,
    "targets": TARGETS,
    "sdq": SDQ,
    "signatures": SIGNATURES,
    "funding": FUNDING,
    "quality": QUALITY,
    "sharing": SHARING,
    "labels": dict.fromkeys(LABELS, text),
    "escalation": ESCALATION,
    "reminders": REMINDERS,
}

#: Keys that need not be there even in the default: leaving them out means "none".
OPTIONAL = {"quality.minimum_grade", "sdq.local_threshold", "deadlines.data_collection", "sharing.to_case_system"}

#: The head of the file: which rules these are, and from when they apply.
PROFILE = Record(
    {
        "name": text,
        "title": text,
        "version": whole(1, 9999),
        "effective_from": day,
        "source": text,
    },
    {"council": text, "note": text},
)
