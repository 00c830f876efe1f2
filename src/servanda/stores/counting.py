"""A tally in the making."""

from __future__ import annotations

from datetime import datetime

from servanda.stores.port import Tally


class Count:
    __slots__ = ("count", "newest", "oldest")

    def __init__(self) -> None:
        self.count = 0
        self.oldest: datetime | None = None
        self.newest: datetime | None = None

    def add(self, moment: datetime | None, records: int = 1) -> None:
        """Records whose clock says `moment` (None: it has not happened)."""
        self.count += records
        if moment is not None:
            self.oldest = moment if self.oldest is None else min(self.oldest, moment)
            self.newest = moment if self.newest is None else max(self.newest, moment)

    def tally(self) -> Tally:
        return Tally(self.count, self.oldest, self.newest)
