"""Memory that is free goes back to the system; glibc keeps it for a process otherwise."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

_M_ARENA_MAX = -8


def give_back() -> None:
    """After much was read and let go. Another C library than glibc has none of it."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def share_arenas() -> None:
    """From now on threads use one another's free memory instead of keeping some each."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
