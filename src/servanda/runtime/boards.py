"""The board of the ledger as it stands, for whoever asks again and again.

    boards.latest(workspace)
    boards.on(workspace, as_of)     # a moment that is over

The danger: an old board shown as if it were today's. What guards it: every question first asks how
far the ledger has come, reads what is new, and judges anew where an entry of a kind that counts has
come, where a day or a proof has run out meanwhile, or at the next full hour. Only while another
thread is doing just that is the board before it given. A ledger that is not the continuation of the
one that was read (a state database put back from a backup) is read from its beginning. Tests:
tests/runtime/test_boards.py, beside `judge`, which reads everything each time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from servanda.kernel import heap
from servanda.ledger import history, proofs
from servanda.runtime.judge import judge
from servanda.runtime.workspace import Workspace
from servanda.status import Board
from servanda.status.board import of
from servanda.status.chronicle import Chronicle
from servanda.status.evidence import KINDS

_HOUR = timedelta(hours=1)
_MUCH = 50_000  # entries read at once, after which memory is given back

_lock = threading.Lock()
_boards: dict[Path, Boards] = {}
_MOST_PAST = 8
_past_lock = threading.Lock()
_past: OrderedDict[tuple[Path, datetime, int, bytes], Board] = OrderedDict()


def latest(workspace: Workspace, now: datetime | None = None) -> Board:
    """The board of this workspace. `use_state` comes first. `now` stands for the wall clock."""
    folder = workspace.folder.absolute()
    with _lock:
        found = _boards.setdefault(folder, Boards())
    return found.latest(now or datetime.now(UTC))


def on(workspace: Workspace, as_of: datetime) -> Board:
    """The board as it was at a moment that is over. `use_state` comes first. The last few that
    were asked for are kept, each with the entries on which it stands: as long as those are the
    newest up to that moment, they are not read again. One thread at a time reads them."""
    size = history.size_at(as_of)
    key = (workspace.folder.absolute(), as_of, size, _digest(size - 1) if size else b"")
    with _past_lock:
        found = _past.pop(key, None)
        if found is None:
            found = judge(as_of)
        _past[key] = found  # the newest last
        while len(_past) > _MOST_PAST:
            _past.popitem(last=False)
    return found


def forget() -> None:
    """Read the ledger from its beginning next time."""
    with _lock:
        _boards.clear()
    with _past_lock:
        _past.clear()


class Boards:
    """One ledger, read once and followed. Threads share it."""

    def __init__(self) -> None:
        self._reading = threading.Lock()  # held by the one thread that reads and judges
        self._chronicle = Chronicle()
        self._seen = 0  # entries of the ledger that were read
        self._newest = b""  # digest of the last of them
        self._board: Board | None = None
        self._until = datetime.min.replace(tzinfo=UTC)  # from then on it is to be judged anew

    def latest(self, now: datetime) -> Board:
        size, board = proofs.size(), self._board
        if board is not None and size == self._seen and now < self._until:
            return board
        if not self._reading.acquire(blocking=board is None):
            assert board is not None
            return board  # another thread is about to have a newer one
        try:
            return self._refresh(now)
        finally:
            self._reading.release()

    def _refresh(self, now: datetime) -> Board:
        size = proofs.size()
        try:
            if size != self._seen:
                self._follow(size, now)
            if self._board is None or now >= self._until:
                self._judge(now)
        except BaseException:
            self._restart()  # what was read by half is not gone on from
            raise
        assert self._board is not None
        return self._board

    def _follow(self, size: int, now: datetime) -> None:
        """Read up to `size`; where something of it counts, the board is to be judged anew."""
        if size < self._seen or (self._seen and _digest(self._seen - 1) != self._newest):
            self._restart()
        news = False
        for index, at, entry in history.told(KINDS, self._seen, size):
            self._chronicle.add(index, entry, at)
            news = True
        if size - self._seen > _MUCH:
            heap.give_back()
        self._seen, self._newest = size, _digest(size - 1) if size else b""
        if news:
            self._until = now

    def _judge(self, now: datetime) -> None:
        # A clock that was put back does not take the newest entries off the board.
        as_of = max(now, self._chronicle.moment or now)
        self._board = of(self._chronicle, as_of)
        hour = as_of.replace(minute=0, second=0, microsecond=0) + _HOUR
        self._until = min(hour, self._chronicle.next_alarm(as_of) or hour)

    def _restart(self) -> None:
        self._chronicle, self._seen, self._newest, self._board = Chronicle(), 0, b"", None


def _digest(index: int) -> bytes:
    return sha256(history.at(index).raw).digest()
