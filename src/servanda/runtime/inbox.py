"""Mail of a workspace, in and out: what the worker does every minute.

inbox.tend(workspace)      # problems, in words; never raises for what a mail server does
inbox.poll(workspace)      # the same for people who want to know: raises
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from servanda.kernel.errors import ServandaError

if TYPE_CHECKING:
    from servanda.desk.requests.inbox import Polled
    from servanda.desk.requests.outbox import Posted
    from servanda.desk.settings import MailSettings
    from servanda.runtime.workspace import Workspace

EVERY_S = 60.0
"""How often the worker should `tend`."""


def wanted(settings: MailSettings) -> bool:
    """Whether there is an inbox to read, or a server to send by."""
    return bool(settings.inbox or settings.host)


def poll(workspace: Workspace, stopped: Callable[[], bool] = lambda: False) -> Polled:
    """Let go what nobody confirmed in time, read the inbox, and send what waits. `use_state` comes
    first."""
    polled, _ = _tended(workspace, stopped)
    return polled


def tend(workspace: Workspace, stopped: Callable[[], bool] = lambda: False) -> list[str]:
    """The same, with problems as words: of the inbox, and of mails that were not sent."""
    from servanda.desk import mailwords
    from servanda.desk.requests import outbox

    problems = []
    try:
        mailwords.check(workspace.desk.book.settings.mail.templates)
    except ServandaError as error:  # mails go out in our words until it is mended
        problems.append(f"mail: {error}")
    try:
        _, sent = _tended(workspace, stopped)
    except ServandaError as error:
        problems.append(f"mail: {error}")
        try:  # an inbox that is away keeps nothing from being sent
            sent = outbox.deliver(workspace.desk.book)
        except ServandaError as other:
            return [*problems, f"mail: {other}"]
    return problems + _unsent(sent)


def _tended(workspace: Workspace, stopped: Callable[[], bool]) -> tuple[Polled, list[Posted]]:
    from servanda.desk.requests import inbox, outbox

    book = workspace.desk.book
    inbox.expire(book)
    polled = inbox.Polled()
    if book.settings.mail.inbox:
        polled = inbox.poll(book, stopped=stopped)
    return polled, outbox.deliver(book)


def _unsent(sent: list[Posted]) -> list[str]:
    return [
        f"mail {each.id} {f'of request {each.request}' if each.request else f'({each.kind})'}: "
        f"{each.state}"
        for each in sent
        if each.state in ("failed", "unsure")
    ]
