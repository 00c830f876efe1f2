"""Evidence is handed over, checked with the key alone, and a changed one is found out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.cli.shop import Cli


@pytest.fixture
def bundle(cli: Cli, tmp_path: Path) -> Path:
    assert cli("apply", cli.plan(), "--yes").code == 0
    path = tmp_path / "evidence.zip"
    found = cli("evidence", "export", "-o", path)
    assert found.code == 0
    assert f"servanda verify {path} --key acme-shop+" in found.out
    return path


def test_this_workspace_is_whole(cli: Cli, bundle: Path) -> None:
    found = cli("verify")
    assert found.code == 0
    assert found.out.startswith("✓ whole: ")
    report = cli("verify", "--json").json()
    assert (report["ok"], report["findings"], report["manifests"]) == (True, [], 1)


def test_a_stranger_needs_the_key_and_nothing_else(cli: Cli, bundle: Path, tmp_path: Path) -> None:
    key = cli("evidence", "key").out.strip()
    cli.folder.rename(tmp_path / "elsewhere")
    nowhere = tmp_path / "stranger"
    nowhere.mkdir()
    assert cli("verify", bundle, "--key", key, "-C", nowhere, here=False).code == 0
    file = nowhere / "key.txt"
    file.write_text(f"{key}\n", encoding="utf-8")
    assert cli("verify", bundle, "--key", file, "-C", nowhere, here=False).code == 0
    assert list(nowhere.iterdir()) == [file]
    refused = cli("verify", bundle, "-C", nowhere, here=False)
    assert refused.code == 2
    assert "public key" in refused.err


def test_another_key_or_no_key(cli: Cli, bundle: Path) -> None:
    key = cli("evidence", "key").out.strip()
    for wrong in ("nonsense+12345678+AAAA", key[:-6] + "AAAAA=", "no-such-file"):
        found = cli("verify", bundle, "--key", wrong)
        assert found.code in (1, 2), wrong
        assert "✓" not in found.out


def test_a_changed_bundle_is_found_out(cli: Cli, bundle: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "entries.jsonl":
                assert b'"count":3' in content
                content = content.replace(b'"count":3', b'"count":2')
            new.writestr(name, content)
    found = cli("verify", changed)
    assert found.code == 1
    assert "NOT WHOLE" in found.out
    assert cli("verify", changed, "--json").json()["ok"] is False


def test_what_is_no_bundle(cli: Cli, bundle: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk.zip"
    junk.write_bytes(b"PK no, not really")
    assert cli("verify", junk).code == 1
    assert cli("status", "--bundle", junk).code == 2
    assert cli("verify", tmp_path / "nowhere.zip").code == 2


def test_a_kept_checkpoint_must_be_a_beginning(cli: Cli, bundle: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes((cli.folder / ".servanda" / "checkpoints" / "checkpoint").read_bytes())
    assert cli("run", "--once").code == 0
    assert cli("verify", "--since", kept).code == 0
    text = kept.read_text(encoding="utf-8").split("\n")
    kept.write_text("\n".join([text[0], "3", *text[2:]]), encoding="utf-8")
    assert cli("verify", "--since", kept).code in (1, 2)


def test_the_board_of_a_bundle_is_the_board(cli: Cli, bundle: Path) -> None:
    found = cli("status", "--bundle", bundle)
    assert found.code == 0
    assert "1 kept, 1 not yet built" in found.out


def test_no_personal_data_in_a_bundle(cli: Cli, bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"example.test" not in content
    assert b"Name 1" not in content
