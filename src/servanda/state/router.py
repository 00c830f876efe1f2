"""Which database a table lies in: enquiries in theirs, all else in the state's."""

from __future__ import annotations

from typing import Any

ENQUIRIES = "servanda_enquiries"
ALIAS = "enquiries"


class Router:
    def db_for_read(self, model: Any, **hints: Any) -> str:
        return ALIAS if model._meta.app_label == ENQUIRIES else "default"

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (app_label == ENQUIRIES) == (db == ALIAS)
