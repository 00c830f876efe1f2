"""A record of processing as data: a sheet with facts about it and a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sheet:
    """`id` names its file. `about`: who keeps it. Every row has a cell for each of `head`."""

    id: str
    title: str
    law: str
    about: tuple[tuple[str, str], ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
