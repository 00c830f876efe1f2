"""Finding people in a workspace's stores, for whoever works on their requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from servanda.kernel.identity import require_kind
from servanda.plan import find as search

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace


def find(
    workspace: Workspace, subjects: Sequence[search.Subject], *, together: bool = False
) -> list[search.Tree]:
    """What is whose, one tree for each subject. Stores that fail are told in every tree.

    UsageError for a customer, or a kind of identity, that nobody knows.

    With `together`, what goes is told for all subjects going at once; see `plan.find.find`.
    """
    for subject in subjects:
        if subject.tenant is not None:
            workspace.check_tenant(subject.tenant)
    collections = [each for config in workspace.configs for each in config.collections]
    known = {kind for each in collections for kind, _ in each.identify}
    for kind in {kind for each in subjects for kind, _ in each.identities}:
        require_kind(kind, known)
    return search.find(
        subjects, collections, workspace.stores, together=together, own=workspace.own
    )
