from django.apps import AppConfig


class ClockConfig(AppConfig):
    name = "pepportal.clock"
    label = "clock"
