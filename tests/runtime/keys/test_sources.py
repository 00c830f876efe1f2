"""Where the key may come from; and that nothing says what it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from servanda.kernel.errors import ServandaError, UsageError
from servanda.kernel.keyring import fingerprint
from servanda.runtime import config
from servanda.runtime.keys import rotation, sources
from servanda.runtime.workspace import Workspace
from tests.cli.shop import Cli
from tests.runtime.keys import sealed_world as world

KEY = bytes(range(32))


def program(folder: Path, body: str) -> Path:
    path = folder / "unwrap"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_program_gives_the_key(tmp_path: Path) -> None:
    found = program(tmp_path, f'[ "$1" = "the key" ] && echo {KEY.hex()}; echo noise >&2')
    said = f'[keys]\nsource = "command"\ncommand = ["{found}", "the key"]\n'
    with world.made(tmp_path / "acme", settings=said) as workspace:
        assert len(world.opened_by(KEY)) == world.everything()
        assert not (workspace.keys / "master.key").exists()
        assert (workspace.keys / "signing.key").exists() or workspace.signer.vkey


def test_a_process_asks_the_program_again_when_the_key_was_changed(tmp_path: Path) -> None:
    new = bytes(range(32, 64))
    calls = tmp_path / "calls"
    found = program(tmp_path, f"echo x >> {calls}; echo {KEY.hex()}")
    said = f'[keys]\nsource = "command"\ncommand = ["{found}"]\n'
    with world.made(tmp_path / "acme", settings=said) as running:
        before = world.seen(running)
        assert calls.read_text().count("x") == 1  # once, for all of that
        program(tmp_path, f"echo x >> {calls}; echo {KEY.hex()} {new.hex()}")
        with Workspace.open(running.folder) as other:
            other.use_state()
            rotation.rotate(other)
        running.use_state()
        program(tmp_path, f"echo x >> {calls}; echo {new.hex()}")
        assert world.seen(running) == before
        world.opened(running, "dan@example.test")
        assert world.opened_by(KEY) == []
        program(tmp_path, f"echo x >> {calls}; exit 1")  # a service that is away for a moment
        assert world.seen(running)["people"][:3] == before["people"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f"echo {KEY.hex()}; exit 3", "exit code 3"),
        ("sleep 5", "within 1 s"),
        ("echo secretsecret", "64 hexadecimal digits"),
        (f"echo {KEY.hex()} {KEY.hex()} {KEY.hex()}", "64 hexadecimal digits"),
        ("printf '\\377\\376'", "64 hexadecimal digits"),
        ("", "64 hexadecimal digits"),
    ],
)
def test_what_a_program_says_is_never_told(tmp_path: Path, body: str, said: str) -> None:
    source = sources.Command((str(program(tmp_path, body)),), 1)
    with pytest.raises(UsageError) as refused:
        source.read()
    assert said in str(refused.value)
    assert KEY.hex() not in str(refused.value) and "secretsecret" not in str(refused.value)


def test_a_program_that_others_may_change_is_not_run(tmp_path: Path) -> None:
    path = program(tmp_path, f"touch {tmp_path / 'ran'}; echo {KEY.hex()}")
    assert sources.Command((str(path),), 5).read() == (KEY,)
    (tmp_path / "ran").unlink()
    path.chmod(0o777)
    with pytest.raises(UsageError, match="by anybody"):
        sources.Command((str(path),), 5).read()
    assert not (tmp_path / "ran").exists()
    with pytest.raises(UsageError, match="cannot be run"):
        sources.Command(("/no/such/program",), 5).read()


@pytest.mark.parametrize("value", [None, "", "abc", "zz" * 32, KEY.hex()[:-2], f"{KEY.hex()}00"])
def test_a_variable_without_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("SERVANDA_MASTER_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("SERVANDA_MASTER_KEY", value)
    with pytest.raises(UsageError) as refused:
        sources.Environment("SERVANDA_MASTER_KEY").read()
    assert "SERVANDA_MASTER_KEY" in str(refused.value)
    assert not value or value not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('source = "kms"', "write one of file, env, command"),
        ('source = "command"', "whole path"),
        ('source = "command"\ncommand = ["unwrap"]', "whole path"),
        ('source = "command"\ncommand = ["/usr/../bin/unwrap"]', "whole path"),
        ('command = ["/usr/bin/unwrap"]', "keys.source is file"),
        ('source = "env"\nenv = "NOT A NAME"', "name of a variable"),
        ('source = "command"\ncommand = "/usr/bin/unwrap"', "list of texts"),
    ],
)
def test_settings_that_give_no_key(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "servanda.toml").write_text(f"[keys]\n{text}\n", encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        config.load(tmp_path)
    assert said in str(refused.value)


def test_a_file_others_may_read_is_refused(tmp_path: Path) -> None:
    with world.made(tmp_path / "acme") as workspace:
        (workspace.keys / "master.key").chmod(0o640)
    with Workspace.open(tmp_path / "acme") as workspace:
        workspace.use_state()
        with pytest.raises(ServandaError, match="open to other users"):
            workspace.desk.get("1")


def test_the_commands_name_keys_by_fingerprints(cli: Cli) -> None:
    told = cli("keys", "status")
    assert told.code == 0 and "from: file" in told.out
    cli("hold", "add", "--email", "ada@example.test", "--reason", "a claim")
    before = cli("keys", "status", "--json").json()
    assert (before["fits"], before["unfinished"], before["under"]["holds"]) == (True, False, 1)
    path = cli.file(".servanda/keys/master.key")
    old = bytes.fromhex(path.read_text())
    assert before["in_force"] == fingerprint(old)
    done = cli("keys", "rotate")
    assert done.code == 0, done.err
    assert f"in the place of {fingerprint(old)}" in done.out and "1 hold" in done.out
    new = path.read_text().strip()
    assert old.hex() not in done.out and new not in done.out
    assert "ada@example.test" in cli("hold", "list").out
    assert cli("verify").code == 0
    assert cli.kinds().count("keys.rotated") == 1
    again = cli("keys", "rotate", "--json").json()
    assert (again["destroyed"], again["resumed"], again["under"]["holds"]) == (True, False, 1)
    os.environ.pop("NO_SUCH_NAME", None)
    wrong = cli("keys", "rotate", "--new-from", "env:NO_SUCH_NAME")
    assert wrong.code == 2 and "NO_SUCH_NAME" in wrong.err
