"""Two promises for every form: a double tap does a thing once, and a sign-out in mid-form loses no word."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from pepportal.jobs.models import HeldForm, OnceKey
from pepportal.timekeeping import now
from pepportal.ui.forms import without_control_characters

Answer = Callable[[HttpRequest], HttpResponse]
HOLDER_AGE = 3 * 24 * 3600
NEVER_KEPT = {"csrfmiddlewaretoken", "_once", "_holder", "password", "password1", "password2", "oldpassword"}
_signer = TimestampSigner(salt="form-holder")


@dataclass(frozen=True)
class FormToken:
    once: str
    holder: str


def _holder_of(request: HttpRequest) -> str | None:
    try:
        return _signer.unsign(request.POST.get("_holder", ""), max_age=HOLDER_AGE)
    except BadSignature:
        return None


def keep_form(request: HttpRequest, user_id: str) -> HeldForm:
    """Keeps what was sent for the person who typed it: /kept/<id>/ gives it back and sends it again at one press."""
    fields = {
        name: [without_control_characters(value) for value in request.POST.getlist(name)]
        for name in request.POST
        if name not in NEVER_KEPT and "\x00" not in name
    }
    return HeldForm.objects.create(user_id=user_id, path=request.path[:400], fields=fields, at=now())


class HeldFormMiddleware:
    """Keeps a form posted after its session ended, for the person it was shown to, and sends them to sign in."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def form_token() -> FormToken:
            holder = _signer.sign(str(request.user.pk)) if request.user.is_authenticated else ""
            return FormToken(once=str(uuid.uuid4()), holder=holder)

        request.form_token = form_token  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        if request.method != "POST" or request.user.is_authenticated:
            return None
        holder = _holder_of(request)
        if holder is None or request.headers.get("X-Requested-With") == "autosave":
            return None
        if request.path.startswith("/accounts/"):
            return None
        held = keep_form(request, holder)
        return HttpResponseRedirect(f"/accounts/login/?next=/kept/{held.pk}/")


class OnceMiddleware:
    """Answers a repeated form (same key, same person) with where the first one led, and runs nothing again.

    The key is inserted in the view's own transaction: a second tap waits on the unique index until the first has
    committed, and a view that fails or shows its form again gives the key back.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Answer, args: list, kwargs: dict) -> HttpResponse | None:
        key = self._key(request)
        if key is None:
            return None
        try:
            with transaction.atomic():
                OnceKey.objects.create(key=key, user_id=str(request.user.pk), path=request.path[:400], at=now())
                response = view(request, *args, **kwargs)
                if 300 <= response.status_code < 400:
                    OnceKey.objects.filter(key=key).update(led_to=response["Location"][:600])
                else:
                    OnceKey.objects.filter(key=key).delete()
                return response
        except IntegrityError:
            earlier = OnceKey.objects.filter(key=key, user_id=str(request.user.pk)).first()
            if earlier is None:
                raise
            return HttpResponseRedirect(earlier.led_to or request.path)

    @staticmethod
    def _key(request: HttpRequest) -> uuid.UUID | None:
        if request.method != "POST" or not request.user.is_authenticated:
            return None
        try:
            sent = uuid.UUID(request.POST.get("_once", ""))
        except ValueError:
            return None
        # Another person's, or another form's, is another key.
        return uuid.uuid5(sent, f"{request.user.pk} {request.path}")
