"""The stand-alone verifier: it trusts nothing but a public key and imports nothing but `kernel`.

    report = verify_bundle(Path("evidence.zip"), vkey)
    report.ok, report.findings

The ledger itself builds its tree and notes with the same small modules (`tree`, `note`).
"""

from servanda.ledger.verify.bundle import verify_bundle
from servanda.ledger.verify.inclusion import Proven, is_proof, verify_proof
from servanda.ledger.verify.leaves import verify_leaves
from servanda.ledger.verify.note import Checkpoint, NoteRefused, Verifier
from servanda.ledger.verify.proof import consistent, included
from servanda.ledger.verify.report import Finding, Report
from servanda.ledger.verify.signed import Signed, is_statement, verify_signed

__all__ = [
    "Checkpoint",
    "Finding",
    "NoteRefused",
    "Proven",
    "Report",
    "Signed",
    "Verifier",
    "consistent",
    "included",
    "is_proof",
    "is_statement",
    "verify_bundle",
    "verify_leaves",
    "verify_proof",
    "verify_signed",
]
