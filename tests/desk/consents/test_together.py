"""Everybody's part is done once, together with whoever waits, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import pytest

from servanda.desk.consents.together import Line


def test_each_is_done_once_and_many_at_a_time() -> None:
    batches: list[list[int]] = []

    def commit(items: Sequence[int]) -> None:
        time.sleep(0.002)
        batches.append(list(items))

    line = Line(commit)
    seen: list[int] = []

    def work(n: int) -> None:
        for k in range(40):
            line.join(n * 100 + k)
            seen.append(n * 100 + k)
            assert any(n * 100 + k in batch for batch in batches)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    done = [item for batch in batches for item in batch]
    assert sorted(done) == sorted(seen) and len(set(done)) == 320
    assert len(batches) < 160  # by twos it would be as many


def test_whoever_leads_and_fails_leaves_nobody_waiting() -> None:
    began, go = threading.Event(), threading.Event()
    done: list[str] = []

    def commit(items: Sequence[str]) -> None:
        began.set()
        if "bad" in items:
            go.wait(10)
            raise KeyboardInterrupt
        done.extend(items)

    line = Line(commit)
    failed: list[BaseException] = []

    def bad() -> None:
        try:
            line.join("bad")
        except KeyboardInterrupt as error:
            failed.append(error)

    first = threading.Thread(target=bad)
    first.start()
    assert began.wait(10)
    others = [threading.Thread(target=line.join, args=(f"n{n}",)) for n in range(3)]
    for each in others:
        each.start()
    go.set()
    for each in (first, *others):
        each.join(10)
        assert not each.is_alive()
    assert len(failed) == 1 and sorted(done) == ["n0", "n1", "n2"]


def test_one_alone_does_not_wait() -> None:
    line: Line[int] = Line(lambda _items: None)
    began = time.monotonic()
    for n in range(50):
        line.join(n)
    assert time.monotonic() - began < 0.5


def test_an_error_is_its_own() -> None:
    def commit(items: Sequence[int]) -> None:
        if 1 in items:
            raise ValueError("one")

    line = Line(commit)
    with pytest.raises(ValueError, match="one"):
        line.join(1)
    line.join(2)
