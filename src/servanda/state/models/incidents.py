"""Incidents: what was noticed, and what was done about it. The texts are sealed."""

from django.db import models


class Incident(models.Model):
    """`kind` and `severity` are those of `desk.incidents`. Nothing here names a person in plain
    text: summary and notes are sealed with the workspace's master key."""

    kind = models.CharField(max_length=32)
    severity = models.CharField(max_length=16)
    personal = models.BooleanField()  # data of people is, or may be, affected
    noticed_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    by = models.CharField(max_length=200)
    summary = models.BinaryField()
    answered_at = models.DateTimeField(null=True)  # since when somebody investigates
    notified_at = models.DateTimeField(null=True)  # when the authority was told, where it was
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=32, default="")

    class Meta:
        app_label = "servanda"
        indexes = (models.Index(fields=["closed_at", "id"], name="incident_open"),)


class IncidentEvent(models.Model):
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    note = models.BinaryField()

    class Meta:
        app_label = "servanda"
