"""The desk's tables for requests. What is personal lies in sealed columns, and nowhere else.

The danger: a name or an address in a plain column outlives the destruction of its key. What
guards it: tests/desk/requests/test_sealed.py reads the bytes of the database's files.
"""

from django.db import models


class Person(models.Model):
    """Whoever made a request: a random name, and a key of their own for all that is theirs."""

    id = models.CharField(max_length=32, primary_key=True)
    wrapped = models.BinaryField()  # the key, under the workspace's; empty once destroyed
    salt = models.BinaryField(max_length=16)  # of the commitment in the ledger; empty as well
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"


class PersonMark(models.Model):
    """A keyed hash of one identity: whoever has the key and the address finds the requests."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="marks")
    mark = models.CharField(max_length=64)

    class Meta:
        app_label = "servanda"
        constraints = (models.UniqueConstraint(fields=["person", "mark"], name="mark_once"),)
        indexes = (models.Index(fields=["mark"], name="mark_lookup"),)


class Request(models.Model):
    """One request. Its number is its public name; `data` holds whatever is personal, sealed."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="requests")
    right = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    waiting_for = models.CharField(max_length=16, default="")  # identity | scope | fee
    place = models.CharField(max_length=16)  # residence; blank: not known
    tenant = models.CharField(max_length=200, null=True)
    via = models.CharField(max_length=16)
    received = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=200)
    data = models.BinaryField(default=b"")
    message = models.CharField(max_length=64, default="")  # keyed hash of the mail's Message-ID
    because = models.CharField(max_length=64, default="")  # why it was opened, when by itself
    origin = models.ForeignKey("self", on_delete=models.SET_NULL, null=True)
    verified = models.BooleanField(default=False)
    decision = models.CharField(max_length=8, default="")
    grounds = models.JSONField(default=list)
    decided_by = models.CharField(max_length=200, default="")
    statutory_due = models.DateField(null=True)
    safe_due = models.DateField(null=True)
    due = models.DateField(null=True)  # what binds: the law or the promise
    outcome = models.CharField(max_length=64, default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(
                fields=["message"], condition=~models.Q(message=""), name="request_once_per_mail"
            ),
        )
        indexes = (models.Index(fields=["closed_at", "safe_due"], name="request_soonest"),)


class RequestEvent(models.Model):
    """What happened to a request, on which day, by whose hand. `note` is sealed."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=32)
    on = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    note = models.BinaryField(default=b"")

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["request", "id"], name="event_in_order"),)


class Letter(models.Model):
    """What was written to a person or a customer, sealed. `digest`: SHA-256 of the sealed bytes."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=32)
    made_at = models.DateTimeField()
    content = models.BinaryField()
    digest = models.CharField(max_length=64)

    class Meta:
        app_label = "servanda"


class Challenge(models.Model):
    """A one-time code that was given out. Only its salted hash is kept."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="challenges")
    channel = models.CharField(max_length=8)  # mail | phone
    salt = models.BinaryField(max_length=16)
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.SmallIntegerField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"


class Evidence(models.Model):
    """A document that was looked at to know who somebody is. It is never kept: only that it was."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="evidence")
    document = models.CharField(max_length=32)
    seen_at = models.DateTimeField()
    by = models.CharField(max_length=200)
    note = models.BinaryField(default=b"")  # what was checked, sealed
    file_destroyed = models.BooleanField(default=False)

    class Meta:
        app_label = "servanda"


class Suppression(models.Model):
    """Who objected or withdrew: a keyed hash of the identity, and the purpose (blank: all).

    It outlives its request, for it must be honoured for as long as there may be data.
    """

    mark = models.CharField(max_length=64)
    purpose = models.CharField(max_length=100)
    request = models.BigIntegerField()  # its number
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(fields=["mark", "purpose", "request"], name="suppressed_once"),
        )
        indexes = (models.Index(fields=["mark", "lifted_at"], name="suppressed"),)
