"""What can be read of an e-mail message: the names a mapping may use, and which mailboxes it means.

`header:NAME` is any other header. `keyword:NAME` is whether the keyword is set; `keyword-text:P`
is what follows P in the name of the first keyword that begins so (`closed-2025-03-01`), which
gives a time to what a mail program can only mark.
"""

from __future__ import annotations

from collections.abc import Iterable

PLACE = ("url", "user", "folder", "uidvalidity", "uid")
ADDRESSES = ("from", "to", "cc", "bcc", "reply_to", "sender")
NAMES = tuple(f"{each}_name" for each in ADDRESSES)
HEADERS = ("subject", "date", "message_id", "in_reply_to", "references")
PARTS = ("internaldate", "savedate", "size", "flags", "attachments", "body", "message")
KNOWN = frozenset((*PLACE, *ADDRESSES, *NAMES, *HEADERS, *PARTS))
TIMES = ("internaldate", "savedate", "date")
_PREFIXES = ("header:", "keyword:", "keyword-text:")


def is_mail_field(name: str) -> bool:
    return name in KNOWN or any(
        name.startswith(prefix) and name[len(prefix) :].isascii() and name[len(prefix) :].strip()
        for prefix in _PREFIXES
    )


def matches(folder: str, pattern: str) -> bool:
    """Whether a mailbox is meant: by its name, or below `Archive/*`; `*` alone means every one.
    INBOX is the same in any case, as the protocol says."""
    if pattern == "*":
        return True
    if pattern.endswith("/*"):
        return folder.startswith(pattern[:-1])
    return folder == pattern or folder.upper() == pattern.upper() == "INBOX"


def covered(folder: str, patterns: Iterable[str]) -> bool:
    return any(matches(folder, pattern) for pattern in patterns)
