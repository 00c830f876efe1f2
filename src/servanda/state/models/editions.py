"""Every version of the policy that was published, as people read it."""

from django.db import models


class Edition(models.Model):
    """A published version. `content` is policy.yaml as it was. `sha256`: of the text people read,
    as UTF-8; consent records name it. `binds_at`: from when it counts, for whom nothing else has to
    happen. `reasons`: why the change is material, as tokens such as `purpose:marketing`; empty
    where it is not. `terms`: purposes that count only for people who accepted this edition."""

    number = models.PositiveIntegerField(unique=True)
    digest = models.CharField(max_length=64)  # of the policy's meaning, as in the ledger
    content = models.TextField()
    language = models.CharField(max_length=8, default="en")
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    binds_at = models.DateTimeField()
    by = models.CharField(max_length=200)
    material = models.BooleanField()
    reasons = models.JSONField(default=list)
    terms = models.JSONField(default=list)
    note = models.CharField(max_length=500, default="")
    entry = models.BigIntegerField(null=True)  # its place in the ledger

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["binds_at"], name="edition_binds"),)


class EditionFile(models.Model):
    """One form of an edition, as it was published; never changed. `content` is compressed."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=16)  # html, text, markdown, jsonld, pdf
    language = models.CharField(max_length=8, default="en")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(
                fields=["edition", "kind", "language"], name="edition_file_once"
            ),
        )
