from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pepportal.pages"
    label = "pages"
