"""servanda.toml as a page may show it: what is set, and no secret.

The danger: a password in a page. So a value is shown only where its name tells of no secret and the
value itself carries none; comments are not shown at all. Test: tests/runtime/test_addresses.py.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servanda.kernel.errors import printable
from servanda.runtime.config import NAME

HIDDEN = "(not shown)"
_SECRET = re.compile(r"secret|passw|token|key|credential|private|pepper|salt", re.IGNORECASE)
_SHOWN = frozenset(("keys.folder",))
_USER = re.compile(r"://[^\s]*@")
_OPTIONS = re.compile(r"(://[^?\s]*)\?\S*")


@dataclass(frozen=True, slots=True)
class Shown:
    section: str
    values: tuple[tuple[str, str], ...]


def shown(folder: Path) -> list[Shown]:
    """What the file sets; nothing where there is none or it cannot be read."""
    try:
        document = tomllib.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [
        Shown(name, tuple((key, _value(f"{name}.{key}", value)) for key, value in body.items()))
        for name, body in document.items()
        if isinstance(body, dict)
    ]


def _value(name: str, value: Any) -> str:
    if _SECRET.search(name) and name not in _SHOWN:
        return HIDDEN
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(_value(name, each) for each in value)
    if isinstance(value, dict):
        return HIDDEN
    text = _OPTIONS.sub(r"\1?…", _USER.sub("://…@", str(value)))
    return printable(text)[:300]
