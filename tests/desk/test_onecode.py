"""What a one-time code is, and what a try does: the same for whichever table holds it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from servanda import state
from servanda.desk import onecode
from servanda.state.models import PortalCode

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def hash_of(salt: bytes, code: str) -> str:
    return f"{salt.hex()[:8]} {code}"


def put(about: str, *, tries: int = 3, now: datetime = NOW) -> str:
    told, kept = onecode.fresh(hash_of, lasts=5 * MINUTE, tries=tries, now=now)
    PortalCode.objects.create(about=about, mailbox="", caller="", **kept)
    return told


def enter(about: str, typed: str, now: datetime = NOW) -> tuple[int | None, bool]:
    """The tries that are left after it, and whether it was right."""
    with state.transaction():
        rows = PortalCode.objects.filter(about=about)
        row, right = onecode.tried(rows, typed, hash_of, now=now)
    if row is not None:
        row.refresh_from_db()
    return (row.tries_left if row else None), right


@pytest.fixture(autouse=True)
def _state(each_state: str) -> None:
    return


def test_signs_that_can_be_read_out_and_are_never_the_same() -> None:
    made = {onecode.fresh(hash_of, lasts=MINUTE, tries=1, now=NOW)[0] for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(f"[{onecode.LETTERS}]{{5}}-[{onecode.LETTERS}]{{5}}", e) for e in made)
    told, kept = onecode.fresh(hash_of, lasts=MINUTE, tries=1, now=NOW, length=8)
    assert re.fullmatch(r"\w{4}-\w{4}", told)
    assert kept["hash"] == hash_of(kept["salt"], told.replace("-", ""))


def test_a_right_code_is_used_up_and_its_neighbour_is_not() -> None:
    first, second = put("a"), put("b")
    assert enter("a", second) == (2, False)
    assert enter("a", f" {first.lower().replace('-', ' ')} ") == (1, True)
    assert enter("a", first) == (None, False)
    assert enter("b", second) == (2, True)


def test_each_try_counts_and_the_last_one_is_the_last() -> None:
    code, other = put("a", tries=2), put("b", tries=2)
    assert [enter("a", "AAAAA-AAAAA") for _ in range(3)] == [(1, False), (0, False), (None, False)]
    assert enter("a", code) == (None, False)
    assert enter("b", other) == (1, True)


def test_it_ends_by_itself_and_when_it_is_ended() -> None:
    late, ended, kept = put("a"), put("b"), put("c")
    assert enter("a", late, NOW + 6 * MINUTE) == (None, False)
    onecode.end(PortalCode.objects.filter(about="b"), NOW)
    assert enter("b", ended) == (None, False)
    assert enter("c", kept) == (2, True)
    used = PortalCode.objects.get(about="c")
    onecode.end(PortalCode.objects.filter(about="c"), NOW + MINUTE)
    assert PortalCode.objects.get(about="c").expires_at == used.expires_at  # it was over already


def test_the_newest_counts() -> None:
    older, newer = put("a"), put("a")
    assert enter("a", older) == (2, False)
    assert enter("a", newer) == (1, True)
