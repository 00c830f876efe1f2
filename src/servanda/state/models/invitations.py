"""Invitations to an account. Only a hash of the link's secret is kept."""

from django.db import models


class Invitation(models.Model):
    hash = models.CharField(max_length=64, unique=True)
    email = models.CharField(max_length=254)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=16)
    tenant = models.CharField(max_length=200, default="")
    by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "servanda"
