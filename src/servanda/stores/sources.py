"""Where a value of a file lies: a property, a group of its path or line, a key of its sidecar."""

from __future__ import annotations

import re
from dataclasses import dataclass

from servanda.stores.mapping import FilePart
from servanda.stores.parts import FieldSpec, FilesDoc

PROPERTIES = ("path", "name", "stem", "size", "mtime")
MAX_EXPRESSION = 2000  # characters
_GROUP = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class FileNames:
    """The groups a layout gives names to."""

    groups: frozenset[str]

    @classmethod
    def of(cls, layout: FilesDoc) -> FileNames:
        groups = set(_GROUP.findall(layout.template))
        if layout.lines is not None:
            expression = line_expression(layout.lines)
            groups |= set(expression.groupindex if expression else ())
        return cls(frozenset(groups))


def line_expression(text: str) -> re.Pattern[str] | None:
    """The compiled expression of a log's lines; None when it is not one."""
    try:
        return re.compile(text) if len(text) <= MAX_EXPRESSION else None
    except (re.error, OverflowError, RecursionError):
        return None


def file_source(
    name: str, part: str | None, group: str | None, sidecar: str | None, names: FileNames
) -> FilePart | None:
    """What was said, or else what the name itself means: a group first, then a property.
    None when it means nothing."""
    if sidecar is not None:
        return FilePart("sidecar", sidecar)
    if group is not None:
        return FilePart("group", group) if group in names.groups else None
    match part or ("" if name in names.groups else name):
        case "path":
            return FilePart("path")
        case "name":
            return FilePart("name")
        case "stem":
            return FilePart("stem")
        case "size":
            return FilePart("size")
        case "mtime":
            return FilePart("mtime")
        case "":
            return FilePart("group", name) if name in names.groups else None
        case _:
            return None


def is_file_field(spec: FieldSpec) -> bool:
    return any(each is not None for each in (spec.part, spec.group, spec.sidecar))


def is_table_field(spec: FieldSpec) -> bool:
    return any(each is not None for each in (spec.column, spec.path, spec.via))
