from django.apps import AppConfig


class PdfConfig(AppConfig):
    name = "pepportal.pdf"
    label = "pdf"
