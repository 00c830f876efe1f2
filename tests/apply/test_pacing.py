"""Throttle and retry: how hard a store is leant upon."""

from __future__ import annotations

import threading

import pytest

from servanda.apply.retry import patiently
from servanda.apply.throttle import Throttle
from servanda.kernel.errors import StoreBusy, StoreRefused


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_keeps_to_its_rate_over_many_windows() -> None:
    time = Time()
    throttle = Throttle(1_000, time)
    for _ in range(40):
        time.now += throttle.wait_s()
        throttle.pay(250)
    took = time.now - 100.0
    assert 9.5 <= took <= 10.0  # 10,000 rows; the last window need not be waited for


def test_idle_time_is_not_saved_up() -> None:
    time = Time()
    throttle = Throttle(1_000, time)
    time.now += 3_600
    assert throttle.wait_s() == 0.0
    throttle.pay(2_000)
    assert throttle.wait_s() == pytest.approx(1.75)


def test_unlimited_never_waits() -> None:
    throttle = Throttle(None)
    throttle.pay(10**9)
    assert throttle.wait_s() == 0.0


def test_busy_is_tried_again_and_then_given_up() -> None:
    calls: list[int] = []

    def busy(until: int) -> str:
        calls.append(1)
        if len(calls) < until:
            raise StoreBusy("locked")
        return "done"

    stop = threading.Event()
    assert patiently(lambda: busy(3), stop, first_s=0.001) == "done"
    assert len(calls) == 3
    calls.clear()
    with pytest.raises(StoreBusy):
        patiently(lambda: busy(99), stop, attempts=4, first_s=0.001)
    assert len(calls) == 4


def test_other_errors_are_not_tried_again() -> None:
    calls: list[int] = []

    def refused() -> None:
        calls.append(1)
        raise StoreRefused("no permission")

    with pytest.raises(StoreRefused):
        patiently(refused, threading.Event())
    assert len(calls) == 1


def test_an_interrupt_ends_the_waiting() -> None:
    stop = threading.Event()
    stop.set()
    calls: list[int] = []

    def busy() -> None:
        calls.append(1)
        raise StoreBusy("locked")

    with pytest.raises(StoreBusy):
        patiently(busy, stop)
    assert len(calls) == 1
