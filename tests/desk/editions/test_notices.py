"""Told by each way that was promised, each person once; not told, it does not bind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from servanda.desk import changenotices, editions
from servanda.desk.changenotices import Addressee
from servanda.desk.editions import letters
from servanda.desk.requests import Desk, outbox
from servanda.ledger import history
from servanda.state.models import ChangeMail, OutboxMail
from tests.desk.editions.edition_world import NOW, policy, publish
from tests.desk.requests.mail_world import Server, body, desk_of, serving

NEXT = NOW + timedelta(days=1)
PEOPLE = [Addressee("ann@acme.test"), Addressee("ben@acme.test"), Addressee("cid@best.test")]
TELL = "banner, email, portal"
ABOUT = "edition:2"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.fixture
def desk(each_state: str, tmp_path: Path, server: Server) -> Desk:
    publish(policy(tell=TELL))
    publish(policy(tell=TELL, kept="24 months"), material=True, now=NEXT)
    return desk_of(tmp_path, server.port)


def tell(desk: Desk, people: list[Addressee] = PEOPLE) -> int:
    letter = letters.letter(desk.book, ABOUT)
    return changenotices.queue(desk.book, ABOUT, people, letter, now=NEXT)


def bound(days: int = 60) -> int:
    found = editions.current(NEXT + timedelta(days=days))
    assert found is not None
    return found.number


def test_it_does_not_bind_while_a_way_is_outstanding(desk: Desk) -> None:
    assert bound() == 1
    coming = editions.pending(NEXT + timedelta(days=60))
    assert coming is not None and coming.outstanding == ("email",)
    assert editions.untold(NEXT + timedelta(days=60)) == [2]
    assert editions.untold(NEXT) == [], "its day has not come"


def test_told_by_mail_it_binds(desk: Desk, server: Server) -> None:
    assert tell(desk) == 3
    assert not changenotices.settle(ABOUT, "UTC", now=NEXT), "they wait in the outbox"
    outbox.deliver(desk.book, now=NEXT)
    assert changenotices.settle(ABOUT, "UTC", now=NEXT)
    assert bound() == 2 and bound(days=13) == 1
    assert editions.untold(NEXT + timedelta(days=60)) == []
    assert sorted(m["To"] for m in server.mails) == [each.address for each in PEOPLE]
    (mail,) = server.to("ann@acme.test")
    assert "2 years" in body(mail) and "/privacy/policy/versions/2/" in body(mail)
    assert "only if you accept it" in body(mail)
    entry = history.last("policy.told")
    assert entry is not None
    assert (entry.data["way"], entry.data["reached"], entry.data["failed"]) == ("email", 3, 0)
    assert "@" not in entry.raw.decode()


def test_nobody_is_told_twice(desk: Desk, server: Server) -> None:
    again = [*PEOPLE, Addressee("ANN@acme.test"), Addressee("not an address")]
    assert tell(desk, again) == 3
    assert tell(desk, again) == 0
    outbox.deliver(desk.book, now=NEXT)
    assert changenotices.settle(ABOUT, "UTC", now=NEXT)
    assert tell(desk, [*again, Addressee("dan@late.test")]) == 0, "the list is closed"
    assert len(server.got) == 3 == ChangeMail.objects.count()


def test_bounces_are_counted_and_do_not_hold_the_rest(desk: Desk, server: Server) -> None:
    server.refuse = {"ben@acme.test": "550 5.1.1 no"}
    tell(desk)
    outbox.deliver(desk.book, now=NEXT)
    assert changenotices.settle(ABOUT, "UTC", now=NEXT)
    counts = changenotices.count(ABOUT)
    assert (counts["reached"], counts["failed"], counts["bounced"]) == (2, 1, 1)
    (notice,) = [each for each in changenotices.notices(ABOUT) if each.way == "email"]
    assert (notice.reached, notice.failed) == (2, 1)


def test_where_all_fail_nobody_was_told(desk: Desk, server: Server) -> None:
    server.refuse = {each.address: "550 5.1.1 no" for each in PEOPLE}
    tell(desk)
    outbox.deliver(desk.book, now=NEXT)
    assert not changenotices.settle(ABOUT, "UTC", now=NEXT)
    assert bound() == 1
    server.refuse.clear()
    outbox.settle(OutboxMail.objects.order_by("id")[0].id, sent=False, now=NEXT)
    outbox.deliver(desk.book, now=NEXT)
    assert changenotices.settle(ABOUT, "UTC", now=NEXT)
    assert bound() == 2


def test_told_late_it_binds_late(desk: Desk, server: Server) -> None:
    tell(desk)
    late = NEXT + timedelta(days=20)
    outbox.deliver(desk.book, now=late)
    assert changenotices.settle(ABOUT, "UTC", now=late)
    assert bound(days=33) == 1 and bound(days=35) == 2
    assert editions.untold(NEXT + timedelta(days=25)) == [2]


def test_nobody_to_tell(desk: Desk) -> None:
    assert tell(desk, []) == 0
    assert changenotices.settle(ABOUT, "UTC", now=NEXT)
    assert bound() == 2


def test_no_address_in_the_clear(sqlite_state: str, tmp_path: Path, server: Server) -> None:
    publish(policy(tell=TELL))
    publish(policy(tell=TELL, kept="24 months"), material=True, now=NEXT)
    found = desk_of(tmp_path, server.port)
    tell(found)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("state.sqlite3*"))
    assert b"edition:2" in kept
    for each in PEOPLE:
        assert each.address.encode() not in kept
