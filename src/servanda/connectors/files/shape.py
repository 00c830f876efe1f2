"""What a folder holds, as kinds of files and no names: names may be people's.

Each ordinary file is put under the pattern of its path: digits become `0`, anything else in a
name `*`, endings stay. `2025/03/01/in-0700.wav` is of the kind `0000/00/00/*.wav`.
"""

from __future__ import annotations

import os
import re
from collections import Counter

from servanda.connectors.files.walk import opened
from servanda.stores.port import StoreShape, TableShape

_DEEPEST = 32
_COLUMNS = (("mtime", "timestamp"), ("name", "text"), ("path", "text"), ("size", "integer"))


def shape_of(root: int) -> StoreShape:
    kinds: Counter[str] = Counter()
    with opened(".", root) as own:
        _count(own, "", 0, kinds)
    tables = tuple(
        TableShape(name, _COLUMNS, ("path",), rows) for name, rows in sorted(kinds.items())
    )
    return StoreShape("folder", tables)


def kind_of(name: str) -> str:
    """A name without what could be somebody's: `2025` is `0000`, `CV Ada.pdf` is `*.pdf`."""
    if name.isascii() and name.isdigit():
        return "0" * len(name)
    ending = re.search(r".(\.[A-Za-z][A-Za-z0-9]{0,5})$", name)
    return "*" + (ending[1] if ending else "")


def _count(fd: int, prefix: str, depth: int, kinds: Counter[str]) -> None:
    deeper: list[str] = []
    with os.scandir(fd) as entries:
        for entry in entries:
            if entry.is_symlink():
                kinds[f"{prefix}(symbolic links)"] += 1
            elif entry.is_dir(follow_symlinks=False):
                deeper.append(entry.name)
            elif entry.is_file(follow_symlinks=False):
                kinds[prefix + kind_of(entry.name)] += 1
            else:
                kinds[f"{prefix}(special files)"] += 1
    for name in deeper:
        if depth < _DEEPEST:
            try:
                with opened(name, fd) as inner:
                    _count(inner, f"{prefix}{kind_of(name)}/", depth + 1, kinds)
            except (FileNotFoundError, NotADirectoryError):
                continue
