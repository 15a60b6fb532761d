from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "pepportal.profiles"
    label = "profiles"
