"""Whose section is it: readable colours, and colour never the only cue (R20, UX.md)."""

import re
from pathlib import Path

import pytest
from django.template import engines

from pepportal.ui.owners import OWNERS, contrast
from pepportal.ui.owners import owner as owner_of

STATIC = Path(__file__).parents[3] / "static"


@pytest.mark.parametrize("owner", OWNERS.values(), ids=str)
def test_text_reads_on_its_ground_and_on_white_and_the_bar_stands_out(owner):
    assert contrast(owner.text, owner.ground) >= 4.5
    assert contrast(owner.text, "#ffffff") >= 4.5
    assert contrast("#484949", owner.ground) >= 4.5  # hints on a coloured row
    assert contrast(owner.bar, "#ffffff") >= 3


def test_contrast_knows_a_bad_pair():
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_style_sheet_has_the_same_colours():
    source = (STATIC / "build/scss/_owners.scss").read_text()
    found = dict(re.findall(r'"([a-z-]+)": \((text: #\w+, bar: #\w+, ground: #\w+)\)', source))
    assert found == {o.css: f"text: {o.text}, bar: {o.bar}, ground: {o.ground}" for o in OWNERS.values()}


def test_the_built_sheet_is_from_these_sources():
    built = (STATIC / "css/portal.css").read_text()
    for owner in OWNERS.values():
        rule = re.search(rf"\.pp-owner--{owner.css}\{{color:(#\w+);background:(#\w+)\}}", built)
        assert rule, owner.key
        assert [_long(c) for c in rule.groups()] == [owner.text, owner.ground]


def test_no_crown_and_no_gds_font():
    built = (STATIC / "css/portal.css").read_text().lower()
    assert "gds transport" not in built
    assert "crest" not in built
    assert {p.name for p in (STATIC / "fonts").glob("*.woff2") if "atkinson" not in p.name} == set()


def test_every_owner_has_a_shape_and_words_of_its_own():
    drawn = [engines["django"].from_string(f'{{% owner_tag "{key}" %}}').render() for key in OWNERS]
    shapes = {re.search(r"<svg.*?>(.*)</svg>", html, re.S)[1] for html in drawn}
    assert len(shapes) == len(OWNERS)
    assert all(owner.words in html for owner, html in zip(OWNERS.values(), drawn, strict=True))
    assert all('aria-hidden="true"' in html for html in drawn)


def test_a_child_is_called_by_name():
    html = engines["django"].from_string('{% owner_tag "child" name %}').render({"name": "Zoë <b>"})
    assert "Zoë &lt;b&gt;" in html
    assert ">Child<" not in html


def _long(colour: str) -> str:
    return "#" + "".join(c * 2 for c in colour[1:]) if len(colour) == 4 else colour


def test_every_role_that_a_councils_rules_can_name_is_shown():
    from pepportal.profiles.schema import ROLES

    assert all(owner_of(role).words for role in ROLES)
    assert (owner_of("data_team").words, owner_of("data_team").css) == ("Data team", "virtual-school")
    with pytest.raises(KeyError):
        owner_of("nobody_at_all")
