"""Small things the worker does every so often."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace


def deliver_mail(workspace: Workspace) -> None:
    """Send what waits in the outbox."""
    from servanda.desk.requests import outbox

    outbox.deliver(workspace.desk.book)


def tell_webhooks(workspace: Workspace) -> None:
    """Tell other programs what was written into the ledger."""
    from servanda.desk import webhooks

    webhooks.deliver(workspace.master, inside=workspace.settings.web.webhooks_inside)


def tell_enquiries(workspace: Workspace) -> None:
    """Put closings into the ledger whose word was lost in a crash."""
    from servanda.desk import enquiries

    enquiries.tell_closed()
