"""Who made a plan. The plan itself is a file of the workspace; this names it by digest."""

from django.db import models


class MadePlan(models.Model):
    """Written once: who made it stays who made it."""

    digest = models.CharField(max_length=64, primary_key=True)
    by = models.CharField(max_length=200)  # "member 7", "account jo", or the schedule
    made_at = models.DateTimeField()

    class Meta:
        app_label = "servanda"
