"""The tables of the ledger. Only `servanda.ledger` writes them."""

from django.db import models


class Leaf(models.Model):
    """One entry: its canonical bytes, and beside them what history is searched by."""

    index = models.BigIntegerField(primary_key=True)  # from 0, without gaps
    kind = models.CharField(max_length=32)
    at = models.BigIntegerField()  # microseconds since 1970, UTC; never less than the one before
    entry = models.BinaryField()

    class Meta:
        app_label = "servanda"
        indexes = (
            models.Index(fields=["kind", "index"], name="leaf_kind"),
            models.Index(fields=["at"], name="leaf_at"),
        )


class Node(models.Model):
    """The root of a complete subtree of 2^level leaves; only every fourth level is kept."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()  # the subtree covers leaves index·2^level and following
    hash = models.BinaryField(max_length=32)

    class Meta:
        app_label = "servanda"


class Tree(models.Model):
    """The one row that says how far the ledger has come. Whoever appends holds its lock."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")  # roots of the complete subtrees, largest first
    last_at = models.BigIntegerField(default=0)  # microseconds since 1970, UTC

    class Meta:
        app_label = "servanda"
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="tree_only_one"),)


class Checkpoint(models.Model):
    """A signed statement of the tree's root at one size."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()  # C2SP tlog-checkpoint
    at = models.DateTimeField()

    class Meta:
        app_label = "servanda"


class EvidenceKey(models.Model):
    """The key a run's manifests are sealed with, wrapped by the workspace's master key."""

    run = models.CharField(max_length=64, primary_key=True)
    wrapped = models.BinaryField()  # empty once destroyed
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"


class Manifest(models.Model):
    """The sealed keys of the records one window touched; `digest` stands in its ledger entry."""

    digest = models.CharField(max_length=64, primary_key=True)  # SHA-256 of `sealed`, hex
    run = models.CharField(max_length=64)
    step = models.CharField(max_length=200)
    window = models.BigIntegerField()
    encoding = models.CharField(max_length=16)
    count = models.BigIntegerField()
    sealed = models.BinaryField()

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["run", "step", "window"], name="manifest_window"),)
