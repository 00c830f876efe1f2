"""Who agreed to what, and what follows from it: the tables of the consents.

The danger: a row that tells of a person after their key is destroyed. What guards it: a record
holds a random name and choices; who it is about is a keyed hash or sealed
(tests/desk/consents/test_keeping.py reads the bytes of the database).
"""

from django.db import models


class ConsentSubject(models.Model):
    """A person whose choices are kept: a random name, and a key for what is personal."""

    id = models.CharField(max_length=32, primary_key=True)
    wrapped = models.BinaryField()  # the key, under the workspace's; empty once destroyed
    data = models.BinaryField(default=b"")  # identities, sealed
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"


class ConsentMark(models.Model):
    """A keyed hash of one identity, or of a browser's random number, and beside it what holds
    now: so one read by primary key answers whether somebody may be written to."""

    mark = models.CharField(max_length=64, primary_key=True)
    subject = models.CharField(max_length=32)  # of a browser: the beginning of its mark
    standing = models.TextField()  # desk.consents.standing

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["subject"], name="consent_subject"),)


class ConsentRecord(models.Model):
    """One act: consent given, refused or withdrawn. Rows are added, never changed; after its time
    a row's salt and note are emptied."""

    id = models.CharField(max_length=32, primary_key=True)
    subject = models.CharField(max_length=32)
    at = models.DateTimeField()
    entry = models.BigIntegerField(unique=True)  # its place in the ledger, and so its order
    until = models.DateField(null=True)  # the first day on which something in it counts no more
    data = models.TextField()  # canonical JSON; the ledger holds its commitment
    salt = models.BinaryField(max_length=16)
    note = models.BinaryField(default=b"")  # words about how it was given, sealed

    class Meta:
        app_label = "servanda"
        indexes = (
            models.Index(fields=["subject", "entry"], name="consent_history"),
            models.Index(fields=["until"], name="consent_until"),
            models.Index(fields=["at"], name="consent_when"),
        )


class ConsentCount(models.Model):
    """How often the gate answered what. Numbers alone."""

    name = models.CharField(max_length=64, primary_key=True)
    n = models.BigIntegerField(default=0)

    class Meta:
        app_label = "servanda"
