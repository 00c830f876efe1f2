"""The cyclic garbage collector, kept from looking through very many new records again and again.

Records met in a search are alive until it ends; each look at them finds nothing, and costs as
much as reading them did. Reference counting frees what is dropped meanwhile.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_paused = 0


@contextmanager
def resting() -> Iterator[None]:
    """The collector rests until the last of those who asked for it is done. Does nothing where it
    was off already."""
    global _paused
    with _lock:
        ours = _paused > 0 or gc.isenabled()
        if ours:
            _paused += 1
            gc.disable()
    try:
        yield
    finally:
        if ours:
            with _lock:
                _paused -= 1
                if not _paused:
                    gc.enable()
