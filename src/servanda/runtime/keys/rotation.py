"""Change the master key while everything goes on.

    done = rotate(workspace)

1. The roots are there, so that marks stay as they are.
2. The new key is there, and the old one beside it: both open things now.
3. The state names the new key, under the whole lock of `KeyState`: from here nobody wraps with the
   old one. Running processes read their source again when they see a name they do not know.
4. Everything under the old key is put under the new one (`rewrap`), until a pass changes nothing.
5. The ledger says so, the engine forgets the old rows, and the old key file is shredded.

Killed anywhere, the same command goes on at the step it had come to. The danger: the old key is
destroyed while something still needs it. What guards it: step 5 follows only a pass over all rows
that found none under the old key (tests/runtime/keys/test_kill.py kills it everywhere).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from servanda.kernel.errors import ServandaError, UsageError
from servanda.kernel.keyring import ROOTS, fingerprint
from servanda.runtime.keys import rewrap
from servanda.runtime.keys.files import HALF, KeyFolder
from servanda.runtime.keys.rewrap import Tally, Told
from servanda.runtime.keys.sources import Files, parsed

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace
    from servanda.state.keyring import StateKeyring

SEALED = (
    "servanda_person",
    "servanda_consentsubject",
    "servanda_evidencekey",
    "servanda_keyroot",
    "servanda_hold",
)


@dataclass(frozen=True, slots=True)
class Rotated:
    """`resumed`: it had been begun before. `by_hand`: the old key is not ours to destroy."""

    key: str
    previous: str
    tallies: dict[str, Tally]
    resumed: bool
    by_hand: bool


def rotate(workspace: Workspace, new_from: str = "", told: Told | None = None) -> Rotated:
    """Change the master key, or bring a change to its end. `use_state` comes first; never in a
    transaction. UsageError where another process does the same."""
    ring = workspace.master
    folder = KeyFolder(workspace.keys, filed=isinstance(ring.source, Files))
    with folder.alone():
        for use in ROOTS:
            ring.root(use)
        current, previous = _state(ring)
        leftover = folder.leftover(current)
        resumed = bool(previous or leftover or folder.begun())
        if not previous and not leftover:
            current, previous = _begin(ring, folder, current, new_from), current
        if leftover == HALF:  # it is shredded only after everything else was done
            folder.destroy_previous()
            return Rotated(current, leftover, {}, True, False)
        tallies = _end(ring, folder, current, previous or leftover, told)
        return Rotated(current, previous or leftover, tallies, resumed, not folder.filed)


def _state(ring: StateKeyring) -> tuple[str, str]:
    from servanda import state
    from servanda.state.models import KeyState

    with state.transaction():
        ring.in_force()  # the first use of a state names its key
        row = KeyState.objects.get(id=1)
    return row.key, row.previous


def _begin(ring: StateKeyring, folder: KeyFolder, old: str, new_from: str) -> str:
    """Both keys are there, and the state names the new one."""
    from servanda import state
    from servanda.state.models import KeyState

    given = _given(new_from)
    if given is not None and fingerprint(given) == old:
        raise UsageError("that key is in force already", "make a new one: openssl rand -hex 32")
    if folder.filed:
        folder.put_in_force(given)
    new = _other(ring, old, given)
    with state.transaction():
        row = KeyState.objects.select_for_update().get(id=1)
        if row.key != old or row.previous:
            raise UsageError("another process changes the master key", "wait for it to end")
        KeyState.objects.filter(id=1).update(key=new, previous=old, since=datetime.now(UTC))
    return new


def _given(new_from: str) -> bytes | None:
    if not new_from:
        return None
    kind, _, name = new_from.partition(":")
    if kind != "env" or not name:
        raise UsageError(
            "--new-from names where the new key is", "write --new-from env:NAME_OF_A_VARIABLE"
        )
    keys = parsed(os.environ.get(name, ""), f"the variable {name[:80]}")
    if len(keys) != 1:
        raise UsageError(f"the variable {name[:80]} holds two keys", "put the new one there alone")
    return keys[0]


def _other(ring: StateKeyring, old: str, given: bytes | None) -> str:
    """The key to change to: the one that is here and not in force."""
    known = ring.again()
    if old not in known:
        raise ServandaError(
            f"the master key in force ({old}) is not here", "see `servanda keys status`"
        )
    others = {name: key for name, key in known.items() if name != old}
    if given is not None and fingerprint(given) not in others:
        raise UsageError(
            "the new key must come from the source of the master key as well, or the processes "
            "that run could not read what is sealed with it",
            "give both there, with a space between them; docs/how-to/keys.md shows the steps",
        )
    if len(others) != 1:
        raise UsageError(
            "there is no second key to change to",
            "give the new key beside the old one, with a space between them; "
            "docs/how-to/keys.md shows the steps",
        )
    return next(iter(others))


def _end(
    ring: StateKeyring, folder: KeyFolder, current: str, previous: str, told: Told | None
) -> dict[str, Tally]:
    known = ring.again()
    old, new = known.get(previous), known.get(current)
    if old is None or new is None:
        raise ServandaError(
            "the change of the master key cannot go on: one of the two keys is not here",
            f"bring back {previous} and {current}; see `servanda keys status`",
        )
    first = tallies = rewrap.rewrap(old, new, told)
    while any(each.changed for each in tallies.values()):
        tallies = rewrap.rewrap(old, new)
    _record(current, previous, tallies)
    folder.destroy_previous()
    return first


def _record(current: str, previous: str, tallies: dict[str, Tally]) -> None:
    from servanda import ledger, state
    from servanda.desk.requests import vault
    from servanda.state.models import KeyState

    with state.transaction():
        ours = KeyState.objects.filter(id=1, key=current, previous=previous)
        if ours.update(previous=""):
            counts = {kind: tally.under for kind, tally in tallies.items()}
            closed = sum(tally.closed for tally in tallies.values())
            ledger.append([{"kind": "keys.rotated", **counts, "closed": closed}])
    vault.scrub(*SEALED)
