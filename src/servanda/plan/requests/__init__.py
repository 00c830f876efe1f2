"""What requests come to in the stores: found for all of them at once, decided record by record."""

from servanda.plan.requests.build import build
from servanda.plan.requests.explain import data, text
from servanda.plan.requests.file import dump, parse
from servanda.plan.requests.model import Kept, Lot, RequestPlan, Silent, Unclear, Wish

__all__ = [
    "Kept",
    "Lot",
    "RequestPlan",
    "Silent",
    "Unclear",
    "Wish",
    "build",
    "data",
    "dump",
    "parse",
    "text",
]
