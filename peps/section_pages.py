"""What a section's page shows one person: the form or the words, whose it is, what is left, what was kept. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.datastructures import MultiValueDict

from pepportal.access.actor import Actor
from pepportal.access.roles import Role
from peps import queries
from peps.form_documents import Field, Section
from peps.models import Answer, Draft, Pep
from peps.panels import PANEL_PAGES
from peps.policies import PepInView, SectionInView, owner_words
from peps.rules import NOTHING
from peps.section_forms import SectionForm, saved_form, taken_up


def plan_page(plan: PepInView) -> str:
    """Where one goes back to: the plan's task list, or home for those who don't read the plan (carer, child)."""
    return f"/peps/{plan.pep.pk}/" if plan.reads_plan else "/"


def section_address(pep: Pep, key: str) -> str:
    return reverse("peps:section", args=[pep.pk, key])


def next_address(plan: PepInView, section: Section) -> tuple[str, str]:
    """The next section of this person's in the form's order: (address, title); after the last the plan ("", its page)."""
    own = [each for each in plan.document.sections if plan.owns(each)] if plan.reads_plan else []
    later = [each for each in own if each.order > section.order]
    if later:
        return section_address(plan.pep, later[0].key), later[0].title
    return plan_page(plan), ""


def panel_links(plan: PepInView, section: Section) -> list[tuple[str, str]]:
    """(address, words) of the pages on which the section's panels are filled in."""
    found = []
    for panel in section.panels:
        name, words = PANEL_PAGES[panel]
        try:
            found.append((reverse(name, args=[plan.pep.pk]), words))
        except NoReverseMatch:
            continue
    return found


@dataclass(frozen=True)
class ReadRow:
    """One question and its answer in words."""

    label: str
    words: str | list[str]
    who: str
    at: object


@dataclass
class SectionPage:
    """A section as one person sees it; reads what it shows when it is asked."""

    seen: SectionInView
    actor: Actor
    sent: SectionForm | None = None
    """The form as it was just sent, with its mistakes."""

    @property
    def plan(self) -> PepInView:
        return self.seen.plan

    @property
    def pep(self) -> Pep:
        return self.plan.pep

    @property
    def section(self) -> Section:
        return self.seen.section

    @cached_property
    def answers(self) -> dict[str, Answer]:
        return queries.answers_of(self.pep)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return self.plan.readable(self.section)

    @cached_property
    def how_far(self) -> queries.SectionProgress:
        return queries.progress(self.pep, self.plan.document, self.answers)[self.section.key]

    @cached_property
    def draft(self) -> Draft | None:
        return queries.draft_of(self.pep, self.section.key, self.actor.id) if self.seen.mine else None

    @property
    def editable(self) -> bool:
        return self.seen.mine and self.plan.writable and not self.how_far.complete

    @property
    def may_reopen(self) -> bool:
        return self.how_far.complete and self.plan.writable and self.plan.may_complete(self.section)

    @property
    def by_the_child(self) -> bool:
        """Whether the child is at the screen."""
        return self.section.owner == "child" and Role.CHILD in self.plan.roles

    @property
    def why_not(self) -> str:
        """Why this person can't write here now."""
        if not self.seen.mine:
            return f"Only {self.plan.owner_of(self.section)} fills this in."
        if not self.plan.writable:
            return f"The plan is {self.pep.get_state_display().lower()}: nothing in it can be changed now."
        return ""

    @cached_property
    def form(self) -> SectionForm:
        """The form to fill in: as just sent, as left unsaved, or as saved."""
        if self.sent is not None:
            return self.sent
        if self.kept is not None:
            return self.kept.quiet()
        return SectionForm(self.section, self.fields, self.answers)

    def checked(self) -> SectionForm:
        """The form with what it still lacks marked."""
        form = saved_form(self.section, self.fields, self.answers)
        form.full_clean()
        form.ask_for_the_rest(queries.givens(self.answers))
        return form

    @cached_property
    def kept(self) -> SectionForm | None:
        """What this person typed and hasn't saved, where it says anything else than what is saved."""
        if self.draft is None or self.sent is not None:
            return None
        shown = queries.shown_then(self.pep, self.answers, self.draft.based_on)
        form = taken_up(self.section, self.fields, self.answers, self.draft, shown)
        return form if form.differs else None

    @property
    def kept_words(self) -> list[tuple[str, str]]:
        """The unsaved words themselves, for where they can't be saved."""
        if self.draft is None:
            return []
        labels = {each.id: each.label for each in self.fields}
        found = []
        for name, values in self.draft.values.items():
            field = name if name in labels else name.rpartition("_")[0] or name
            field = field if field in labels else name.partition("-")[0]
            saved = self.answers.get(field)
            said = "\n".join(value for value in values if value.strip())
            if said and not (saved and said == str(saved.value)):
                found.append((labels.get(field, field), said))
        return found

    @property
    def rows(self) -> list[ReadRow]:
        found = []
        for each in self.fields:
            if each.asks:
                answer = self.answers.get(each.id)
                words = queries.words_of(each, queries.given_of(answer) if answer else NOTHING)
                found.append(
                    ReadRow(each.label, words, answer.author.name if answer else "", answer.at if answer else None)
                )
        return found

    @property
    def last_saved(self) -> Answer | None:
        own = [self.answers[each.id] for each in self.fields if each.id in self.answers]
        return max(own, key=lambda answer: answer.at, default=None)

    @property
    def helper(self) -> str:
        """For whom this person writes, where the section isn't their own: "Amara", "the carer", or nothing."""
        role = {"child": Role.CHILD, "carer": Role.CARER}.get(self.section.owner)
        if role is None or role in self.plan.roles:
            return ""
        return self.plan.child.first_name if role is Role.CHILD else "the carer"

    def context(self, **more: Any) -> dict[str, Any]:
        child = self.plan.child
        address, title = next_address(self.plan, self.section)
        waiting = () if self.seen.mine else queries.fills_in(self.section.owner, child, self.actor.today)
        note = self.how_far.words if not self.how_far.complete else ""
        if waiting and not self.how_far.complete:
            note = " · ".join(filter(None, (f"expected from {' or '.join(waiting)}", note)))
        return {
            "page": self,
            "plan": self.plan,
            "pep": self.pep,
            "child": child,
            "section": self.section,
            "form": self.form if self.editable else None,
            "owner_name": owner_words(self.section.owner, child),
            "note": note,
            "back": plan_page(self.plan),
            "next_address": address,
            "next_title": title,
            "panels": panel_links(self.plan, self.section) if self.plan.reads_plan else [],
            **more,
        }


def child_steps(page: SectionPage) -> list[Field]:
    """The child's questions, one a page."""
    return [each for each in page.fields if each.asks]


def child_context(page: SectionPage, number: int, sent: SectionForm | None = None) -> dict[str, Any]:
    """One question of the child's page; after the last one what was said, to look over."""
    steps = child_steps(page)
    at_end = number > len(steps) or not page.editable
    context: dict[str, Any] = {
        "page": page,
        "child": page.plan.child,
        "pep": page.pep,
        "section": page.section,
        "number": number,
        "count": len(steps),
        "at_end": at_end,
        "back": plan_page(page.plan),
        "said": [
            {"number": place, "label": row.label, "words": row.words} for place, row in enumerate(page.rows, 1)
        ],
    }  # fmt: skip
    if not at_end:
        asked = steps[number - 1]
        troubles = list(sent.errors.get(asked.id, [])) if sent else []
        form = one_question(page, asked, sent)
        context |= {
            "form": None,
            "asked": asked,
            "question": form,
            "bound": form[asked.id],
            "before": number - 1,
            "troubles": troubles,
        }
    return context


def one_question(page: SectionPage, asked: Field, sent: SectionForm | None) -> SectionForm:
    """The form of one question, calm: what was typed or kept is there, and no mark of a mistake."""
    if sent is not None:
        return sent.quiet()
    if page.kept is not None and asked.id in page.kept.based_on:
        based_on = {asked.id: page.kept.based_on[asked.id]}
        return SectionForm(page.section, [asked], page.answers, page.kept.raw, based_on=based_on).quiet()
    return SectionForm(page.section, [asked], page.answers)


def sent_form(page: SectionPage, data: MultiValueDict[str, str], based_on: Mapping[str, int]) -> SectionForm:
    """The form as it was sent, held to the questions that the page says it showed."""
    shown = [each for each in page.fields if each.id in based_on or not each.asks]
    return SectionForm(page.section, shown, page.answers, data, based_on=based_on)
