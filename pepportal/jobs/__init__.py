"""Owed work: rows with a state and a lease, and Celery as the doorbell."""

from pepportal.jobs.celery import app

__all__ = ["app"]
