"""Work that a page or a program asked for and the worker does. A claimed row, as all work."""

from django.db import models


class Job(models.Model):
    """`payload` and `told` never hold personal data: they name plans and requests by number."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"  # paused by a person; a new job goes on

    kind = models.CharField(max_length=32)
    payload = models.JSONField(default=dict)
    about = models.CharField(max_length=200, default="")  # what it works on, to find it by
    by = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    stop = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=100, default="")
    fence = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    told = models.JSONField(default=dict)  # how far it is
    error = models.TextField(default="")

    class Meta:
        app_label = "servanda"
        indexes = (
            models.Index(fields=["state", "id"], name="job_next"),
            models.Index(fields=["about", "id"], name="job_about"),
        )
