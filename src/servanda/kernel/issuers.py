"""Numbers of payment cards: who issues them, how long they are, and the check digit (ISO/IEC 7812).

The danger: a range left out, and its cards are taken down for ever; or one too wide, and people's
telephone numbers are refused. Ranges and lengths are those the networks publish for banks and
shops. Tests: tests/kernel/test_cards.py.
"""

from __future__ import annotations

from dataclasses import dataclass

SHORTEST, LONGEST = 12, 19


@dataclass(frozen=True, slots=True)
class Issuer:
    """`ranges`: first and last beginning of a number, both of the same length."""

    name: str
    lengths: frozenset[int]
    ranges: tuple[tuple[str, str], ...]

    def issues(self, start: str) -> bool:
        """Whether a number may begin with these four digits."""
        return any(low <= start[: len(low)] <= high for low, high in self.ranges)


def _issuer(name: str, lengths: str, ranges: str) -> Issuer:
    found = []
    for each in ranges.split():
        low, _, high = each.partition("-")
        found.append((low, high or low))
    return Issuer(name, frozenset(map(int, lengths.split())), tuple(found))


ISSUERS = (
    _issuer("Visa", "13 16 19", "4"),
    _issuer("Mastercard", "16", "51-55 2221-2720"),
    _issuer("Mir", "16 17 18 19", "2200-2204"),
    _issuer("American Express", "15", "34 37"),
    _issuer("Discover", "16 17 18 19", "6011 644-649 65"),
    _issuer("Diners Club", "14 16 19", "300-305 3095 36 38-39"),
    _issuer("JCB", "16 17 18 19", "3528-3589"),
    _issuer("UnionPay", "16 17 18 19", "62 8100-8171"),
    _issuer(
        "Maestro",
        "12 13 14 15 16 17 18 19",
        "5018 5020 5038 5612 5893 6304 6390 6759 6761-6763 6771",
    ),
)

_BY_START = {
    start: {
        length: each.name
        for each in reversed(ISSUERS)
        if each.issues(start)
        for length in sorted(each.lengths)
    }
    for start in (f"{number:04}" for number in range(10_000))
    if any(each.issues(start) for each in ISSUERS)
}
_NOBODY: dict[int, str] = {}
_DOUBLED = dict(zip("0123456789", (0, 2, 4, 6, 8, 1, 3, 5, 7, 9), strict=True))


def lengths(start: str) -> dict[int, str]:
    """By length, who issues numbers that begin with these four digits."""
    return _BY_START.get(start, _NOBODY)


def luhn(digits: str) -> bool:
    """Whether the last digit fits the others."""
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(_DOUBLED[each] for each in even)) % 10 == 0
