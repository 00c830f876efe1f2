"""One person's request, complete enough for every kind of letter."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from servanda import law
from servanda.publish.letters import LetterData
from servanda.publish.package import LeftOut
from servanda.publish.receipt import KeptLine, StoreLine
from tests.publish.package.world import policy

STORES = (
    StoreLine("crm", "done", 7),
    StoreLine("billing", "kept", 2, (KeptLine(3, "invoices, tax law", date(2033, 4, 5)),)),
    StoreLine("pbx", "unreachable", note="tried on 1 March 2026"),
)


def sample(folder: Path, *places: str, **changes: Any) -> LetterData:
    rules = policy(folder)
    given: dict[str, Any] = {
        "ref": "12",
        "right": "erasure",
        "policy": rules,
        "places": tuple(law.find(each) for each in places or ("GB-NIR",)),
        "received": date(2026, 2, 20),
        "on": date(2026, 3, 1),
        "name": "Ann Client",
        "due": date(2026, 3, 19),
        "reasons": ("the reason in our own words",),
        "stores": STORES,
        "searched": ("crm", "billing"),
        "left_out": (LeftOut("desk.tickets", 2, "customer"),),
        "activities": rules.activities,
        "package_until": date(2026, 3, 15),
        "passphrase_by": "we read it to you over the phone",
        "corrections": ("your address",),
        "told": ("Host & Sons",),
        "residue": ("backups of crm, until 30 April 2026",),
        "purpose": "marketing",
        "outcome": "You were right, and we have mended it.",
        "customer": "Acme Ltd",
        "customer_contact": "privacy@acme.test",
    }
    return LetterData(**{**given, **changes})
