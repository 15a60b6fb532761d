from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from pepportal.accounts.models import User
from pepportal.audit import actions as audit
from pepportal.audit.acting import Acting
from pepportal.timekeeping import now


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Nobody signs themselves up: accounts are made by the virtual school. Every sign-in is written down."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        audit.signed_in(by=Acting(user_id=user.pk, label=user.name, at=now()), how="signed in with a password")
        return super().post_login(request, user, **kwargs)
