"""Text that comes in without a form of the policy: notes, decisions, messages, lists.

The danger: a customer reads out a card number and somebody writes it down; then it lies in a sealed
row, in a backup, in a letter. What guards it: `refuse_cards` stands where such text is taken in,
before anything is written. The error names the field and never what was in it.
Tests: tests/desk/test_intake_freetext.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from servanda.desk.intake import counts
from servanda.desk.intake.checking import CARD_NEXT, CARD_WHY, texts
from servanda.kernel import cards
from servanda.kernel.errors import UsageError


class CardRefused(UsageError):
    """A text holds a card number; nothing was written. `field`: which text."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field}: {CARD_WHY}", CARD_NEXT)
        self.field = field


def refuse_cards(field: str, *values: object, place: str = counts.STAFF) -> None:
    """CardRefused where one of these holds a card number. `place`: where it would have come in,
    for the count."""
    if any(cards.there(each) for value in values for each in texts(value)):
        counts.refused(place, ["card"])
        raise CardRefused(field)


def refuse_cards_among(fields: Iterable[tuple[str, object]], *, place: str = counts.STAFF) -> None:
    """The same of several fields; the first is named."""
    for name, value in fields:
        refuse_cards(name, value, place=place)
