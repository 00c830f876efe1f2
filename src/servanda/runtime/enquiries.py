"""Enquiries of a workspace: what desk.enquiries does, with the workspace's holds and mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from servanda.kernel.errors import UsageError
from servanda.kernel.evaluate import evaluate

if TYPE_CHECKING:
    from servanda.kernel.predicate import Edge, Scalar
    from servanda.runtime.workspace import Workspace
    from servanda.state.enquiries.models import Enquiry
    from servanda.stores.mapping import Collection


def close(workspace: Workspace, id_: int, *, by: str, now: datetime | None = None) -> int:
    """Erase what is personal in it; how many fields. UsageError where a hold covers it."""
    from servanda.desk import enquiries

    if held(workspace, enquiries.get(id_)):
        raise UsageError(
            f"enquiry {id_} is held for a legal matter, so nothing of it may go now",
            "close it when the hold is released",
        )
    return enquiries.close(id_, by=by, now=now)


def held(workspace: Workspace, row: Enquiry) -> bool:
    """Whether a hold in force covers it: of the person, of the record, or of what it is like."""
    from servanda.desk import holds
    from servanda.plan.holds import hold_predicates

    _, in_force = holds.in_force(workspace.master)
    in_force = [each for each in in_force if not each.origin]  # a restriction asks to be kept so
    if not in_force:
        return False
    mapped = collection(workspace)
    if mapped is None:  # no store of stores.yaml: only people can be held
        from servanda.kernel import identity

        named = {("email", row.email or ""), ("phone", row.phone or "")}
        folds = {
            (kind, identity.folded(identity.fold_of(kind, workspace.region), value))
            for kind, value in named
            if value
        }
        return any(
            (kind, identity.folded(identity.fold_of(kind, workspace.region), value)) in folds
            for spec in in_force
            for kind, value in spec.identities
        )
    found = hold_predicates(in_force, workspace.configs, workspace.stores).get(mapped.id)
    if found is None:
        return False

    def field(name: str) -> Scalar:
        value: Scalar = getattr(row, name, None)
        return value

    def clock(event: str, edge: Edge) -> datetime | None:
        when = row.received_at if event == "received" else row.closed_at
        return None if when is None else when.astimezone(UTC)

    return evaluate(found, field, clock)


def collection(workspace: Workspace) -> Collection | None:
    """The collection that maps the enquiries, where stores.yaml has it."""
    from servanda.runtime.workspace import ENQUIRIES

    for config in workspace.configs:
        if config.pack == ENQUIRIES:
            return config.collections[0]
    return None
