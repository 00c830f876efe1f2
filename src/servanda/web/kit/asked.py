"""What people ask for in an address, read kindly; and files they take away."""

from __future__ import annotations

import re
from datetime import date

from django.http import HttpResponse

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def day(text: str) -> date | None:
    """A day as a browser sends it; None for anything else."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def number(text: str) -> int | None:
    """A whole number from 0, also as `1,234`; None for anything else."""
    plain = text.strip().replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 19 else None


def attachment(content: bytes | str, name: str, kind: str) -> HttpResponse:
    """A file to keep, never shown in the page's place."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{_UNSAFE.sub("-", name)}"'
    return response
