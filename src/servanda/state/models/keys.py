"""Which master key is in force, and the keys that stay the same when it changes."""

from django.db import models


class KeyState(models.Model):
    """The one row that names the master key in force (a fingerprint, never the key). Whoever
    wraps something holds a share of its lock until it is saved; a rotation takes all of it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    key = models.CharField(max_length=16)
    previous = models.CharField(max_length=16, default="")  # while a rotation is under way
    since = models.DateTimeField()

    class Meta:
        app_label = "servanda"
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="keystate_only_one"),)


class KeyRoot(models.Model):
    """A key of its own for one use (`identity marks`), wrapped by the master key."""

    use = models.CharField(max_length=64, primary_key=True)
    wrapped = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        app_label = "servanda"
