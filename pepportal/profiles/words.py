"""What people read instead of the keys of a profile: the name of each rule, of each part of it, and of each choice.

A path is a rule's place in the schema without the numbers of a list: ``("deadlines", "review", "published", "due")``. The
longest ending that has words counts, so "count" is said once for all, and otherwise for a rule where it means something else.
``tests/unit/profiles/test_words.py`` fails for a key of the schema without words.
"""

from __future__ import annotations

from collections.abc import Mapping

Path = tuple[str, ...]

#: Heading -> the tables under it, in the order in which rules are read and edited.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Who has a plan", ("scope",)),
    ("Deadlines", ("deadlines",)),
    ("Who does what", ("responsibilities",)),
    ("Meeting dates", ("meeting_dates",)),
    ("Reminders and escalation", ("reminders", "escalation")),
    ("Form parts", ("form",)),
    ("Targets", ("targets",)),
    ("SDQ", ("sdq",)),
    ("Signatures", ("signatures",)),
    ("Money", ("funding",)),
    ("Quality", ("quality",)),
    ("Sharing", ("sharing",)),
    ("Words", ("labels",)),
)

#: Table -> its heading, and a sentence about it.
TABLES: Mapping[str, tuple[str, str]] = {
    "profile": ("About these rules", "What the rules are called and where they come from."),
    "scope": ("Who has a plan", "Which looked-after children have a PEP, by age and provision."),
    "deadlines": ("Deadlines", "By when each thing is due, and how the days are counted."),
    "responsibilities": ("Who does what", "Who starts, organises, chairs, comes and marks complete."),
    "meeting_dates": ("Meeting dates", "What happens when a meeting is put on an awkward day."),
    "reminders": ("Reminders", "When people are reminded before something is due."),
    "escalation": ("Escalation", "Who is told when something is late."),
    "form": ("Form parts", "Which form each phase uses and how its sections are laid out."),
    "targets": ("Targets", "What the plan’s targets must be."),
    "sdq": ("SDQ", "The Strengths and Difficulties Questionnaire: who answers it and how often."),
    "signatures": ("Signatures", "Who signs the plan, in which order."),
    "funding": ("Money", "Pupil Premium Plus: how much, for what, and when it is released."),
    "quality": ("Quality", "How the virtual school checks a plan."),
    "sharing": ("Sharing", "Who gets which copy, and what is reported."),
    "labels": ("Words", "The council’s own words for things. They appear on the screen and in copies."),
}

#: Path, or the end of one -> (label, help).
LABELS: Mapping[str, tuple[str, str]] = {
    # the head
    "profile.title": ("Title", "As people will see it above the rules."),
    "profile.council": ("Council", ""),
    "profile.source": ("Document", "Where the rules are published, for example “PEP policy, Cabinet 14 July 2026”."),
    "profile.note": ("Note", "Anything a reader should know about the document."),
    # scope
    "scope.ages": ("Ages", ""),
    "scope.ages.from": ("From", ""),
    "scope.ages.from_age": ("From which age", "In years."),
    "scope.ages.only_in_provision_before_school_age": ("Before school age, only in early years provision", ""),
    "scope.ages.until": ("Until", ""),
    "scope.ages.until_age": ("Until which birthday", "In years."),
    "scope.ages.until_year_group": ("Until the end of which year group", ""),
    "scope.until_adoption_order": ("A child placed for adoption has a plan until the adoption order", ""),
    "scope.short_breaks_in_scope": ("Children on short breaks have a plan", ""),
    # deadlines
    "deadlines.counting": ("How days are counted", ""),
    "deadlines.counting.day_zero": ("The day it starts is day 0", "Otherwise it is day 1."),
    "deadlines.counting.inset_counts": ("A staff training (INSET) day counts as a school day", ""),
    "deadlines.first_pep_planned": ("First PEP after a planned placement", ""),
    "deadlines.first_pep_unplanned": ("First PEP after an unplanned placement", ""),
    "deadlines.first_pep_no_school_place": ("First PEP of a child without a school place", ""),
    "deadlines.review": ("Reviews", ""),
    "deadlines.review.cycle": ("How often", ""),
    "deadlines.review.event": ("What must have happened by then", ""),
    "deadlines.review.months": ("At most so many months apart", ""),
    "deadlines.review.formal_a_year": ("Formal reviews a year", ""),
    "deadlines.review.third": ("The third review of a year is", ""),
    "deadlines.review.formal_if_concerns": ("An informal review turns formal where there are concerns", ""),
    "deadlines.review.published": ("Published dates", "One row for each term, or for each term and its year groups."),
    "deadlines.review.published.academic_year": ("Academic year", "For example 2026/27."),
    "deadlines.review.published.due": ("Due", ""),
    "deadlines.review.published.year_groups": (
        "Only for these year groups", "Numbers with commas between; Reception is 0, Nursery is −1. Empty: for all.",
    ),
    "deadlines.extra_pep": ("What calls an extra PEP", ""),
    "deadlines.extra_pep.on": ("An extra PEP is called by", ""),
    "deadlines.extra_pep.tells": ("Who is told of the change", ""),
    "deadlines.extra_pep_due": ("When an extra PEP is due", ""),
    "deadlines.completion": ("Completing the plan after the meeting", ""),
    "deadlines.preparation": ("Parts due before the meeting: how long before", ""),
    "deadlines.prepared": ("Parts due before the meeting: which", ""),
    "deadlines.prepared.parts": ("Ready before the meeting", ""),
    "deadlines.opening": ("When documents are opened", ""),
    "deadlines.opening.when": ("Opened", ""),
    "deadlines.quality_turnaround": ("The virtual school’s check", ""),
    "deadlines.before_care_review": ("Ready before the care review", ""),
    "deadlines.facts_confirmed": ("Confirming the facts of care", ""),
    "deadlines.facts_confirmed.each": ("The facts are confirmed anew at", ""),
    "deadlines.data_collection": ("Data collections", ""),
    "deadlines.data_collection.times_a_year": ("Collections a year", ""),
    "deadlines.social_worker_allocated": ("A child without a social worker", ""),
    "deadlines.designated_teacher_known": ("A school without a known designated teacher", ""),
    "deadlines.next_school_known": ("A child whose next school isn’t known", ""),
    # responsibilities
    "responsibilities.starts_first_pep": ("Starts the first PEP", ""),
    "responsibilities.told_at_start": ("Told when a PEP is started", ""),
    "responsibilities.organises_first_meeting": ("Organises the first meeting", ""),
    "responsibilities.organises_reviews": ("Organises the reviews", ""),
    "responsibilities.sets_next_meeting": ("Sets the date of the next meeting", ""),
    "responsibilities.chairs": ("Chairs the meeting", ""),
    "responsibilities.may_chair": ("May chair instead", ""),
    "responsibilities.must_attend": ("Must be at the meeting", ""),
    "responsibilities.expected": ("Expected at the meeting", ""),
    "responsibilities.invited": ("Invited to the meeting", ""),
    "responsibilities.virtual_school_attends": ("When the virtual school comes", ""),
    "responsibilities.invitations_warn_above": ("Warn of a large meeting above so many people", ""),
    "responsibilities.without_school_place": ("A child without a school place", ""),
    "responsibilities.without_school_place.school_part_by": ("Who fills in the school’s part", ""),
    "responsibilities.without_school_place.meeting_at": ("Where the meeting is", ""),
    "responsibilities.without_school_place.education_providers_involved": ("Education providers take part", ""),
    "responsibilities.without_school_place.note_of_situation": ("The plan carries a note of the situation", ""),
    "responsibilities.confirms_facts": ("Confirms the facts of care", ""),
    "responsibilities.marks_complete": ("Marks the plan complete", ""),
    "responsibilities.opened_parts_go_to": ("Who is sent each part when a plan is opened", ""),
    # meeting dates
    "meeting_dates.holidays": ("In the school holidays", ""),
    "meeting_dates.lead_up": ("In the lead-up to the end of term", ""),
    "meeting_dates.lead_up.outcome": ("A meeting then is", ""),
    "meeting_dates.lead_up.school_days": ("The lead-up is the last so many school days of a term", ""),
    "meeting_dates.weekends": ("At a weekend", ""),
    "meeting_dates.bank_holidays": ("On a bank holiday", ""),
    "meeting_dates.closed_days": ("On a day on which the school is closed to pupils", "Staff training and occasional days."),
    "meeting_dates.after_due": ("After the day by which the meeting is due", ""),
    "meeting_dates.after_term_deadline": ("After the term’s published deadline", ""),
    # reminders, escalation
    "reminders.before_due": ("Reminders before something is due", "Days before, with commas between; 0 is the day itself."),
    "reminders.unit": ("Counted in", ""),
    "reminders.to": ("Who is reminded", ""),
    "escalation.unit": ("Steps are counted in", ""),
    "escalation.steps": ("Who is told when something is late", ""),
    "escalation.steps.after": ("After so many days", ""),
    "escalation.steps.from": ("Counted from", ""),
    "escalation.steps.tell": ("Who is told", ""),
    "escalation.steps.by": ("Who gets in touch", "Empty: the portal itself."),
    "escalation.steps.when": ("Only when", ""),
    "escalation.manager_told_of": ("A social worker’s manager is told of", ""),
    "escalation.iro_may_raise_with": ("The reviewing officer may raise it with", ""),
    # form
    "form.early_years": ("Form for the early years", ""),
    "form.primary": ("Form for primary", ""),
    "form.secondary": ("Form for secondary", ""),
    "form.post_16": ("Form for post-16", ""),
    "form.parts": ("The parts of the plan and their sections", ""),
    "form.parts.label": ("Heading of the part", ""),
    "form.parts.sections": ("Sections in it", ""),
    "form.owners": ("Sections that somebody else than usual fills in", ""),
    # targets
    "targets.required": ("Targets that a plan must have", ""),
    "targets.required.kinds": ("Of these kinds", ""),
    "targets.required.count": ("At least", ""),
    "targets.required.words": ("In words", "As the page says it, for example “two academic targets”."),
    "targets.weeks": ("A target is reached within so many weeks", ""),
    "targets.teacher_only": ("Only a teacher sets targets", ""),
    "targets.earlier_reviewed_first": ("Earlier targets are reviewed before new ones are set", ""),
    "targets.longer_term_plan": ("There is a longer-term plan too", ""),
    "targets.drafted_before_meeting": ("Targets are drafted before the meeting", ""),
    "targets.areas": ("Areas of need that targets come from", ""),
    # sdq
    "sdq.informants": ("Who answers it", ""),
    "sdq.frequency": ("How often", ""),
    "sdq.local_threshold": ("A total that calls for attention here", ""),
    "sdq.local_threshold.informant": ("Whose answers", ""),
    "sdq.local_threshold.total": ("From a total of", "0 to 40."),
    "sdq.local_threshold.words": ("What the page says then", ""),
    "sdq.bands": ("Bands that scores are shown in", ""),
    # signatures
    "signatures.steps": ("Who signs", "Steps with the same number sign in any order."),
    "signatures.steps.role": ("Who", ""),
    "signatures.steps.order": ("Step", "1, 2, 3… without a gap."),
    "signatures.steps.statement": ("What they sign", ""),
    "signatures.steps.required": ("The plan waits for this signature", ""),
    "signatures.steps.when": ("When", ""),
    "signatures.steps.title": ("Title of the person who signs", "Where it is more exact than the role."),
    "signatures.different_people": ("Each signature is another person’s", ""),
    "signatures.scrutiny": ("Scrutinises the signed plan", ""),
    # funding
    "funding.scheme": ("How much", ""),
    "funding.scheme.kind": ("How it is given", ""),
    "funding.scheme.amount_pence": ("Up to, for each request", ""),
    "funding.scheme.times_a_year": ("Requests a year", ""),
    "funding.scheme.year": ("Which year", ""),
    "funding.scheme.total_pence": ("A year altogether", "The instalments must add up to it."),
    "funding.scheme.instalments": ("Instalments", ""),
    "funding.scheme.instalments.label": ("Name of the instalment", ""),
    "funding.scheme.instalments.amount_pence": ("Amount", ""),
    "funding.scheme.instalments.from_month": ("From", ""),
    "funding.scheme.instalments.to_month": ("To the end of", ""),
    "funding.scheme.instalments.seen": ("When the school sees it", "For example “July”."),
    "funding.never_for": ("Never for", ""),
    "funding.linked_to_targets": ("Each request is tied to a target", ""),
    "funding.agreed_at_meeting": ("The use is agreed at the meeting", ""),
    "funding.impact_shown": ("The difference that earlier money made is shown", ""),
    "funding.exceptional": ("More may be asked for in exceptional cases", ""),
    "funding.release_needs": ("Released once", ""),
    # quality
    "quality.grades": ("Grades, the best first", ""),
    "quality.grades.label": ("Grade", ""),
    "quality.grades.tone": ("Colour", ""),
    "quality.grades.words": ("What it means", ""),
    "quality.criteria": ("What is looked at", ""),
    "quality.criteria.title": ("Criterion", ""),
    "quality.criteria.words": ("What each grade looks like", ""),
    "quality.roll_up": ("How the overall grade comes about", "The first line that fits gives the grade; where none fits it is the best."),
    "quality.roll_up.grade": ("The plan is", ""),
    "quality.roll_up.at_or_below": ("When criteria are at this grade or below", ""),
    "quality.roll_up.at_least": ("So many of them", ""),
    "quality.roll_up.majority": ("Most of them", ""),
    "quality.minimum_grade": ("A plan is finalised from this grade up", ""),
    "quality.checkers": ("Who checks plans", ""),
    "quality.feedback_to": ("Who gets the feedback", ""),
    # sharing
    "sharing.to_care_review": ("For the care review", ""),
    "sharing.to_carer": ("To the carer", ""),
    "sharing.to_school_file": ("To the school’s file", ""),
    "sharing.to_case_system": ("To the social care case system", ""),
    "edition": ("Which copy", ""),
    "by": ("Sent by", ""),
    "how": ("How", ""),
    "sharing.feeds_roll": ("Finished plans bring the virtual school’s roll up to date", ""),
    "sharing.reports": ("Reports on quality and completion", ""),
    # words
    "labels.child": ("A child", ""),
    "labels.children": ("Children", ""),
    "labels.pep": ("The plan", ""),
    "labels.meeting": ("The meeting", ""),
    "labels.section": ("A section of the plan", ""),
    "labels.part": ("A part of the plan", ""),
    "labels.social_worker": ("Social worker", ""),
    "labels.designated_teacher": ("Designated teacher", ""),
    "labels.virtual_school": ("Virtual school", ""),
    "labels.virtual_school_head": ("Virtual school head", ""),
    "labels.carer": ("Carer", ""),
    "labels.iro": ("Reviewing officer", ""),
    "labels.school": ("School", ""),
    "labels.placement": ("Placement", ""),
    "labels.pupil_premium_plus": ("Pupil Premium Plus", ""),
    "labels.target": ("A target", ""),
    # parts that mean the same everywhere
    "count": ("How many days", ""),
    "unit": ("Counted in", ""),
    "event": ("What must have happened by then", ""),
    "owners": ("Whose job", ""),
    "wherever_placed": ("Holds also for a child without a school place", ""),
    "applies_to": ("After which placements", ""),
    "term": ("Term", ""),
    "autumn": ("For the autumn term", ""),
    "spring": ("For the spring term", ""),
    "summer": ("For the summer term", ""),
    "key": ("Short name", ""),
}  # fmt: skip

#: "path=value", or the value alone -> words.
CHOICES: Mapping[str, str] = {
    # people
    "social_worker": "social worker",
    "team_manager": "social work team manager",
    "designated_teacher": "designated teacher",
    "head_teacher": "head teacher",
    "carer": "carer",
    "child": "child",
    "iro": "independent reviewing officer",
    "virtual_school": "virtual school",
    "virtual_school_caseworker": "virtual school caseworker",
    "virtual_school_phase_lead": "virtual school phase lead",
    "virtual_school_deputy": "deputy or assistant virtual school head",
    "virtual_school_head": "virtual school head",
    "data_team": "data team",
    "independent_chair": "independent chair",
    "advocate": "advocate",
    "both": "designated teacher and social worker together",
    # counting
    "school": "school days",
    "working": "working days",
    "calendar": "calendar days",
    "initiated": "the PEP is started",
    "meeting_arranged": "the PEP meeting is arranged",
    "meeting_held": "the PEP meeting is held",
    "document_completed": "the PEP is completed",
    "returned_to_social_worker": "the PEP is returned to the social worker",
    "planned": "planned placements",
    "unplanned": "unplanned placements",
    "autumn": "autumn",
    "spring": "spring",
    "summer": "summer",
    # deadlines
    "every_term": "in every school term",
    "at_most_months": "at most so many months apart",
    "published_dates": "by dates that the council publishes for each term",
    "formal": "formal",
    "informal": "informal",
    "school_change": "a change of school",
    "placement_change": "a change of placement",
    "significant_change": "a significant change",
    "concern": "a concern",
    "transition": "a transition",
    "concern_at_informal_review": "a concern at the informal review",
    "education_breakdown": "a breakdown of education",
    "prepared.parts=social_worker": "the social worker’s part",
    "prepared.parts=designated_teacher": "the designated teacher’s part",
    "prepared.parts=sdq": "the SDQ",
    "prepared.parts=child": "the child’s part",
    "prepared.parts=targets": "draft targets",
    "prepared.parts=attainment": "attainment",
    "prepared.parts=attendance": "attendance",
    "prepared.parts=plans": "plans and aspirations",
    "prepared.parts=funding": "ideas for Pupil Premium Plus",
    "prepared.parts=right_form": "a check that the form is the right one",
    "prepared.parts=everyone_has_read": "everybody has read it",
    "before_meeting": "so many days before the meeting",
    "weeks": "in a week of the year for each term",
    "last_week_of_holiday_before": "the last week of the holiday before it",
    "first_week_of_term": "the first week of term",
    "meeting": "each meeting",
    "pep": "each PEP",
    # scope
    "statutory_school_age": "statutory school age",
    "age": "an age",
    "birthday": "a birthday",
    "end_of_year_group": "the end of a year group",
    # the meeting
    "placement": "where the child lives",
    "meeting_at=virtual_school": "at the virtual school",
    "always": "always",
    "first_meeting": "the child’s first meeting",
    "as_required": "whenever asked",
    "new_case": "a child new to the virtual school",
    "school_move": "a move of school",
    "out_of_borough": "a school outside the council’s area",
    "red_rated": "serious concern about the child’s education",
    "virtual_school_attends=independent_chair": "somebody independent is wanted to chair",
    "year_6": "Year 6",
    "year_11": "Year 11",
    "published_criteria": "the virtual school’s published criteria are met",
    "allowed": "allowed",
    "warned": "allowed with a warning",
    "reason": "allowed with a reason",
    "refused": "refused",
    # late
    "from=due": "the day it was due",
    "from=meeting_held": "the day of the meeting",
    "late": "it is late",
    "meeting_not_held": "the meeting has not been held",
    "document_late": "the document is late",
    "social_worker_part_missing": "a missing social worker’s part",
    "social_worker_absent": "the social worker’s absence from the meeting",
    # targets, SDQ, signatures
    "academic": "academic",
    "social_emotional": "social or emotional",
    "personal": "personal",
    "other": "other",
    "cognition_and_learning": "cognition and learning",
    "social_emotional_mental_health": "social, emotional and mental health",
    "speech_language_communication": "speech, language and communication",
    "sensory_physical": "sensory and physical",
    "independence_self_help": "independence and self-help",
    "teacher": "teacher",
    "self": "the young person",
    "yearly": "once a year",
    "termly": "every term",
    "never": "never",
    "four-band": "four bands",
    "three-band": "three bands",
    "present": "only if they were at the meeting",
    # money
    "to_be_entered": "entered by the virtual school each April",
    "per_request": "up to an amount for each request",
    "instalments": "in instalments",
    "academic_year": "academic year",
    "year=academic": "academic year",
    "financial": "financial year",
    "administration": "administration",
    "clothing": "clothing",
    "transport": "transport",
    "uniform": "uniform",
    "base_provision": "what the school provides for every pupil",
    "finalised": "the plan is finalised",
    "targets_agreed": "the targets are agreed",
    "use_agreed": "the use is agreed",
    "minimum_grade": "the plan has the minimum grade",
    # quality, sharing
    "green": "green",
    "turquoise": "turquoise",
    "yellow": "yellow",
    "orange": "orange",
    "red": "red",
    "edition=full": "the full copy",
    "edition=carer": "the carer’s copy",
    "edition=child": "the child’s copy",
    "portal": "in the portal",
    "secure_email": "by secure email",
    "post": "by post",
    "upload": "uploaded",
    "monthly": "every month",
    "reports=termly": "every term",
}

#: Roles whose word the council may set itself: role -> key of its ``[labels]``.
OWN_WORDS = ("social_worker", "designated_teacher", "virtual_school", "virtual_school_head", "carer", "child", "iro")


def _longest_ending(path: Path, table: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    return next((table[key] for start in range(len(path)) if (key := ".".join(path[start:])) in table), None)


def _plain(key: str) -> str:
    words = key.replace("_", " ")
    return words[:1].upper() + words[1:]


def label(path: Path) -> str:
    """What the rule, or the part of one, is called.

    >>> label(("deadlines", "review", "cycle")), label(("deadlines", "completion", "count"))
    ('How often', 'How many days')
    """
    found = _longest_ending(path, LABELS)
    return found[0] if found else _plain(path[-1])


def help_of(path: Path) -> str:
    """A line that helps to fill it in, or nothing."""
    found = _longest_ending(path, LABELS)
    return found[1] if found else ""


def choice(path: Path, value: str, own: Mapping[str, str] | None = None) -> str:
    """A choice in words; ``own`` are the council's words for people.

    >>> choice(("deadlines", "completion", "unit"), "school"), choice(("x",), "carer", {"carer": "foster carer"})
    ('school days', 'foster carer')
    """
    for start in range(len(path)):
        if (key := f"{'.'.join(path[start:])}={value}") in CHOICES:
            return CHOICES[key]
    if own and value in OWN_WORDS and value in own:
        return own[value]
    return CHOICES.get(value, _plain(value).lower())


def has_words(path: Path, value: str | None = None) -> bool:
    """Whether the path (or a choice at it) has words of its own, so that no key is shown."""
    if value is None:
        return _longest_ending(path, LABELS) is not None
    return value in CHOICES or any(f"{'.'.join(path[start:])}={value}" in CHOICES for start in range(len(path)))
