"""Members: who there are, what each may do, and how somebody leaves.

The danger: rights that were raised by whoever has them, a console nobody owns, somebody who left
and still reads. What guards it: nobody changes their own role, the last owner stays one (counted
under a lock), and who is removed is a stranger at the next click: sessions, factors, tokens and
open invitations end in the same transaction. Entries name members by number. Tests:
tests/web/accounts/test_people.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db.models import Count, Exists, Max, OuterRef, Q

from servanda import ledger, state
from servanda.desk import access, invitations, tokens
from servanda.desk.requests.vault import scrub
from servanda.desk.roles import GRANTS, Role
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.web.accounts import sessions
from servanda.web.accounts.adapters import FACTORS
from servanda.web.models import Member

AT_ONCE = 100
KEPT = timedelta(days=365)
"""How long it can be said who a member was that left."""
_NOBODY = "@removed.invalid"
REASONS: Mapping[str, str] = {
    "lost": "the device is lost or broken",
    "new": "they have a new device",
    "theft": "the device may be in wrong hands",
}
"""Why a second factor is reset. A choice, because words of people do not belong into evidence."""


@dataclass(frozen=True, slots=True)
class Row:
    """A member as lists show one. `seen`: the last click, where a session is still known."""

    member: Member
    factor: bool
    sessions: int
    seen: datetime | None


def listed(*, after: int = 0, only: int | None = None, limit: int = AT_ONCE) -> list[Row]:
    """Members by number, from `after` on."""
    living = Session.objects.filter(expire_date__gt=datetime.now(UTC)).values("session_key")
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    found = Member.objects.filter(pk__gt=after) if only is None else Member.objects.filter(pk=only)
    rows = found.order_by("pk").annotate(
        has_factor=Exists(factor),
        open_sessions=Count("usersession", filter=Q(usersession__session_key__in=living)),
        seen_at=Max("usersession__last_seen_at"),
    )
    return [Row(m, m.has_factor, m.open_sessions, m.seen_at) for m in rows[:limit]]


def invite(email: str, name: str, role: str, *, by: str, tenant: str = "") -> str:
    """The secret of a link for somebody who has no account yet, or none any more."""
    if Member.objects.filter(email=email.lower(), is_active=True).exists():
        raise UsageError(
            "somebody with that address has an account already", "change their role instead"
        )
    return invitations.invite(email, name, role, by=by, tenant=tenant)


def change(member: Member, role: str, *, by: str, tenant: str = "") -> None:
    """Give a member another role."""
    _not_oneself(member, by, "role")
    if role not in tuple(Role):
        raise UsageError(f'there is no role "{role[:20]}"', did_you_mean(role, tuple(Role)))
    if (role == Role.CUSTOMER) != bool(tenant):
        raise UsageError("a member of a customer needs to say which, and nobody else does")
    with state.transaction():
        keep_an_owner(member, role)
        was = member.role
        Member.objects.filter(pk=member.pk).update(role=role, tenant=tenant)
        access.end_all(member.by)  # a purpose was stated under a role
        if GRANTS[Role(was)] - GRANTS[Role(role)]:
            tokens.revoke_all(member.by)  # none may more than whoever made it
        _changed(member, by, what="role", role=role, was=was)


def remove(member: Member, *, by: str) -> None:
    """Somebody leaves: at once, in every browser. Another invitation brings them back."""
    _not_oneself(member, by, "account")
    with state.transaction():
        keep_an_owner(member, "")
        Member.objects.filter(pk=member.pk).update(
            is_active=False, password=make_password(None), left_at=datetime.now(UTC)
        )
        EmailAddress.objects.filter(user=member).delete()
        Authenticator.objects.filter(user=member).delete()
        SocialAccount.objects.filter(user=member).delete()
        invitations.withdraw(member.email)
        tokens.revoke_all(member.by)
        access.end_all(member.by)
        sessions.end_all(member)
        entry = {"kind": "member.removed", "member": member.by, "role": member.role, "by": by}
        ledger.append([entry])


def forget(now: datetime | None = None) -> int:
    """Overwrite name and address of those who left a year ago; how many. Evidence keeps their
    number, which stands for nobody then."""
    moment = now or datetime.now(UTC)
    with state.transaction():
        Member.objects.filter(is_active=False, left_at=None).update(left_at=moment)
        over = Member.objects.filter(is_active=False, left_at__lte=moment - KEPT)
        gone = [each.pk for each in over.exclude(email__endswith=_NOBODY).select_for_update()]
        for pk in gone:
            Member.objects.filter(pk=pk).update(
                name=f"member {pk}", email=f"member-{pk}{_NOBODY}", tenant="", last_login=None
            )
        if gone:
            told = [{"kind": "member.forgotten", "member": f"member {pk}"} for pk in gone]
            ledger.append(told, now=now)
    if gone:
        scrub("servanda_web_member")
    return len(gone)


def reset_factor(member: Member, why: str, *, by: str) -> None:
    """Take away a member's second factors; they set up a new one before they see anything."""
    _not_oneself(member, by, "second factor")
    if why not in REASONS:
        raise UsageError("a second factor is reset for a reason", "choose one of those listed")
    with state.transaction():
        Authenticator.objects.filter(user=member).delete()
        sessions.end_all(member)
        _changed(member, by, what="second factor", why=why)


def sign_out(member: Member, *, by: str) -> int:
    """End every session of a member; how many."""
    with state.transaction():
        ended = sessions.end_all(member)
        _changed(member, by, what="sessions", ended=ended)
    return ended


def keep_an_owner(member: Member, role: str) -> None:
    """Within the caller's transaction. UsageError where nobody would be owner any more."""
    if role == Role.OWNER:
        return
    owners = Member.objects.select_for_update().filter(role=Role.OWNER, is_active=True)
    numbers = [each.pk for each in owners.order_by("pk")]
    if numbers == [member.pk]:
        raise UsageError("this is the last owner", "make somebody else an owner first")


def open_sessions(member: Member) -> list[UserSession]:
    """Where a member is signed in, the newest first."""
    return list(UserSession.objects.filter(user=member).order_by("-last_seen_at")[:AT_ONCE])


def _not_oneself(member: Member, by: str, what: str) -> None:
    if member.by == by:
        raise UsageError(f"nobody changes their own {what} here", "ask another owner")


def _changed(member: Member, by: str, **what: object) -> None:
    ledger.append([{"kind": "member.changed", "member": member.by, "by": by, **what}])
