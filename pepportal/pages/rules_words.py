from __future__ import annotations

from pepportal.profiles.reading import Profile
from pepportal.profiles.schema import PHASES
from peps.form_documents import all_forms
from peps.rules import FormShape, rules_fit_forms


def fit_forms(rules: Profile) -> list[tuple[str, str]]:
    """Where rules name a form or a section that the plan's forms don't have: (key, reason) of each mistake."""
    shapes = [FormShape(form.key, frozenset(section.key for section in form.sections)) for form in all_forms()]
    return rules_fit_forms(rules.table("form"), PHASES, shapes)
