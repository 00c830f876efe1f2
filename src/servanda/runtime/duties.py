"""Small things the worker does every so often."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace


def deliver_mail(workspace: Workspace) -> None:
    """Send what waits in the outbox."""
    from servanda.desk.requests import outbox

    outbox.deliver(workspace.desk.book)
