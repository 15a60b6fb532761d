from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Nobody signs themselves up: accounts are made by the virtual school."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
