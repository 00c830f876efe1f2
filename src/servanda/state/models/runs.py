"""The tables of runs: what was started, how far each step is, and who works on which window."""

from django.db import models


class Run(models.Model):
    """The applying of one plan."""

    class State(models.TextChoices):
        RUNNING = "running"
        INCOMPLETE = "incomplete"  # a step failed; may be resumed
        INTERRUPTED = "interrupted"  # stopped on request; may be resumed
        DONE = "done"
        BROKEN = "broken"  # done, yet the recount found overdue records
        STALE = "stale"  # given up: the world has changed too much to go on

    id = models.CharField(max_length=64, primary_key=True)
    plan_digest = models.CharField(max_length=64)
    plan = models.BinaryField()  # the plan file's bytes
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    by = models.CharField(max_length=200, default="")  # who started it
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    active_by = models.CharField(max_length=100, default="")  # the last to say that it works on it
    active_until = models.DateTimeField(null=True)
    owner = models.CharField(max_length=100, default="")  # who recounts, once the steps have ended
    lease_until = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(
                fields=["plan_digest"],
                condition=models.Q(state="running"),
                name="run_one_per_plan",
            ),
        )


class StepRun(models.Model):
    """One step of a run. `error` and `message` never hold personal data."""

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        SKIPPED = "skipped"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    step_id = models.CharField(max_length=200)
    number = models.IntegerField(default=0)  # its place in the plan
    collection = models.CharField(max_length=200, default="")  # store.collection
    action = models.CharField(max_length=16, default="")
    phase = models.SmallIntegerField(default=0)  # 0: whole partitions, 1: records
    planned = models.BigIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    error = models.CharField(max_length=64, default="")
    message = models.TextField(default="")
    windows = models.BigIntegerField(default=0)
    records = models.BigIntegerField(default=0)  # truly deleted or changed
    left = models.BigIntegerField(default=0)  # should have gone and could not
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"
        constraints = (models.UniqueConstraint(fields=["run", "step_id"], name="step_once"),)


class Window(models.Model):
    """A piece of a step's work. It is claimed by a conditional UPDATE that raises the fence.

    Whoever records it names the fence it claimed: a worker that lost its lease finds another one.
    """

    class State(models.TextChoices):
        OPEN = "open"
        CLAIMED = "claimed"
        PREPARED = "prepared"
        DONE = "done"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="windows")
    step = models.CharField(max_length=200)
    number = models.BigIntegerField()
    part = models.CharField(max_length=200, default="")  # a partition to drop; blank: records
    bounds = models.JSONField()  # made and read only by the connector
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    owner = models.CharField(max_length=100, default="")
    fence = models.BigIntegerField(default=0)  # 0: never claimed
    lease_until = models.DateTimeField(null=True)
    count = models.BigIntegerField(default=0)
    manifest = models.CharField(max_length=64, default="")

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(fields=["run", "step", "number"], name="window_once"),
        )
        indexes = (models.Index(fields=["run", "step", "state", "number"], name="window_next"),)
