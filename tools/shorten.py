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
_BEFORE_REGEX = frozenset("( , = : [ ! & | ? { } ; => && || return".split())
_RESERVED = frozenset("of as do if in get set is async await static".split())
_PAIRS = {")": "(", "]": "[", "}": "{"}


def shorten(source: str) -> str:
    tokens = list(_tokens(source))
    for token in tokens:
        if token == "`":
            raise ValueError("no templates (`) in the banner's source")
    names = _short(tokens)
    return _joined(_renamed(tokens, names))


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


def _declared(tokens: list[str]) -> set[str]:
    """Names after `const` and `let`, and parameters."""
    found: set[str] = set()
    for at, token in enumerate(tokens):
        if token in ("const", "let"):
            end = at + 1 if tokens[at + 1] not in "[{" else _closing(tokens, at + 1)
            found |= {each for each in tokens[at + 1 : end + 1] if _word(each)}
        elif token == "=>":
            start = _opening(tokens, at - 1) if tokens[at - 1] == ")" else at - 1
            found |= {each for each in tokens[start:at] if _word(each)}
        elif token == "function":
            start = tokens.index("(", at)
            found |= {each for each in tokens[start : _closing(tokens, start)] if _word(each)}
    return found


def _short(tokens: list[str]) -> dict[str, str]:
    taken = set(tokens) | _RESERVED
    if _declared(tokens) & _RESERVED:
        raise ValueError(f"no names: {_declared(tokens) & _RESERVED}")
    free = ("".join(each) for n in (1, 2) for each in product(ascii_letters, repeat=n))
    counted = Counter(each for each in tokens if each in _declared(tokens))
    by_use = sorted(counted, key=lambda name: (-counted[name], name))
    return {name: next(each for each in free if each not in taken) for name in by_use}


def _renamed(tokens: list[str], names: dict[str, str]) -> Iterator[str]:
    inside: list[str] = []
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else ""
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        if token in ("(", "[", "{"):
            inside.append(token)
        elif token in _PAIRS and inside.pop() != _PAIRS[token]:
            raise ValueError("brackets that do not match")
        field = bool(inside) and inside[-1] == "{" and before in ("{", ",")
        if token not in names or before == "." or (field and after == ":"):
            yield token
        elif field and after in (",", "}"):
            yield f"{token}:{names[token]}"
        else:
            yield names[token]


def _joined(tokens: Iterator[str]) -> str:
    found: list[str] = []
    for token in tokens:
        last = found[-1][-1] if found else ""
        tight = re.match(r"[\w$]", token) and re.match(r"[\w$]", last)
        if tight or (last in "+-" and last == token[0]):
            found.append(" ")
        found.append(token)
    return re.sub(r";\}", "}", "".join(found))


def _word(token: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z_$][\w$]*", token))


def _closing(tokens: list[str], at: int) -> int:
    return _matching(tokens, at, 1, "([{")


def _opening(tokens: list[str], at: int) -> int:
    return _matching(tokens, at, -1, ")]}")


def _matching(tokens: list[str], at: int, step: int, more: str) -> int:
    depth = 0
    while True:
        if tokens[at] in ("(", ")", "[", "]", "{", "}"):
            depth += 1 if tokens[at] in more else -1
        if depth == 0:
            return at
        at += step
