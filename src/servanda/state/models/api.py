"""Tables of the API: tokens, answers that may be asked for twice, and webhooks."""

from django.db import models


class Token(models.Model):
    """A program's key. Only a hash of its secret is kept; `scopes` are names of rights."""

    hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list)
    by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"


class Answered(models.Model):
    """The answer to a call with an idempotency key, sealed: the same call again gets it again."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE)
    key = models.CharField(max_length=64)  # a hash of what the caller chose
    call = models.CharField(max_length=64)  # a hash of method, path and body
    status = models.SmallIntegerField()
    answer = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        app_label = "servanda"
        constraints = (models.UniqueConstraint(fields=["token", "key"], name="answered_once"),)
        indexes = (models.Index(fields=["at"], name="answered_when"),)


class Webhook(models.Model):
    """Where evidence is told as it is written. `next_index`: the first entry not told yet."""

    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list)
    secret = models.BinaryField()  # sealed under the workspace's key
    by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    next_index = models.BigIntegerField()
    tries = models.IntegerField(default=0)
    try_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    error = models.CharField(max_length=64, default="")  # a code, never the server's words
    told_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"
