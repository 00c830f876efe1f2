"""Numbers of payment cards in what people write, in whatever groups.

    cards.there("my card is 4111 1111 1111 1111")     # True
    cards.masked(text)                                # the same without the number

The danger: a number that is taken down, and lies in a database, its backups and its logs for ever;
or a customer's telephone number refused as if it were one. A number counts when it begins as an
issuer's do, has that issuer's length, and its check digit fits; digits may be of any script, and
stand in groups with spaces, dashes, dots or line breaks between them, as many as one likes. A
group is never cut, so a longer number holds no shorter one. Time grows with the text and no
faster. Tests: tests/kernel/test_cards.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from servanda.kernel import issuers, notcards

_MASK = "•"
_MAYBE = re.compile(r"\d(?:[\s._>/,|()-]{0,8}\d){11}", re.ASCII)
_GROUP = re.compile(r"\d+", re.ASCII)
_GAP = re.compile(r"[\s._-]{1,8}|[/,|]|\)\(|[\s._-]{0,4}\n[ \t]?>[\s>]{0,6}", re.ASCII)
_LONGEST_GAP = 8
_DOTS = "·•∙⋅․。．・"  # as people write them between digits
_MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Card:
    """Where a number stands in the text. The number itself is not kept."""

    start: int
    end: int
    issuer: str


@dataclass(frozen=True, slots=True)
class _Group:
    start: int
    end: int
    digits: str
    gap: str  # what stands between the group before it and this one


def there(text: str) -> bool:
    """Whether a card's number stands in it."""
    return next(_found(text), None) is not None


def find(text: str) -> list[Card]:
    """Every number, in their order."""
    return list(_found(text))


def masked(text: str) -> str:
    """The text with a dot for each sign of a number."""
    for card in reversed(find(text)):
        text = text[: card.start] + _MASK * (card.end - card.start) + text[card.end :]
    return text


def _found(text: str) -> Iterator[Card]:
    plain = text if text.isascii() else text.translate(_SIGNS)
    plain = plain.replace("%20", "   ")  # a space as addresses of the web write it
    if _MAYBE.search(plain) is None:
        return
    plain = notcards.blanked(plain)
    for chain in _chains(plain):
        yield from _within(plain, chain)


def _chains(plain: str) -> Iterator[list[_Group]]:
    """Groups of digits that may belong together. One that is too long belongs to nothing."""
    chain: list[_Group] = []
    for match in _GROUP.finditer(plain):
        gap = ""
        if chain:
            between = match.start() - chain[-1].end
            gap = plain[chain[-1].end : match.start()] if between <= _LONGEST_GAP else "x"
            if _GAP.fullmatch(gap) is None:
                yield chain
                chain, gap = [], ""
        if match.end() - match.start() > issuers.LONGEST:
            if chain:
                yield chain
            chain = []
            continue
        chain.append(_Group(match.start(), match.end(), match[0], gap))
    if chain:
        yield chain


def _within(plain: str, chain: list[_Group]) -> Iterator[Card]:
    """Of those that begin with the same group the longest counts; the next begins after it."""
    digits = "".join(each.digits for each in chain)
    ends, starts, place = {}, [], 0
    for number, each in enumerate(chain):
        starts.append(place)
        place += len(each.digits)
        ends[place] = number  # of a number that ends here, its last group
    at = 0
    while at < len(chain):
        start, last, issuer = starts[at], at, ""
        for length, name in issuers.lengths(digits[start : start + 4]).items():
            to = ends.get(start + length)
            if to is None or not issuers.luhn(digits[start : start + length]):
                continue
            if to >= last and not _other(plain, chain, at, to, digits[start : start + length]):
                last, issuer = to, name
        if issuer:
            yield Card(chain[at].start, chain[last].end, issuer)
        at = last + 1


def _other(plain: str, chain: list[_Group], at: int, to: int, digits: str) -> bool:
    """Whether it is something else, as far as one can tell by how it is written."""
    first = chain[at]
    if to == at:
        if notcards.article(digits) or notcards.tracking(digits):
            return True
        if at and notcards.fraction(chain[at - 1].digits, first.gap, digits):
            return True
    elif to == at + 1 and notcards.fraction(first.digits, chain[to].gap, chain[to].digits):
        return True
    # A telephone number in the international form has 15 digits at most.
    return first.start > 0 and plain[first.start - 1] == "+" and len(digits) <= 15


class _Signs(dict[int, int]):
    """Each sign as one that the patterns above know; filled as signs come."""

    def __missing__(self, code: int) -> int:
        found = self[code] = _plain(code)
        return found


def _plain(code: int) -> int:
    sign = chr(code)
    if code < 128:
        return code
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return ord("0") + digit
    kind = unicodedata.category(sign)
    if kind == "Pd" or sign == _MINUS:
        return ord("-")
    if kind in ("Zs", "Zl", "Zp") or code == 0x85:
        return ord(" ")
    if kind in ("Cf", "Mn", "Me"):  # what is not seen: joiners, soft hyphens, keycaps
        return ord("_")
    return ord(".") if sign in _DOTS else code


_SIGNS = _Signs()
