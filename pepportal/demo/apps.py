from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "pepportal.demo"
    label = "demo"
