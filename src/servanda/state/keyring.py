"""The keyring of a workspace: keys from their source, and which is in force from the state.

The danger: something is wrapped with the old key after the last look of a rotation, and is closed
for ever once that key is destroyed. What guards it: whoever wraps takes a share of the lock of
`KeyState` in the transaction that saves the result, and the rotation changes that row under the
whole lock; so afterwards nobody wraps with the old one (tests/runtime/keys/test_live.py).

A process that has been running since before a rotation reads its source again when the source
changed, when the state names a key it does not have, and when something does not open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Protocol

from servanda.kernel import keyring
from servanda.kernel import seal as sealing
from servanda.kernel.errors import ServandaError
from servanda.kernel.keyring import Keyring, fingerprint
from servanda.kernel.seal import SealBroken

_SOONEST_S = 1.0


class KeySource(Protocol):
    """Where the master key comes from. While a rotation is under way, it gives two."""

    def read(self) -> tuple[bytes, ...]:
        """The keys that are there, the newest first; KeyFileRefused or UsageError without any."""

    def stamp(self) -> object:
        """Changes when what `read` gives may have changed; None where that cannot be told."""


class WrongKey(ServandaError):
    """The key that is there is not the one this state was sealed with."""


class StateKeyring(Keyring):
    def __init__(self, source: KeySource) -> None:
        self.source = source
        self._lock = threading.RLock()
        self._keys: dict[str, bytes] = {}
        self._stamp: object = None
        self._missed, self._missed_at = "", 0.0
        self._roots: dict[str, bytes] = {}

    # ── the keys at hand ──────────────────────────────────────────────────────────────────────

    def keys(self) -> dict[str, bytes]:
        """By fingerprint, the newest first."""
        with self._lock:
            stamp = self.source.stamp()
            if not self._keys or stamp != self._stamp:
                self._read(stamp)
            return self._keys

    def again(self, wanted: str = "") -> dict[str, bytes]:
        """The same, read anew where the source cannot say whether it changed, and the state names
        a key that is not at hand; after a vain attempt not at once again, for it may be dear."""
        with self._lock:
            if self.source.stamp() is not None:
                return self.keys()
            vain = self._missed == wanted and time.monotonic() - self._missed_at < _SOONEST_S
            if wanted not in self._keys and not vain:
                self._read(None)
                if wanted and wanted not in self._keys:
                    self._missed, self._missed_at = wanted, time.monotonic()
            return self._keys

    def _read(self, stamp: object) -> None:
        self._keys = {fingerprint(key): key for key in self.source.read()}
        self._stamp = stamp

    def _tried(self) -> Iterator[bytes]:
        from servanda.state import keyrows

        first = self.keys()
        yield from first.values()
        later = self.again(keyrows.seen())
        yield from (key for name, key in later.items() if name not in first)

    # ── the key in force ──────────────────────────────────────────────────────────────────────

    def in_force(self) -> tuple[str, bytes]:
        """The key to wrap with, and its fingerprint, until the end of this transaction."""
        from servanda.state import keyrows  # not above: the web faces set Django up after us

        name = keyrows.named() or keyrows.register(self._fitting(keyrows.sample()))
        key = self.keys().get(name) or self.again(name).get(name)
        if key is None:
            raise WrongKey(
                f"the state is sealed with master key {name}, and that key is not here",
                "see `servanda keys status`; docs/how-to/keys.md says how a rotation reaches "
                "every process",
            )
        return name, key

    def _fitting(self, sample: bytes | None) -> str:
        """At the first use of a state, its key is the one that opens what is there."""
        for name, key in self.keys().items():
            if sample is None or opens(key, sample):
                return name
        raise WrongKey(
            "the master key that is here does not open what the state holds",
            "restore the key it was made with, from your copy of the keys",
        )

    # ── what it is for ────────────────────────────────────────────────────────────────────────

    def wrap(self, key: bytes) -> bytes:
        return sealing.wrap(self.in_force()[1], key)

    def unwrap(self, wrapped: bytes) -> bytes:
        for key in self._tried():
            try:
                return sealing.unwrap(key, wrapped)
            except SealBroken:
                continue
        raise SealBroken(
            "a wrapped key does not open",
            "check that the workspace has the master key it was made with: servanda keys status",
        )

    def seal_at(self, plain: bytes, place: bytes) -> bytes:
        return sealing.seal(self.in_force()[1], plain, place)

    def unseal_at(self, sealed: bytes, place: bytes) -> bytes:
        for key in self._tried():
            try:
                return sealing.unseal(key, sealed, place)
            except SealBroken:
                continue
        raise SealBroken(
            "sealed data does not open",
            "it was sealed with another key, or changed since; see `servanda keys status`",
        )

    def root(self, use: str) -> bytes:
        found = self._roots.get(use)
        if found is not None:
            return found
        from servanda.state import keyrows

        wrapped = keyrows.root(use, lambda: self._first(use))
        key = self.unwrap(wrapped)
        keyrows.once_sure(lambda: self._roots.update({use: key}))
        return key

    def _first(self, use: str) -> bytes:
        _, master = self.in_force()
        first = keyring.ROOTS.get(use)
        return sealing.wrap(master, first(master) if first else sealing.new_key())

    def derived(self, use: str) -> list[bytes]:
        """A key for a use that needs no state and may end with the master key (sessions): of the
        newest key, and after it of those that are still here."""
        return [sealing.derive(key, use) for key in self.keys().values()]


def opens(key: bytes, wrapped: bytes) -> bool:
    """Whether `wrapped` lies under `key`."""
    try:
        sealing.unwrap(key, wrapped)
    except SealBroken:
        return False
    return True
