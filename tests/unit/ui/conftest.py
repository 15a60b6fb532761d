"""Components are drawn here without a person, a session or a database: only what the tag itself is given."""

import copy

import pytest


@pytest.fixture(autouse=True)
def bare_templates(settings):
    found = copy.deepcopy(settings.TEMPLATES)
    found[0]["OPTIONS"]["context_processors"] = ["django.template.context_processors.request"]
    settings.TEMPLATES = found
