"""Every version of the policy that was published, as people read it; how each was told; and new
recipients, with the objections to them.

The danger: an address of somebody who was told, in a plain column. What guards it: only keyed
hashes of addresses are here, and what an objection says is sealed.
tests/desk/editions/test_notices.py and test_recipients.py look for them.
"""

from django.db import models

from servanda.state.models.contacts import Customer
from servanda.state.models.mail import OutboxMail


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
    computed = models.JSONField(default=list)  # what was found material, whatever was decided
    overruled = models.CharField(max_length=16, default="")  # why a person decided otherwise
    asks = models.BooleanField(default=False)  # its new terms bind only who accepted them
    guarded = models.BooleanField(default=False)  # it promises something about later changes
    purposes = models.JSONField(default=list)  # all that it uses data for
    ways = models.JSONField(default=list)  # by which it has to be told before it binds

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


class ChangeNotice(models.Model):
    """Something that has to be told by one way before it counts. `about`: `edition:3`, or
    `recipient:2` by the number of its proposal. `told_at`: when everybody was; `counts_from`: the
    earliest moment at which it may count, as far as this way goes."""

    about = models.CharField(max_length=64)
    way = models.CharField(max_length=8)  # banner, email, portal
    window = models.CharField(max_length=60, default="")  # how long before it counts
    begun_at = models.DateTimeField()
    listed_at = models.DateTimeField(null=True)  # from then on, who is to be told is known
    told_at = models.DateTimeField(null=True)
    counts_from = models.DateTimeField(null=True)
    reached = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(fields=["about", "way"], name="change_told_once_by_a_way"),
        )


class ChangeMail(models.Model):
    """One address that a notice was mailed to, as a keyed hash, so that nobody is told twice."""

    notice = models.ForeignKey(ChangeNotice, on_delete=models.CASCADE, related_name="mails")
    mark = models.CharField(max_length=64)
    mail = models.ForeignKey(OutboxMail, on_delete=models.SET_NULL, null=True)

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(fields=["notice", "mark"], name="change_mailed_once"),
        )


class RecipientProposal(models.Model):
    """A recipient that the policy names. It gets data only once `activated_at` is there. `window`:
    how long customers may object, in words; blank: nobody was promised that."""

    recipient = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=32)
    country = models.CharField(max_length=8)
    window = models.CharField(max_length=60, default="")
    proposed_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    activated_by = models.CharField(max_length=200, default="")
    ended_at = models.DateTimeField(null=True)  # the policy names it no more, or names it changed

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(
                fields=["recipient"],
                condition=models.Q(ended_at=None),
                name="recipient_proposed_once",
            ),
        )


class RecipientObjection(models.Model):
    """A customer objects to a proposed recipient. `words`: why, sealed. `outcome`: `withdrawn`,
    `accommodated` or `ended`; blank while it stands."""

    proposal = models.ForeignKey(
        RecipientProposal, on_delete=models.CASCADE, related_name="objections"
    )
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="objections")
    words = models.BinaryField(default=b"")
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    outcome = models.CharField(max_length=16, default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=200, default="")

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(
                fields=["proposal", "customer"],
                condition=models.Q(settled_at=None),
                name="objection_once",
            ),
        )
