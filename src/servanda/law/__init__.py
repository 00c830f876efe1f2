"""Jurisdictions as dated data, and the arithmetic of their deadlines. No legal advice."""

from servanda.law.clock import EVENTS, Clock, clock, earliest
from servanda.law.tables import Place, codes, find, jurisdictions

__all__ = ["EVENTS", "Clock", "Place", "clock", "codes", "earliest", "find", "jurisdictions"]
