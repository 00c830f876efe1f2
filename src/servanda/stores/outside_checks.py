"""Do mappings of mailboxes and programs name what is there, and safely?"""

from __future__ import annotations

import re

from servanda.kernel.located import Findings, Where
from servanda.kernel.suggest import did_you_mean
from servanda.policy.types import brief
from servanda.stores.compile import full_fields, implied_fields
from servanda.stores.document import CollectionDoc
from servanda.stores.mailfields import KNOWN, is_mail_field
from servanda.stores.outside import CommandDoc
from servanda.stores.parts import ClockSpec

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_mail(doc: CollectionDoc, findings: Findings, where: Where) -> None:
    fields = full_fields(doc)
    url = False
    for name, spec in fields.items():
        column = spec.column or name
        url = url or (column == "url" and name in doc.key)
        if spec.via is not None or spec.path is not None:
            findings.error(
                (*where, "fields", name),
                "source-mismatch",
                "a message has no tables to join and no JSON columns",
                "name a mail field under `column`",
                key=True,
            )
        else:
            _check_name(column, findings, (*where, "fields", name))
    for name in implied_fields(doc):
        _check_name(name, findings, (*where, "where", name))
    for event, clock in doc.clocks.items():
        place: Where = (*where, "clocks", event)
        column = (clock.column or "") if isinstance(clock, ClockSpec) else clock
        if isinstance(clock, ClockSpec) and (clock.via is not None or clock.path is not None):
            findings.error(
                place,
                "source-mismatch",
                "a message has no tables to join",
                "take internaldate, date, savedate, header:NAME or keyword-text:PREFIX",
                key=True,
            )
        elif column:
            _check_name(column, findings, place)
    if not url:
        findings.error(
            where,
            "mailbox-key",
            "the key does not name a message for good",
            "write `key: [url, message_id]` and declare both under `not_personal:` or `fields:`",
            key=True,
        )


def _check_name(column: str, findings: Findings, where: Where) -> None:
    if not is_mail_field(column):
        findings.error(
            where,
            "unknown-part",
            f'a message has no "{brief(column)}"',
            f"{did_you_mean(column, KNOWN)} Otherwise header:NAME or keyword:NAME".strip(),
        )


def check_command(doc: CollectionDoc, findings: Findings, where: Where) -> None:
    command = doc.command
    assert command is not None
    for at, words in (("list", command.list_), ("delete", command.delete)):
        for index, word in enumerate(words):
            _check_word(doc, command, at, index, word, findings, (*where, "command", at, index))
    for index, name in enumerate(command.env):
        if not _VARIABLE.fullmatch(name):
            findings.error(
                (*where, "command", "env", index),
                "command-layout",
                f'"{brief(name)}" is not the name of a variable',
                "write its name alone; its value comes from our own environment",
            )
    if not doc.key:
        findings.error(
            where,
            "command-layout",
            "a program is told by keys what to delete",
            "name the fields of the `key`",
            key=True,
        )


def _check_word(
    doc: CollectionDoc,
    command: CommandDoc,
    at: str,
    index: int,
    word: str,
    findings: Findings,
    where: Where,
) -> None:
    """An argument is plain text, or as a whole the name of a key field in braces."""
    found = _PLACEHOLDER.findall(word)
    if not found:
        return
    if at == "list" or word != f"{{{found[0]}}}" or found[0] not in doc.key:
        findings.error(
            where,
            "command-layout",
            f'"{brief(word)}" is not one whole field of the key',
            "only under `delete`, and only as an argument by itself: `{id}`",
        )
    elif "--" not in command.delete[:index]:
        findings.error(
            where,
            "command-layout",
            "a value could be taken for an option",
            'put "--" before it, if the program knows that; else let it read keys from its input',
        )
