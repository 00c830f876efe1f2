"""`python -m servanda.web.demo FOLDER`: accounts and a day's work for the demo's console.

Only for the folder that `servanda demo` made: it holds a marker. Prints JSON for that command.
"""

from __future__ import annotations

import base64
import json
import secrets
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

PEOPLE = (
    ("owner", "Aoife Owner"),
    ("privacy_lead", "Brian Lead"),
    ("engineer", "Ciara Engineer"),
    ("support", "Declan Support"),
    ("auditor", "Eimear Auditor"),
)
MARKER = ".servanda-demo"


def main(folder: Path) -> dict[str, Any]:
    """Set everything up; who may sign in, and with what."""
    if not (folder / MARKER).is_file():
        raise SystemExit("this is not a folder of the demo")
    from servanda.web import start

    start.configure(folder)
    password = f"demo-{secrets.token_hex(6)}"
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    accounts = [_member(role, name, password, secret) for role, name in PEOPLE]
    _requests()
    _enquiries()
    return {"accounts": accounts, "password": password, "secret": secret}


def _member(role: str, name: str, password: str, secret: str) -> dict[str, str]:
    from allauth.account.models import EmailAddress
    from allauth.mfa.totp.internal.auth import TOTP

    from servanda.web.models import Member

    email = f"{role.replace('_', '-')}@jtec.example"
    member = Member.objects.create_user(email, password, name=name, role=role)
    EmailAddress.objects.create(user=member, email=email, verified=True, primary=True)
    TOTP.activate(member, secret)
    return {"email": email, "name": name, "role": role}


def _requests() -> None:
    """Three people ask: one is verified, one waits, one is about to be late."""
    from servanda.runtime import hub

    workspace = hub.workspace()
    desk, today = workspace.desk, datetime.now(UTC).astimezone(workspace.zone).date()
    told: tuple[tuple[str, dict[str, Any], int], ...] = (
        ("access", {"email": "sinead.quigg@client.example", "phone": "028 9018 0101"}, 3),
        ("erasure", {"phone": "028 9018 0102"}, 12),
        ("rectification", {"email": "office@twins.example"}, 26),
    )
    for right, named, days in told:
        ref = desk.new(
            right,
            list(named.items()),
            received=today - timedelta(days=days),
            via="form",
            by="portal",
            text="Please see to this.",
            corrections=[("contact.phone", "028 9018 0999")] if right == "rectification" else (),
        )
        if right == "access":
            from servanda.desk.requests import identity

            identity.seen(desk.book, ref, "known_in_person", by="demo")


def _enquiries() -> None:
    from servanda.desk import enquiries

    now = datetime.now(UTC)
    told = (
        ("Nuala Boyd", "nuala@visitor.example", "What does a backup for ten people cost?", 1),
        ("Rory Gault", "rory@visitor.example", "Can you move our telephones in March?", 5),
        (
            "Best SEO",
            "seo@spam.example",
            "https://a.example https://b.example https://c.example",
            2,
        ),
    )
    for name, email, message, days in told:
        enquiries.receive(name=name, email=email, message=message, now=now - timedelta(days=days))


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
