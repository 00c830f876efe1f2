"""The Django application of the enquiries."""

from django.apps import AppConfig


class EnquiriesConfig(AppConfig):
    name = "servanda.state.enquiries"
    label = "servanda_enquiries"
    default_auto_field = "django.db.models.BigAutoField"
