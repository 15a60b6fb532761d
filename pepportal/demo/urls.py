from django.urls import path

from pepportal.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.people, name="people"),
    path("sign-in/<uuid:user_id>/", views.sign_in_as, name="sign-in"),
]
