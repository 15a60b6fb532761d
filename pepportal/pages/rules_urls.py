from django.urls import path

import pepportal.pages.rules_pages as pages

app_name = "rules"
urlpatterns = [
    path("", pages.overview, name="overview"),
    path("compare/", pages.compare, name="compare"),
    path("choose/", pages.choose, name="choose"),
    path("edit/", pages.edit, name="edit"),
    path("edit/preview/", pages.preview, name="preview"),
    path("edit/discard/", pages.discard, name="discard"),
    path("edit/<slug:key>/", pages.edit_table, name="edit-table"),
    path("<uuid:version_id>/", pages.version, name="version"),
    path("<uuid:version_id>/file/", pages.file, name="file"),
]
