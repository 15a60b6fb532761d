"""People and the organisations they work for. Who may do what is pepportal.access; who may see a child is children.policies."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from simple_history.models import HistoricalRecords


class DateRange(Func):
    """PostgreSQL's daterange(from, to, '[)'): the last day is the first day on which the fact no longer holds."""

    function = "DATERANGE"
    output_field = DateRangeField()


def dates_of(start: str = "began_on", end: str = "ended_on") -> DateRange:
    return DateRange(F(start), F(end), RangeBoundary(inclusive_lower=True, inclusive_upper=False))


def holds_on(day: date, prefix: str = "") -> Q:
    """A dated fact holds from ``began_on`` until the day before ``ended_on``."""
    return Q(**{f"{prefix}began_on__lte": day}) & (
        Q(**{f"{prefix}ended_on__isnull": True}) | Q(**{f"{prefix}ended_on__gt": day})
    )


EARLIEST_HOUR, LATEST_HOUR = 6, 20
"""Between which hours a person may have their daily e-mail: none falls into a night in which the clocks change."""


class Authority(models.Model):
    """A local authority as corporate parent: the council whose children these are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    code = models.CharField(max_length=8, unique=True)
    """Short letters at the head of its children's references."""
    profile_name = models.CharField(max_length=60, default="default")
    """Which council's published rules it works under (pepportal.profiles)."""

    class Meta:
        verbose_name_plural = "authorities"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who may sign in. What they may do comes from memberships and from facts of care, never from flags here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    """As the person wishes to be called at work: "Ms R. Khan"."""
    job_title = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(null=True)
    digest_hour = models.SmallIntegerField(null=True, blank=True, default=7)
    """The hour in England at which the daily e-mail goes to them; None: each message as it comes."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="user_digest_hour_by_day",
                condition=Q(digest_hour=None) | Q(digest_hour__range=(EARLIEST_HOUR, LATEST_HOUR)),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    # Django's and guardian's permission questions: nobody holds a model permission; grants are asked in pepportal.access.
    is_superuser = False
    is_staff = False

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class OrganisationKind(models.TextChoices):
    VIRTUAL_SCHOOL = "virtual_school", "Virtual school"
    SOCIAL_CARE = "social_care", "Social care team"
    SCHOOL = "school", "School or setting"
    REVIEWING = "reviewing", "Independent reviewing service"
    HOUSEHOLD = "household", "Carers"


class Organisation(models.Model):
    """Where people work. A school belongs to no authority here: it teaches children of many."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=OrganisationKind.choices)
    name = models.CharField(max_length=160)
    authority = models.ForeignKey(Authority, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="organisation_authority_but_for_schools",
                condition=Q(kind="school", authority=None) | (~Q(kind="school") & Q(authority__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, day: date) -> MembershipQuerySet:
        return self.filter(holds_on(day))


class Membership(models.Model):
    """A person holds a role (pepportal.access.roles) at an organisation from a day until a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=40)
    began_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="membership_ends_after_it_began", condition=Q(ended_on=None) | Q(ended_on__gt=F("began_on"))
            ),
            ExclusionConstraint(
                name="membership_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (dates_of(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} at {self.organisation}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def current(self, day: date) -> AbsenceQuerySet:
        """Who is away on ``day``."""
        return self.filter(holds_on(day), cancelled_at=None)

    def to_come(self, day: date) -> AbsenceQuerySet:
        """Those that hold on ``day`` or later."""
        return self.filter(cancelled_at=None, ended_on__gt=day).order_by("began_on", "id")


class Absence(models.Model):
    """A person is away, and a colleague covers: gets their messages and sees their children, in their part, for these days only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    cover = models.ForeignKey(User, on_delete=models.PROTECT, related_name="covers")
    began_on = models.DateField()
    ended_on = models.DateField()
    """The first day back."""
    reason = models.CharField(max_length=120, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    """Undone before it began."""

    objects = AbsenceQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(name="absence_ends_after_it_began", condition=Q(ended_on__gt=F("began_on"))),
            models.CheckConstraint(name="absence_is_covered_by_another", condition=~Q(user=F("cover"))),
            ExclusionConstraint(
                name="absence_once_at_a_time",
                expressions=[("user", RangeOperators.EQUAL), (dates_of(), RangeOperators.OVERLAPS)],
                condition=Q(cancelled_at=None),
            ),
        ]
        indexes = [models.Index(fields=["cover", "ended_on"], name="absence_by_cover")]

    def __str__(self) -> str:
        return f"{self.user} away from {self.began_on}, covered by {self.cover}"
