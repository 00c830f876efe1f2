"""What is over goes: sessions, counted attempts, answers of the API, who members were that left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from servanda.state.connection import guard
from servanda.state.models import Answered
from servanda.web.accounts import people

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

KEPT = timedelta(days=1)
"""Answers of the API, for whoever asks the same again."""


def tidy(workspace: Workspace) -> None:
    """For the worker, every hour."""
    from django.db import connection

    with guard():
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
        with connection.cursor() as cursor:
            table = connection.ops.quote_name("servanda_web_cache")
            cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [timezone.now()])
    forget_answers()
    people.forget()


def forget_answers(now: datetime | None = None) -> int:
    """How many were past their day."""
    with guard():
        old = Answered.objects.filter(at__lt=(now or datetime.now(UTC)) - KEPT)
        return old.delete()[0]
