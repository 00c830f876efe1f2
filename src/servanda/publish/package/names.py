"""Names inside a package: safe on every system, none twice, and none that tells of a person."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)))
)
_LONGEST = 60


def safe(text: str) -> str:
    """One part of a path: letters, digits, `.`, `-` and `_`, in lower case."""
    name = re.sub(r"[^a-z0-9._-]+", "_", text.lower())[:_LONGEST].strip("._") or "_"
    return f"_{name}" if name.split(".")[0] in _DEVICES else name


def ending(path: str) -> str:
    """`.wav` of a file's name; blank where the ending says nothing."""
    found = re.search(r"\.([A-Za-z0-9]{1,8})$", path.rsplit("/", 1)[-1])
    return f".{found[1].lower()}" if found else ""


@dataclass
class Names:
    """Hands out each name once, whatever its case."""

    _given: set[str] = field(default_factory=set)

    def new(self, text: str) -> str:
        wanted = name = safe(text)
        number = 1
        while name in self._given:
            number += 1
            name = f"{wanted}-{number}"
        self._given.add(name)
        return name
