"""Addresses of stores as a page may show them.

The danger: a password in a page. An address is therefore shown as stores.yaml has it, where secrets
stand as `${NAME}` only, and without user, password and options even then. What a variable holds is
looked up only where it is the whole address: put into a part of one, it could be any secret of the
machine (see `storeguard`, which lets whole addresses through by where they lead).
Test: tests/runtime/test_addresses.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from servanda.kernel.errors import printable
from servanda.kernel.located import read

_DEFAULT = re.compile(r"\$\{(\w+):-[^}]*\}")
_WHOLE = re.compile(r"\$\{(\w+)\}")
_USER = re.compile(r"://.*@")
_PASSWORD = re.compile(r"(://[^\s/@:]*:)(?!\$\{\w+\}@)[^\s@]+@")
_OPTION = re.compile(
    r"([?&](?:password|passwd|pwd|secret|token)=)(?!\$\{\w+\})[^\s&#\"']+", re.IGNORECASE
)


def masked(text: str) -> str:
    """The text of stores.yaml for a page. No sound file holds a password, but one that somebody
    broke on the machine may."""
    return _OPTION.sub(r"\1…", _PASSWORD.sub(r"\1…@", text))


def shown(written: object, resolved: str = "") -> str:
    """An address as it is written, less what may be secret. `resolved`: what it leads to."""
    if isinstance(written, dict):
        return f"as the file {printable(str(written.get('file', '')))[:200]} says"
    text = _DEFAULT.sub(r"${\1}", str(written))
    whole = _WHOLE.fullmatch(text)
    if whole and resolved:
        return f"{_bare(resolved)} (from {whole[1]})"
    return _bare(text)


def _bare(text: str) -> str:
    text = _USER.sub("://", text)
    return printable(text.partition("?")[0].partition("#")[0])[:200]


def written(path: Path) -> Mapping[str, Any]:
    """`connect` of each store as it stands in the file; nothing where it cannot be read."""
    located, _ = read(path)
    stores = located.data.get("stores") if located and isinstance(located.data, dict) else None
    found: dict[str, Any] = {}
    for name, store in (stores if isinstance(stores, dict) else {}).items():
        if isinstance(store, dict) and "connect" in store:
            found[name] = store["connect"]
    return found
