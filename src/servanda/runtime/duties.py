"""Small things the worker does every so often."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

log = logging.getLogger("servanda.work")
_DAY = timedelta(days=1)


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


def count_incidents(workspace: Workspace) -> None:
    """As often as evidence wants it, how many incidents are open and how many nobody looks into."""
    from servanda import ledger
    from servanda.desk import incidents

    now = datetime.now(UTC)
    last = ledger.history.last("incidents.census")
    if last is None or now - last.at >= workspace.settings.often(now, workspace.zone):
        incidents.census(timedelta(hours=workspace.settings.incidents.answer_hours))


def renew_forecast(workspace: Workspace) -> None:
    """Keep a forecast that somebody asked for young: the stores are asked once a day."""
    from servanda.desk.settings import SCHEDULE
    from servanda.runtime import forecast, jobs

    found = forecast.latest(workspace)
    if found is not None and datetime.now(UTC) - found.at >= _DAY:
        jobs.ask("forecast", {}, about="forecast", by=SCHEDULE)


def tend_mail(workspace: Workspace) -> None:
    """Read the inbox, where there is one; and say what could not be sent."""
    from servanda.runtime import inbox

    if inbox.wanted(workspace.settings.mail):
        for problem in inbox.tend(workspace):
            log.warning("%s", problem)
