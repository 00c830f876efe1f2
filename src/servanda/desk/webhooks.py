"""Webhooks: evidence told to other programs as it is written, in order, signed.

What is told are entries of the ledger, which name nobody. The form is that of Standard Webhooks:
`webhook-id`, `webhook-timestamp`, and `webhook-signature` (HMAC-SHA256 of `id.timestamp.body`).

The danger: a webhook as a way into our own network. What guards it: `desk.outward` looks the name
up once, refuses addresses inside, and connects to the address it has looked at; nothing follows a
redirect. Tests: tests/desk/test_webhooks.py.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from servanda import ledger, state
from servanda.desk.outward import Refused, check, post
from servanda.kernel import seal
from servanda.kernel.errors import UsageError
from servanda.kernel.keyring import Master, root
from servanda.kernel.suggest import did_you_mean
from servanda.ledger import history, proofs
from servanda.ledger.entries import KINDS, Entry
from servanda.state.connection import guard
from servanda.state.models import Webhook

_PLACE, _ROOT = b"webhook secret", "webhook secrets"
_WAITS = (5, 30, 120, 600, 3600)  # seconds; the last one again and again
GIVEN_UP = timedelta(days=3)
_AT_ONCE, _AT_ONCE_S = 100, 20.0  # then others have their turn, and the worker its other duties


def add(
    url: str,
    kinds: Iterable[str],
    *,
    by: str,
    master: Master,
    inside: bool = False,
    now: datetime | None = None,
) -> tuple[Webhook, str]:
    """Tell entries of these kinds from now on. Returns the row, and the secret, shown once."""
    wanted = sorted(set(kinds))
    for kind in wanted:
        if kind not in KINDS:
            raise UsageError(f'there is no kind "{kind[:30]}"', did_you_mean(kind, KINDS))
    if not wanted:
        raise UsageError("a webhook needs at least one kind of entry to tell")
    check(url, inside=inside)
    moment = now or datetime.now(UTC)
    key = secrets.token_bytes(32)
    with state.transaction():
        row = Webhook.objects.create(
            url=url,
            kinds=wanted,
            secret=seal.seal(root(master, _ROOT), key, _PLACE),
            by=by,
            made_at=moment,
            next_index=proofs.size(),
            try_at=moment,
        )
        # Where it leads stays here: an address may hold a secret of its own.
        entry = {"kind": "webhook.added", "webhook": row.pk, "kinds": wanted, "by": by}
        ledger.append([entry], now=now)
    return row, "whsec_" + base64.b64encode(key).decode()


def remove(id_: int, *, by: str, now: datetime | None = None) -> None:
    """UsageError where there is none."""
    with state.transaction():
        if not Webhook.objects.filter(id=id_).delete()[0]:
            raise UsageError("there is no such webhook", "see the list of webhooks")
        ledger.append([{"kind": "webhook.removed", "webhook": id_, "by": by}], now=now)


def start_again(id_: int, now: datetime | None = None) -> None:
    """Go on with one that was given up, from where it was."""
    moment = now or datetime.now(UTC)
    with state.transaction():
        found = Webhook.objects.filter(id=id_)
        if not found.update(stopped_at=None, failing_since=None, tries=0, try_at=moment):
            raise UsageError("there is no such webhook", "see the list of webhooks")


def listed() -> list[Webhook]:
    with guard():
        return list(Webhook.objects.order_by("id"))


def deliver(master: Master, *, inside: bool = False, now: datetime | None = None) -> int:
    """Tell what is due; how many entries were told. One that fails waits, and others go on."""
    told = 0
    moment = now or datetime.now(UTC)
    with guard():
        due = list(Webhook.objects.filter(stopped_at=None, try_at__lte=moment).order_by("id"))
    for hook in due:
        told += _tell(hook, master, inside, moment)
    return told


def _tell(hook: Webhook, master: Master, inside: bool, now: datetime) -> int:
    key = seal.unseal(root(master, _ROOT), bytes(hook.secret), _PLACE)
    told, until = 0, time.monotonic() + _AT_ONCE_S
    for entry in history.entries(hook.kinds, since_index=hook.next_index):
        try:
            post(hook.url, *_message(hook, entry, key, now), inside=inside)
        except Refused as error:
            _failed(hook, error.code, now)
            return told
        told += 1
        # After the answer: told twice when we die here, which the message's id lets them notice.
        with guard():
            Webhook.objects.filter(id=hook.id).update(
                next_index=entry.index + 1, tries=0, failing_since=None, error="", told_at=now
            )
        if told == _AT_ONCE or time.monotonic() > until:
            break
    return told


def _failed(hook: Webhook, code: str, now: datetime) -> None:
    since = hook.failing_since or now
    wait = _WAITS[min(hook.tries, len(_WAITS) - 1)]
    with guard():
        Webhook.objects.filter(id=hook.id).update(
            tries=hook.tries + 1,
            try_at=now + timedelta(seconds=wait),
            failing_since=since,
            error=code[:64],
            stopped_at=now if now - since > GIVEN_UP else None,
        )


def _message(
    hook: Webhook, entry: Entry, key: bytes, now: datetime
) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(
        {"type": entry.kind, "index": entry.index, "data": dict(entry.data)},
        separators=(",", ":"),
    ).encode()
    id_, stamp = f"{hook.id}-{entry.index}", str(int(now.timestamp()))
    signed = hmac.new(key, f"{id_}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return body, {
        "content-type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }
