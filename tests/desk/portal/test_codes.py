"""Codes work once, for a while, for one purpose, and not many go to one mailbox."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from servanda import state
from servanda.desk.portal import codes
from servanda.desk.requests.book import Book
from servanda.state.models import PortalCode
from tests.desk.requests.desk_world import NOW, make

JO = "jo@example.test"


@pytest.fixture
def book(tmp_path: Path, each_state: str) -> Iterator[Book]:
    yield make(tmp_path).book


def test_a_code_works_once(book: Book) -> None:
    code = codes.make(book, "draft:a", JO, "192.0.2.1", NOW)
    codes.check(book, "draft:a", JO, f" {code.lower()} ", NOW)
    with pytest.raises(codes.WrongCode) as told:
        codes.check(book, "draft:a", JO, code, NOW)
    assert told.value.left == 0


def test_only_for_what_it_was_made(book: Book) -> None:
    code = codes.make(book, "draft:a", JO, "192.0.2.1", NOW)
    codes.make(book, "draft:b", JO, "192.0.2.1", NOW)
    with pytest.raises(codes.WrongCode):
        codes.check(book, "draft:b", JO, code, NOW)
    codes.check(book, "draft:a", JO, code, NOW)


def test_it_proves_the_mailbox_it_went_to_and_no_other(book: Book) -> None:
    code = codes.make(book, "draft:a", JO, "192.0.2.1", NOW)
    for other in ("al@example.test", "jo+a@example.test"):
        with pytest.raises(codes.WrongCode):
            codes.check(book, "draft:a", other, code, NOW)
    codes.check(book, "draft:a", JO, code, NOW)


def test_five_tries_and_half_an_hour(book: Book) -> None:
    code = codes.make(book, "draft:a", JO, "192.0.2.1", NOW)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(codes.WrongCode) as told:
            codes.check(book, "draft:a", JO, "AAAAA-AAAAA", NOW)
        assert told.value.left == left
    with pytest.raises(codes.WrongCode):
        codes.check(book, "draft:a", JO, code, NOW)
    code = codes.make(book, "draft:b", JO, "192.0.2.1", NOW)
    with pytest.raises(codes.WrongCode):
        codes.check(book, "draft:b", JO, code, NOW + timedelta(minutes=31))
    codes.check(book, "draft:b", JO, code, NOW + timedelta(minutes=29))


def test_a_new_one_ends_the_one_before(book: Book) -> None:
    old = codes.make(book, "draft:a", JO, "192.0.2.1", NOW)
    new = codes.make(book, "draft:a", JO, "192.0.2.1", NOW)
    with pytest.raises(codes.WrongCode):
        codes.check(book, "draft:a", JO, old, NOW)
    codes.check(book, "draft:a", JO, new, NOW)


def test_three_an_hour_for_a_mailbox_and_its_aliases(book: Book) -> None:
    for n, spelt in enumerate((JO, "jo+a@example.test", "JO@EXAMPLE.TEST")):
        codes.make(book, f"draft:{n}", spelt, f"192.0.2.{n}", NOW)
    with pytest.raises(codes.TooMany):
        codes.make(book, "draft:x", JO, "192.0.2.77", NOW)
    codes.make(book, "draft:y", "al@example.test", "192.0.2.77", NOW)
    codes.make(book, "draft:x", JO, "192.0.2.77", NOW + timedelta(minutes=61))


def test_a_stranger_cannot_use_up_what_the_owner_of_a_mailbox_needs(book: Book) -> None:
    for n in range(3):
        codes.make(book, f"draft:{n}", JO, f"198.51.100.{n}", NOW)
    with pytest.raises(codes.TooMany):
        codes.make(book, "draft:3", JO, "198.51.100.99", NOW)  # another address of their network
    code = codes.make(book, "draft:own", JO, "192.0.2.1", NOW)
    codes.check(book, "draft:own", JO, code, NOW)
    code = codes.make(book, "draft:six", JO, "2001:db8:1:2::/64", NOW)
    codes.check(book, "draft:six", JO, code, NOW)


def test_twelve_an_hour_are_enough_for_a_mailbox_wherever_they_are_asked_for(book: Book) -> None:
    for n in range(12):
        codes.make(book, f"draft:{n}", JO, f"198.51.{n}.1", NOW)
    with pytest.raises(codes.TooMany):
        codes.make(book, "draft:x", JO, "192.0.2.1", NOW)
    codes.make(book, "draft:y", "al@example.test", "192.0.2.1", NOW)
    codes.make(book, "draft:x", JO, "192.0.2.1", NOW + timedelta(minutes=61))


@pytest.mark.parametrize(
    ("caller", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:3:4::5", "2001:db8:1::/48"),
        ("unknown", "unknown"),
    ],
)
def test_networks(caller: str, network: str) -> None:
    assert codes.network(caller) == network


def test_nothing_of_a_person_is_kept_and_all_goes_after_a_day(book: Book) -> None:
    code = codes.make(book, "draft:a", JO, "192.0.2.1", NOW)
    kept = str(list(PortalCode.objects.values()))
    for each in (JO, "192.0.2.", code, code.replace("-", "")):
        assert each not in kept
    codes.expire(NOW + timedelta(hours=23))
    assert PortalCode.objects.count() == 1
    codes.expire(NOW + timedelta(hours=25))
    assert PortalCode.objects.count() == 0


def test_of_many_at_once_no_more_are_mailed(book: Book) -> None:
    together = threading.Barrier(6)

    def ask(number: int) -> bool:
        try:
            together.wait(10)
            codes.make(book, f"draft:{number}", JO, f"192.0.2.{number}", NOW)
        except codes.TooMany:
            return False
        finally:
            state.close_thread()
        return True

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(ask, range(6)))
    assert sum(made) == PortalCode.objects.count() == codes.PER_MAILBOX
