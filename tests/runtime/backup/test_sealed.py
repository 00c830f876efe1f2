"""The sealed file: whole, or refused, whatever was done to it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime.backup import sealed
from servanda.runtime.backup.members import MemberWriter, members
from servanda.runtime.backup.sealed import BackupBroken, PassphraseWrong, Writer, pieces

PHRASE = "correct horse battery staple"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "_N", 1 << 10)


def archive(content: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    writer = MemberWriter(Writer(out, PHRASE))
    for name, data in content.items():
        writer.add(name, [data[at : at + 1000] for at in range(0, len(data), 1000)])
    writer.end()
    return out.getvalue()


def read(data: bytes, phrase: str = PHRASE) -> dict[str, bytes]:
    return {each.name: each.whole() for each in members(pieces(io.BytesIO(data), phrase))}


CONTENT = {"ada": b"first person" * 50_000, "bob": b"", "cid": b"third" * 30_000}


def test_round_trip_and_nothing_in_the_clear() -> None:
    data = archive(CONTENT)
    assert read(data) == CONTENT
    assert b"first person" not in data and b"third" not in data
    assert archive(CONTENT) != data  # another salt, another key


def test_another_passphrase() -> None:
    with pytest.raises(PassphraseWrong, match="does not open with this passphrase"):
        read(archive(CONTENT), "correct horse battery stapl")


def test_cut_anywhere() -> None:
    data = archive(CONTENT)
    pieces_end = [len(data) - 1, len(data) - 100, len(data) // 2, 400, 300, 100, 18, 17, 1, 0]
    first = data.index(b"\n", 20) + 1
    pieces_end += [first, first + 3, first + 4, first + 4 + sealed.PIECE + 16]  # between pieces
    for end in pieces_end:
        with pytest.raises(ServandaError):
            read(data[:end])


def test_any_byte_changed() -> None:
    data = archive(CONTENT)
    first = data.index(b"\n", 20) + 1
    for at in [*range(0, first + 40, 7), *range(first + 41, len(data), 50_021), len(data) - 1]:
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(ServandaError):
            read(bytes(changed))


def test_pieces_moved_dropped_doubled_and_added() -> None:
    data = archive(CONTENT)
    first = data.index(b"\n", 20) + 1
    size = 4 + sealed.PIECE + 16
    head, one, two, rest = (
        data[:first],
        data[first : first + size],
        data[first + size : first + 2 * size],
        data[first + 2 * size :],
    )
    assert read(head + one + two + rest) == CONTENT
    for forged in (
        head + two + one + rest,
        head + one + rest,
        head + one + one + two + rest,
        head + one + two + rest + rest,
        head + one + two + rest + b"x",
        archive({"x": b"y"})[: data.index(b"\n", 20) + 1] + one + two + rest,
    ):
        with pytest.raises(ServandaError):
            read(forged)


def test_a_member_that_is_not_what_it_says_is_refused_though_it_was_sealed() -> None:
    out = io.BytesIO()
    writer = Writer(out, PHRASE)
    writer.write(b"M" + (14).to_bytes(4, "big") + b'{"name":"ada"}')
    writer.write(b"D" + (3).to_bytes(4, "big") + b"one")
    writer.write(b"E" + (3).to_bytes(8, "big") + bytes(32))
    writer.write(b"Z" + (2).to_bytes(4, "big") + b"[]")
    writer.end()
    with pytest.raises(BackupBroken, match="a member is not what it says"):
        read(out.getvalue())


def test_what_is_no_backup(tmp_path: Path) -> None:
    for data in (b"", b"PK\x03\x04", b"servanda-backup 2\n{}"):
        with pytest.raises(UsageError, match="not a backup"):
            read(data)
    for head in (b"{}\n", b"[]\n", b'{"n":1073741824}\n', b"x" * 2000):
        with pytest.raises(BackupBroken):
            read(sealed.MAGIC + head)


def test_memory_does_not_grow_with_the_size() -> None:
    import tracemalloc

    class Nowhere(io.RawIOBase):
        def write(self, data: object) -> int:
            return len(data)  # type: ignore[arg-type]

    tracemalloc.start()
    writer = MemberWriter(Writer(Nowhere(), PHRASE))  # type: ignore[arg-type]
    writer.add("big", (bytes(1 << 18) for _ in range(400)))  # 100 MiB
    writer.end()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
