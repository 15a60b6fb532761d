from django.urls import path

from pepportal.jobs import views

app_name = "jobs"
urlpatterns = [path("kept/<uuid:held_id>/", views.kept, name="kept")]
