"""Links: found by their secret alone, which the database does not tell."""

from __future__ import annotations

from pathlib import Path

from servanda.desk.portal import links
from servanda.state.connection import sqlite_path
from tests.desk.requests.desk_world import NOW, make, opened


def test_a_link_is_found_by_its_secret_alone(tmp_path: Path, sqlite_state: str) -> None:
    desk = make(tmp_path)
    first, second = opened(desk), opened(desk, email="al@example.test")
    one = links.make(desk.book, first, "es", NOW)
    two = links.make(desk.book, second, now=NOW)
    found, other = links.find(one), links.find(two)
    assert found is not None and str(found.request_id) == first
    assert other is not None and str(other.request_id) == second
    for guess in ("", one[:-1], one + "A", found.hash, "x" * 43, "x" * 300):
        assert links.find(guess) is None
    assert links.language_of(first) == "es" and links.language_of(second) == "en"


def test_the_secret_is_told_to_mails_and_not_to_the_database(
    tmp_path: Path, sqlite_state: str
) -> None:
    desk = make(tmp_path)
    ref, bare = opened(desk), opened(desk, email="al@example.test")
    secret = links.make(desk.book, ref, now=NOW)
    assert links.secret_of(desk.book, ref) == secret
    assert links.secret_of(desk.book, bare) == ""
    path = sqlite_path()
    assert path is not None
    for file in path.parent.glob(f"{path.name}*"):
        assert secret.encode() not in file.read_bytes()
