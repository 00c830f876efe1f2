"""After the master key was changed all is as before, and the old key opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from servanda import state
from servanda.desk import holds
from servanda.desk.requests import Desk
from servanda.kernel.errors import UsageError
from servanda.kernel.keyring import fingerprint
from servanda.kernel.seal import SealBroken, key_file
from servanda.ledger import history, live
from servanda.runtime.keys import rewrap, rotation, telling
from servanda.runtime.workspace import Workspace
from servanda.state.keyring import WrongKey
from tests.runtime.keys import sealed_world as world


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_db").replace("+psycopg", "")
    with world.made(tmp_path / "acme", url) as made:
        yield made


def key_of(workspace: Workspace) -> bytes:
    return key_file(workspace.keys / "master.key")


def test_all_is_as_before_and_the_old_key_opens_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewrap, "BATCH", 1)  # every row a batch of its own
    before, old = world.seen(workspace), key_of(workspace)
    assert [readable for readable, _ in before["people"]] == [True, True, False]
    assert len(world.opened_by(old)) == world.everything() == 16
    secret = workspace.master.seal("second factor", b"JBSWY3DP")

    done = rotation.rotate(workspace)

    new = key_of(workspace)
    assert (done.previous, done.key) == (fingerprint(old), fingerprint(new))
    assert (done.resumed, done.by_hand) == (False, False)
    assert world.opened_by(old) == []
    assert len(world.opened_by(new)) == 16
    assert sorted(path.name for path in workspace.keys.iterdir()) == [
        "master.key",
        "rotation.lock",
    ]
    for path in workspace.folder.rglob("*"):
        assert path.is_dir() or old.hex().encode() not in path.read_bytes()
    with Workspace.open(workspace.folder) as another:  # a process that begins now
        another.use_state()
        for each in (workspace, another):
            assert world.seen(each) == before
            assert each.master.unseal("second factor", secret) == b"JBSWY3DP"
            with pytest.raises(SealBroken):
                each.master.unseal("webhooks", secret)
    workspace.use_state()
    (told,) = [dict(each.data) for each in history.entries("keys.rotated")]
    for name in ("v", "at"):
        told.pop(name)
    assert told == {
        "kind": "keys.rotated",
        "people": 2,
        "consents": 2,
        "evidence": 2,
        "roots": 4,
        "holds": 3,
        "closed": 0,
    }
    workspace.checkpoint()
    assert live.verify(workspace.signer.vkey).ok


def test_again_and_again(workspace: Workspace) -> None:
    before, old = world.seen(workspace), [key_of(workspace)]
    for _ in range(3):
        rotation.rotate(workspace)
        world.opened(workspace, "dan@example.test")  # wrapped with the key of now
        old.append(key_of(workspace))
    assert len({fingerprint(key) for key in old}) == 4
    assert [world.opened_by(key) for key in old[:-1]] == [[], [], []]
    assert len(world.opened_by(old[-1])) == world.everything() == 19
    assert world.seen(workspace) == before
    assert not telling.status(workspace).unfinished


def test_a_state_from_before_there_were_keyrings(tmp_path: Path) -> None:
    """Marks and rows were made with the key itself, and nothing names the key."""
    from servanda.state.models import KeyRoot, KeyState

    with world.made(tmp_path / "acme") as workspace:
        old = key_of(workspace)
        KeyRoot.objects.all().delete()
        KeyState.objects.all().delete()
        legacy = Desk(old, workspace.policy)
        ref = legacy.new(
            "object",
            [("email", "eve@example.test")],
            received=date(2026, 3, 16),
            via="post",
            by="ann",
            purpose="support",
        )
        marks = [legacy.book.mark("email", email) for email in world.PEOPLE]
    with Workspace.open(tmp_path / "acme") as workspace:
        workspace.use_state()
        rotation.rotate(workspace)
        desk = workspace.desk
        assert [desk.book.mark("email", email) for email in world.PEOPLE] == marks
        assert desk.suppressed("email", "eve@example.test", "support")
        assert not desk.suppressed("email", "ada@example.test", "support")
        assert desk.get(ref).identities == (("email", "eve@example.test"),)
        assert world.opened_by(old) == []


def test_a_destroyed_key_does_not_come_back(workspace: Workspace) -> None:
    from servanda.state.models import Person

    gone = Person.objects.exclude(destroyed_at=None).get()
    rotation.rotate(workspace)
    after = Person.objects.get(id=gone.id)
    assert (bytes(after.wrapped), bytes(after.salt)) == (b"", b"")
    assert Person.objects.filter(destroyed_at=None).count() == 2


def test_a_row_that_no_key_opens_is_told_and_left(workspace: Workspace) -> None:
    from servanda.state.models import EvidenceKey

    EvidenceKey.objects.filter(run="r1").update(wrapped=bytes(40))
    done = rotation.rotate(workspace)
    assert (done.tallies["evidence"].under, done.tallies["evidence"].closed) == (1, 1)
    assert bytes(EvidenceKey.objects.get(run="r1").wrapped) == bytes(40)


def test_another_key_than_the_one_of_the_state_is_refused(workspace: Workspace) -> None:
    (workspace.keys / "master.key").unlink()
    with Workspace.open(workspace.folder) as another:
        another.use_state()
        found = telling.status(another)
        assert not found.fits and found.in_force and found.in_force not in found.here
        with pytest.raises(WrongKey, match=found.in_force):
            holds.add_record(another.master, "shop.messages", [9], reason="new", by="ann")
        for attempt in (
            lambda: another.desk.get("1"),
            lambda: world.opened(another, "dan@example.test"),
            lambda: holds.listed(another.master),
        ):
            with pytest.raises(SealBroken, match="keys status"):
                attempt()


def test_wrapping_outside_the_transaction_that_saves_it_is_refused(sqlite_state: str) -> None:
    class Fixed:
        def read(self) -> tuple[bytes, ...]:
            return (bytes(32),)

        def stamp(self) -> object:
            return 1

    from servanda.state.keyring import StateKeyring

    ring = StateKeyring(Fixed())
    with pytest.raises(RuntimeError, match="transaction"):
        ring.wrap(bytes(32))
    with state.transaction():
        wrapped = ring.wrap(bytes(32))
    assert ring.unwrap(wrapped) == bytes(32)


def test_from_a_variable_it_takes_both_keys_and_two_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = bytes(range(32)), bytes(range(32, 64))
    monkeypatch.setenv("SERVANDA_MASTER_KEY", old.hex())
    with world.made(tmp_path / "acme", settings='[keys]\nsource = "env"\n') as workspace:
        before = world.seen(workspace)
        with pytest.raises(UsageError, match="no second key"):
            rotation.rotate(workspace)
        monkeypatch.setenv("NEW_KEY", new.hex())
        with pytest.raises(UsageError, match="must come from the source"):
            rotation.rotate(workspace, "env:NEW_KEY")
        assert len(world.opened_by(old)) == 16
        monkeypatch.setenv("SERVANDA_MASTER_KEY", f"{old.hex()} {new.hex()}")
        done = rotation.rotate(workspace, "env:NEW_KEY")
        assert (done.by_hand, done.key) == (True, fingerprint(new))
        assert world.seen(workspace) == before
        monkeypatch.setenv("SERVANDA_MASTER_KEY", new.hex())
        assert world.seen(workspace) == before
        assert world.opened_by(old) == []
        assert not (workspace.keys / "master.key").exists()


def test_a_file_takes_a_key_of_ours(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEW_KEY", bytes(range(32)).hex())
    rotation.rotate(workspace, "env:NEW_KEY")
    assert key_of(workspace) == bytes(range(32))
    for wrong in ("env:NEW_KEY", "NEW_KEY", "env:", "file:x", "env:NO_SUCH_NAME"):
        with pytest.raises(UsageError):
            rotation.rotate(workspace, wrong)
        assert not telling.status(workspace).unfinished
    assert key_of(workspace) == bytes(range(32))
