"""Makes the copies that are owed: one at a time, safe to run twice, alone or beside others, and to take up after a crash."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import timedelta

from celery import shared_task
from django.db import transaction

from children.queries import team_of
from pepportal.audit.acting import the_portal
from pepportal.jobs.models import WorkState
from pepportal.pdf.rendering import render
from pepportal.pdf.tags import page_count
from pepportal.timekeeping import now
from qa import actions
from qa.editions import edition as edition_of
from qa.models import Edition
from qa.queries import plan_given
from qa.rendering import page_of

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 5


def _claim() -> Edition | None:
    at = now()
    with transaction.atomic():
        found = (
            Edition.objects.claimable(at)
            .select_for_update(skip_locked=True)
            .order_by("not_before", "requested_at")
            .first()
        )
        if found is None:
            return None
        found.work_state, found.lease_until, found.attempts = WorkState.DOING, at + LEASE, found.attempts + 1
        found.save(update_fields=["work_state", "lease_until", "attempts"])
        return found


@shared_task
def render_owed() -> None:
    """Makes every copy that is owed now. A failure waits longer each time, then is marked failed for somebody to look at."""
    while (claimed := _claim()) is not None:
        try:
            _render(claimed)
        except Exception as error:  # whatever one plan's words do to the renderer, the next copy is still owed
            log.exception("Copy %s could not be made", claimed.pk)
            claimed.last_error = f"{type(error).__name__}: {error}"[:300]
            claimed.work_state = WorkState.OWED if claimed.attempts < MOST_ATTEMPTS else WorkState.FAILED
            claimed.not_before, claimed.lease_until = now() + timedelta(minutes=2**claimed.attempts), None
            claimed.save(update_fields=["last_error", "work_state", "not_before", "lease_until"])


def _render(claimed: Edition) -> None:
    edition = Edition.objects.select_related(
        "pep__child__authority", "pep__child__user", "pep__profile_version", "pep__form_version"
    ).get(pk=claimed.pk)
    at = now()
    if (
        edition.draft and edition.pep.revision != edition.revision
    ):  # changed since it was asked for: it is of the plan as it is
        newer = Edition.objects.filter(
            pep=edition.pep, audience=edition.audience, draft=True, revision=edition.pep.revision
        )
        if not newer.exists():
            Edition.objects.filter(pk=edition.pk).update(revision=edition.pep.revision)
    content = edition_of(
        plan_given(edition.pep, team_of(edition.pep.child, at.date())), edition.audience, draft=edition.draft
    )
    html, title = page_of(content)
    document = render(html, title)
    data = json.dumps(content.to_json(), ensure_ascii=False).encode()
    actions.keep_rendered(
        edition,
        document=document,
        data=data,
        digest=hashlib.sha256(document).hexdigest(),
        pages=page_count(document),
        by=the_portal(at),
    )
