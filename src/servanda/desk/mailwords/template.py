"""Templates of mails: a line `Subject: …`, an empty line, and the text, with {placeholders}.

`{{` and `}}` stand for single braces. Nothing else is done to a text: no conditions, no code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from servanda.desk.mailwords.kinds import KINDS, Kind
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean

_PIECE = re.compile(r"\{\{|\}\}|\{([a-z_]{1,40})\}|[{}]")
_LARGEST = 64_000  # bytes of one template


@dataclass(frozen=True, slots=True)
class Words:
    """A template that is sound, and where it came from ("" for our own)."""

    kind: str
    subject: str
    text: str
    source: str = ""

    def say(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Subject and text. Every placeholder of the kind has a value."""
        missing = set(KINDS[self.kind].placeholders) - set(values)
        if missing:
            raise ValueError(f"no value for {min(missing)}")
        return _filled(self.subject, values), _filled(self.text, values)


def words(folder: str, kind: str) -> Words:
    """The company's own in `folder`, or ours. UsageError, with the line, for one that is wrong."""
    _need(kind)
    path = Path(folder) / f"{kind}.txt"
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return ours(kind)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})", "check its owner") from None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text", "save it as UTF-8") from None
    if len(raw) > _LARGEST:
        raise UsageError(f"{path} is too long for a mail", "shorten it")
    return _parsed(kind, text, str(path))


@cache
def builtin(kind: str) -> str:
    """The text of our own template, for editing."""
    _need(kind)
    return files("servanda.desk.mailwords").joinpath("data", f"{kind}.txt").read_text("utf-8")


def ours(kind: str) -> Words:
    return _parsed(kind, builtin(kind), "")


def check(folder: str) -> list[Words]:
    """Every kind as it stands. UsageError for the first that is wrong, or a file of no kind."""
    for path in sorted(Path(folder).glob("*.txt")):
        if path.stem not in KINDS:
            raise UsageError(f"{path}: there is no such mail", did_you_mean(path.stem, KINDS))
    return [words(folder, kind) for kind in KINDS]


def _need(kind: str) -> None:
    if kind not in KINDS:
        raise UsageError(f'there is no mail "{kind[:40]}"', did_you_mean(kind, KINDS))


def _parsed(kind: str, content: str, source: str) -> Words:
    lines = content.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    name, colon, subject = lines[0].partition(":")
    if name.strip().lower() != "subject" or not colon or not subject.strip():
        raise _wrong(source, 1, "the first line is not a subject", "begin with  Subject: …")
    if len(lines) > 1 and lines[1].strip():
        raise _wrong(source, 2, "there is no empty line after the subject", "leave line 2 empty")
    known = KINDS[kind]
    used: set[str] = set()
    for number, line in enumerate(lines, 1):
        for name in _placeholders(source, number, line, known):
            if known.first and name == known.first[1] and known.first[0] not in used:
                before, after, why = known.first
                raise _wrong(source, number, f"{{{after}}} stands before {{{before}}}", why)
            used.add(name)
    left_out = sorted(known.required - used)
    if left_out:
        raise _wrong(
            source,
            len(lines),
            f"the text ends and {{{left_out[0]}}} is not in it",
            f"it must be said: {known.placeholders[left_out[0]]}",
        )
    return Words(kind, subject.strip(), "\n".join(lines[2:]).strip("\n") + "\n", source)


def _placeholders(source: str, number: int, line: str, kind: Kind) -> list[str]:
    found = []
    for match in _PIECE.finditer(line):
        name = match[1]
        if name is None and match[0] in "{}":
            raise _wrong(
                source, number, f'a single "{match[0]}"', "write {name}, or {{ and }} for braces"
            )
        if name is not None and name not in kind.placeholders:
            raise _wrong(
                source,
                number,
                f"there is no {{{name}}} in this mail",
                did_you_mean(name, kind.placeholders),
            )
        if name is not None:
            found.append(name)
    return found


def _filled(text: str, values: Mapping[str, str]) -> str:
    """In one pass, so that braces in a value are only braces."""

    def piece(match: re.Match[str]) -> str:
        return values[match[1]] if match[1] else match[0][0]

    return _PIECE.sub(piece, text)


def _wrong(source: str, line: int, what: str, remedy: str) -> UsageError:
    return UsageError(f"{source or 'template'}, line {line}: {what}", remedy)
