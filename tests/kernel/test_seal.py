"""Sealing: what is sealed opens only with its key and in its place; key files stay private."""

import stat
import threading
from pathlib import Path

import pytest

from servanda.kernel import seal

PLAIN = b"two subjects: alice@example.test, bob@example.test"


def test_sealed_opens_with_its_key_in_its_place() -> None:
    key = seal.new_key()
    sealed = seal.seal(key, PLAIN, b"here")
    assert PLAIN not in sealed
    assert b"alice" not in sealed
    assert seal.unseal(key, sealed, b"here") == PLAIN
    assert seal.seal(key, PLAIN, b"here") != sealed  # a fresh nonce each time


def test_another_key_place_or_byte_does_not_open() -> None:
    key = seal.new_key()
    sealed = seal.seal(key, PLAIN, b"here")
    attempts = [(seal.new_key(), sealed, b"here"), (key, sealed, b"there"), (key, b"", b"here")]
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        attempts.append((key, bytes(changed), b"here"))
    attempts += [(key, sealed[:cut], b"here") for cut in range(len(sealed))]
    for attempt in attempts:
        with pytest.raises(seal.SealBroken) as refused:
            seal.unseal(*attempt)
        assert "alice" not in str(refused.value)


def test_wrapping_follows_rfc_3394() -> None:
    # Section 4.6: 256 bits of key data with a 256-bit key.
    master = bytes(range(32))
    key = bytes.fromhex("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F")
    wrapped = seal.wrap(master, key)
    assert wrapped.hex().upper() == (
        "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"
    )
    assert seal.unwrap(master, wrapped) == key
    for wrong in (wrapped[:-1], bytes(40), wrapped[:-1] + b"\0"):
        with pytest.raises(seal.SealBroken):
            seal.unwrap(master, wrong)
    with pytest.raises(seal.SealBroken):
        seal.unwrap(seal.new_key(), wrapped)


def test_commitments_follow_rfc_4231() -> None:
    assert seal.commit(b"what do ya want for nothing?", b"Jefe") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_a_commitment_opens_only_with_value_and_salt() -> None:
    salt = seal.new_salt()
    commitment = seal.commit(b"alice", salt)
    assert seal.opens(commitment, b"alice", salt)
    assert not seal.opens(commitment, b"bob", salt)
    assert not seal.opens(commitment, b"alice", seal.new_salt())
    assert len({seal.new_salt() for _ in range(100)}) == 100


def test_a_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    key = seal.key_file(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert seal.key_file(path) == key
    assert [each.name for each in tmp_path.iterdir()] == ["master.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o660, 0o610])
def test_a_key_file_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    key = seal.key_file(path)
    path.chmod(mode)
    with pytest.raises(seal.KeyFileRefused, match="chmod 600") as refused:
        seal.key_file(path)
    assert key.hex() not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"00\n", b"zz" * 32, b"\xff" * 64, b"00" * 33])
def test_what_is_not_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    seal.write_secret(path, content)
    with pytest.raises(seal.KeyFileRefused, match="does not hold a key"):
        seal.key_file(path)
    assert path.read_bytes() == content


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    seal.write_secret(path, b"first")
    with pytest.raises(FileExistsError):
        seal.write_secret(path, b"second")
    assert path.read_bytes() == b"first"
    assert [each.name for each in tmp_path.iterdir()] == ["master.key"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(seal.KeyFileRefused, match="cannot be made"):
        seal.key_file(tmp_path / "absent" / "master.key")
    with pytest.raises(seal.KeyFileRefused, match="is not there"):
        seal.read_secret(tmp_path / "absent" / "master.key")


def test_many_at_once_agree_on_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        keys.append(seal.key_file(tmp_path / "master.key"))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
