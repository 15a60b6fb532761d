from django.urls import path

from qa import views

app_name = "qa"
urlpatterns = [
    path("peps/<uuid:pep_id>/signatures/", views.signatures, name="signatures"),
    path("peps/<uuid:pep_id>/signatures/<slug:step>/", views.sign, name="sign"),
    path("peps/<uuid:pep_id>/quality/", views.quality, name="quality"),
    path("peps/<uuid:pep_id>/copies/", views.copies, name="copies"),
    path("peps/<uuid:pep_id>/copies/draft/", views.draft_copy, name="draft-copy"),
    path("deliveries/<uuid:delivery_id>/posted/", views.posted, name="posted"),
    path("quality/", views.queue, name="queue"),
    path("editions/<uuid:edition_id>/", views.download, name="download"),
    path("editions/<uuid:edition_id>/read/", views.read, name="read"),
    path("shared/", views.shared, name="shared"),
]
