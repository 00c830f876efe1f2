"""Values as they were before a redaction, to be searched for afterwards.

They are personal data, so they live in this process's memory only: after a crash the residue
scan of that step says that it looked for none.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from servanda.apply.keyvalues import any_key
from servanda.kernel.evaluate import evaluate
from servanda.kernel.predicate import Predicate, Scalar
from servanda.plan.erasing import not_erased
from servanda.plan.steps import Redact, Write
from servanda.stores.mapping import Collection, Erasure
from servanda.stores.port import Store

MOST = 200  # records a step
SHORTEST = 4  # letters; anything shorter is found everywhere

Old = tuple[tuple[Scalar, ...], tuple[str, ...]]  # key, old values


class Samples:
    """Thread-safe."""

    def __init__(self) -> None:
        self._old: dict[str, list[Old]] = {}
        self._lock = threading.Lock()

    def before(self, step: Write, store: Store, collection: Collection, target: Predicate) -> None:
        """Keep a sample of what a Redact is about to overwrite, once a step."""
        if not isinstance(step, Redact) or not collection.key or step.id in self._old:
            return
        changed = [name for name, _ in step.changes]
        width = len(collection.key)
        found: list[Old] = []
        for row in store.rows(collection, target, [*collection.key, *changed], MOST):
            texts = tuple(
                value
                for value, (name, erasure) in zip(row[width:], step.changes, strict=True)
                if isinstance(value, str)
                and len(value) >= SHORTEST
                and _will_change(name, erasure, value)
            )
            if texts:
                found.append((row[:width], texts))
        with self._lock:
            self._old.setdefault(step.id, found)

    def still(self, step: Write, store: Store, collection: Collection) -> tuple[int, int]:
        """(records looked at, records that still hold an old value in any declared field)."""
        old = dict(self._old.get(step.id, ()))
        if not old:
            return 0, 0
        width = len(collection.key)
        names = [*collection.key, *(field.name for field in collection.fields)]
        found = 0
        for row in store.rows(collection, any_key(collection.key, list(old)), names):
            found += _holds(row[width:], old.get(row[:width], ()))
        return len(old), found


def _will_change(name: str, erasure: Erasure, value: str) -> bool:
    """False for what erasing leaves as it is, such as an address that names its network."""
    return evaluate(not_erased(name, erasure), {name: value}.get, lambda *_: None)


def _holds(row: Sequence[Scalar], texts: Sequence[str]) -> bool:
    here = [value.casefold() for value in row if isinstance(value, str)]
    return any(text.casefold() in value for text in texts for value in here)
