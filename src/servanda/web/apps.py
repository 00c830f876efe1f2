"""The Django application of the web faces: members of staff and what they are allowed."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "servanda.web"
    label = "servanda_web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from servanda.web.accounts.sessions import end_others

        authenticator_added.connect(end_others, dispatch_uid="end other sessions")
