"""Finding people in a workspace's stores, for whoever works on their requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from servanda.plan import find as search

if TYPE_CHECKING:
    from servanda.publish.package import Gathered
    from servanda.runtime.workspace import Workspace


def find(
    workspace: Workspace, subjects: Sequence[search.Subject], *, together: bool = False
) -> list[search.Tree]:
    """What is whose, one tree for each subject. Stores that fail are told in every tree.

    With `together`, what goes is told for all subjects going at once; see `plan.find.find`.
    """
    collections = [each for config in workspace.configs for each in config.collections]
    return search.find(subjects, collections, workspace.stores, together=together)


def gather(workspace: Workspace, subject: search.Subject) -> Gathered:
    """What one person is given; of very many records the most are left to when they are read."""
    from servanda.publish import package

    collections = [each for config in workspace.configs for each in config.collections]
    return package.gather(subject, collections, workspace.stores)
