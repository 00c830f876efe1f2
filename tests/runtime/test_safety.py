"""What is unsafe to serve is refused, each with how to mend it; a sound workspace has nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servanda import ledger
from servanda.runtime import safety
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import build_house

SRC = Path(__file__).parents[2] / "src"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build_house(tmp_path / "firm")
    return tmp_path / "firm"


def _found(folder: Path, settings: str = "", now: datetime | None = None) -> list[str]:
    (folder / "servanda.toml").write_text(settings)
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        found = safety.problems(workspace, now)
        assert all(each.remedy for each in found), "each says how to mend it"
        return [str(each) for each in found]


def test_a_workspace_as_it_is_made_is_safe(folder: Path) -> None:
    assert _found(folder) == []
    assert (folder / ".servanda").stat().st_mode & 0o077 == 0


SAFE = (
    'listen = "127.0.0.1:8460"\nurl = "https://privacy.firm.test"',
    'listen = "0.0.0.0:8460"\nurl = "https://privacy.firm.test"\nproxies = ["10.0.0.2"]',
    'listen = "[::1]:8460"',
    'url = "http://localhost:8460"\nsites = ["http://localhost:8000", "https://firm.test"]',
    'oidc_server = "https://id.firm.test"\noidc_client = "x"',
    'oidc_server = "http://127.0.0.1:99"\noidc_client = "x"',
)


@pytest.mark.parametrize("web", SAFE)
def test_safe_settings_are_served(folder: Path, web: str) -> None:
    assert _found(folder, f"[web]\n{web}\n") == []


UNSAFE = (
    ('listen = "0.0.0.0:8460"', "without TLS"),
    ('listen = "0.0.0.0:8460"', "no address that people can type"),
    ('listen = "192.0.2.1:8460"\nurl = "http://192.0.2.1:8460"', "without TLS"),
    ('listen = "192.0.2.1:8460"\nurl = "http://192.0.2.1:8460"', "in clear"),
    ('listen = "[::]:8460"\nurl = "https://privacy.firm.test"', "no proxy is named"),
    ('url = "http://privacy.firm.test"', "in clear"),
    ('url = "https://*"', "names no host"),
    ('url = "https://*.firm.test"', "names no host"),
    ('url = "https://0.0.0.0"', "names no host"),
    ('sites = ["https://firm.test", "http://firm.test"]', "web.sites has http://firm.test,"),
    ('oidc_server = "http://id.firm.test"\noidc_client = "x"', "sign in as anybody"),
)


@pytest.mark.parametrize(("web", "said"), UNSAFE)
def test_unsafe_addresses_are_refused(folder: Path, web: str, said: str) -> None:
    assert [each for each in _found(folder, f"[web]\n{web}\n") if said in each]


def test_letters_in_clear_are_refused(folder: Path) -> None:
    mail = '[mail]\nhost = "{}"\nsecurity = "{}"\nsender = "a@firm.test"\n'
    assert "in clear" in _found(folder, mail.format("mail.firm.test", "none"))[0]
    assert _found(folder, mail.format("mail.firm.test", "starttls")) == []
    assert _found(folder, mail.format("127.0.0.1", "none")) == []


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701])
def test_open_folders_and_keys_are_refused_until_mended(folder: Path, mode: int) -> None:
    assert _found(folder) == []
    keys = folder / ".servanda" / "keys"
    with Workspace.open(folder) as workspace:
        assert workspace.signer
    key = keys / "signing.key"
    for path, was in ((folder / ".servanda", 0o700), (keys, 0o700), (key, 0o600)):
        path.chmod(mode)
        (said,) = [each for each in _found(folder) if f"{path};" in each]
        mend = said.rpartition("; ")[2].split()
        assert mend[0] == "chmod"
        subprocess.run(mend, check=True)
        assert path.stat().st_mode & 0o777 == was
        assert _found(folder) == []


def test_an_open_database_beside_the_files_is_refused(folder: Path) -> None:
    state = '[state]\nurl = "sqlite:///state.sqlite3"\n'
    folder.chmod(0o755)
    assert any("state.sqlite3; chmod 600" in each for each in _found(folder, state))
    (folder / "state.sqlite3").chmod(0o600)
    assert _found(folder, state) == []
    (folder / "state.sqlite3").chmod(0o644)
    folder.chmod(0o700)
    assert _found(folder, state) == []


def test_keys_where_others_look_are_refused(folder: Path) -> None:
    keys = '[keys]\nfolder = "public/keys"\n[evidence]\npublish = "{}"\n'
    assert any("evidence.publish" in each for each in _found(folder, keys.format("public")))
    assert _found(folder, keys.format("elsewhere")) == []


@pytest.mark.parametrize(
    ("kind", "refused"), [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("ext4", False)]
)
def test_sqlite_on_a_network_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, refused: bool
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/a / ext4 rw 0 0\nserver:/x {folder} {kind} rw 0 0\nb /else nfs4 rw 0 0\n"
    )
    monkeypatch.setattr(safety, "_MOUNTS", mounts)
    assert any(f"network file system ({kind})" in each for each in _found(folder)) is refused


def test_a_clock_that_was_set_back_is_refused(folder: Path) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        ledger.append([{"kind": "member.joined", "member": "member 1", "role": "owner"}], now=now)
    assert _found(folder, now=now - timedelta(minutes=4)) == []
    assert _found(folder, now=now + timedelta(days=900)) == []
    (said,) = _found(folder, now=now - timedelta(minutes=6))
    assert "clock is behind" in said


def test_serve_says_all_of_it_and_does_not_begin(folder: Path) -> None:
    web = '[web]\nlisten = "0.0.0.0:1"\nsites = ["http://firm.test"]\n'
    (folder / "servanda.toml").write_text(web)
    done = subprocess.run(
        [sys.executable, "-m", "servanda", "serve", "-C", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(SRC)},
        check=False,
    )
    assert done.returncode == 2
    for said in ("1. web.listen", "no address that people can type", "web.sites has"):
        assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    old = os.umask(0o022)
    yield
    os.umask(old)
