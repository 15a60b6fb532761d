from django.urls import path

from peps import views

app_name = "peps"
urlpatterns = [
    path("peps/<uuid:pep_id>/sections/<slug:key>/", views.section, name="section"),
    path("peps/<uuid:pep_id>/sections/<slug:key>/draft/", views.draft, name="draft"),
    path("peps/<uuid:pep_id>/sections/<slug:key>/reopen/", views.reopen, name="reopen"),
    path("peps/<uuid:pep_id>/sections/<slug:key>/history/", views.history, name="history"),
]
