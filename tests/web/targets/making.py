"""Plans and targets for the tests of targets and of the money."""

from __future__ import annotations

from datetime import date

from peps.actions import open_pep
from targets.actions import TargetValues

VALUES = TargetValues(
    kind="academic", need="Loses the thread of a longer text.", outcome_wanted="Reads ten pages aloud.",
    baseline="Reads two pages.", measure="Three readings in a row.", strategies="Reads on Mondays in the library.",
    who="Mr Hale", review_by=date(2026, 12, 1), in_childs_words="I want to read the dragon book.",
)  # fmt: skip


def first_pep(cast, acting, name: str):
    return open_pep(
        child=cast.children[name], episode=cast.episodes[name], kind="first", cause=f"first:{name}",
        trigger_on=date(2026, 10, 5), by=acting(cast.data_officer),
    )  # fmt: skip


def posted(**changed) -> dict[str, str]:
    values = {
        "kind": "academic", "need": "", "outcome_wanted": "Reads ten pages aloud.", "baseline": "Reads two pages.",
        "measure": "Three readings in a row.", "strategies": "Reads on Mondays in the library.", "who": "Mr Hale",
        "review_by_0": "1", "review_by_1": "12", "review_by_2": "2026", "in_childs_words": "",
    }  # fmt: skip
    return values | changed
