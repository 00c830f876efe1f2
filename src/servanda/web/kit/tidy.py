"""What is over goes: sessions, counted attempts, answers of the API, who members were that left."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from servanda.state.connection import guard
from servanda.web.accounts import people
from servanda.web.api import once

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace


def tidy(workspace: Workspace) -> None:
    """For the worker, every hour."""
    from django.db import connection

    with guard():
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
        with connection.cursor() as cursor:
            table = connection.ops.quote_name("servanda_web_cache")
            cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [timezone.now()])
    once.forget()
    people.forget()
