"""Who reads what of people's data, and for what purpose. Nothing here names the person read."""

from django.db import models


class Task(models.Model):
    """A purpose somebody stated for reading one scope (`request:12`), and for how long it holds."""

    id = models.CharField(max_length=32, primary_key=True)
    by = models.CharField(max_length=200)
    role = models.CharField(max_length=16)
    purpose = models.CharField(max_length=100)
    ticket = models.CharField(max_length=100, default="")
    scope = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["by", "scope", "until"], name="task_current"),)


class Read(models.Model):
    """One look at people's data under a task, or a refused one (then without a task)."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, null=True, related_name="reads")
    by = models.CharField(max_length=200)
    role = models.CharField(max_length=16)
    purpose = models.CharField(max_length=100, default="")
    scope = models.CharField(max_length=200)
    what = models.CharField(max_length=100)
    refused = models.CharField(max_length=200, default="")  # why; blank: it was allowed
    at = models.DateTimeField()
    entry = models.BigIntegerField(null=True)  # its place in the ledger

    class Meta:
        app_label = "servanda"
        indexes = (
            models.Index(fields=["scope", "at"], name="read_of_scope"),
            models.Index(fields=["at"], name="read_newest"),
            models.Index(fields=["entry"], name="read_entry"),
        )
