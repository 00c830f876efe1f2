"""Who may speak for a customer, and each time that was checked. Contacts are sealed, each under a
key of its own; what finds them again are keyed hashes."""

from django.db import models


class Customer(models.Model):
    """A company we work for: one of stores.yaml (`tenant`), or just its name."""

    name = models.CharField(max_length=200, unique=True)
    tenant = models.CharField(max_length=200, default="")

    class Meta:
        app_label = "servanda"
        constraints = (
            models.UniqueConstraint(
                fields=["tenant"], condition=~models.Q(tenant=""), name="customer_once"
            ),
        )


class Contact(models.Model):
    """Somebody who may speak for a customer. `data`: name, role, phone, e-mail and who authorised
    them, sealed. The codeword is kept only as a salted, keyed hash."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    wrapped = models.BinaryField()  # the key, under the workspace's; empty once destroyed
    data = models.BinaryField()
    since = models.DateField()
    until = models.DateField(null=True)
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    codeword_salt = models.BinaryField(default=b"")
    codeword = models.CharField(max_length=64, default="")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["customer", "removed_at"], name="contact_of"),)


class ContactMark(models.Model):
    """A keyed hash of a contact's number, address or name."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="marks")
    mark = models.CharField(max_length=64)

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["mark"], name="contact_mark"),)


class CallerCode(models.Model):
    """A one-time code that was sent to a contact. Only its salted hash is kept."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="codes")
    by = models.CharField(max_length=200)
    salt = models.BinaryField(max_length=16)
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries_left = models.SmallIntegerField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"


class CallerCheck(models.Model):
    """A caller was checked. `contact`: null where nobody on the list was meant."""

    class How(models.TextChoices):
        CALL_BACK = "call_back", "called back on the number on file"
        CODEWORD = "codeword", "codeword"
        CODE = "code", "code sent to the address on file"
        UNKNOWN = "unknown", "not on the list"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="checks")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True)
    how = models.CharField(max_length=16, choices=How.choices)
    verified = models.BooleanField()
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        app_label = "servanda"
        indexes = (
            models.Index(fields=["customer", "by", "at"], name="check_current"),
            models.Index(fields=["at"], name="check_newest"),
        )
