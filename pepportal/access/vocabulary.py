"""Every verb the portal knows. A permission not listed here does not exist."""

from __future__ import annotations

from enum import StrEnum


class May(StrEnum):
    """What a role may do, in words that the page "What each role can do" shows as they stand."""

    SEE_CHILD = "See the child's page"
    SEE_CARE_FACTS = "See the child's placement, carers and team"
    SEE_ADDRESS = "See where the child lives"
    RECORD_CHILD = "Record a child coming into care"
    CHANGE_FACTS = "Change placements, schools and the team around a child"
    SEE_PEP = "Read the working PEP"
    SEE_SHARED_EDITION = "Read the finished copy meant for them"
    WRITE_DT_SECTIONS = "Fill in the designated teacher's (red) sections"
    WRITE_SW_SECTIONS = "Fill in the social worker's (blue) sections"
    WRITE_BOTH_SECTIONS = "Fill in the shared (purple) sections"
    WRITE_CHILD_SECTION = "Write down the child's views"
    WRITE_CARER_SECTION = "Write down the carer's views"
    WRITE_VS_SECTIONS = "Fill in the virtual school's sections"
    ARRANGE_MEETING = "Arrange, move and record PEP meetings"
    REPLY_TO_INVITATION = "Answer invitations"
    DRAFT_TARGETS = "Draft targets"
    CONFIRM_TARGETS = "Set targets as a teacher"
    ENTER_SDQ = "Enter a teacher SDQ score"
    REQUEST_FUNDING = "Ask for Pupil Premium Plus"
    AGREE_FUNDING = "Agree the use of Pupil Premium Plus"
    SEE_FUNDING = "See Pupil Premium Plus requests and payments"
    MARK_COMPLETE = "Mark sections complete"
    SIGN = "Sign the PEP"
    REVIEW_QUALITY = "Quality-assure, return and finalise PEPs"
    EXPORT_PDF = "Download PDF copies"
    SEE_EVERY_CHILD_OF_AUTHORITY = "Find every child of the authority"
    SEE_MAILBOX = "See which messages were sent"
    SEE_RULES = "See the published rules and school calendars"
    PUBLISH_CALENDAR = "Publish school calendars"
    CHANGE_BANK_HOLIDAYS = "Add or cancel a bank holiday"
    PUBLISH_RULES = "Publish the council's rules"
    SET_CARE_REVIEW = "Set the date of the care review"
    SEE_OVERDUE = "See everything that is owed or late, and who holds it"
    CHASE = "Chase what is late: remind and reassign"
