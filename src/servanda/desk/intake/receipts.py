"""A receipt of what the gate let through: signed, so that whoever stores the data can require it.

    <payload>.<signature>      both Base64url without padding; the signature is Ed25519 (RFC 8032)

What is signed is `servanda-intake-1`, a line break, and the payload as it stands in the receipt.
The payload is JSON: `form`, `at`, `id` (random, once), `fields` (SHA-256 of the fields as
canonical JSON, RFC 8785), `policy` (its digest), `basis`, and `consent`, the consent record's id.

The danger: a receipt for other data than it was given for, or one used again. What guards it: the
digest of the fields, the moment and the random id, all signed; `verified` takes none that is older
than asked. Tests: tests/desk/test_intake.py.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from servanda.kernel import keyring
from servanda.kernel.canonical import canonical
from servanda.kernel.keyring import Master

_WHAT = b"servanda-intake-1\n"
_LONGEST = 4_000


def made(master: Master, facts: Mapping[str, Any], fields: Mapping[str, Any], at: datetime) -> str:
    payload = {
        **facts,
        "at": at.isoformat(timespec="seconds"),
        "id": secrets.token_hex(16),
        "fields": digest(fields),
    }
    told = _text(canonical(payload))
    return f"{told}.{_text(_key(master).sign(_WHAT + told.encode()))}"


def digest(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(dict(fields))).hexdigest()


def public(master: Master) -> str:
    """The key receipts are checked with: 32 bytes, Base64."""
    raw = _key(master).public_key().public_bytes_raw()
    return base64.b64encode(raw).decode()


def verified(
    key: str, receipt: str, fields: Mapping[str, Any], now: datetime, within: timedelta
) -> dict[str, Any] | None:
    """What a receipt says; None where it is not for these fields, too old, or not ours."""
    told, dot, signature = receipt.partition(".")
    if not dot or len(receipt) > _LONGEST:
        return None
    try:
        known = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        known.verify(_bytes(signature), _WHAT + told.encode())
        payload: dict[str, Any] = orjson.loads(_bytes(told))
        at = datetime.fromisoformat(payload["at"])
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return None
    fits = payload.get("fields") == digest(fields)
    return payload if fits and timedelta() <= now - at + timedelta(minutes=1) <= within else None


def _key(master: Master) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keyring.root(master, "intake receipts"))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """ValueError for anything that is not the one way to write it."""
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("no Base64") from None
    if _text(found) != text:
        raise ValueError("written in another way")
    return found
