"""Finding people in a workspace's stores, for whoever works on their requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from servanda.kernel import identity
from servanda.plan import find as search

if TYPE_CHECKING:
    from servanda.publish.package import Gathered
    from servanda.runtime.workspace import Workspace
    from servanda.stores.mapping import Collection


def find(
    workspace: Workspace, subjects: Sequence[search.Subject], *, together: bool = False
) -> list[search.Tree]:
    """What is whose, one tree for each subject. Stores that fail are told in every tree.

    UsageError for a customer nobody knows, and for what is no identity.

    With `together`, what goes is told for all subjects going at once; see `plan.find.find`.
    """
    _check(workspace, subjects)
    return search.find(
        subjects,
        _collections(workspace),
        workspace.stores,
        together=together,
        own=workspace.own,
    )


def gather(workspace: Workspace, subject: search.Subject) -> Gathered:
    """What one person is given; of very many records the most are left to when they are read."""
    from servanda.publish import package

    _check(workspace, [subject])
    return package.gather(subject, _collections(workspace), workspace.stores, own=workspace.own)


def _collections(workspace: Workspace) -> list[Collection]:
    return [each for config in workspace.configs for each in config.collections]


def _check(workspace: Workspace, subjects: Sequence[search.Subject]) -> None:
    """UsageError for a customer nobody knows, and for what is no identity."""
    for subject in subjects:
        if subject.tenant is not None:
            workspace.check_tenant(subject.tenant)
    known = [kind for each in _collections(workspace) for kind, _ in each.identify]
    for kind, value in dict.fromkeys(pair for each in subjects for pair in each.identities):
        identity.require_kind(kind, known)
        identity.require(kind, value, workspace.region)


def restricted(workspace: Workspace, subject: search.Subject) -> list[str]:
    """Requests by which the use of this person's data is restricted now. The state is open."""
    from servanda.desk import holds

    wanted = {
        (kind, identity.folded(identity.fold_of(kind, workspace.region), value))
        for kind, value in subject.identities
    }
    _, in_force = holds.in_force(workspace.master)
    return [
        spec.origin
        for spec in in_force
        if spec.origin
        and any(
            (kind, identity.folded(identity.fold_of(kind, workspace.region), value)) in wanted
            for kind, value in spec.identities
        )
    ]
