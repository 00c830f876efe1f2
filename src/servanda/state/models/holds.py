"""The desk's tables: legal holds and approvals."""

from django.db import models


class Hold(models.Model):
    """Nothing it covers is deleted or changed until it is released. Its subject is sealed."""

    class Kind(models.TextChoices):
        PERSON = "person"
        RECORD = "record"
        PREDICATE = "predicate"

    id = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    collection = models.CharField(max_length=200, null=True)  # null: every collection
    subject = models.BinaryField()  # sealed with the workspace's master key
    salt = models.BinaryField(max_length=16)
    commitment = models.CharField(max_length=64)  # of the subject, under the salt
    reason = models.BinaryField()  # sealed too: it may name people
    origin = models.CharField(max_length=64, default="")  # "request 12": lifted by that alone
    by = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=200, default="")

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["released_at"], name="hold_in_force"),)


class HoldsVersion(models.Model):
    """One row, one number: raised in the transaction of every change to a hold."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=0)

    class Meta:
        app_label = "servanda"
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="holds_version_only_one"),
        )


class Approval(models.Model):
    """A person allowed exactly this plan to pass the circuit breaker."""

    plan_digest = models.CharField(max_length=64)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        app_label = "servanda"
        constraints = (models.UniqueConstraint(fields=["plan_digest", "by"], name="approval_once"),)
