"""Mail a code at once, without anybody having to wait for the server.

It is put down in the outbox, as all mails are, sealed under a key of its own that is destroyed when
it is sent; so it is not lost with its process, and the worker sends what is left. How long the
server takes, and whether it takes it at all, does not show in what the caller is answered.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from servanda import state
from servanda.desk import post
from servanda.desk.requests import outbox
from servanda.desk.requests.book import Book
from servanda.kernel.errors import ServandaError

log = logging.getLogger("servanda.portal")


def send(book: Book, to: str, subject: str, text: str) -> None:
    """Without a mail server the mail is written into the folder of letters."""
    mail = post.send(book, "portal-code", to, subject, text, about="portal")
    if book.settings.mail.host:
        _hands().submit(_sent, book, mail)
    else:
        _sent(book, mail, close=False)


@cache
def _hands() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="codes")


def _sent(book: Book, mail: int, *, close: bool = True) -> None:
    try:
        outbox.deliver(book, only=mail)
    except ServandaError as error:  # the worker tries again; its words name no address
        log.warning("a code could not be mailed: %s", error)
    finally:
        if close:
            state.close_thread()
