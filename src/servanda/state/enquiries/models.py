"""One table. The pack `servanda-enquiries` maps it; what a column means is told there."""

from servanda.state.connection import configure

configure()

from django.db import models  # noqa: E402


class Enquiry(models.Model):
    """Somebody's question. Closing it erases name, addresses, message and answer."""

    id = models.BigAutoField(primary_key=True)
    received_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    name = models.TextField(null=True)
    email = models.TextField(null=True)
    phone = models.TextField(null=True)
    message = models.TextField(null=True)
    answer = models.TextField(null=True)
    marketing = models.CharField(max_length=3, default="no")  # the opt-in box: yes | no
    topic = models.CharField(max_length=16, default="question")
    suspect = models.BooleanField(default=False)  # may be spam
    told = models.BooleanField(default=True)  # its closing is in the ledger
    erased = models.SmallIntegerField(default=0)  # fields that were erased when it was closed

    class Meta:
        app_label = "servanda_enquiries"
        db_table = "enquiries"
        indexes = (
            models.Index(fields=["closed_at", "id"], name="enquiry_open"),
            models.Index(fields=["told"], name="enquiry_told"),
        )
