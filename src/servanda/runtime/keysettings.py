"""Where the master key comes from: servanda.toml, section [keys]."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from servanda.kernel.errors import UsageError

SOURCES = ("file", "env", "command")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class KeySettings:
    """`folder`: of the signing key, and of the master key where `source` is `file`. `env`: the
    variable that holds it. `command`: a program, by its whole path, and its arguments; it prints
    the key. Keep a copy elsewhere: see docs/how-to/keys.md."""

    folder: str = ".servanda/keys"
    source: str = "file"
    env: str = "SERVANDA_MASTER_KEY"
    command: tuple[str, ...] = ()
    command_seconds: int = 20


def check_keys(name: str, settings: KeySettings) -> None:
    """UsageError for a source that cannot give a key."""
    if settings.source not in SOURCES:
        raise UsageError(
            f'{name}: keys.source "{settings.source[:20]}" is not known',
            f"write one of {', '.join(SOURCES)}",
        )
    if settings.source == "env" and not _VARIABLE.fullmatch(settings.env):
        raise UsageError(
            f"{name}: keys.env is not the name of a variable", 'like "SERVANDA_MASTER_KEY"'
        )
    if settings.source == "command":
        first = settings.command[0] if settings.command else ""
        if not first.startswith("/") or first != os.path.normpath(first):
            raise UsageError(
                f"{name}: keys.command does not begin with the whole path of a program",
                'like command = ["/usr/local/bin/unwrap-key", "servanda"]',
            )
    elif settings.command:
        raise UsageError(
            f"{name}: keys.command is set, but keys.source is {settings.source}",
            'write source = "command", or take keys.command out',
        )
