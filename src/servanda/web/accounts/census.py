"""How staff may get in, counted; and what is over, forgotten. A duty of the worker.

Evidence wants a count at least daily, and more often where sweeps are. It is taken when something
changed, too, hourly at most.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from servanda import ledger
from servanda.desk import access, invitations
from servanda.web.accounts import people, sessions

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

_HOURLY = timedelta(hours=1)


def take(workspace: Workspace, now: datetime | None = None) -> None:
    """Count where it is time to. Sessions and invitations that are over go in any case."""
    moment = now or datetime.now(UTC)
    sessions.tidy(moment)
    invitations.forget(moment)
    members = staff()
    last = ledger.history.last("access.census")
    if last is not None:
        age = moment - last.at
        often = workspace.settings.often(moment, workspace.zone)
        if age < min(_HOURLY, often) or (age < often and not _differs(members, last)):
            return
    access.census(members, now=now)


def staff() -> list[tuple[str, bool]]:
    """(role, whether there is a second factor) of everybody who may sign in."""
    found: list[tuple[str, bool]] = []
    after = 0
    while rows := people.listed(after=after, limit=1_000):
        found += [(row.member.role, row.factor) for row in rows if row.member.is_active]
        after = rows[-1].member.pk
    return found


def _differs(members: list[tuple[str, bool]], last: ledger.Entry) -> bool:
    roles: dict[str, int] = {}
    for role, _ in members:
        roles[role] = roles.get(role, 0) + 1
    without = sum(not factor for _, factor in members)
    if (roles, without) != (last.data["roles"], last.data["without_second_factor"]):
        return True
    return access.since(last).exists()
