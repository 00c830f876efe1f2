"""The Django application that owns our tables."""

from django.apps import AppConfig


class StateConfig(AppConfig):
    name = "servanda.state"
    label = "servanda"  # tables are named servanda_…
    default_auto_field = "django.db.models.BigAutoField"
