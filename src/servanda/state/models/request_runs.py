"""The tables of acting on requests: what was started, store by store, and what must stay gone."""

from django.db import models


class RequestRun(models.Model):
    """The applying of one plan for requests. The plan names records, so it is sealed with the
    run's evidence key, and blanked when nothing of it is outstanding any more."""

    class State(models.TextChoices):
        RUNNING = "running"
        PENDING = "pending"  # ended, and a store has still to be done: a later run does it
        DONE = "done"

    id = models.CharField(max_length=64, primary_key=True)
    plan_digest = models.CharField(max_length=64)
    sealed_plan = models.BinaryField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=100, default="")
    fence = models.BigIntegerField(default=1)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"


class RequestRunOf(models.Model):
    """Which requests a run acts on. A request is acted on by one run at a time."""

    run = models.ForeignKey(RequestRun, on_delete=models.CASCADE, related_name="of")
    ref = models.CharField(max_length=32)
    running = models.BooleanField(default=True)

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(
                fields=["ref"], condition=models.Q(running=True), name="request_one_run"
            ),
            models.UniqueConstraint(fields=["run", "ref"], name="request_run_of_once"),
        )


class RequestPart(models.Model):
    """What a run does in one store. `error` and `message` never hold personal data."""

    class State(models.TextChoices):
        OPEN = "open"
        PREPARED = "prepared"  # evidence stands; whether the store committed is found out
        DONE = "done"
        FAILED = "failed"

    run = models.ForeignKey(RequestRun, on_delete=models.CASCADE, related_name="parts")
    number = models.IntegerField()
    store = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    strokes = models.IntegerField(default=0)  # how many times evidence was recorded
    error = models.CharField(max_length=64, default="")
    message = models.TextField(default="")
    done = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)  # was to go, and is still there

    class Meta:
        app_label = "servanda"
        constraints = (models.UniqueConstraint(fields=["run", "number"], name="request_part_once"),)


class Erased(models.Model):
    """Records that must stay gone, by keyed hashes alone: what `replay` takes out of a restored
    store again. `deed` and `changes` say what was done to them."""

    run = models.CharField(max_length=64)
    store = models.CharField(max_length=200)
    collection = models.CharField(max_length=200)
    deed = models.CharField(max_length=16)
    changes = models.JSONField(default=list)  # (field, what became of it), for redactions
    at = models.DateTimeField()
    count = models.BigIntegerField()
    marks = models.BinaryField()  # 16 bytes a record

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["store", "at"], name="erased_of_store"),)


class Commitments(models.Model):
    """What a run came to for one request: counts, and one salted commitment per record it touched,
    opaque once the salt is destroyed. `digest` stands in the ledger."""

    run = models.CharField(max_length=64)
    ref = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    salt = models.BinaryField()  # sealed with the run's evidence key
    data = models.BinaryField()  # 32 bytes a record, ascending
    counts = models.JSONField(default=list)  # (collection, what was done, how many)
    kept = models.JSONField(default=list)  # see `outcome.Stays`

    class Meta:
        app_label = "servanda"
        constraints = (models.UniqueConstraint(fields=["run", "ref"], name="commitments_once"),)
