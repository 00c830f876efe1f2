"""The receipt of a consent: what a person said, signed, and shown to be in the ledger.

`servanda verify receipt.json` checks the signature, that the ledger's entry holds the commitment
of exactly what is in here, and that the entry is in the ledger. Nothing in it says who the person
is. Tests: tests/publish/test_consentreceipt.py.
"""

from __future__ import annotations

from typing import Any

from servanda.kernel.digest import sha256_hex
from servanda.ledger.signer import Signer
from servanda.publish.consentrecord import RECEIPT_PROFILE
from servanda.publish.statement import evidence_of, signed


def receipt(record: dict[str, Any], kept: bytes, salt: bytes, index: int, signer: Signer) -> bytes:
    """The file. `kept` and `salt` open the commitment in the ledger's entry at `index`; `record` is
    the same for people, in the standard's terms."""
    statement = {
        "dct:conformsTo": RECEIPT_PROFILE,
        "receipt": sha256_hex(kept)[:32],
        "record": record,
        "kept": kept.decode(),
        "salt": salt.hex(),
    }
    return signed("consent", statement, signer, [evidence_of(index, signer)])
