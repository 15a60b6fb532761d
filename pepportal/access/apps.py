from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "pepportal.access"
    label = "access"
