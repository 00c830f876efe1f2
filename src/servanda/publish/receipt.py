"""The receipt of a request: what was done in every store, signed, and shown to be in the ledger.

The danger: a receipt that says more than was done, or that tells of the person. It is made from
counts and reasons alone, names every store that was given to it, and says `done` as a whole only
where every store did. tests/publish/test_receipt.py guards it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from servanda.kernel.digest import digest_of
from servanda.ledger.entries import stamp
from servanda.ledger.signer import Signer
from servanda.publish.statement import evidence_of, signed

State: TypeAlias = Literal["done", "kept", "pending", "unreachable"]

_WORDS: dict[State, str] = {
    "done": "done",
    "kept": "kept, for the reasons given",
    "pending": "not finished yet",
    "unreachable": "the system could not be reached; it will be done when it can",
}


@dataclass(frozen=True, slots=True)
class KeptLine:
    """Records that stay: why, in words, and until when if that is known."""

    count: int
    why: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class StoreLine:
    """One store. `done`: how many records were acted on. For letters, which say it in plain words:
    `called`, what lies there; `parts`, what was done of which of it. Neither is in a receipt."""

    store: str
    state: State
    done: int = 0
    kept: tuple[KeptLine, ...] = ()
    note: str = ""
    called: str = ""
    parts: tuple[tuple[str, int], ...] = ()

    @property
    def named(self) -> str:
        return self.called or self.store

    @property
    def words(self) -> str:
        return _WORDS[self.state]


@dataclass(frozen=True, slots=True)
class ReceiptData:
    """Nothing in it may tell who the person is. `stores`: every store there is, also those in
    which nothing was found. `package`: digest of the package that was given, where one was."""

    ref: str
    right: str
    received: date
    answered: datetime
    outcome: str
    stores: tuple[StoreLine, ...]
    package: str = ""

    @property
    def finished(self) -> bool:
        """Nothing is left to do: every store is done, or keeps with a reason."""
        return all(each.state in ("done", "kept") for each in self.stores)


def statement(data: ReceiptData) -> dict[str, Any]:
    """What is signed."""
    return {
        "v": 1,
        "request": data.ref,
        "right": data.right,
        "received": data.received.isoformat(),
        "answered": stamp(data.answered),
        "outcome": data.outcome,
        "finished": data.finished,
        "package": data.package or None,
        "stores": [_store(each) for each in sorted(data.stores, key=lambda each: each.store)],
    }


def digest(data: ReceiptData) -> str:
    """What the ledger's entry names (`request.replied`, `receipt`)."""
    return digest_of(statement(data))


def receipt(data: ReceiptData, signer: Signer, entries: Sequence[int] = ()) -> bytes:
    """The file. `entries`: indexes of ledger entries that speak of it, `request.acted` and
    `request.replied`, whose place in the ledger it then proves. The state is open for that."""
    evidence = [evidence_of(index, signer) for index in entries]
    return signed("receipt", statement(data), signer, evidence)


def _store(each: StoreLine) -> dict[str, Any]:
    return {
        "store": each.store,
        "state": each.state,
        "says": each.words,
        "done": each.done,
        "kept": [
            {
                "count": line.count,
                "why": line.why,
                "until": line.until.isoformat() if line.until else None,
            }
            for line in each.kept
        ],
        "note": each.note or None,
    }
