"""What Servanda itself keeps, table by table: it is an inventory's business as anything else is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Own:
    """`data`: categories of personal data; none where there are none. `kept`: in words."""

    holds: str
    data: tuple[str, ...] = ()
    kept: str = "as long as the workspace"
    protected: str = "nothing personal in it"


_SEALED = "sealed with AES-256-GCM under a key of each person"
_CLOSED = "[requests] keep after the request is closed; then its key is destroyed"
_MARKS = "keyed hashes (HMAC-SHA256), of no use without the workspace's key"
_EVIDENCE = "[evidence] keep after the run; then its key is destroyed"

TABLES: Mapping[str, Own] = {
    "Invitation": Own(
        "who was invited to an account",
        ("name", "contact.email"),
        "until used, or expired",
        "staff only; the link's secret is hashed",
    ),
    "Job": Own("work that was asked for; names plans and requests by number"),
    "Read": Own("who read what, and for what purpose; members and scopes by number"),
    "Task": Own("purposes that were stated before reading"),
    "Approval": Own("who approved a plan", ("name",), protected="names of staff"),
    "Challenge": Own("hashes of one-time codes", (), _CLOSED, _MARKS),
    "Checkpoint": Own("signed roots of the evidence"),
    "Commitments": Own(
        "salted hashes of the records a request touched", (), _EVIDENCE, "opaque without the salt"
    ),
    "Erased": Own(
        "keyed hashes of erased records, so that a restored backup is put right",
        ("account.identifier",),
        "as long as a backup of that age may be restored",
        _MARKS,
    ),
    "Evidence": Own("which documents were looked at", ("id.document",), _CLOSED, _SEALED),
    "EvidenceKey": Own("keys that seal manifests", (), _EVIDENCE, "wrapped by the workspace's key"),
    "Fact": Own("facts about the workspace"),
    "Hold": Own(
        "whose data is held or restricted, and why",
        ("contact", "account.identifier"),
        "as long as the workspace",
        "sealed with AES-256-GCM under the workspace's key",
    ),
    "HoldsVersion": Own("a number that changes with every hold"),
    "KeyRoot": Own("keys of marks and pseudonyms", protected="wrapped by the workspace's key"),
    "KeyState": Own("which master key is in force, by a fingerprint"),
    "Leaf": Own("the evidence itself: commitments, no identities", protected="no personal data"),
    "Letter": Own("letters to people", ("name", "contact"), _CLOSED, _SEALED),
    "Manifest": Own(
        "keys of the records that were erased", ("account.identifier",), _EVIDENCE, "sealed"
    ),
    "Node": Own("the evidence's tree"),
    "OutboxMail": Own("mails on their way", ("name", "contact"), _CLOSED, _SEALED),
    "Person": Own("a random name and a wrapped key for each person", (), _CLOSED),
    "PersonMark": Own(
        "marks by which a person is found again", ("account.identifier",), _CLOSED, _MARKS
    ),
    "Request": Own("requests", ("name", "contact", "account.identifier"), _CLOSED, _SEALED),
    "RequestEvent": Own("what happened to requests", ("name",), _CLOSED, _SEALED),
    "RequestPart": Own("what is done for requests in each store"),
    "RequestRun": Own(
        "the plans by which requests are acted on",
        ("account.identifier",),
        "until every store has done its part",
        "sealed under the run's evidence key",
    ),
    "RequestRunOf": Own("which requests a run acts on"),
    "Run": Own("runs and their plans"),
    "StepRun": Own("steps of runs"),
    "Suppression": Own(
        "who objected or withdrew consent",
        ("account.identifier",),
        "as long as the workspace",
        _MARKS,
    ),
    "Tree": Own("how far the evidence has come"),
    "Window": Own("pieces of a run's work"),
}


def data() -> dict[str, dict[str, Any]]:
    """Every table, for programs."""
    return {name: {**asdict(own), "data": list(own.data)} for name, own in TABLES.items()}


def lines() -> list[str]:
    """The tables that hold anything of people, for people."""
    return [
        f"{name}: {own.holds} ({', '.join(own.data)}); kept {own.kept}; {own.protected}"
        for name, own in TABLES.items()
        if own.data
    ]
