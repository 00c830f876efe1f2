"""How often the gate answered what: counted in memory, written down now and then.

A count that is lost with its process is no harm, and a write for each answer would be: so numbers
are kept for some seconds. Numbers alone; nobody's address is in them.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from servanda import state
from servanda.desk.consents.gate import Answer
from servanda.kernel.errors import ServandaError
from servanda.state import rows
from servanda.state.connection import guard
from servanda.state.models import ConsentCount

EVERY_S = 10.0
_ADD = "ON CONFLICT (name) DO UPDATE SET n = servanda_consentcount.n + excluded.n"

_lock = threading.Lock()
_counts: Counter[str] = Counter()
_timer: threading.Timer | None = None


def answered(answer: Answer, times: int = 1) -> None:
    """One more answer of this kind."""
    _count("yes" if answer.may else f"no {answer.reason}", times)


def late(times: int) -> None:
    """A withdrawal that the gate did not see at once. There should never be one."""
    _count("late", times)


def _count(name: str, times: int) -> None:
    global _timer
    with _lock:
        _counts[name] += times
        if _timer is None:
            _timer = threading.Timer(EVERY_S, _later)
            _timer.daemon = True
            _timer.start()


def _later() -> None:
    global _timer
    with _lock:
        _timer = None
    with suppress(ServandaError):  # what was not written is kept for the next time
        flush()
    state.close_thread()


def flush() -> None:
    """Write down what was counted."""
    with _lock:
        taken = dict(_counts)
        _counts.clear()
    if not taken:
        return
    try:
        with state.transaction():
            rows.insert("servanda_consentcount", ("name", "n"), list(taken.items()), _ADD)
    except BaseException:
        with _lock:
            _counts.update(taken)
        raise


def counted() -> Mapping[str, int]:
    """Since ever, of all processes, by name."""
    with guard():
        return dict(ConsentCount.objects.values_list("name", "n"))


def forget() -> None:
    """What this process has not written yet is not counted (for another state)."""
    with _lock:
        _counts.clear()
