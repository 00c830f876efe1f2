"""YAML that remembers where everything stands.

A file a person wrote becomes plain data (dict, list, str, int, float, bool, None) with the line and
column of every key and value. We read a small, safe part of YAML 1.2: no anchors, aliases, tags,
merge keys or second documents, so that no file can grow when it is read or make an object.
Whatever is wrong with a file becomes a located `Diagnostic`, never a traceback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from servanda.kernel.errors import Diagnostic, Place, UsageError, printable
from servanda.kernel.scalars import scalar

Where: TypeAlias = tuple[str | int, ...]  # path into the data: ("activities", "calls", "data", 0)

MAX_BYTES = 262_144
MAX_DEPTH = 40
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Located:
    """Plain data and where each part of it stands. `values` and `keys` are by path."""

    file: str
    source: bytes
    data: Any
    values: dict[Where, Place]
    keys: dict[Where, Place]

    def place(self, where: Where, *, key: bool = False) -> Place:
        """Where the value (or, with `key`, its key) stands; else its nearest surrounding."""
        for table in (self.keys, self.values) if key else (self.values, self.keys):
            if where in table:
                return table[where]
        while where:
            where = where[:-1]
            for table in (self.keys, self.values):
                if where in table:
                    return table[where]
        return Place(self.file, 1, 1)


@dataclass(slots=True)
class Findings:
    """Collects diagnostics about one located document."""

    located: Located
    found: list[Diagnostic] = field(default_factory=list)

    def error(
        self, where: Where, code: str, message: str, remedy: str = "", *, key: bool = False
    ) -> None:
        self._add(where, "error", code, message, remedy, key)

    def warning(
        self, where: Where, code: str, message: str, remedy: str = "", *, key: bool = False
    ) -> None:
        self._add(where, "warning", code, message, remedy, key)

    def _add(
        self,
        where: Where,
        severity: Literal["error", "warning"],
        code: str,
        message: str,
        remedy: str,
        key: bool,
    ) -> None:
        place = self.located.place(where, key=key)
        at = (place.file, place.line, place.column)
        self.found.append(Diagnostic(*at, severity, code, printable(message), printable(remedy)))


def has_errors(diagnostics: list[Diagnostic]) -> bool:
    return any(each.severity == "error" for each in diagnostics)


def read(path: Path, shown: str | None = None) -> tuple[Located | None, list[Diagnostic]]:
    """Read a YAML file. `shown`: its name in messages. UsageError when it cannot be opened."""
    name = shown or str(path)
    try:
        with path.open("rb") as stream:
            source = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a file name"
        raise UsageError(f"{name} cannot be read ({why})", "check the path") from error
    return parse(source, name)


def parse(source: bytes, file: str) -> tuple[Located | None, list[Diagnostic]]:
    """Bytes to located data. Without data (None) there is at least one error."""
    text, problem = _decode(source, file)
    if problem is not None:
        return None, [problem]
    builder = _Builder(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except _Stop:
        return None, builder.problems
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return None, [*builder.problems, _syntax(file, line, column, str(error.problem or ""))]
    except (YAMLError, ValueError, IndexError, AssertionError, TypeError, AttributeError) as error:
        # ruamel's scanner trips over some byte salads instead of saying what is wrong.
        line, column = builder.last
        return None, [*builder.problems, _syntax(file, line, column, type(error).__name__)]
    if not builder.started:
        return None, [_problem(file, 1, 1, "yaml-empty", "the file is empty", "write it first")]
    located = Located(file, source, builder.root, builder.values, builder.keys)
    return located, builder.problems


class _Stop(Exception):
    """Reading on makes no sense; the builder holds the diagnostic."""


def _decode(source: bytes, file: str) -> tuple[str, Diagnostic | None]:
    if len(source) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1024} KiB"
        return "", _problem(file, 1, 1, "yaml-too-large", message, "split it or move data out")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8", "replace")
        line, column = _position(before)
        message = f"byte {error.start + 1} is not UTF-8"
        return "", _problem(file, line, column, "yaml-encoding", message, "save the file as UTF-8")
    if bad := _UNPRINTABLE.search(text):
        line, column = _position(text[: bad.start()])
        message = f"unprintable character U+{ord(bad.group()):04X}"
        return "", _problem(file, line, column, "yaml-encoding", message, "remove it")
    return text, None


def _position(before: str) -> tuple[int, int]:
    """Line and column (from 1) just after `before`."""
    lines = re.split(r"\r\n|\r|\n", before)
    return len(lines), len(lines[-1]) + 1


def _problem(file: str, line: int, column: int, code: str, message: str, remedy: str) -> Diagnostic:
    return Diagnostic(file, line, column, "error", code, printable(message), printable(remedy))


def _syntax(file: str, line: int, column: int, what: str) -> Diagnostic:
    if "\\t" in what:
        message, remedy = "a tab stands where YAML wants spaces", "indent with spaces"
    else:
        message = f"not YAML: {what}" if what else "not YAML"
        remedy = "look at the indentation, colons, and quotes here and in the line above"
    return _problem(file, line, column, "yaml-syntax", message, remedy)


@dataclass(slots=True)
class _Frame:
    where: Where
    container: dict[str, Any] | list[Any]
    key: str | None = None  # of a mapping: the key whose value comes next
    skip: bool = False  # that key was a duplicate: its value is read and dropped


class _Builder:
    """Builds data from parser events with its own stack, so depth costs no recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[Where, Place] = {}
        self.keys: dict[Where, Place] = {}
        self.problems: list[Diagnostic] = []
        self.root: Any = None
        self.started = False
        self.last = (1, 1)
        self._stack: list[_Frame] = []
        self._documents = 0

    def take(self, event: Event) -> None:
        self.last = (event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._stop("yaml-documents", "a second document begins", "keep one in a file")
            case AliasEvent():
                self._stop("yaml-anchor", "anchors and aliases are not read", "write it out")
            case ScalarEvent() | MappingStartEvent() | SequenceStartEvent():
                self._node(event)
            case MappingEndEvent() | SequenceEndEvent():
                self._stack.pop()

    def _node(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        if event.anchor is not None:
            self._stop("yaml-anchor", "anchors and aliases are not read", "write it out")
        if event.tag is not None:
            self._stop("yaml-tag", "tags such as !!python are not read", "remove the tag")
        if isinstance(event, ScalarEvent) and _SURROGATE.search(event.value):
            self._stop("yaml-encoding", "an escape writes half a character", "write it whole")
        frame = self._stack[-1] if self._stack else None
        if frame is not None and isinstance(frame.container, dict) and frame.key is None:
            self._key(frame, event)
            return
        where = self._where(frame)
        value = _value(event)
        skipped = frame is not None and frame.skip
        self._put(frame, value)
        if not skipped:
            self.values[where] = Place(self.file, *self.last)
        if isinstance(value, dict | list):
            if len(self._stack) >= MAX_DEPTH:
                self._stop("yaml-too-deep", f"nested deeper than {MAX_DEPTH} levels", "flatten it")
            self._stack.append(_Frame(where if not skipped else (*where, "\0"), value))

    def _key(self, frame: _Frame, event: Event) -> None:
        if not isinstance(event, ScalarEvent):
            self._stop("yaml-key", "a key must be a single word or text", "write plain text")
        else:
            where = (*frame.where, event.value)
            frame.key = event.value
            frame.skip = event.value in frame.container
            if frame.skip:
                first = self.keys.get(where)
                seen = f" (first in line {first.line})" if first else ""
                message = f'the key "{event.value[:60]}" appears twice{seen}'
                self._note("yaml-duplicate-key", message, "keep one of them")
            else:
                self.keys[where] = Place(self.file, *self.last)

    def _where(self, frame: _Frame | None) -> Where:
        if frame is None:
            return ()
        if isinstance(frame.container, list):
            return (*frame.where, len(frame.container))
        return (*frame.where, frame.key or "")

    def _put(self, frame: _Frame | None, value: Any) -> None:
        if frame is None:
            self.root, self.started = value, True
        elif isinstance(frame.container, list):
            frame.container.append(value)
        else:
            if not frame.skip:
                frame.container[frame.key or ""] = value
            frame.key, frame.skip = None, False

    def _note(self, code: str, message: str, remedy: str) -> None:
        self.problems.append(_problem(self.file, *self.last, code, message, remedy))

    def _stop(self, code: str, message: str, remedy: str) -> None:
        self._note(code, message, remedy)
        raise _Stop


def _value(event: Event) -> Any:
    """Of a single value itself; of a mapping or list an empty one, to be filled."""
    if isinstance(event, ScalarEvent):
        return scalar(event.value, plain=not event.style)
    return {} if isinstance(event, MappingStartEvent) else []


def walk(data: Any, where: Where = ()) -> Iterator[tuple[Where, Any]]:
    """Every value inside `data` with its path, outermost first."""
    yield where, data
    if isinstance(data, dict):
        for key, value in data.items():
            yield from walk(value, (*where, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from walk(value, (*where, index))
