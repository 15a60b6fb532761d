from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "pepportal.notify"
    label = "notify"
