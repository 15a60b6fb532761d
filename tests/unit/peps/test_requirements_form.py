"""What the plan asks, in every phase: the questions that the requirements name are there, and whose they are."""

from __future__ import annotations

import pytest

from peps.form_documents import FORM_KEYS, FormDocument, all_forms, read_form

FORMS = {form.key: form for form in all_forms()}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def choices(form: FormDocument, field_id: str) -> set[str]:
    return {choice.value for choice in form.fields[field_id].choices}


@every_form
def test_the_social_workers_facts_about_care(form):
    """R21"""
    asked = {
        "legal_status",
        "care_plan",
        "parental_responsibility",
        "first_contact",
        "trip_consent",
        "reports_to",
        "health",
    }
    section = form.section("care_facts")
    assert section.owner == "social_worker"
    assert asked <= {field.id for field in section.fields}
    assert {"legal_status", "care_plan", "parental_responsibility", "first_contact", "trip_consent"} <= set(
        section.required_ids
    )
    assert {"carer", "parents"} <= choices(form, "reports_to")


@every_form
def test_the_teachers_attendance_progress_and_support(form):
    """R22"""
    for key in ("school_attendance", "attainment", "support"):
        assert form.section(key).owner == "designated_teacher"
    for field_id in ("attendance_percent", "working_at", "progress", "sen_status", "support_now"):
        assert form.fields[field_id].required, field_id


@every_form
def test_the_child_may_say_it_in_many_ways_and_is_offered_a_part(form):
    """R23"""
    assert form.section("child_views").owner == "child"
    assert {"talking", "writing", "drawing", "photos", "video"} <= choices(form, "views_shared_by")
    assert {"all", "part", "chair", "someone", "no"} <= choices(form, "come_to_meeting")


@every_form
def test_the_carers_section_is_theirs_and_free_to_leave_out(form):
    """R24"""
    section = form.section("home_views")
    assert section.owner == "carer" and section.fields
    assert section.required_ids == ()


@every_form
def test_needs_and_the_years_to_come(form):
    """R26, R27"""
    assert {"strengths", "needs"} <= set(form.section("needs_plan").required_ids)
    assert "long_term" in form.section("aspirations").required_ids


def test_aspirations_grow_with_age():
    """R27"""
    assert {"careers", "money_and_independence", "after_sixteen"} <= set(read_form("secondary").fields)
    assert {"next_step", "work_experience", "money"} <= set(read_form("post-16").fields)
    assert "work_experience" not in read_form("primary").fields


@every_form
def test_the_review_of_special_needs_stands_beside_the_plan(form):
    """R33"""
    assert form.section_of("sen_review_on").key == "support"
    assert form.fields["sen_review_on"].type == "date"


def test_a_form_for_each_phase():
    """R31"""
    assert {read_form(key).phase for key in FORM_KEYS} == {"early_years", "primary", "secondary", "post_16"}
