"""Every version of policy.yaml and stores.yaml that was in force."""

from django.db import models


class SettingsVersion(models.Model):
    """`content` is the file as it was; secrets never stand in these files. `by`: a member by
    number, or `disk` where it was changed on the machine."""

    file = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)  # SHA-256 of the content, hex
    content = models.TextField()
    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    note = models.CharField(max_length=300, default="")
    entry = models.BigIntegerField(null=True)  # its place in the ledger

    class Meta:
        app_label = "servanda"
        indexes = (
            models.Index(fields=["file", "id"], name="settings_newest"),
            models.Index(fields=["file", "digest"], name="settings_digest"),
        )
