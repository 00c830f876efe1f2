"""The files of answers go after their days, wherever they lie, and those of today stay."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from servanda.kernel.errors import UsageError
from servanda.runtime import replies
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import build_house

OLD = time.time() - 15 * 24 * 3600


def test_old_ones_go_from_both_folders(tmp_path: Path) -> None:
    workspace = Workspace.open(build_house(tmp_path))
    paths = {}
    for place in (replies.FOLDER, replies.KEPT):
        for ref, age in (("1", OLD), ("2", time.time())):
            path = tmp_path / place / ref / f"request-{ref}-letter.txt"
            path.parent.mkdir(parents=True)
            path.write_text("Dear Ann")
            os.utime(path, (age, age))
            paths[place, ref] = path
    replies.expire(workspace)
    left = [place for place, path in paths.items() if path.exists()]
    assert left == [(replies.FOLDER, "2"), (replies.KEPT, "2")]
    assert not (tmp_path / replies.KEPT / "1").exists()


def test_files_are_named_by_the_request_and_themselves(tmp_path: Path) -> None:
    workspace = Workspace.open(build_house(tmp_path))
    folder = replies.folder(workspace, "7")
    folder.mkdir(parents=True)
    (folder / "request-7-letter.txt").write_text("Dear Ann")
    (folder / "notes.txt").write_text("no file of an answer")
    assert replies.files(workspace, "7") == ["request-7-letter.txt"]
    assert replies.file(workspace, "7", "request-7-letter.txt").read_text() == "Dear Ann"
    for ref, name in (
        ("7", "notes.txt"),
        ("7", "../7/request-7-letter.txt"),
        ("7", "../../../policy.yaml"),
        ("8", "request-7-letter.txt"),
    ):
        with pytest.raises(UsageError):
            replies.file(workspace, ref, name)
