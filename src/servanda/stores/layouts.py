"""Which files, mailboxes, or calls of a program make a collection that is no table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileLayout:
    """Which files of a folder belong to the collection.

    `template`: relative path with `{group}` parts, for example `{yyyy}/{mm}/{dd}/{name}.wav`;
    known groups yyyy mm dd HH MM SS epoch make clocks, any other group is a field.
    `sidecars`: endings of files that belong to the same record (`.txt`, `.WAV`).
    `lines`: this collection's records are lines of the files, parsed by a regular expression
    with named groups; `rotated` files may be rewritten, the live one is overwritten in place.
    `sequence`: the product numbers the files of a folder without gaps, as `msg{n:04d}`; what
    remains after a deletion is renumbered under the product's own lock.
    """

    template: str
    sidecars: tuple[str, ...] = ()
    lines: str = ""
    rotated: str = ""
    sequence: str = ""


@dataclass(frozen=True, slots=True)
class MailboxLayout:
    """Which mailboxes of an IMAP account belong to the collection: names, `Archive/*`, or `*`."""

    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CommandLayout:
    """Arguments of the program that holds the collection, after its own name.

    `list` prints one JSON object a line. `delete` is given the keys to delete as JSON objects,
    one a line, or, where an argument is the name of a key field in braces, one record a call.
    """

    list: tuple[str, ...]
    delete: tuple[str, ...] = ()
    env: tuple[str, ...] = ()  # variables it may see
