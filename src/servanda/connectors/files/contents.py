"""The files of records, read where they lie. Nothing is changed by it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from servanda.connectors.files.cards import card_name
from servanda.connectors.files.record import Record
from servanda.connectors.files.walk import opened_file
from servanda.kernel.predicate import Predicate
from servanda.stores.port import Content, Held

if TYPE_CHECKING:
    from servanda.connectors.files.shelf import FileShelf


def contents(shelf: FileShelf, where: Predicate, fields: Sequence[str]) -> Iterator[Held]:
    """Sidecars first. The card of a record may tell all that is known of it, mapped or not; a
    recording tells no field."""
    everything = tuple(shelf.reader.fields)
    for folder, records in shelf.chosen(where):
        for each in records:
            record = Record(shelf.reader, folder, each)
            values = tuple(record.field_or_clock(name) for name in fields)
            card = card_name(each)
            for name, _ in each.files:
                tells = everything if name == card else ()
                with (
                    suppress(FileNotFoundError),
                    opened_file(name, folder.fd) as descriptor,
                    os.fdopen(os.dup(descriptor), "rb") as file,
                ):
                    changed = os.fstat(descriptor).st_mtime_ns
                    yield Held(
                        values, Content("/".join((*folder.parts, name)), changed, file), tells
                    )
