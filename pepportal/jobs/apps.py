from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "pepportal.jobs"
    label = "jobs"
