"""A fictional plan's values, for the tests of copies: every answer of every audience, with a canary of its own."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from pepportal.ui.owners import OWNERS
from peps.form_documents import read_form
from qa.editions import Answered, Person, PlanGiven, RequestGiven, SdqGiven, SignatureGiven, TargetGiven

LONDON = ZoneInfo("Europe/London")
ADDRESS = "4 Larch Way, Westmere, ZZ9 9ZZ"


def canary(audience: str) -> str:
    return f"canary-{audience}"


def plan(**changed) -> PlanGiven:
    document = read_form("primary")
    answers = {}
    for each in document.fields.values():
        if each.type in ("text", "long_text"):
            answers[each.id] = Answered(f"{canary(each.audience)} about {each.id}. " + "More words about it. " * 9)
        elif each.type == "choice":
            answers[each.id] = Answered(each.choices[0].value)
        elif each.type == "choices":
            answers[each.id] = Answered([choice.value for choice in each.choices[:2]])
        elif each.type == "date":
            answers[each.id] = Answered("2026-11-26")
        elif each.type == "yes_no":
            answers[each.id] = Answered(True)
        elif each.type == "percent":
            answers[each.id] = Answered("94.2")
        elif each.type == "number":
            answers[each.id] = Answered(0)
    answers["working_at"] = Answered(None, unknown_because="The last school has not sent its records yet.")
    answers["first_contact"] = Answered("Mrs H. Bright, carer, 07700 900 123, or carer@portal.example")
    values = {
        "name": "Amara Okafor",
        "first_name": "Amara",
        "legal_name": "Amara Ngozi Okafor",
        "reference": "WM-0001",
        "date_of_birth": date(2017, 3, 9),
        "authority": "Westmere Virtual School",
        "title": "First PEP, autumn 2026",
        "document": document,
        "answers": answers,
        "revision": 31,
        "upn": "",
        "school": "Hollin Lane Primary",
        "state": "Finalised",
        "finalised_on": date(2026, 11, 12),
        "team": (
            Person("Ms R. Khan", "Designated teacher"),
            Person("Mr P. Doyle", "Social worker"),
            Person("Ms D. Ferreira", "Independent reviewing officer"),
            Person("Mrs H. Bright", "Carer"),
        ),
        "targets": (
            TargetGiven(
                1,
                "Academic",
                "Amara reads a Year 4 text aloud with understanding.",
                "Reads Year 2 texts with help.",
                "Reading age test, every half term.",
                "One-to-one reading, 20 minutes, Monday to Thursday, in the library.",
                "Ms T. Ward, teaching assistant",
                date(2027, 2, 12),
                "canary-need Missed most of Year 2.",
                "I want to read the dragon books by myself.",
            ),
            TargetGiven(
                2,
                "Academic",
                "Amara knows her times tables to 12.",
                "Knows 2, 5 and 10.",
                "Weekly quiz.",
                "Ten minutes a day with a partner.",
                "Mr J. Pike, class teacher",
                date(2027, 2, 12),
            ),
            TargetGiven(
                3,
                "Social and emotional",
                "Amara tells an adult when she is worried.",
                "Leaves the room when worried.",
                "Fewer than one time a week out of class.",
                "A quiet card and a named adult at break.",
                "Mrs L. Dunn",
                date(2027, 2, 12),
                in_childs_words="I want somebody to know when I feel wobbly.",
            ),
        ),
        "sdqs": (
            SdqGiven(
                "Teacher",
                date(2026, 10, 30),
                (
                    ("Emotional", 6),
                    ("Conduct", 2),
                    ("Hyperactivity", 7),
                    ("Peer", 4),
                    ("Prosocial", 8),
                    ("Total difficulties", 19),
                ),
            ),
        ),
        "requests": (
            RequestGiven("One-to-one reading, 12 weeks", 48000, "Agreed", 48000, (1,)),
            RequestGiven("Drum lessons", 20000, "Asked for", None, (3,)),
        ),
        "signatures": (
            SignatureGiven("Ms R. Khan", "Designated teacher", datetime(2026, 11, 9, 16, 5, tzinfo=LONDON)),
            SignatureGiven("Mr P. Doyle", "Social worker", datetime(2026, 11, 10, 9, 30, tzinfo=LONDON)),
        ),
        "grade": "Good",
        "feedback": "Targets are clear. Say more about the move to Year 5 next time.",
        "met_on": date(2026, 11, 3),
        "next_meeting_on": date(2027, 3, 2),
        "overview": "canary-overview Amara came for the first half and showed her drawing. Everyone agreed that reading comes first.",
        "came": (
            Person("Amara Okafor", "Child"),
            Person("Ms R. Khan", "Designated teacher"),
            Person("Mr P. Doyle", "Social worker"),
            Person("Mrs H. Bright", "Carer"),
        ),
        "absent": (Person("Ms D. Ferreira", "Independent reviewing officer", "Sent a report"),),
        "owner_words": {key: owner.words for key, owner in OWNERS.items()} | {"child": "Amara"},
        "confidential": (ADDRESS,),
    }
    return PlanGiven(**(values | changed))
