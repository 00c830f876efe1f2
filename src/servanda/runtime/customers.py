"""What is stored of one customer: how many records in which collection, and by which rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.plan.retention import of_tenant
from servanda.policy import vocabulary

if TYPE_CHECKING:
    from servanda.desk.contacts import List
    from servanda.policy.rules import Activity
    from servanda.runtime.workspace import Workspace
    from servanda.state.models import Customer
    from servanda.stores.mapping import Collection

_RECOUNTS = 1_000
_FAILS = (StoreUnreachable, StoreBusy, StoreRefused, Drift)

_CODE = "caller-code-"


@dataclass(frozen=True, slots=True)
class Held:
    """`count`: None where the store did not answer."""

    collection: str
    store: str
    activity: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of a customer's data in one activity. `shorter`: by the customer's own
    instruction. `collections`: where such data lies, with the count of the last recount where the
    whole collection is the customer's."""

    activity: str
    data: tuple[str, ...]
    says: tuple[str, ...]
    shorter: bool
    collections: tuple[tuple[str, int | None, datetime | None], ...]


def contacts(workspace: Workspace) -> List:
    """The contact list. `use_state` comes first."""
    from servanda.desk.contacts import List

    return List(workspace.master, workspace.region)


def deliver_code(workspace: Workspace, to: str, code: str) -> None:
    """Send a caller's code now, or, without a mail server, write it where letters go."""
    from servanda.desk import callers
    from servanda.desk.requests import smtp
    from servanda.kernel.seal import write_secret

    settings = workspace.desk.book.settings.mail
    policy = workspace.policy
    mail = callers.message(settings.sender or policy.contact, policy.organisation, to, code)
    if settings.host:
        smtp.send(settings, mail)
        return
    folder = Path(settings.folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    write_secret(folder / f"{_CODE}{stamp}.eml", mail.as_bytes())


def forget_codes(workspace: Workspace, now: datetime | None = None) -> int:
    """Destroy what was written for want of a mail server, once its code counts no more: it names
    the contact's address. How many."""
    from servanda.desk import callers
    from servanda.desk.requests.shred import shred

    before = (now or datetime.now(UTC)) - callers.CODE_LASTS
    gone = 0
    for path in Path(workspace.desk.book.settings.mail.folder).glob(f"{_CODE}*.eml"):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
            shred(path)
            gone += 1
    return gone


def known(workspace: Workspace) -> list[Customer]:
    """Every customer: those of stores.yaml, and those somebody named."""
    return contacts(workspace).customers((each.id, each.name) for each in workspace.tenants)


def held(workspace: Workspace, tenant: str) -> list[Held]:
    """Counted now, in every store."""
    workspace.again()
    found = []
    for each in _scoped(workspace, tenant):
        store = workspace.stores[each.store]
        count: int | None = None
        if not isinstance(store, StoreUnreachable):
            try:
                count = store.tally(each, of_tenant(each, tenant)).count
            except _FAILS:
                count = None
        found.append(Held(each.id, each.store, each.activity or "", count))
    return found


def rules(workspace: Workspace, tenant: str) -> list[Rule]:
    """The retention rules in force for a customer's data, instructions of theirs included."""
    tightened = {
        each.activity: each
        for known in workspace.tenants
        if known.id == tenant
        for each in known.tighten
    }
    by_activity: dict[str, list[Collection]] = {}
    for each in _scoped(workspace, tenant):
        by_activity.setdefault(each.activity or "", []).append(each)
    counts = _recounts({c.id for found in by_activity.values() for c in found if c.tenant_constant})
    labels = vocabulary.terms("data")
    found = []
    for activity in workspace.policy.activities:
        if activity.id not in by_activity:
            continue
        shorter = tightened.get(activity.id)
        said = list(_said(activity))
        if shorter is not None:
            said = [
                f"by your instruction: at most {shorter.period} after {shorter.event}",
                *(f"otherwise {each}" for each in said),
            ]
        found.append(
            Rule(
                activity.id,
                tuple(labels[e].label if e in labels else e for e in activity.data),
                tuple(said),
                shorter is not None,
                tuple(
                    (each.id, *counts.get(each.id, (None, None)))
                    for each in by_activity[activity.id]
                ),
            )
        )
    return found


def _said(activity: Activity) -> list[str]:
    retention = activity.retention
    if retention is None:
        return ["no period is set"]
    said = [
        f"at most {each.period} after {each.event.replace('_', ' ')}, then {each.outcome}"
        for each in retention.ceilings
    ]
    said += [f"at least {each.period} ({each.ground})" for each in retention.floors]
    if retention.forever is not None:
        said.append(f"kept: {retention.forever.reason}")
    return said


def _scoped(workspace: Workspace, tenant: str) -> list[Collection]:
    """Collections in which records are this customer's, or may be."""
    return [
        each
        for config in workspace.configs
        for each in config.collections
        if each.tenant is not None and (not each.tenant_constant or each.tenant == tenant)
    ]


def _recounts(ids: set[str]) -> dict[str, tuple[int, datetime]]:
    """Of each collection the newest recount, as far back as a month of runs reaches."""
    from servanda.ledger import history

    found: dict[str, tuple[int, datetime]] = {}
    for entry in history.newest("recount", _RECOUNTS) if ids else ():
        id_ = entry.data["collection"]
        if id_ in ids:
            found.setdefault(id_, (entry.data["total"], entry.at))
    return found
