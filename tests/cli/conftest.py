"""`cli`: the commands, on a small workspace of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shop import Cli, build, populate


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("USER", "ann")
    monkeypatch.setenv("COLUMNS", "200")
    folder = tmp_path / "acme"
    build(folder)
    found = Cli(folder, capsys)
    populate(found)
    return found
