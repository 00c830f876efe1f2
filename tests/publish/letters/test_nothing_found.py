"""Nobody is told that nothing was found where nobody could look."""

from __future__ import annotations

from pathlib import Path

from servanda.publish.letters import letter, text
from servanda.publish.receipt import StoreLine
from tests.publish.letters.sample import sample


def _said(folder: Path, *stores: StoreLine) -> str:
    names = tuple(each.store for each in stores)
    written = letter("nothing-found", sample(folder, stores=stores, searched=names))
    return " ".join(text(written).split())


def test_everywhere_is_said_only_where_every_store_answered(tmp_path: Path) -> None:
    said = _said(tmp_path, StoreLine("crm", "done"), StoreLine("pbx", "done"))
    assert "We looked everywhere" in said
    assert "We searched: crm; pbx." in said


def test_a_store_that_did_not_answer_was_not_searched(tmp_path: Path) -> None:
    said = _said(tmp_path, StoreLine("crm", "done"), StoreLine("pbx", "unreachable"))
    assert "We looked everywhere" not in said
    assert "we could not read pbx" in said
    assert "We searched: crm." in said
