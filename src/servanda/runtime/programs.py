"""Which programs a store may be. stores.yaml alone can start none: servanda.toml must list them.

The harm: whoever may edit a mapping, or a pack that was copied from somewhere, runs what they
like with our rights. tests/runtime/test_programs.py guards it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from servanda.kernel.errors import UsageError


def check_program(store: str, address: str, allow: Collection[str]) -> None:
    """UsageError unless the address names, letter for letter, a program on the list that only
    its owner and its group may change."""
    path = unquote(urlsplit(address).path)
    if path not in allow:
        raise UsageError(
            f'stores.yaml: store "{store}" is a program that may not be called',
            f'add it to servanda.toml: [commands] allow = ["{path}"]',
        )
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - a link is as good as what it leads to
    except OSError:
        return  # whoever calls it says that it cannot be reached
    if mode & stat.S_IWOTH:
        raise UsageError(
            f'stores.yaml: the program of store "{store}" may be changed by anybody',
            f"take that right away: chmod o-w {path}",
        )
