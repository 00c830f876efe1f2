"""Evidence: a Merkle log of what was decided and done.

    with state.transaction():
        ledger.append([{"kind": "census", ...}])
    ledger.checkpoint.make(signer)

The names below are loaded when first used, because they need Django; `ledger.verify` does not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from servanda.ledger import bundle, checkpoint, history, live, manifests, proofs, search
    from servanda.ledger.log import append
    from servanda.ledger.signer import Signer

__all__ = [
    "Signer",
    "append",
    "bundle",
    "checkpoint",
    "history",
    "live",
    "manifests",
    "proofs",
    "search",
]

_HOME = {"append": "servanda.ledger.log", "Signer": "servanda.ledger.signer"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    return import_module(f"{__name__}.{name}")
