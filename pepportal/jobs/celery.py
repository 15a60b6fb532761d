"""The Celery application. Everything is delivered at least once, so every task is safe to run twice (STACK: kill -9)."""

from __future__ import annotations

import os
from datetime import timedelta

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pepportal.settings")

app = Celery("pepportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    timezone="Europe/London",
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 600,  # longer than the longest task
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "global_keyprefix": "portal.",
    },
    beat_schedule={
        "deliver-notices": {"task": "pepportal.notify.tasks.deliver", "schedule": timedelta(seconds=15)},
        "send-daily-emails": {"task": "pepportal.notify.tasks.send_digests", "schedule": timedelta(minutes=10)},
        "render-editions": {"task": "qa.tasks.render_owed", "schedule": timedelta(seconds=20)},
        "sweep-marked-children": {"task": "pepportal.clock.tasks.sweep_marked", "schedule": timedelta(seconds=10)},
        "sweep-all-children": {"task": "pepportal.clock.tasks.sweep_all", "schedule": crontab(hour=2, minute=10)},
        "roll-over": {"task": "pepportal.clock.tasks.roll_over", "schedule": crontab(hour="5-19", minute=20)},
        "open-plans": {"task": "pepportal.clock.tasks.open_plans", "schedule": crontab(hour="5-19", minute=30)},
        "chase": {"task": "pepportal.clock.tasks.chase", "schedule": crontab(hour="6-19", minute=0)},
        "forget-old-form-keys": {"task": "pepportal.jobs.tasks.forget_old_keys", "schedule": crontab(hour=3, minute=5)},
    },
)
app.autodiscover_tasks()
