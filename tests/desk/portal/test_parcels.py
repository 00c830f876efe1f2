"""A parcel is taken once, by one of two at once, and its passphrase is shown once."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from servanda import state
from servanda.desk.portal import parcels
from servanda.desk.portal.parcels import Standing
from servanda.kernel.errors import UsageError
from servanda.state.connection import sqlite_path
from servanda.state.models import PortalParcel
from tests.desk.requests.desk_world import NOW, make, opened

PASS = "K7QD-2M4X-MARK-ER22-K7QD-2M4X"
UNTIL = NOW + timedelta(days=14)


def test_shown_once_fetched_once(tmp_path: Path, sqlite_state: str) -> None:
    desk = make(tmp_path)
    ref, other = opened(desk), opened(desk, email="al@example.test")
    parcels.keep(desk.book, ref, "a.zip", PASS, UNTIL)
    parcels.keep(desk.book, other, "b.zip", "other", UNTIL)
    path = sqlite_path()
    assert path is not None
    assert not [f for f in path.parent.glob(f"{path.name}*") if PASS.encode() in f.read_bytes()]
    with pytest.raises(UsageError):
        parcels.claim(desk.book, ref, NOW)  # not before it was shown
    assert parcels.show(desk.book, ref, NOW) == PASS
    assert parcels.show(desk.book, ref, NOW) == ""
    assert bytes(PortalParcel.objects.get(request_id=ref).passphrase).strip(b"\0") == b""
    claim = parcels.claim(desk.book, ref, NOW)
    assert claim.file == "a.zip"
    with pytest.raises(parcels.Busy):
        parcels.claim(desk.book, ref, NOW)
    assert parcels.standing(ref, NOW) == (Standing.READY, UNTIL)  # not before its last byte
    assert claim.done(desk.book, by="portal", now=NOW)
    for take in (parcels.show, parcels.claim):
        with pytest.raises(UsageError):
            take(desk.book, ref, NOW + timedelta(hours=1))
    assert parcels.standing(ref, NOW) == (Standing.FETCHED, NOW)
    assert parcels.standing(other, NOW) == (Standing.READY, UNTIL)
    assert parcels.show(desk.book, other, NOW) == "other"


def test_after_its_day_there_is_none(tmp_path: Path, each_state: str) -> None:
    desk = make(tmp_path)
    ref = opened(desk)
    assert parcels.standing(ref, NOW) == (Standing.NONE, None)
    parcels.keep(desk.book, ref, "a.zip", PASS, UNTIL)
    assert parcels.standing(ref, UNTIL)[0] is Standing.EXPIRED
    for take in (parcels.show, parcels.claim):
        with pytest.raises(UsageError):
            take(desk.book, ref, UNTIL)


def test_of_many_at_once_one_gets_it(tmp_path: Path, each_state: str) -> None:
    desk = make(tmp_path)
    ref = opened(desk)
    parcels.keep(desk.book, ref, "a.zip", PASS, UNTIL)
    parcels.show(desk.book, ref, NOW)
    got: list[str] = []
    start = threading.Barrier(6)

    def take() -> None:
        start.wait()
        try:
            got.append(parcels.claim(desk.book, ref, NOW).file)
        except UsageError:
            got.append("")
        finally:
            state.close_thread()

    threads = [threading.Thread(target=take) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(got) == ["", "", "", "", "", "a.zip"]


def test_one_that_was_cut_may_be_tried_again(tmp_path: Path, each_state: str) -> None:
    desk = make(tmp_path)
    ref = opened(desk)
    parcels.keep(desk.book, ref, "a.zip", PASS, UNTIL)
    parcels.show(desk.book, ref, NOW)
    parcels.claim(desk.book, ref, NOW).cut()
    parcels.claim(desk.book, ref, NOW)
    late = NOW + parcels.LEASE  # the server was killed, and nobody said that it goes on
    with pytest.raises(parcels.Busy):
        parcels.claim(desk.book, ref, late - timedelta(seconds=1))
    claim = parcels.claim(desk.book, ref, late)
    claim.goes_on(late + parcels.LEASE / 2)  # a slow line
    with pytest.raises(parcels.Busy):
        parcels.claim(desk.book, ref, late + parcels.LEASE)
    assert claim.done(desk.book, by="portal", now=late + parcels.LEASE)
    assert "fetched" in [each.kind for each in desk.get(ref).events]


def test_what_stood_still_sends_no_more_and_counts_for_nothing(
    tmp_path: Path, each_state: str
) -> None:
    desk = make(tmp_path)
    ref = opened(desk)
    parcels.keep(desk.book, ref, "a.zip", PASS, UNTIL)
    parcels.show(desk.book, ref, NOW)
    stood = parcels.claim(desk.book, ref, NOW)
    late = NOW + parcels.LEASE
    other = parcels.claim(desk.book, ref, late)
    with pytest.raises(UsageError):
        stood.goes_on(late)
    assert not stood.done(desk.book, by="portal", now=late)
    stood.cut()  # of its own claim, which is over, and of no other
    assert parcels.standing(ref, late)[0] is Standing.READY
    assert other.done(desk.book, by="portal", now=late)
    assert [each.kind for each in desk.get(ref).events].count("fetched") == 1


def test_a_new_answer_replaces_the_old_one(tmp_path: Path, sqlite_state: str) -> None:
    desk = make(tmp_path)
    ref = opened(desk)
    parcels.keep(desk.book, ref, "a.zip", PASS, UNTIL)
    parcels.show(desk.book, ref, NOW)
    parcels.claim(desk.book, ref, NOW)
    parcels.keep(desk.book, ref, "c.zip", "again", UNTIL)
    assert parcels.show(desk.book, ref, NOW) == "again"
    assert parcels.claim(desk.book, ref, NOW).file == "c.zip"
