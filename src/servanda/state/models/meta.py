"""Small facts about the workspace."""

from django.db import models


class Fact(models.Model):
    """A named value; for what fits nowhere else (the version that wrote last, an origin)."""

    key = models.CharField(max_length=64, primary_key=True)
    value = models.TextField()

    class Meta:
        app_label = "servanda"
