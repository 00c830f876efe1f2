"""Messages of a mailbox, streamed: batches of just the parts that are asked for.

Memory holds one batch: some hundred headers, or about `_BYTES` of mail where content is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from servanda.connectors.imap.box import Box
from servanda.connectors.imap.mail import Mail, items_for
from servanda.connectors.imap.session import Session
from servanda.kernel.errors import StoreRefused

_MESSAGES = 500
_BYTES = 8 << 20


def mails(
    session: Session, box: Box, uids: Iterable[int], columns: Collection[str]
) -> Iterator[Mail]:
    """Those of the messages that are still there."""
    items = items_for(columns)
    if "SAVEDATE" in items.split() and "SAVEDATE" not in session.capabilities:
        raise StoreRefused(
            "the mail server does not say when a message was put into a mailbox (SAVEDATE)",
            "take `internaldate` as the clock",
        )
    left = iter(uids)
    while batch := list(islice(left, _MESSAGES)):
        if not items:
            yield from (Mail(box, uid) for uid in batch)
            continue
        told = session.fetch(batch, items)
        found = [Mail(box, uid, told[uid]) for uid in batch if uid in told]
        if not {"body", "message"} & set(columns):
            yield from found
            continue
        for some in _light(found):
            if "body" in columns:
                _read_texts(session, some)
            if "message" in columns:
                _read_whole(session, some)
            yield from some


def _light(found: list[Mail]) -> Iterator[list[Mail]]:
    """Runs of messages that together are not larger than `_BYTES`, or single ones that are."""
    run: list[Mail] = []
    size = 0
    for mail in found:
        own = int(mail.told.get("RFC822.SIZE") or 0)
        if run and size + own > _BYTES:
            yield run
            run, size = [], 0
        run.append(mail)
        size += own
    if run:
        yield run


def _read_texts(session: Session, some: list[Mail]) -> None:
    """One FETCH for all messages that have their text in the same places."""
    alike: defaultdict[tuple[str, ...], list[Mail]] = defaultdict(list)
    for mail in some:
        alike[tuple(part.number for part in mail.parts if part.is_text)].append(mail)
    for numbers, group in alike.items():
        if not numbers:
            continue
        items = " ".join(f"BODY.PEEK[{number}]" for number in numbers)
        told = session.fetch([mail.uid for mail in group], items)
        for mail in group:
            answer = told.get(mail.uid, {})
            mail.texts = {number: answer.get(f"BODY[{number}]") or b"" for number in numbers}


def _read_whole(session: Session, some: list[Mail]) -> None:
    told = session.fetch([mail.uid for mail in some], "BODY.PEEK[]")
    for mail in some:
        mail.whole = told.get(mail.uid, {}).get("BODY[]") or b""
