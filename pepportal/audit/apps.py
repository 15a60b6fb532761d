from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "pepportal.audit"
    label = "audit"
