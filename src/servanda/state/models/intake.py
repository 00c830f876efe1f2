"""What the intake gate counts, and which consents it was given. Nothing of a person."""

from django.db import models


class IntakeCount(models.Model):
    """How often a form's submissions had an outcome on a day (UTC). `form`: its id in the policy,
    or a place where text comes in without one."""

    form = models.CharField(max_length=64)
    day = models.DateField()
    outcome = models.CharField(max_length=16)
    many = models.BigIntegerField()

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(fields=["form", "day", "outcome"], name="intake_count_once"),
        )


class IntakeConsent(models.Model):
    """An explicit consent that came with a submission: the consent record's id, and when."""

    form = models.CharField(max_length=64)
    record = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["form", "at"], name="intake_consent_form"),)
