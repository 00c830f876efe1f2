"""One entry of the ledger as verdicts see it, and the alarms it sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

Entry: TypeAlias = Mapping[str, Any]

Topics: TypeAlias = tuple[str, ...]
"""What an entry is about: the controls that read one of these are judged anew."""

Alarms: TypeAlias = list[tuple[datetime, str]]
"""Moments at which a verdict may change although nothing happens, each with its topic."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry with its place in the ledger."""

    index: int
    at: datetime
    entry: Entry
