"""What is whose: the ownership graph walked over every store, for many people at once."""

from servanda.plan.find.model import Ambiguity, Branch, Gone, Key, Pending, Subject, Tree, Way
from servanda.plan.find.search import find
from servanda.plan.find.text import data, text, way_in_words

__all__ = [
    "Ambiguity",
    "Branch",
    "Gone",
    "Key",
    "Pending",
    "Subject",
    "Tree",
    "Way",
    "data",
    "find",
    "text",
    "way_in_words",
]
