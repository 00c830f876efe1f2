"""The hashes of records that go: marks for replay, commitments for evidence. Of very many records
they are made while the store is at its own work, which takes longer.

Only what truly went is kept: where a store did less than was planned, they are made anew from what
it says. tests/apply/requests/test_hashes.py guards this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from servanda.apply.requests import marks
from servanda.kernel.seal import new_salt
from servanda.plan.find import Key
from servanda.plan.requests import Lot, RequestPlan

_MANY = 2_000  # records, from which on a thread is worth its while

By = Mapping[str, tuple[Key, ...]]


@dataclass(frozen=True, slots=True)
class Hashed:
    """Of records of one lot: `marks` packed, `commitments` by request, `count` of the marks."""

    lot: Lot
    marks: bytes
    count: int
    commitments: Mapping[str, Sequence[bytes]]


@dataclass
class Hashes:
    """A context manager. `key`: of marks. The salt of the commitments is made here."""

    plan: RequestPlan
    key: bytes
    salt: bytes = field(default_factory=new_salt, repr=False)
    _pool: ThreadPoolExecutor | None = None
    _made: dict[int, Future[Hashed]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def start(self) -> None:
        """The store goes to work now. Not sooner: until then a thread only stands in the way."""
        if (
            self._pool is None
            and sum(len(keys) for lot in self.plan.lots for _, keys in lot.by) > _MANY
        ):
            self._pool = ThreadPoolExecutor(1)
            for lot in self.plan.lots:
                self._made[id(lot)] = self._pool.submit(self._hashed, lot, dict(lot.by))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def of(self, lot: Lot, by: By) -> Hashed:
        """Of the records that went, by request."""
        made = self._made.get(id(lot))
        if made is not None and by == dict(lot.by):
            return made.result()
        return self._hashed(lot, by)

    def _hashed(self, lot: Lot, by: By) -> Hashed:
        names = {ref: marks.all_named(lot.collection, keys) for ref, keys in by.items()}
        each = dict.fromkeys(name for theirs in names.values() for name in theirs)
        committed = {ref: marks.commitments(self.salt, found) for ref, found in names.items()}
        return Hashed(lot, marks.packed_marks(self.key, each), len(each), committed)
