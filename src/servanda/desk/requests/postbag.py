"""A mail as a request: who wrote, what was said, and which right the words may mean.

The danger: a bounce or a robot's answer opened as a request, or the guess of a right taken for
certain. What guards it: what says that it was sent by a machine is left alone, and the guess is a
proposal that staff confirm or `edit`; without any word for a right there is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime

from servanda.connectors.imap.text import addresses, body_text, header_text
from servanda.kernel import cards

_MOST_IDS = 20
_ID = re.compile(r"<[^<>\s]{1,190}>")
_LONGEST = 20_000  # characters of text that are kept with the request

WORDS: Mapping[str, tuple[str, ...]] = {
    "complaint": ("complaint", "complain"),
    "withdraw": ("withdraw", "revoke", "no longer consent"),
    "object": ("object to", "objection", "unsubscribe", "stop sending", "opt out"),
    "restriction": ("restrict", "restriction", "freeze my data"),
    "portability": ("portability", "machine-readable", "machine readable", "transfer my data"),
    "rectification": ("correct", "correction", "rectify", "rectification", "inaccurate", "wrong"),
    "erasure": ("erase", "erasure", "delete", "deletion", "remove my", "be forgotten"),
    "access": ("access", "copy of my", "copy of the data", "what data", "what you hold", "sar"),
}
"""Plain words for rights; where several are said, the earliest in the text counts."""


@dataclass(frozen=True, slots=True)
class Mailed:
    """`right`: a guess, blank where no word is one. `machine`: why it is no person's mail.
    `answers`: Message-IDs of mails that it answers. `own`: its words without quoted ones."""

    sender: str
    name: str
    subject: str
    text: str
    message_id: str
    arrived: date | None
    right: str
    machine: str = ""
    answers: tuple[str, ...] = ()
    own: str = ""


def read(raw: bytes) -> Mailed:
    """Never fails on what strangers send; `sender` is blank where there is none."""
    message = message_from_bytes(raw, _class=EmailMessage, policy=default)
    sender, name = addresses([str(each) for each in message.get_all("From", [])])
    subject = header_text(_header(message, "Subject")) or ""
    text = _text(message)[:_LONGEST]
    return Mailed(
        sender if sender.count("@") == 1 and "," not in sender else "",
        name,
        subject,
        text,
        _header(message, "Message-ID").strip(),
        _arrived(message),
        guess(f"{subject}\n{text}"),
        _machine(message, sender),
        tuple(dict.fromkeys(_ids(message)))[:_MOST_IDS],
        _own_words(f"{subject}\n{text}"),
    )


def has_card(mail: Mailed) -> bool:
    """Whether what would be kept of it holds the number of a payment card."""
    return any(cards.there(each) for each in (mail.subject, mail.name, mail.text))


def guess(text: str) -> str:
    """The right whose word comes first; blank where there is none."""
    found = [
        (match.start(), right)
        for right, words in WORDS.items()
        for word in words
        if (match := re.search(rf"\b{re.escape(word)}", _own_words(text), re.IGNORECASE))
    ]
    return min(found, default=(0, ""))[1]


def is_id(text: str) -> bool:
    """Whether it can stand in a header as a Message-ID."""
    return _ID.fullmatch(text) is not None and text.isascii()


def _ids(message: EmailMessage) -> list[str]:
    return _ID.findall(f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}")


def _own_words(text: str) -> str:
    """Without what is quoted from an earlier mail."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))


def _machine(message: EmailMessage, sender: str) -> str:
    """RFC 3834 and what older programs do instead."""
    submitted = _header(message, "Auto-Submitted").strip().lower()
    local = sender.partition("@")[0]
    if submitted and submitted.partition(";")[0].strip() != "no":
        return "it answers by itself"
    if message.get_content_type() == "multipart/report" or local in ("mailer-daemon", "postmaster"):
        return "it reports on a delivery"
    if _header(message, "Return-Path").strip() == "<>":
        return "it has no return path"
    if _header(message, "Precedence").strip().lower() in ("bulk", "list", "junk", "auto_reply"):
        return "it was sent in bulk"
    if any(name in message for name in ("X-Autoreply", "X-Autorespond", "List-Id")):
        return "it comes from a list or a robot"
    return ""


def _arrived(message: EmailMessage) -> date | None:
    """The day our own server took it; else the day it says that it was written."""
    stamps = [str(each).rpartition(";")[2] for each in message.get_all("Received", [])[:1]]
    for stamp in (*stamps, _header(message, "Date")):
        try:
            found: datetime = parsedate_to_datetime(stamp.strip())
        except (ValueError, TypeError, IndexError):
            continue
        return found.date()
    return None


def _text(message: EmailMessage) -> str:
    for html in (False, True):
        for part in message.walk():
            if part.get_content_type() == ("text/html" if html else "text/plain"):
                if part.get_content_disposition() == "attachment":
                    continue
                content = part.get_payload(decode=True)
                if isinstance(content, bytes):
                    return body_text(content, "", part.get_content_charset(), html=html)
    return ""


def _header(message: EmailMessage, name: str) -> str:
    """As text, also where it is so broken that the parser gives up on it."""
    try:
        return str(message.get(name, ""))
    except Exception:  # the standard library fails in many ways on broken headers
        return ""
