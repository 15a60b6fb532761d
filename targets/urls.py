from django.urls import path

from targets import views

app_name = "targets"
urlpatterns = [
    path("peps/<uuid:pep_id>/targets/", views.panel, name="panel"),
    path("peps/<uuid:pep_id>/targets/add/", views.add, name="add"),
    path("peps/<uuid:pep_id>/targets/<uuid:target_id>/", views.change, name="change"),
    path("peps/<uuid:pep_id>/targets/<uuid:target_id>/confirm/", views.confirm, name="confirm"),
    path("peps/<uuid:pep_id>/targets/<uuid:target_id>/withdraw/", views.withdraw, name="withdraw"),
    path("peps/<uuid:pep_id>/targets/<uuid:target_id>/review/", views.review, name="review"),
    path("peps/<uuid:pep_id>/sdq/", views.sdq_panel, name="sdq"),
    path("peps/<uuid:pep_id>/sdq/enter/", views.enter_sdq, name="enter-sdq"),
    path("peps/<uuid:pep_id>/sdq/reason/", views.explain_sdq, name="explain-sdq"),
]
