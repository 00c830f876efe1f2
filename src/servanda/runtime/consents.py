"""Consents of a workspace: what desk.consents does, with its policy, its keys and its editions."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from servanda.desk import editions
from servanda.desk.consents.asking import Gate

if TYPE_CHECKING:
    from servanda.desk.consents.history import Kept
    from servanda.runtime.workspace import Workspace

_gates: WeakKeyDictionary[Workspace, Gate] = WeakKeyDictionary()
_lock = threading.Lock()


def gate(workspace: Workspace) -> Gate:
    """The gate of this workspace as its files stand."""
    found = _gates.get(workspace)
    if found is None:
        with _lock:
            found = _gates.setdefault(workspace, Gate(workspace.desk.book, editions))
    return found


def edition(now: datetime) -> int | None:
    """The number of the edition that binds now; None where none was published."""
    current = editions.current(now)
    return None if current is None else int(current.number)


def receipt(workspace: Workspace, kept: Kept) -> bytes:
    """The signed receipt of a record, with its place in the ledger. `servanda verify` reads it."""
    from servanda.publish import consentreceipt

    return consentreceipt.receipt(
        shape(workspace, kept), kept.raw, kept.salt, kept.index, workspace.signer
    )


def shape(workspace: Workspace, kept: Kept) -> dict[str, Any]:
    """The record in the terms of ISO/IEC TS 27560, and what became of it since."""
    from servanda.desk.consents import history
    from servanda.publish import consentrecord

    later = [(each.data, each.id) for each in history.after(kept)]
    return consentrecord.record(
        workspace.policy, kept.data, later, address=workspace.settings.web.address
    )
