"""The caller check and the contact list."""

from __future__ import annotations

from servanda.web.console.callers import check, contacts

urls = [*check.urls, *contacts.urls]
