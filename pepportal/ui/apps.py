from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "pepportal.ui"
    label = "ui"
