from django.urls import path

from pepportal.pages import board_views, changes, feed_views, informal, intake, readiness, views, what_if_views

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("children/", views.caseload, name="caseload"),
    path("children/new/", intake.record_entry, name="record-entry"),
    path("children/<uuid:child_id>/", views.child, name="child"),
    path("children/<uuid:child_id>/entry/", intake.correct_entry, name="correct-entry"),
    path("children/<uuid:child_id>/changed/", changes.record_change, name="record-change"),
    path("children/<uuid:child_id>/changed/<uuid:change_id>/cancel/", changes.cancel_change, name="cancel-change"),
    path("children/<uuid:child_id>/next-plan/", views.open_next, name="open-next"),
    path("children/<uuid:child_id>/deadlines/<path:key>/", views.deadline, name="deadline"),
    path("peps/<uuid:pep_id>/", views.pep, name="pep"),
    path("peps/<uuid:pep_id>/informal-review/", informal.informal_review, name="informal-review"),
    path("peps/<uuid:pep_id>/right-form/", readiness.confirm_form, name="confirm-form"),
    path("peps/<uuid:pep_id>/read/", readiness.confirm_read, name="confirm-read"),
    path("peps/<uuid:pep_id>/sections/<slug:key>/complete/", views.complete_section, name="complete-section"),
    path("what-if/", what_if_views.general, name="what-if"),
    path("children/<uuid:child_id>/what-if/", what_if_views.of_child, name="child-what-if"),
    path("overdue/", board_views.overdue, name="overdue"),
    path("overdue/remind/", board_views.remind, name="overdue-remind"),
    path("overdue/reassign/", board_views.reassign, name="overdue-reassign"),
    path("me/calendar/", feed_views.my_calendar, name="my-calendar"),
    path("feed/<slug:secret>.ics", feed_views.feed, name="feed"),
    path("help/", views.help_page, name="help"),
    path("roles/", views.roles, name="roles"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("health", views.health, name="health"),
]
