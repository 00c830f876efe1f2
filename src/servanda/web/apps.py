"""The Django application of the web faces: members of staff and what they are allowed."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "servanda.web"
    label = "servanda_web"
    default_auto_field = "django.db.models.BigAutoField"
