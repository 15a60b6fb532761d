from django.urls import path

from children import views

app_name = "children"
urlpatterns = [
    path("children/<uuid:child_id>/placement/", views.placement, name="change-placement"),
    path("children/<uuid:child_id>/school/", views.school_place, name="change-school"),
    path("children/<uuid:child_id>/team/", views.team, name="allocate"),
    path("children/<uuid:child_id>/team/<slug:part>/", views.part_of_team, name="allocate-part"),
    path("children/<uuid:child_id>/leave/", views.leave, name="end-care"),
    path("children/<uuid:child_id>/care-review/", views.care_review, name="set-care-review"),
    path("children/<uuid:child_id>/changes/", views.changes, name="history"),
    path("schools/", views.schools, name="schools"),
    path("schools/<uuid:school_id>/", views.school, name="school"),
    path("schools/<uuid:school_id>/calendar/", views.publish_school, name="publish-school"),
    path("bank-holidays/", views.bank_holidays, name="bank-holidays"),
    path("term-dates/<uuid:authority_id>/", views.pattern, name="pattern"),
    path("term-dates/<uuid:authority_id>/calendar/", views.publish_pattern, name="publish-pattern"),
]
