"""Policy × stores: what is mapped, undeclared, missing, drifted."""

from servanda.inventory.drift import drifted, shape_digest
from servanda.inventory.findings import Inventory, StoreFindings
from servanda.inventory.survey import take
from servanda.inventory.text import summary

__all__ = ["Inventory", "StoreFindings", "drifted", "shape_digest", "summary", "take"]
