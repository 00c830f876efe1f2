"""Drafts: sealed under what one browser has, for an hour."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from servanda.desk.portal import drafts
from servanda.kernel.errors import UsageError
from servanda.state.connection import sqlite_path
from servanda.state.models import PortalDraft
from tests.desk.requests.desk_world import NOW, make

MARKER = "zelda.marker@example.test"


def test_only_its_browser_reads_it_and_for_an_hour(tmp_path: Path, sqlite_state: str) -> None:
    book = make(tmp_path).book
    mine, other = drafts.new_secret(), drafts.new_secret()
    drafts.write(book, mine, {"email": MARKER}, NOW)
    drafts.write(book, other, {"email": "al@example.test"}, NOW)
    assert drafts.read(book, mine, NOW + timedelta(minutes=59)) == {"email": MARKER}
    assert drafts.read(book, mine, NOW + timedelta(minutes=60)) == {}
    for guess in ("", "x", mine[:-1], drafts.name(mine), "y" * 500):
        assert drafts.read(book, guess, NOW) == {}
    PortalDraft.objects.filter(id=drafts.name(other)).update(
        content=PortalDraft.objects.get(id=drafts.name(mine)).content
    )
    assert drafts.read(book, other, NOW) == {}  # moved into another's row it does not open


def test_it_does_not_stand_in_the_database(tmp_path: Path, sqlite_state: str) -> None:
    book = make(tmp_path).book
    secret = drafts.new_secret()
    drafts.write(book, secret, {"email": MARKER}, NOW)
    path = sqlite_path()
    assert path is not None
    for file in path.parent.glob(f"{path.name}*"):
        for each in (MARKER, secret):
            assert each.encode() not in file.read_bytes()


def test_what_is_over_goes_and_the_rest_stays(tmp_path: Path, sqlite_state: str) -> None:
    book = make(tmp_path).book
    old, young, given_up = (drafts.new_secret() for _ in range(3))
    drafts.write(book, old, {"n": 1}, NOW - timedelta(hours=1))
    drafts.write(book, young, {"n": 2}, NOW)
    drafts.write(book, given_up, {"n": 3}, NOW)
    drafts.drop(given_up)
    assert drafts.expire(NOW) == 1
    assert [each.id for each in PortalDraft.objects.all()] == [drafts.name(young)]


def test_nobody_fills_the_disk_with_one(tmp_path: Path, sqlite_state: str) -> None:
    with pytest.raises(UsageError):
        drafts.write(make(tmp_path).book, drafts.new_secret(), {"text": "x" * 70_000}, NOW)
