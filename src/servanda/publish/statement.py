"""Sign a statement so that `servanda verify` can tell it from any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from servanda.ledger import checkpoint, history, proofs
from servanda.ledger.signer import Signer
from servanda.ledger.verify.note import encode
from servanda.ledger.verify.signed import Kind, statement_text


def signed(
    kind: Kind,
    statement: dict[str, Any],
    signer: Signer,
    evidence: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """The file: readable JSON with the statement, its signature, and proofs from the ledger."""
    document: dict[str, Any] = {
        kind: statement,
        "signature": signer.sign(statement_text(signer.name, kind, statement)),
    }
    if evidence:
        document["evidence"] = list(evidence)
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def evidence_of(index: int, signer: Signer) -> dict[str, Any]:
    """Proof that the entry is in the ledger as it stands now."""
    size = proofs.size()
    return {
        "entry": history.at(index).raw.decode(),
        "index": index,
        "checkpoint": checkpoint.note_at(size, signer),
        "proof": [encode(each) for each in proofs.inclusion(index, size)],
    }
