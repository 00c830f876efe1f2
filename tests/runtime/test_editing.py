"""The two files edited in a page: only what is sound is saved, and never over another's change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from servanda import ledger
from servanda.desk import versions
from servanda.kernel.errors import CheckFailed, UsageError
from servanda.runtime import editing
from servanda.runtime.workspace import Workspace
from tests.apply.requests.conftest import house, workspace

__all__ = ["house", "workspace"]

POLICY, STORES = versions.FILES


def _text(workspace: Workspace, file: str) -> str:
    return (workspace.folder / file).read_text()


def test_a_sound_change_is_written_kept_and_told(workspace: Workspace) -> None:
    old = _text(workspace, POLICY)
    new = old.replace("House Ltd", "House & Sons")
    assert old != new
    path = workspace.folder / POLICY
    path.chmod(0o640)
    draft = editing.check(workspace, POLICY, new.replace("\n", "\r\n"))
    assert draft.sound
    assert [line for line in draft.diff if line.startswith("+")] == [
        next(f"+{line}" for line in new.splitlines() if "House & Sons" in line)
    ]
    made = editing.save(
        workspace, POLICY, draft.text, base=draft.present.digest, by="member 7", note="renamed"
    )
    assert _text(workspace, POLICY) == new
    assert path.stat().st_mode & 0o777 == 0o640
    listed = versions.listed(POLICY)
    assert [(each.by, each.note) for each in listed] == [("member 7", "renamed"), ("disk", "")]
    assert versions.get(POLICY, listed[1].digest).content == old.encode()
    assert made.entry is not None
    told = ledger.history.at(made.entry).data
    assert (told["kind"], told["file"], told["by"]) == ("settings.changed", POLICY, "member 7")
    assert told["digest"] == made.digest
    assert Workspace.open(workspace.folder).policy.organisation == "House & Sons"
    assert not [each for each in workspace.folder.iterdir() if each.name.startswith(".policy")]


def test_what_has_errors_is_not_saved_and_says_where(workspace: Workspace) -> None:
    old = _text(workspace, POLICY)
    bad = old.replace("then: delete", "then: delte", 1)
    draft = editing.check(workspace, POLICY, bad)
    assert not draft.sound
    line = bad[: bad.index("delte")].count("\n") + 1
    assert [(each.file.rpartition("/")[2], each.line) for each in draft.findings] == [
        (POLICY, line)
    ]
    assert draft.findings[0].remedy
    with pytest.raises(CheckFailed):
        editing.save(workspace, POLICY, bad, base=draft.present.digest, by="member 7")
    assert _text(workspace, POLICY) == old
    assert versions.listed(POLICY) == []


def test_a_policy_that_no_longer_fits_the_stores_is_not_saved(workspace: Workspace) -> None:
    """Each file alone would be sound: it is the other one that names an activity."""
    bad = _text(workspace, POLICY).replace("\n  calls:\n", "\n  telephone:\n")
    draft = editing.check(workspace, POLICY, bad)
    assert {each.file.rpartition("/")[2] for each in draft.findings} == {STORES}
    with pytest.raises(CheckFailed):
        editing.save(workspace, POLICY, bad, base=draft.present.digest, by="member 7")


def test_somebody_else_was_faster(workspace: Workspace) -> None:
    base = editing.present(workspace, POLICY).digest
    first = _text(workspace, POLICY).replace("House Ltd", "First")
    second = _text(workspace, POLICY).replace("House Ltd", "Second")
    editing.save(workspace, POLICY, first, base=base, by="member 7")
    with pytest.raises(UsageError, match="changed by somebody else"):
        editing.save(workspace, POLICY, second, base=base, by="member 8")
    assert _text(workspace, POLICY) == first
    with pytest.raises(UsageError, match="the same already"):
        present = editing.present(workspace, POLICY)
        editing.save(workspace, POLICY, first, base=present.digest, by="member 8")


def test_a_full_disk_leaves_file_and_versions_as_they_were(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = _text(workspace, POLICY)
    base = editing.present(workspace, POLICY).digest
    editing.noticed(workspace)
    before = ledger.proofs.size()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="cannot be written"):
        editing.save(workspace, POLICY, old.replace("House", "Hut"), base=base, by="member 7")
    monkeypatch.undo()
    assert _text(workspace, POLICY) == old
    assert [each.by for each in versions.listed(POLICY)] == ["disk"]
    assert ledger.proofs.size() == before
    assert sorted(each.name for each in workspace.folder.glob(".policy*")) == []


def test_a_link_stays_a_link(workspace: Workspace, tmp_path: Path) -> None:
    path = workspace.folder / POLICY
    real = tmp_path / "kept-in-git.yaml"
    path.rename(real)
    path.symlink_to(real)
    new = real.read_text().replace("House Ltd", "Linked")
    base = editing.present(workspace, POLICY).digest
    editing.save(workspace, POLICY, new, base=base, by="member 7")
    assert path.is_symlink()
    assert real.read_text() == new


def test_a_change_on_the_machine_is_noticed_once(workspace: Workspace) -> None:
    editing.noticed(workspace)
    editing.noticed(workspace)
    path = workspace.folder / STORES
    path.write_text(f"# by hand\n{path.read_text()}")
    editing.noticed(workspace)
    assert [len(versions.listed(file)) for file in (POLICY, STORES)] == [1, 2]
    found = versions.get(STORES, versions.listed(STORES)[0].digest).content
    assert found is not None and found.startswith(b"# by hand\n")


def test_a_password_written_out_is_never_kept(workspace: Workspace) -> None:
    bad = _text(workspace, STORES).replace(
        "sqlite:///pbx.sqlite", "postgresql://me:hunter2@localhost/pbx"
    )
    base = editing.present(workspace, STORES).digest
    with pytest.raises(CheckFailed):
        editing.save(workspace, STORES, bad, base=base, by="member 7")
    assert versions.listed(STORES) == []


def test_only_the_two_files_can_be_edited(workspace: Workspace) -> None:
    for file in ("servanda.toml", "../policy.yaml", ".servanda/keys/master.key"):
        with pytest.raises(UsageError, match="cannot be edited here"):
            editing.check(workspace, file, "x: 1")
    with pytest.raises(UsageError, match="longer than"):
        editing.check(workspace, POLICY, "#" * 300_000)
