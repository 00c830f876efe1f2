"""What the portal keeps while somebody makes a request there, and afterwards to find back to it.

Nothing here can be read without the person: drafts are sealed under a key that only their browser
has; links and codes are hashes; a package's passphrase is sealed under the person's own key.
"""

from django.db import models

from servanda.state.models.requests import Request


class PortalDraft(models.Model):
    """Answers on the way to a request. `id`: a hash of the browser's secret."""

    id = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["expires_at"], name="draft_over"),)


class PortalCode(models.Model):
    """A code that was mailed. `about`: the draft or link it opens; `mailbox`, `caller`,
    `near`: keyed hashes, to count how many went to one address, from one, and from its network."""

    about = models.CharField(max_length=80)
    mailbox = models.CharField(max_length=64)
    caller = models.CharField(max_length=64)
    near = models.CharField(max_length=64, default="")
    salt = models.BinaryField(max_length=16)
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.SmallIntegerField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"
        indexes = (
            models.Index(fields=["about", "id"], name="portal_code_about"),
            models.Index(fields=["mailbox", "made_at"], name="portal_code_mailbox"),
            models.Index(fields=["caller", "made_at"], name="portal_code_caller"),
            models.Index(fields=["made_at"], name="portal_code_old"),
        )


class PortalLink(models.Model):
    """The link by which a person follows a request. `hash`: of the secret in its address;
    `secret`: the same, sealed under the person's key, for mails that repeat it."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="link")
    hash = models.CharField(max_length=64, unique=True)
    secret = models.BinaryField()
    language = models.CharField(max_length=8, default="en")
    made_at = models.DateTimeField()

    class Meta:
        app_label = "servanda"


class PortalParcel(models.Model):
    """A package that the person may fetch once. `passphrase`: sealed under the person's key, and
    blanked when it was shown. `claimed_at`: somebody fetches it now, and was still at it then.
    `fetched_at`: when it was given whole."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="parcel")
    file = models.CharField(max_length=200)
    passphrase = models.BinaryField()
    expires_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"
