"""After a restore of our own state: nothing is served before what was erased is gone again.

    if restored.pending(workspace):
        told = restored.settle(workspace)

The restored state knows the erasures up to its backup. If the stores were restored as well, these
may have come back, so all it remembers is replayed. Keys it has that are past their time are
destroyed again. **What nobody can know:** requests, decisions, holds, objections and erasures made
after the backup. The stores still have what was erased then erased; but a store that is restored to
a backup older than such an erasure brings the person back unrecognised, and a hold or an objection
made since is not honoured until somebody enters it again. Whoever restores is told so.

The danger: to serve the erased. What guards it: the mark is cleared only when every store was
looked through. Tests: tests/runtime/backup/test_settle.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from servanda import ledger, state
from servanda.kernel.errors import UsageError
from servanda.state.connection import guard

if TYPE_CHECKING:
    from servanda.apply.requests.replay import Replayed
    from servanda.runtime.workspace import Workspace

FACT = "restored"
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
UNKNOWN = (
    "requests, decisions, holds and objections made after the backup are not in it: enter them "
    "again, from letters and mails",
    "whoever was erased after the backup is gone from the stores still; if a store is restored "
    "to a backup older than that erasure, erase them once more",
    "enquiries closed after the backup are open again, with what was erased: close them once more",
    "members, tokens and settings are as they were then: take away again what was taken away since",
    "mails that waited then may have been sent since: they are marked, and none goes by itself",
)
"""What cannot be known after a restore, in words."""
_SESSIONS = ("django_session", "usersessions_usersession")


@dataclass(frozen=True, slots=True)
class Settled:
    """`done`: whether anything may be served now. `forgotten`: requests and runs whose keys were
    destroyed once more."""

    since: datetime
    replayed: Replayed
    forgotten: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def done(self) -> bool:
        return not self.replayed.silent


def mark(at: datetime, entries: int, lost: int) -> None:
    """Say in a state that it was restored: to itself and to the ledger. Its sessions end, and no
    mail that may have been sent since goes again."""
    from django.db import connection

    from servanda.state.models import Fact, OutboxMail

    with state.transaction():
        Fact.objects.update_or_create(key=FACT, defaults={"value": at.isoformat()})
        waiting = (OutboxMail.State.WAITING, OutboxMail.State.SENDING)
        unsure = OutboxMail.objects.filter(state__in=waiting)
        mails = unsure.update(state=OutboxMail.State.UNSURE, lease_until=None)
        there = connection.introspection.table_names()
        for table in _SESSIONS:
            if table in there:
                with connection.cursor() as cursor:
                    cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        entry = {"kind": "state.restored", "backup": at.isoformat(), "entries": entries}
        ledger.append([{**entry, "published": lost or None, "mails_unsure": mails}])


def require_settled() -> None:
    """UsageError while a restore is not settled: what came back may be in every answer."""
    if _pending() is not None:
        raise UsageError(
            "the state was restored, and what had been erased was not searched for yet",
            "run `servanda restore --settle`",
        )


def pending(workspace: Workspace) -> datetime | None:
    """The moment of the backup that was restored and is not settled yet."""
    workspace.use_state()
    return _pending()


def _pending() -> datetime | None:
    from servanda.state.models import Fact

    with guard():
        row = Fact.objects.filter(key=FACT).first()
    return datetime.fromisoformat(row.value) if row else None


def settle(workspace: Workspace) -> Settled | None:
    """Replay all that is remembered, destroy again what is past its time, and clear the mark, if
    every store answered. None where nothing is pending."""
    from servanda.apply.requests import replay
    from servanda.runtime import requests
    from servanda.state.models import Fact

    since = pending(workspace)
    if since is None:
        return None
    forgotten = _forget(workspace)
    with requests.acting(workspace) as actor:
        problems = requests.resume(workspace, actor)
        replayed = replay(_EVER, actor)
    found = Settled(since, replayed, forgotten, tuple(problems))
    if found.done:
        with state.transaction():
            Fact.objects.filter(key=FACT, value=since.isoformat()).delete()
    return found


def _forget(workspace: Workspace) -> tuple[str, ...]:
    """Keys that were destroyed after the backup are back with it: their time is over still."""
    from servanda.desk.requests import keeping
    from servanda.ledger import manifests

    now = datetime.now(UTC)
    gone = [f"request {ref}" for ref in keeping.forget(workspace.desk.book, now=now)]
    cutoff = workspace.settings.evidence.keep.cutoff(now, workspace.zone)
    for run in manifests.expired_keys(cutoff):
        manifests.destroy_key(run, now=now)
        gone.append(f"run {run}")
    workspace.packages.expire(now)
    return tuple(gone)
