"""Mails that go out, and mails that came in and may be requests. What they say is sealed.

The danger: an address or a word of a mail in a plain column, or content that outlives its key. What
guards it: tests/desk/requests/test_sealed.py and test_inbox_sealed.py read the database's files.
"""

from django.db import models

from servanda.state.models.requests import Request


class OutboxMail(models.Model):
    """A mail to send: sealed whole, its address too. `message_id` is random and never changes.

    One of a request is sealed under its person's key. Any other has a key of its own in `wrapped`,
    under the workspace's, which is destroyed when the mail is sent, or has waited too long.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"  # handed to the server, no answer recorded yet
        SENT = "sent"
        UNSURE = "unsure"  # whoever sent it died in between: a person must look
        FAILED = "failed"  # refused for good, or tried too often

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="mails", null=True)
    about = models.CharField(max_length=64, default="")  # `enquiry:12`; blank with a request
    kind = models.CharField(max_length=32)
    message_id = models.CharField(max_length=200, unique=True)
    wrapped = models.BinaryField(default=b"")
    content = models.BinaryField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=64, default="")  # a code, never the server's words
    bounced_at = models.DateTimeField(null=True)
    bounce = models.CharField(max_length=16, default="")  # a code such as 5.1.1

    class Meta:
        app_label = "servanda"
        indexes = (
            models.Index(fields=["state", "next_at"], name="mail_next"),
            models.Index(fields=["about"], name="mail_about"),
            models.Index(fields=["bounced_at"], name="mail_bounced"),
        )


class MailArrival(models.Model):
    """A mail from a person that is no request until its sender confirms, or staff take it in.

    `message` stays when all else is destroyed, so that the same mail is never taken twice.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        OPENED = "opened"  # it is a request now
        EXPIRED = "expired"  # nobody confirmed it in time
        DISMISSED = "dismissed"  # somebody read it, and it asks for nothing
        REFUSED = "refused"  # it holds a card number; its sender was told

    message = models.CharField(max_length=64, unique=True)  # keyed hash of the Message-ID
    sender = models.CharField(max_length=64, default="")  # keyed hash of the address
    token = models.CharField(max_length=64, default="")  # keyed hash of what confirms it
    wrapped = models.BinaryField(default=b"")  # its own key, under the workspace's
    data = models.BinaryField(default=b"")
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    right = models.CharField(max_length=16, default="")  # a guess; blank: no word names one
    received = models.DateField()
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, default="")
    # What it was opened as; of an answer to one of our mails, the request that mail is about.
    request = models.ForeignKey(Request, on_delete=models.SET_NULL, null=True)

    class Meta:
        app_label = "servanda"
        indexes = (
            models.Index(fields=["token"], name="arrival_token"),
            models.Index(fields=["state", "expires_at"], name="arrival_open"),
            models.Index(fields=["sender", "taken_at"], name="arrival_sender"),
        )
