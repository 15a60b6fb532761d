"""What people type about children and calendars, checked in words before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from children import queries, rules
from children.actions import NewCarer
from children.models import CareEpisode, Carer, ChangeKind, Child, Part, Placement
from pepportal.accounts.models import Authority, User
from pepportal.ui.forms import (
    CheckField,
    ChoiceField,
    DateField,
    EmailField,
    LongTextField,
    PortalForm,
    SelectField,
    TextField,
)

NEW, NONE = "new", "none"
SHORT_BREAKS_HINT = "Looked after only while at short breaks. Most councils’ rules then ask for no plan."
Options = list[tuple[str, str]]


def _named(rows: Iterable[Any]) -> Options:
    return [(str(row.pk), str(row)) for row in rows]


def _found(rows: Iterable[Any], key: str) -> Any:
    return next((row for row in rows if str(row.pk) == key), None)


class HouseholdFields(PortalForm):
    """Where a child lives and with whom: asked at entry and at each move."""

    placement_kind = SelectField(
        "What kind of placement is it?",
        choices=Placement._meta.get_field("kind").choices,
        required="Select what kind of placement it is",
    )
    carer = SelectField(
        "Who looks after the child there?",
        required=False,
        empty="Nobody by name yet",
        hint="A foster carer, a relative, or a home’s key worker.",
    )
    carer_name = TextField("New carer’s name", max_length=120, required=False, autocomplete="off")
    carer_email = EmailField(
        "New carer’s email", required=False, hint="Without one, copies go by post.", autocomplete="off"
    )
    carer_phone = TextField("New carer’s phone", max_length=40, required=False, width=20, autocomplete="off")
    placement_area = TextField(
        "Which council’s area is it in?", max_length=120, required="Enter the council in whose area the child lives"
    )
    address = TextField("Address", max_length=300, required=False, autocomplete="off")
    confidential = CheckField("This address is confidential", required=False)

    household = (
        "placement_kind", "carer", "carer_name", "carer_email", "carer_phone", "placement_area", "address",
        "confidential",
    )  # fmt: skip

    def offer_carers(self, carers: list[Carer]) -> None:
        self.carers = carers
        someone_new = (NEW, "Somebody new: give the name below")
        self.fields["carer"].choices = [("", "Nobody by name yet"), someone_new, *_named(carers)]  # type: ignore[attr-defined]
        self.fields["address"].help_text = "Only people who need to know where the child lives see it."
        self.fields["confidential"].help_text = ""

    def check_carer(self, data: dict[str, Any]) -> None:
        typed = [name for name in ("carer_name", "carer_email", "carer_phone") if data.get(name)]
        if data.get("carer") == NEW and not data.get("carer_name") and "carer_name" not in self.errors:
            self.add_error("carer_name", "Enter the new carer’s name")
        elif data.get("carer") != NEW and typed:
            self.add_error("carer", "Choose “Somebody new” to record the carer below, or clear the carer’s boxes")
        if data.get("confidential") and not data.get("address"):
            self.add_error("address", "Enter the address that is confidential, or clear the box below it")

    @property
    def chosen_carer(self) -> Carer | NewCarer | None:
        data = self.cleaned_data
        if data["carer"] == NEW:
            return NewCarer(data["carer_name"], data["carer_email"], data["carer_phone"])
        carer: Carer | None = _found(self.carers, data["carer"])
        return carer


# --- coming into care -------------------------------------------------------------------------------------------------


class EntryForm(HouseholdFields):
    """A child came into care: one page, in the order in which the social worker's message tells it."""

    given_name = TextField("First name", max_length=80, required="Enter the child’s first name", autocomplete="off")
    family_name = TextField("Family name", max_length=80, required="Enter the child’s family name", autocomplete="off")
    known_as = TextField(
        "Known as", max_length=80, required=False, hint="If the child goes by another first name.", autocomplete="off"
    )
    date_of_birth = DateField("Date of birth", required="Enter the date of birth", hint="For example, 27 3 2014.")
    upn = TextField(
        "Unique pupil number", max_length=13, required=False, width=20, hint="13 characters, if you have it.",
        autocomplete="off",
    )  # fmt: skip
    language = TextField("Main language", max_length=60, required=False, width=20, initial="English")
    same_child = ChoiceField(
        "Is it the same child?",
        choices=[("yes", "Yes, the child has come back into care"), ("no", "No, somebody else with the same name")],
        required=False,
    )

    began_on = DateField("When did the child come into care?", required="Enter the day the child came into care")
    planned = ChoiceField(
        "Was it planned?",
        choices=[("yes", "Planned"), ("no", "Unplanned, or an emergency")],
        hints={"no": "The first plan’s days may count from another day."},
        required="Select if it was planned",
    )
    legal_status = SelectField(
        "Legal status",
        choices=CareEpisode._meta.get_field("legal_status").choices,
        required="Select the legal status",
    )
    short_breaks = CheckField("Only short breaks (respite)", required=False, hint=SHORT_BREAKS_HINT)
    placement_began_on = DateField(
        "When did the placement begin?", required=False, hint="Leave empty if it was the same day."
    )

    school = SelectField(
        "School or setting", required="Select a school, or “No school place”",
        hint="The name of the designated teacher stands behind each school.",
    )  # fmt: skip
    school_began_on = DateField(
        "When did the child start there?", required=False, hint="Leave empty if the child was there already."
    )

    social_worker = SelectField("Social worker", required="Select the social worker")
    iro = SelectField("Independent reviewing officer (IRO)", required=False, empty="Not appointed yet")
    caseworker = SelectField("Virtual school caseworker", required=False, empty="Nobody in particular")

    fieldsets = (
        ("The child", ("given_name", "family_name", "known_as", "date_of_birth", "upn", "language", "same_child")),
        ("Coming into care", ("began_on", "planned", "legal_status", "short_breaks")),
        ("Where the child lives", ("placement_began_on", *HouseholdFields.household)),
        ("School", ("school", "school_began_on")),
        ("The team", ("social_worker", "iro", "caseworker")),
    )

    field_order = [name for _, names in fieldsets for name in names]

    def __init__(self, data: Any = None, *, authority: Authority, today: date) -> None:
        super().__init__(data)
        self.authority, self.today = authority, today
        self.match: Child | None = None
        self.match_episode: CareEpisode | None = None
        self.offer_carers(queries.carers_of(authority))
        self.schools = queries.school_choices(today)
        listed = [(str(choice.school.pk), choice.words) for choice in self.schools]
        self.fields["school"].choices = [("", "Choose one"), (NONE, "No school place"), *listed]  # type: ignore[attr-defined]
        self.people: dict[str, list[User]] = {}
        for name, part, empty in (
            ("social_worker", Part.SOCIAL_WORKER, "Choose one"),
            ("iro", Part.IRO, "Not appointed yet"),
            ("caseworker", Part.CASEWORKER, "Nobody in particular"),
        ):
            self.people[name] = queries.people_for(part, authority, today)
            self.fields[name].choices = [("", empty), *_named(self.people[name])]  # type: ignore[attr-defined]
        self.fields["placement_area"].initial = authority.name

    def clean_upn(self) -> str:
        upn = str(self.cleaned_data["upn"]).upper().replace(" ", "")
        if problem := rules.upn_problem(upn):
            self.add_error("upn", problem)
        return upn

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        problems = rules.entry_problems(
            today=self.today,
            born=data.get("date_of_birth"),
            began_on=data.get("began_on"),
            placement_began_on=data.get("placement_began_on"),
            school_began_on=data.get("school_began_on"),
        )
        for name, sentence in problems:
            self.add_error(name, sentence)
        self.check_carer(data)
        if data.get("school") == NONE and data.get("school_began_on"):
            self.add_error("school_began_on", "Clear this day, or select the school the child started at")
        self._check_same_person(data)
        return data

    def _check_same_person(self, data: dict[str, Any]) -> None:
        if not (data.get("given_name") and data.get("family_name") and data.get("date_of_birth")):
            return
        self.match = queries.same_person(
            self.authority, data["given_name"], data["family_name"], data["date_of_birth"]
        )  # fmt: skip
        if self.match is None:
            return
        self.match_episode = queries.latest_episode(self.match)
        answer = data.get("same_child")
        if not answer:
            said = f"{self.match} with this date of birth is recorded already, as {self.match.reference}"
            self.add_error("same_child", f"{said}: say if it is the same child")
        elif answer == "yes" and self.match_episode and data.get("began_on"):
            self._check_return(self.match, self.match_episode, data["began_on"])

    def _check_return(self, child: Child, last: CareEpisode, began_on: date) -> None:
        if last.ended_on is None:
            since = f"{child} is already in care, since {rules.day_words(last.began_on)}"
            self.add_error("same_child", f"{since}: correct that record instead of making another")
        elif began_on < last.ended_on:
            self.add_error("began_on", f"{child} was already in care until {rules.day_words(last.ended_on)}")

    @property
    def shown(self) -> list[tuple[str, list[Any]]]:
        """Each fieldset's heading with its fields; the question about the same child only where there is one."""
        return [
            (title, [self[name] for name in names if name != "same_child" or self.match is not None])
            for title, names in self.fieldsets
        ]

    @property
    def chosen_school(self) -> queries.SchoolChoice | None:
        key = self.cleaned_data["school"]
        return next((choice for choice in self.schools if str(choice.school.pk) == key), None)

    @property
    def returning(self) -> Child | None:
        return self.match if self.cleaned_data.get("same_child") == "yes" else None

    def facts(self) -> dict[str, Any]:
        """What ``children.actions.record_entry`` is given."""
        data = self.cleaned_data
        kept = ("given_name", "family_name", "known_as", "date_of_birth", "upn", "language", "began_on", "legal_status")
        chosen = self.chosen_school
        return {
            **{name: data[name] for name in kept},
            **{name: _found(people, data[name]) for name, people in self.people.items()},
            "authority": self.authority,
            "planned": data["planned"] == "yes",
            "short_breaks": data["short_breaks"],
            "placement_kind": data["placement_kind"],
            "placement_area": data["placement_area"],
            "placement_began_on": data["placement_began_on"],
            "address": data["address"],
            "confidential": data["confidential"],
            "carer": self.chosen_carer,
            "school": chosen.school if chosen else None,
            "school_began_on": data["school_began_on"],
            "returning": self.returning,
        }


# --- facts that change ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class About:
    """What every form about one child's facts is given."""

    child: Child
    episode: CareEpisode | None
    today: date
    part: Part | None = None


class FactForm(PortalForm):
    """A fact that takes over on a day."""

    def __init__(self, data: Any = None, *, about: About) -> None:
        super().__init__(data)
        self.about = about

    def check_day(self, data: dict[str, Any], name: str, *, stays: list[rules.Stay], what: str, ahead: bool) -> None:
        """Adds what is impossible about the day in field ``name``: in the future, outside care, over another fact."""
        day: date | None = data.get(name)
        if day is None:
            return
        child, episode = self.about.child, self.about.episode
        sentence = ""
        if not ahead and day > self.about.today:
            sentence = "The day must be today or in the past: record it when it has happened"
        elif ahead and day > self.about.today + rules.SCHOOL_AHEAD:
            sentence = "The day must be within the next year"
        elif episode:
            sentence = rules.care_problem(day, episode.began_on, episode.ended_on, what)
        sentence = sentence or rules.new_fact_problem(child.first_name, stays, day)
        if sentence:
            self.add_error(name, sentence)


class PlacementForm(FactForm, HouseholdFields):
    began_on = DateField("When did the child move?", required="Enter the day the child moved")

    field_order = ("began_on", *HouseholdFields.household)

    def __init__(self, data: Any = None, *, about: About) -> None:
        super().__init__(data, about=about)
        self.offer_carers(queries.carers_of(about.child.authority))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        stays = queries.placement_stays(self.about.child)
        self.check_day(data, "began_on", stays=stays, what="The placement", ahead=False)
        self.check_carer(data)
        return data


class SchoolForm(FactForm):
    school = SelectField("Which school does the child go to now?", required="Select a school, or “No school place”")
    began_on = DateField(
        "From which day?", required="Enter the first day of the change",
        hint="The first day at the new school, or the first day without a school place.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, about: About) -> None:
        super().__init__(data, about=about)
        self.choices = queries.school_choices(about.today)
        listed = [(str(choice.school.pk), choice.words) for choice in self.choices]
        self.fields["school"].choices = [("", "Choose one"), (NONE, "No school place"), *listed]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        day = data.get("began_on")
        if day is not None and day < self.about.child.date_of_birth:
            self.add_error("began_on", "The day must be after the child was born")
        elif day is not None and day > self.about.today + rules.SCHOOL_AHEAD:
            self.add_error("began_on", "The day must be within the next year")
        elif day is not None:
            stays = queries.school_stays(self.about.child)
            if sentence := rules.new_fact_problem(self.about.child.first_name, stays, day):
                self.add_error("began_on", sentence)
            elif data.get("school") == NONE and not any(stay.ended_on is None or stay.ended_on > day for stay in stays):
                self.add_error("school", f"{self.about.child.first_name} has no school place on that day already")
        return data

    @property
    def chosen(self) -> queries.SchoolChoice | None:
        key = self.cleaned_data["school"]
        return next((choice for choice in self.choices if str(choice.school.pk) == key), None)


class AllocationForm(FactForm):
    person = SelectField("Who is it now?", required="Select a person")
    began_on = DateField(
        "From which day?", required="Enter the day from which it holds",
        hint="Whoever had this part until then stops seeing the child on that day.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, about: About) -> None:
        super().__init__(data, about=about)
        assert about.part is not None
        self.people = queries.people_for(about.part, about.child.authority, about.today)
        self.fields["person"].choices = [("", "Choose one"), *_named(self.people)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        assert self.about.part is not None
        stays = queries.allocation_stays(self.about.child, self.about.part)
        self.check_day(data, "began_on", stays=stays, what="This", ahead=False)
        return data

    @property
    def chosen(self) -> User:
        person: User = _found(self.people, self.cleaned_data["person"])
        return person


class CorrectEntryForm(FactForm):
    began_on = DateField("When did the child come into care?", required="Enter the day the child came into care")
    planned = ChoiceField(
        "Was it planned?", choices=[("yes", "Planned"), ("no", "Unplanned, or an emergency")],
        required="Select if it was planned",
    )  # fmt: skip
    legal_status = SelectField(
        "Legal status", choices=CareEpisode._meta.get_field("legal_status").choices, required="Select the legal status"
    )
    short_breaks = CheckField("Only short breaks (respite)", required=False, hint=SHORT_BREAKS_HINT)
    reason = LongTextField(
        "Why is it corrected?", max_length=300, rows=2, required="Enter why it is corrected",
        hint="It stays with the record. Don’t name anybody.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, about: About) -> None:
        super().__init__(data, about=about)
        if about.episode:
            self.initial = {
                "began_on": about.episode.began_on,
                "planned": "yes" if about.episode.planned else "no",
                "legal_status": about.episode.legal_status,
                "short_breaks": about.episode.short_breaks,
            }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        born = self.about.child.date_of_birth
        for name, sentence in rules.entry_problems(
            today=self.about.today, born=born, began_on=data.get("began_on")
        ):  # fmt: skip
            self.add_error("began_on" if name == "date_of_birth" else name, sentence)
        return data


class EndCareForm(FactForm):
    ended_on = DateField(
        "When did the child leave care?", required="Enter the day the child left care",
        hint="The first day on which the child was no longer looked after.",
    )  # fmt: skip
    end_reason = ChoiceField(
        "Why?", choices=CareEpisode._meta.get_field("end_reason").choices, required="Select why the child left care"
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        day, episode = data.get("ended_on"), self.about.episode
        if day and day > self.about.today:
            self.add_error("ended_on", "The day must be today or in the past: record it when it has happened")
        elif day and episode and day <= episode.began_on:
            self.add_error(
                "ended_on", f"The child came into care on {rules.day_words(episode.began_on)}: give a later day"
            )
        elif day and episode:
            later = [stay for stay in queries.placement_stays(self.about.child) if stay.began_on >= day]
            if later:
                self.add_error("ended_on", f"{self.about.child.first_name} {later[0].said}: give a later day")
        return data


class CareReviewForm(FactForm):
    on = DateField("When is the next care review?", required="Enter the day of the care review")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        day = data.get("on")
        if day and day < self.about.today:
            self.add_error("on", "The next care review must be today or in the future")
        elif day and day > self.about.today + rules.SCHOOL_AHEAD:
            self.add_error("on", "The next care review must be within the next year")
        return data


class ChangeForm(FactForm):
    """Something has changed that may call another plan: of the kinds that the council's rules name."""

    kind = ChoiceField("What has changed?", required="Select what has changed")
    on = DateField("When?", required="Enter the day", noun="The day")
    what = LongTextField(
        "What happened?", max_length=2000, rows=5, required="Enter what happened",
        hint="What it means for school or nursery. The team around the child reads it.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, about: About, kinds: Iterable[str]) -> None:
        super().__init__(data, about=about)
        self.fields["kind"].choices = [(each, ChangeKind(each).label) for each in kinds]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.check_day(data, "on", stays=[], what="The change", ahead=False)
        return data


class CancelChangeForm(PortalForm):
    reason = LongTextField(
        "Why was it a mistake?", max_length=300, rows=2, required="Enter why it was a mistake",
        hint="It stays with the record.",
    )  # fmt: skip
