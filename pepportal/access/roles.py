"""What each role may do: one plain list and one sentence a head teacher could read.

A role counts for one child only, by a fact about that child (children.policies); the virtual school's and the reviewing
service's count for their authority's children.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pepportal.access.vocabulary import May


class Role(StrEnum):
    SOCIAL_WORKER = "social_worker"
    TEAM_MANAGER = "team_manager"
    DESIGNATED_TEACHER = "designated_teacher"
    HEAD_TEACHER = "head_teacher"
    IRO = "iro"
    CARER = "carer"
    CHILD = "child"
    VS_HEAD = "virtual_school_head"
    VS_DEPUTY = "virtual_school_deputy"
    VS_CASEWORKER = "virtual_school_caseworker"
    VS_DATA = "virtual_school_data_officer"
    VS_FINANCE = "virtual_school_finance"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class RoleDescription:
    title: str
    sentence: str
    may: frozenset[May]
    owner: str
    """Whose sections are theirs: a section owner's key, or "" for none."""


_READ = {May.SEE_CHILD, May.SEE_CARE_FACTS, May.SEE_PEP}
_VS = _READ | {
    May.SEE_EVERY_CHILD_OF_AUTHORITY, May.SEE_ADDRESS, May.SEE_FUNDING, May.EXPORT_PDF, May.SEE_RULES, May.REPLY_TO_INVITATION,
    May.SEE_SHARED_EDITION,
}  # fmt: skip
_REVIEWER = _VS | {
    May.RECORD_CHILD, May.CHANGE_FACTS, May.ARRANGE_MEETING, May.REVIEW_QUALITY, May.AGREE_FUNDING, May.WRITE_VS_SECTIONS,
    May.SIGN, May.SEE_MAILBOX, May.SET_CARE_REVIEW, May.SEE_OVERDUE, May.CHASE,
}  # fmt: skip

ROLES: dict[Role, RoleDescription] = {
    Role.DESIGNATED_TEACHER: RoleDescription(
        "Designated teacher",
        "Leads the plan in school: fills in the red and purple sections, sets targets, asks for money, marks sections complete and signs, "
        "for the looked-after children who are at the school today.",
        frozenset(
            _READ
            | {
                May.WRITE_DT_SECTIONS, May.WRITE_BOTH_SECTIONS, May.WRITE_CHILD_SECTION, May.ARRANGE_MEETING,
                May.REPLY_TO_INVITATION, May.DRAFT_TARGETS, May.CONFIRM_TARGETS, May.ENTER_SDQ, May.REQUEST_FUNDING,
                May.SEE_FUNDING, May.MARK_COMPLETE, May.SIGN, May.EXPORT_PDF, May.SEE_SHARED_EDITION,
            }
        ),
        "designated_teacher",
    ),
    Role.HEAD_TEACHER: RoleDescription(
        "Head teacher",
        "Reads the plans of the looked-after children at the school.",
        frozenset({May.SEE_CHILD, May.SEE_PEP, May.SEE_FUNDING, May.SEE_SHARED_EDITION}),
        "",
    ),
    Role.SOCIAL_WORKER: RoleDescription(
        "Social worker",
        "Keeps the facts of care, fills in the blue and purple sections, sees that the meeting is booked and signs, for the children "
        "allocated to them.",
        frozenset(
            _READ
            | {
                May.SEE_ADDRESS, May.WRITE_SW_SECTIONS, May.WRITE_BOTH_SECTIONS, May.WRITE_CHILD_SECTION,
                May.WRITE_CARER_SECTION, May.ARRANGE_MEETING, May.REPLY_TO_INVITATION, May.MARK_COMPLETE, May.SIGN,
                May.EXPORT_PDF, May.SEE_FUNDING, May.SEE_SHARED_EDITION, May.SET_CARE_REVIEW,
            }
        ),
        "social_worker",
    ),
    Role.TEAM_MANAGER: RoleDescription(
        "Social work team manager",
        "Sees the children allocated to the team's social workers and what is late.",
        frozenset(_READ | {May.SEE_ADDRESS, May.SEE_SHARED_EDITION, May.SEE_OVERDUE}),
        "",
    ),
    Role.IRO: RoleDescription(
        "Independent reviewing officer",
        "Reads the plan before the care review of the children they are appointed to.",
        frozenset(_READ | {May.SEE_SHARED_EDITION, May.EXPORT_PDF, May.REPLY_TO_INVITATION, May.SET_CARE_REVIEW}),
        "",
    ),
    Role.CARER: RoleDescription(
        "Carer",
        "Says how it goes at home and reads the copy of the plan that is meant for carers, for the children who live with them now.",
        frozenset({May.SEE_CHILD, May.WRITE_CARER_SECTION, May.REPLY_TO_INVITATION, May.SEE_SHARED_EDITION, May.EXPORT_PDF}),
        "carer",
    ),
    Role.CHILD: RoleDescription(
        "Child or young person",
        "Says what they think in their own section and reads their own copy of the plan.",
        frozenset({May.SEE_CHILD, May.WRITE_CHILD_SECTION, May.SEE_SHARED_EDITION, May.REPLY_TO_INVITATION}),
        "child",
    ),
    Role.VS_HEAD: RoleDescription(
        "Virtual school head",
        "Answers for the education of all the authority's looked-after children: sees, quality-assures, returns and finalises every plan.",
        frozenset(_REVIEWER | {May.PUBLISH_RULES}),
        "virtual_school",
    ),
    Role.VS_DEPUTY: RoleDescription(
        "Deputy or assistant virtual school head",
        "Quality-assures, returns and finalises plans for the head.",
        frozenset(_REVIEWER),
        "virtual_school",
    ),
    Role.VS_CASEWORKER: RoleDescription(
        "Virtual school caseworker",
        "Follows the authority's children day by day, arranges meetings, reviews plans and chases what is late.",
        frozenset(_REVIEWER),
        "virtual_school",
    ),
    Role.VS_DATA: RoleDescription(
        "Virtual school data officer",
        "Records children coming into care and keeps placements, schools and teams right.",
        frozenset(
            _VS
            | {
                May.RECORD_CHILD, May.CHANGE_FACTS, May.SEE_MAILBOX, May.ARRANGE_MEETING, May.SET_CARE_REVIEW,
                May.PUBLISH_CALENDAR, May.SEE_OVERDUE,
            }
        ),
        "",
    ),
    Role.VS_FINANCE: RoleDescription(
        "Virtual school finance officer",
        "Sees what Pupil Premium Plus was asked for, agreed and released.",
        frozenset({May.SEE_CHILD, May.SEE_EVERY_CHILD_OF_AUTHORITY, May.SEE_FUNDING, May.SEE_RULES}),
        "",
    ),
    Role.ADMINISTRATOR: RoleDescription(
        "Administrator",
        "Looks after rules, calendars and messages, exports plans for the care review, and fills in nothing.",
        frozenset(_VS | {May.SEE_MAILBOX, May.PUBLISH_CALENDAR, May.CHANGE_BANK_HOLIDAYS, May.PUBLISH_RULES}),
        "",
    ),
}  # fmt: skip

AUTHORITY_WIDE = frozenset(role for role, about in ROLES.items() if May.SEE_EVERY_CHILD_OF_AUTHORITY in about.may)


def may(roles: frozenset[Role] | set[Role], verb: May) -> bool:
    """Whether any of ``roles`` may ``verb``."""
    return any(verb in ROLES[role].may for role in roles)


def title(role: str) -> str:
    return ROLES[Role(role)].title
