"""What was sent to one person verifies no other, whom the request names by then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from servanda.desk.requests import confirming, editing, identity, inbox
from servanda.kernel.errors import UsageError
from tests.desk.requests.desk_world import NOW, make, opened
from tests.desk.requests.mail_world import Server, desk_of, serving
from tests.desk.requests.test_inbox_confirm import JO, MAX, arrive, asked


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def test_a_code_ends_where_the_identity_is_changed(each_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    one, two = opened(desk, "erasure", JO), opened(desk, "erasure", MAX)
    codes = {
        ref: identity.send_code(desk.book, ref, "phone", by="ann", now=NOW) for ref in (one, two)
    }
    editing.edit(desk.book, one, by="ann", identities=[("email", "eve@example.test")], now=NOW)
    editing.edit(desk.book, two, by="ann", name="Max", now=NOW)
    later = NOW + timedelta(minutes=1)
    with pytest.raises(UsageError, match="no code"):
        identity.check_code(desk.book, one, codes[one], by="ann", now=later)
    identity.check_code(desk.book, two, codes[two], by="ann", now=later)
    assert not desk.get(one).verified
    assert desk.get(two).verified


def test_a_link_ends_where_the_identity_is_changed(
    sqlite_state: str, tmp_path: Path, server: Server
) -> None:
    desk = desk_of(tmp_path, server.port)
    arrive(desk, JO)
    arrive(desk, MAX)
    secrets = [asked(desk, server, each) for each in (JO, MAX)]
    one, two = (inbox.take_in(desk.book, id_, by="ann", now=NOW) for id_ in (1, 2))
    editing.edit(desk.book, one, by="ann", identities=[("email", "eve@example.test")], now=NOW)
    with pytest.raises(UsageError, match="nothing to confirm"):
        confirming.confirm(desk.book, secrets[0], now=NOW)
    assert confirming.confirm(desk.book, secrets[1], now=NOW) == two
    assert not desk.get(one).verified
    assert desk.get(two).verified
