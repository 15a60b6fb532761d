from django.urls import path

from pepportal.ui import views

app_name = "ui"
urlpatterns = [path("components/", views.gallery, name="gallery")]
