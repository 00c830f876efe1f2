"""The scheduled run removes packages whose time is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from servanda.publish.package import Shelf
from servanda.runtime.workspace import PACKAGES
from tests.cli.shop import Cli


def test_a_sweep_removes_what_has_expired(cli: Cli) -> None:
    shelf = Shelf(cli.folder / PACKAGES)
    now = datetime.now(UTC)
    old, young = shelf.place("1", now - timedelta(days=15)), shelf.place("2", now)
    for each in (old, young):
        each.path.write_bytes(b"PK")
    assert cli("run", "--once").code == 0
    assert not old.path.exists() and young.path.exists()
