"""Finding people in a workspace's stores, for whoever works on their requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from servanda.kernel import identity
from servanda.plan import find as search

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace


def find(
    workspace: Workspace, subjects: Sequence[search.Subject], *, together: bool = False
) -> list[search.Tree]:
    """What is whose, one tree for each subject. Stores that fail are told in every tree.

    UsageError for a customer nobody knows, and for what is no identity.

    With `together`, what goes is told for all subjects going at once; see `plan.find.find`.
    """
    for subject in subjects:
        if subject.tenant is not None:
            workspace.check_tenant(subject.tenant)
    collections = [each for config in workspace.configs for each in config.collections]
    known = [kind for each in collections for kind, _ in each.identify]
    for kind, value in dict.fromkeys(pair for each in subjects for pair in each.identities):
        identity.require_kind(kind, known)
        identity.require(kind, value, workspace.region)
    return search.find(
        subjects, collections, workspace.stores, together=together, own=workspace.own
    )
