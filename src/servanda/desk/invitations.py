"""Invitations: the only way to an account. The link holds a secret of which we keep a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from servanda import ledger, state
from servanda.desk.roles import Role
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.state.connection import guard
from servanda.state.models import Invitation

LASTS = timedelta(days=7)


def invite(
    email: str,
    name: str,
    role: str,
    *,
    by: str,
    tenant: str = "",
    now: datetime | None = None,
) -> str:
    """Invite somebody, and return the secret of the link: it is shown once and kept nowhere.
    An earlier invitation of the same address that was not used ends."""
    moment = now or datetime.now(UTC)
    if role not in tuple(Role):
        raise UsageError(f'there is no role "{role[:20]}"', did_you_mean(role, tuple(Role)))
    if (role == Role.CUSTOMER) != bool(tenant):
        raise UsageError("a member of a customer needs to say which, and nobody else does")
    if email.count("@") != 1 or len(email) > 254 or not name.strip():
        raise UsageError("an invitation needs an e-mail address and a name")
    secret = secrets.token_urlsafe(32)
    with state.transaction():
        old = Invitation.objects.filter(email=email.lower(), used_at=None)
        old.update(expires_at=moment)
        Invitation.objects.create(
            hash=_hash(secret),
            email=email.lower(),
            name=name.strip()[:200],
            role=role,
            tenant=tenant,
            by=by,
            made_at=moment,
            expires_at=moment + LASTS,
        )
        ledger.append([{"kind": "member.invited", "role": role, "by": by}], now=now)
    return secret


def find(secret: str, now: datetime | None = None) -> Invitation | None:
    """The open invitation of a link."""
    with guard():
        found = Invitation.objects.filter(hash=_hash(secret), used_at=None)
        return found.filter(expires_at__gt=now or datetime.now(UTC)).first()


def use(invitation: Invitation, now: datetime | None = None) -> None:
    """Within the caller's transaction. UsageError where somebody was faster."""
    open_ = Invitation.objects.filter(id=invitation.id, used_at=None)
    if not open_.update(used_at=now or datetime.now(UTC)):
        raise UsageError("this invitation was used already", "ask for another one")


def waiting(now: datetime | None = None, limit: int = 100) -> list[Invitation]:
    """Invitations that may still be taken up, the newest first."""
    with guard():
        found = Invitation.objects.filter(used_at=None, expires_at__gt=now or datetime.now(UTC))
        return list(found.order_by("-id")[:limit])


def withdraw(email: str, now: datetime | None = None) -> int:
    """End what was sent to an address and not used yet; how many."""
    moment = now or datetime.now(UTC)
    with state.transaction():
        found = Invitation.objects.filter(email=email.lower(), used_at=None, expires_at__gt=moment)
        return found.update(expires_at=moment)


def forget(now: datetime | None = None) -> int:
    """Delete those that were used or are over: who was invited is no longer anybody's business."""
    moment = now or datetime.now(UTC)
    with state.transaction():
        over = Invitation.objects.filter(expires_at__lte=moment)
        used = Invitation.objects.exclude(used_at=None)
        return (over | used).delete()[0]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
