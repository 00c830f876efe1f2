"""Do a collection's sources fit the kind of its store: columns of tables, parts of files?"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from servanda.kernel.located import Findings, Where
from servanda.policy.types import brief
from servanda.stores.compile import full_fields, implied_fields
from servanda.stores.document import CollectionDoc
from servanda.stores.outside_checks import check_command, check_mail
from servanda.stores.parts import ClockSpec, FilesDoc
from servanda.stores.sources import (
    FileNames,
    file_source,
    is_file_field,
    is_table_field,
    line_expression,
)

_MISFIT = "read it from a column"
_MISFIT_FILE = "read it with `part`, `group` or `sidecar`"

Kind: TypeAlias = Literal["table", "files", "mailbox", "command"]
_SAID: dict[Kind, str] = {
    "files": "a folder, but the collection does not say which files",
    "mailbox": "a mail account, but the collection does not say which mailboxes",
    "command": "a program, but the collection does not say how it is called",
}
_ADD: dict[Kind, str] = {
    "files": "add `files: {template: …}`",
    "mailbox": "add `mailbox: {folders: [INBOX]}`",
    "command": "add `command: {list: […]}`",
}
_CODE: dict[Kind, str] = {
    "files": "files-layout",
    "mailbox": "mailbox-layout",
    "command": "command-layout",
}
_ADDRESS: dict[Kind, tuple[str, str]] = {
    "files": ("a folder", "file:…"),
    "mailbox": ("a mail account", "imaps:…"),
    "command": ("a program", "command:…"),
}


def check_layout(doc: CollectionDoc, kind: Kind, findings: Findings, where: Where) -> None:
    """`kind`: what the store's collections are."""
    for event, clock in doc.clocks.items():
        if isinstance(clock, ClockSpec):
            _check_clock(clock, findings, (*where, "clocks", event))
    said: dict[Kind, object] = {
        "files": doc.files,
        "mailbox": doc.mailbox,
        "command": doc.command,
    }
    if kind != "table" and said[kind] is None:
        what = f"the store is {_SAID[kind]}"
        findings.error(where, _CODE[kind], what, _ADD[kind], key=True)
        return
    for other, written in said.items():
        if written is not None and other != kind:
            what, address = _ADDRESS[other]
            findings.error(
                (*where, other),
                _CODE[other],
                f"the store is not {what}",
                f"remove `{other}`, or connect to {address}",
                key=True,
            )
            return
    if doc.files is not None:
        _check_template(doc.files, findings, (*where, "files"))
        _check_file_sources(doc, FileNames.of(doc.files), findings, where)
        return
    _check_table(doc, findings, where)
    if doc.mailbox is not None:
        check_mail(doc, findings, where)
    elif doc.command is not None:
        check_command(doc, findings, where)


def _check_clock(clock: ClockSpec, findings: Findings, where: Where) -> None:
    said = [
        clock.via is not None,
        clock.path is True,
        clock.mtime,
        clock.sidecar is not None,
        clock.group is not None,
        clock.column is not None,
    ]
    if sum(said) != 1 or (isinstance(clock.path, list) and clock.column is None):
        findings.error(
            where,
            "clock-source",
            "the clock must say one place to read from",
            "give exactly one of column, via, path, mtime, sidecar, group",
        )
    if (clock.as_ == "text") != (clock.format is not None):
        findings.error(
            where,
            "clock-format",
            "`as: text` and `format` belong together",
            "add the missing one, for example `format: '%Y-%m-%d %H:%M:%S'`",
        )


def _check_table(doc: CollectionDoc, findings: Findings, where: Where) -> None:
    for name, spec in full_fields(doc).items():
        if is_file_field(spec):
            _mismatch(findings, (*where, "fields", name), "of a file", _MISFIT)
        if spec.via is not None and (spec.path is not None or spec.column is not None):
            _mismatch(findings, (*where, "fields", name), "twice over", "keep `via` or `column`")
    for event, clock in doc.clocks.items():
        of_file = isinstance(clock, ClockSpec) and (
            clock.path is True or clock.mtime or clock.sidecar is not None or clock.group
        )
        if of_file:
            _mismatch(findings, (*where, "clocks", event), "of a file", _MISFIT)


def _check_file_sources(
    doc: CollectionDoc, names: FileNames, findings: Findings, where: Where
) -> None:
    for name, spec in full_fields(doc).items():
        place: Where = (*where, "fields", name)
        if is_table_field(spec):
            _mismatch(findings, place, "of a table", _MISFIT_FILE)
        elif file_source(name, spec.part, spec.group, spec.sidecar, names) is None:
            _unknown_part(findings, place, spec.group or name)
    for name in implied_fields(doc):
        if file_source(name, None, None, None, names) is None:
            _unknown_part(findings, (*where, "where", name), name)
    for event, clock in doc.clocks.items():
        place = (*where, "clocks", event)
        if isinstance(clock, str):
            if file_source(clock, None, None, None, names) is None:
                _unknown_part(findings, place, clock)
        elif clock.via is not None or clock.column is not None:
            _mismatch(findings, place, "of a table", "read it from path, mtime, sidecar or group")
        elif clock.group is not None and clock.group not in names.groups:
            _unknown_part(findings, place, clock.group)


def _unknown_part(findings: Findings, where: Where, name: str) -> None:
    findings.error(
        where,
        "unknown-part",
        f'a file has no "{brief(name)}"',
        "name a group of the template, or path, name, stem, size, mtime, or {sidecar: KEY}",
    )


def _mismatch(findings: Findings, where: Where, what: str, remedy: str) -> None:
    findings.error(where, "source-mismatch", f"the value is read {what}", remedy, key=True)


def _check_template(files: FilesDoc, findings: Findings, where: Where) -> None:
    parts = files.template.split("/")
    if not all(parts) or "." in parts or ".." in parts:
        findings.error(
            (*where, "template"),
            "files-layout",
            "the template must be a path inside the folder",
            "write it relative, without empty parts and without ..",
        )
    left = re.sub(r"\{[A-Za-z_][A-Za-z0-9_]*\}", "", files.template)
    if "{" in left or "}" in left:
        findings.error(
            (*where, "template"),
            "files-layout",
            "braces must stand around the name of a group",
            "write for example {yyyy}/{mm}/{call}.wav",
        )
    if files.lines is not None:
        expression = line_expression(files.lines)
        if expression is None or not expression.groupindex:
            findings.error(
                (*where, "lines"),
                "files-layout",
                "`lines` is not a regular expression with named groups",
                "write for example (?P<when>\\S+) (?P<caller>\\S+)",
            )
