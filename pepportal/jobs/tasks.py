from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from pepportal.jobs.models import HeldForm, OnceKey
from pepportal.timekeeping import now


@shared_task
def forget_old_keys() -> None:
    """Forms' idempotency keys matter for a day, held forms for a month."""
    OnceKey.objects.filter(at__lt=now() - timedelta(days=2)).delete()
    HeldForm.objects.filter(at__lt=now() - timedelta(days=31)).delete()
