"""The child and the dated facts of care. A fact holds from ``began_on`` until the day before ``ended_on``."""

from __future__ import annotations

import uuid
from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from pepportal.access.grants import NamedGrant
from pepportal.accounts.models import Authority, Organisation, User, dates_of, holds_on


def ends_after_it_began(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=Q(ended_on=None) | Q(ended_on__gt=F("began_on")))


def never_twice_at_once(name: str, *keys: str, condition: Q | None = None) -> ExclusionConstraint:
    return ExclusionConstraint(
        name=name,
        expressions=[*((key, RangeOperators.EQUAL) for key in keys), (dates_of(), RangeOperators.OVERLAPS)],
        condition=condition,
    )


class DatedQuerySet(models.QuerySet):
    def current(self, day: date) -> DatedQuerySet:
        """Facts that hold on ``day``."""
        return self.filter(holds_on(day))


class School(models.Model):
    """A school or setting: global, it teaches children of many authorities."""

    organisation = models.OneToOneField(Organisation, primary_key=True, on_delete=models.PROTECT, related_name="school")
    urn = models.CharField("unique reference number", max_length=12, blank=True)
    phase = models.CharField(
        max_length=20,
        choices=[
            ("early_years", "Early years"), ("primary", "Primary"), ("secondary", "Secondary"),
            ("all_through", "All-through"), ("special", "Special"), ("post_16", "Post-16"),
        ],
    )  # fmt: skip
    area = models.CharField(max_length=120)
    """The local authority in whose area it lies, as words: it need not use this portal."""
    local_authority = models.ForeignKey(Authority, null=True, blank=True, on_delete=models.PROTECT)
    """The same, where that authority uses this portal: its calendar is the fallback for the school's own."""

    class Meta:
        ordering = ["organisation__name"]

    def __str__(self) -> str:
        return self.organisation.name


class Calendar(models.Model):
    """One academic year's pupil days, of one school or (as the fallback) one authority. A correction is a new version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.PROTECT, related_name="calendars")
    authority = models.ForeignKey(Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="calendars")
    academic_year = models.CharField(max_length=7)
    """ "2026/27"."""
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=160)
    spans = models.JSONField()
    """[[first pupil day, last pupil day, words for the term], …], ISO days, inclusive."""
    closures = models.JSONField(default=list)
    """[[day, kind (inset | occasional), words], …]: weekdays inside a span on which pupils don't attend."""
    published_at = models.DateTimeField()
    published_by_id = models.UUIDField(null=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="calendar_of_a_school_or_an_authority",
                condition=Q(school__isnull=False, authority=None) | Q(school=None, authority__isnull=False),
            ),
            models.UniqueConstraint(
                name="calendar_version_once_school",
                fields=["school", "academic_year", "version"],
                condition=Q(authority=None),
            ),
            models.UniqueConstraint(
                name="calendar_version_once_authority",
                fields=["authority", "academic_year", "version"],
                condition=Q(school=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.academic_year}, version {self.version}"


class BankHoliday(models.Model):
    """A one-off bank holiday announced after the bundled list, or (``cancelled``) one of the list that does not happen."""

    day = models.DateField(primary_key=True)
    name = models.CharField(max_length=80)
    cancelled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.name}, {self.day}"


class Child(models.Model):
    """A looked-after child. Legal name and the name they go by are two things; the reference is what e-mails may say."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="children")
    """Corporate parent: a fact of its own, beside the school's authority and the place of stay."""
    reference = models.CharField(max_length=20, unique=True)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    known_as = models.CharField(max_length=80, blank=True)
    date_of_birth = models.DateField()
    upn = models.CharField("unique pupil number", max_length=13, blank=True)
    language = models.CharField("main language", max_length=60, default="English")
    pronouns = models.CharField(max_length=40, blank=True)
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.PROTECT, related_name="own_record")
    """The child's own account, where they have one."""
    sort_name = models.CharField(max_length=170, db_index=True)
    """Family name, given name, in small letters without accents: the database's own collation knows no English."""
    created_at = models.DateTimeField()

    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "children"
        indexes = [models.Index(fields=["authority", "sort_name"])]

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        return self.known_as or self.given_name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.family_name}"


class CareEpisode(models.Model):
    """A time of being looked after: from coming into care to leaving it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="care_episodes")
    began_on = models.DateField("came into care on")
    ended_on = models.DateField(null=True, blank=True)
    planned = models.BooleanField("planned placement")
    """False: unplanned or an emergency; decides the first PEP's clock (R1, R2)."""
    short_breaks = models.BooleanField("only short breaks", default=False)
    """Looked after only under short breaks (respite): no PEP is owed where the council's rules leave them out (R17)."""
    legal_status = models.CharField(
        max_length=30,
        choices=[
            ("section_20", "Section 20: accommodated by agreement"), ("interim_care_order", "Interim care order"),
            ("care_order", "Full care order"), ("placement_order", "Placement order"),
            ("police_protection", "Police protection or emergency order"), ("remand", "Remanded"),
        ],
    )  # fmt: skip
    end_reason = models.CharField(
        max_length=30,
        blank=True,
        choices=[
            ("returned_home", "Returned home"), ("adopted", "Adoption order made"), ("special_guardianship", "Special guardianship order"),
            ("turned_18", "Turned 18"), ("other", "Other"),
        ],
    )  # fmt: skip
    objects = DatedQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            ends_after_it_began("care_episode_ends_after_it_began"),
            never_twice_at_once("care_episode_never_twice_at_once", "child"),
            models.CheckConstraint(
                name="care_episode_end_has_a_reason",
                condition=Q(ended_on=None, end_reason="") | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"in care from {self.began_on}"


class Carer(models.Model):
    """The person or household with whom a child lives, or the home's key worker."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    """Blank: copies go by post (R74)."""
    phone = models.CharField(max_length=40, blank=True)
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.PROTECT, related_name="carer_record")
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Placement(models.Model):
    """Where a child lives, from when until when, and with whom."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="placements")
    episode = models.ForeignKey(CareEpisode, on_delete=models.PROTECT, related_name="placements")
    kind = models.CharField(
        max_length=30,
        choices=[
            ("foster", "Foster carer"), ("kinship", "Relative or friend"), ("residential", "Children’s home"),
            ("semi_independent", "Semi-independent living"), ("parents", "With parents under an order"),
            ("adoptive", "Placed for adoption"), ("secure", "Secure or custody"),
        ],
    )  # fmt: skip
    carer = models.ForeignKey(Carer, null=True, blank=True, on_delete=models.PROTECT, related_name="placements")
    area = models.CharField(max_length=120)
    """The local authority in whose area the child lives: the third of the three authority facts."""
    out_of_area = models.BooleanField(default=False)
    began_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            ends_after_it_began("placement_ends_after_it_began"),
            never_twice_at_once("placement_never_twice_at_once", "child"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} from {self.began_on}"


class PlacementAddress(models.Model):
    """Where exactly: apart from the placement and without history, so that no copy of a confidential address is left about."""

    placement = models.OneToOneField(Placement, primary_key=True, on_delete=models.CASCADE, related_name="address")
    text = models.CharField(max_length=300)
    confidential = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "An address"


class Enrolment(models.Model):
    """A child is on a school's roll. ``main`` is the one whose designated teacher and calendar count."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="enrolments")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="enrolments")
    main = models.BooleanField(default=True)
    began_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            ends_after_it_began("enrolment_ends_after_it_began"),
            never_twice_at_once("enrolment_main_never_twice_at_once", "child", condition=Q(main=True)),
        ]
        indexes = [models.Index(fields=["school", "began_on"])]

    def __str__(self) -> str:
        return f"at {self.school} from {self.began_on}"


class Part(models.TextChoices):
    """The part a person has in the team around a child."""

    SOCIAL_WORKER = "social_worker", "Social worker"
    IRO = "iro", "Independent reviewing officer"
    CASEWORKER = "virtual_school_caseworker", "Virtual school caseworker"


class Allocation(models.Model):
    """A person is a child's social worker, IRO or virtual-school caseworker, from a day until a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="allocations")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="allocations")
    part = models.CharField(max_length=30, choices=Part.choices)
    began_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            ends_after_it_began("allocation_ends_after_it_began"),
            never_twice_at_once("allocation_part_never_twice_at_once", "child", "part"),
        ]
        indexes = [models.Index(fields=["user", "part"])]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_part_display()}, from {self.began_on}"


class CareReview(models.Model):
    """A statutory review of the care plan, chaired by the IRO; the PEP must be there before it (R73)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="care_reviews")
    on = models.DateField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["on"]

    def __str__(self) -> str:
        return f"care review on {self.on}"


class ChangeKind(models.TextChoices):
    """What can have changed for a child, in the words of the council's rules ([deadlines.extra_pep].on)."""

    SIGNIFICANT = "significant_change", "A significant change for the child"
    CONCERN = "concern", "A concern about how school is going"
    TRANSITION = "transition", "A move to another stage of education"
    BREAKDOWN = "education_breakdown", "The school place is breaking down or has ended"
    CONCERN_AT_REVIEW = "concern_at_informal_review", "A concern at an informal review"


class SignificantChange(models.Model):
    """Something changed for the child that may call for another plan (R8). A mistaken one is cancelled, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="significant_changes")
    kind = models.CharField(max_length=40, choices=ChangeKind.choices)
    on = models.DateField()
    what = models.TextField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["on", "at"]
        indexes = [models.Index(fields=["child", "on"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.on}"


class ChildGrant(NamedGrant):
    """One named person may see one child until a day, for a reason (guardian, direct key)."""

    content_object = models.ForeignKey(Child, on_delete=models.CASCADE)

    class Meta(NamedGrant.Meta):
        constraints = [ends_after_it_began("child_grant_ends_after_it_began")]


class ChangeMark(models.Model):
    """A fact about this child has changed: the clock must look again. Written in the transaction of the change."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="change_marks")
    what = models.CharField(max_length=60)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.what} changed"
