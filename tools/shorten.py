"""Makes JavaScript of ours shorter: no comments, no needless space, short names of our own.

It knows only what the banner's source uses, and refuses what it does not know. Each name that the
source itself declares gets the same short name everywhere, so scopes stay as they were; properties,
keys and what the browser gives keep theirs. Two things are not for that source: a
list of declarations (`let a, b`) and a comma between expressions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from string import ascii_letters

_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n]*|/\*.*?\*/)"
    r'|(?P<text>"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')'
    r"|(?P<word>[A-Za-z_$][\w$]*|\d[\w.]*)"
    r"|(?P<sign>=>|\.\.\.|===|!==|==|!=|<=|>=|&&|\|\||\+\+|--|[-+*/%]=|[^\w\s])",
    re.S,
)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*")
_BEFORE_REGEX = frozenset(
    ("(", ",", "=", ":", "[", "!", "&", "|", "?", "{", "}", ";", "=>", "&&", "||", "return")
)
_RESERVED = frozenset(
    ("of", "as", "do", "if", "in", "get", "set", "is", "async", "await", "static")
)
_PAIRS = {")": "(", "]": "[", "}": "{"}


def shorten(source: str) -> str:
    parts = list(_tokens(source))
    for part in parts:
        if part == "`":
            raise ValueError("no templates (`) in the banner's source")
    names = _short(parts)
    return _joined(_renamed(parts, names))


def _tokens(source: str) -> Iterator[str]:
    at, before = 0, ";"
    while at < len(source):
        found = None
        if source[at] == "/" and source[at + 1] not in "/*" and before in _BEFORE_REGEX:
            found = _REGEX.match(source, at)
        found = found or _TOKEN.match(source, at)
        if found is None:
            raise ValueError(f"what is this? {source[at : at + 20]!r}")
        at = found.end()
        if found.lastgroup != "space":
            before = found[0]
            yield before


def _declared(parts: list[str]) -> set[str]:
    """Names after `const` and `let`, and parameters."""
    found: set[str] = set()
    for at, part in enumerate(parts):
        if part in ("const", "let"):
            end = at + 1 if parts[at + 1] not in "[{" else _closing(parts, at + 1)
            found |= {each for each in parts[at + 1 : end + 1] if _word(each)}
        elif part == "=>":
            start = _opening(parts, at - 1) if parts[at - 1] == ")" else at - 1
            found |= {each for each in parts[start:at] if _word(each)}
        elif part == "function":
            start = parts.index("(", at)
            found |= {each for each in parts[start : _closing(parts, start)] if _word(each)}
    return found


def _short(parts: list[str]) -> dict[str, str]:
    taken = set(parts) | _RESERVED
    if _declared(parts) & _RESERVED:
        raise ValueError(f"no names: {_declared(parts) & _RESERVED}")
    free = ("".join(each) for n in (1, 2) for each in product(ascii_letters, repeat=n))
    counted = Counter(each for each in parts if each in _declared(parts))
    by_use = sorted(counted, key=lambda name: (-counted[name], name))
    return {name: next(each for each in free if each not in taken) for name in by_use}


def _renamed(parts: list[str], names: dict[str, str]) -> Iterator[str]:
    inside: list[str] = []
    for at, part in enumerate(parts):
        before = parts[at - 1] if at else ""
        after = parts[at + 1] if at + 1 < len(parts) else ""
        if part in ("(", "[", "{"):
            inside.append(part)
        elif part in _PAIRS and inside.pop() != _PAIRS[part]:
            raise ValueError("brackets that do not match")
        field = bool(inside) and inside[-1] == "{" and before in ("{", ",")
        if part not in names or before == "." or (field and after == ":"):
            yield part
        elif field and after in (",", "}"):
            yield f"{part}:{names[part]}"
        else:
            yield names[part]


def _joined(parts: Iterator[str]) -> str:
    found: list[str] = []
    for part in parts:
        last = found[-1][-1] if found else ""
        tight = re.match(r"[\w$]", part) and re.match(r"[\w$]", last)
        if tight or (last in "+-" and last == part[0]):
            found.append(" ")
        found.append(part)
    return re.sub(r";\}", "}", "".join(found))


def _word(part: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z_$][\w$]*", part))


def _closing(parts: list[str], at: int) -> int:
    return _matching(parts, at, 1, "([{")


def _opening(parts: list[str], at: int) -> int:
    return _matching(parts, at, -1, ")]}")


def _matching(parts: list[str], at: int, step: int, more: str) -> int:
    depth = 0
    while True:
        if parts[at] in ("(", ")", "[", "]", "{", "}"):
            depth += 1 if parts[at] in more else -1
        if depth == 0:
            return at
        at += step
