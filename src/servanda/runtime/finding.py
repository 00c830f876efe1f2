"""Finding people in a workspace's stores, for whoever works on their requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from servanda.plan import find as search

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace


def find(
    workspace: Workspace, subjects: Sequence[search.Subject], *, together: bool = False
) -> list[search.Tree]:
    """What is whose, one tree for each subject. Stores that fail are told in every tree.

    With `together`, what goes is told for all subjects going at once; see `plan.find.find`.
    """
    collections = [each for config in workspace.configs for each in config.collections]
    return search.find(subjects, collections, workspace.stores, together=together)
