"""Jurisdictions as dated data, and the arithmetic of their deadlines. No legal advice."""

from servanda.law.clock import EVENTS, Clock, clock
from servanda.law.reach import Applies, applicable, reasons
from servanda.law.rights import (
    ALIASES,
    RIGHTS,
    child_age,
    grounds,
    instead,
    prompt,
    regulators,
    reply_must_say,
    right,
    right_id,
)
from servanda.law.tables import Place, codes, find, jurisdictions, near

__all__ = [
    "ALIASES",
    "EVENTS",
    "RIGHTS",
    "Applies",
    "Clock",
    "Place",
    "applicable",
    "child_age",
    "clock",
    "codes",
    "find",
    "grounds",
    "instead",
    "jurisdictions",
    "near",
    "prompt",
    "reasons",
    "regulators",
    "reply_must_say",
    "right",
    "right_id",
]
