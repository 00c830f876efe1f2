"""The protocol's own notation: names of mailboxes, quoted text, and answers taken apart.

`imaplib` gives an answer as lines and literals; `parsed` makes nested lists of it, in which NIL is
None, a list is a list, and everything else is bytes.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

Item: TypeAlias = Any  # None, bytes, or a list of items
Segment: TypeAlias = "bytes | tuple[bytes, bytes]"

_TOKEN = re.compile(
    rb"""\s*(?:
        (?P<open>\() | (?P<close>\))
      | "(?P<quoted>(?:[^"\\]|\\.)*)"
      | (?P<literal>\{\d+\+?\}$)
      | (?P<atom>[^\s()"\[\]{]+\[[^\]]*\](?:<\d+>)?|[^\s()"]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_SHIFTED = re.compile(r"&([^-]*)-")
_FOREIGN = re.compile(r"[^\x20-\x7e]+")


class Unreadable(Exception):
    """The server's answer is not in the protocol's notation."""


def answers(data: Iterable[Segment | None]) -> Iterator[list[Item]]:
    """Each answer of a command whose answers may hold literals, as `imaplib` collects them."""
    pending: list[Segment] = []
    for each in data:
        if each is None:
            continue
        pending.append(each)
        if isinstance(each, bytes):
            yield parsed(pending)
            pending = []


def parsed(segments: Iterable[Segment]) -> list[Item]:
    stack: list[list[Item]] = [[]]
    for segment in segments:
        head, literal = segment if isinstance(segment, tuple) else (segment, None)
        at = 0
        while at < len(head) and (match := _TOKEN.match(head, at)):
            at = match.end()
            if match["open"]:
                stack.append([])
            elif match["close"]:
                if len(stack) == 1:
                    raise Unreadable
                stack[-2].append(stack.pop())
            elif match["literal"] and literal is not None:
                stack[-1].append(literal)
            elif match["quoted"] is not None:
                stack[-1].append(_ESCAPED.sub(rb"\1", match["quoted"]))
            else:
                atom = match["atom"] or match["literal"]
                stack[-1].append(None if atom.upper() == b"NIL" else atom)
        if head[at:].strip():
            raise Unreadable
    if len(stack) != 1:
        raise Unreadable
    return stack[0]


def pairs(items: list[Item]) -> dict[str, Item]:
    """`[UID, 5, FLAGS, […]]` as a mapping with names in capitals."""
    return {
        name.decode("ascii", "replace").upper(): value
        for name, value in zip(items[::2], items[1::2], strict=False)
        if isinstance(name, bytes)
    }


def quoted(text: str) -> str:
    """ASCII text as a quoted string of the protocol."""
    if not text.isascii() or set(text) & set("\r\n\0"):
        raise ValueError("not for a quoted string")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# ── names of mailboxes: modified UTF-7 (RFC 3501, section 5.1.3) ─────────────────────────────


def encoded_name(name: str) -> str:
    def shifted(match: re.Match[str]) -> str:
        packed = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=")
        return "&" + packed.replace("/", ",") + "-"

    return _FOREIGN.sub(shifted, name.replace("&", "&-"))


def decoded_name(raw: bytes) -> str:
    def shifted(match: re.Match[str]) -> str:
        packed = match[1].replace(",", "/")
        if not packed:
            return "&"
        return base64.b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-16-be")

    text = raw.decode("utf-8", "replace")
    try:
        return _SHIFTED.sub(shifted, text)
    except ValueError:  # not encoded as it should be: what it says is its name
        return text


# ── sets of UIDs ──────────────────────────────────────────────────────────────────────────────


def uid_set(uids: Iterable[int]) -> str:
    """`1:3,7` for 1, 2, 3, 7."""
    runs: list[list[int]] = []
    for uid in sorted(uids):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)
