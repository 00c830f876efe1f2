"""Names as text, copies kept as files, shapes, and what is said afterwards."""

import gzip
import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.connectors.files import FileStore, archive, connector
from servanda.connectors.files.erase import erased
from servanda.connectors.files.names import from_text, to_text
from servanda.connectors.files.shape import kind_of
from servanda.kernel.erased import is_erased
from servanda.kernel.errors import StoreRefused, UsageError
from servanda.stores.mapping import Erasure, Generalise, Pseudonym, SetNull, SetText
from servanda.stores.port import Connector, Row, Store
from tests.connectors.files.shelves import RECORDINGS, files, opened, write

HEADER = ["name", "when", "raw"]
ROWS: list[Row] = [
    ("Ann \u00e9", datetime(2025, 1, 1, tzinfo=UTC), b"\xff\x00"),
    ("Bob\n", None, b""),
    ("half \udce9", None, None),
]


def test_it_is_a_store_of_the_port(tmp_path: Path) -> None:
    plug: Connector = connector
    store: Store = plug.open("x", tmp_path.as_uri(), zone="UTC", read_only=True, limit=None)
    assert isinstance(store, FileStore)
    assert not store.transactional
    store.close()
    store.close()


@given(st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name))
def test_every_name_survives_json(name: bytes) -> None:
    text = to_text(os.fsdecode(name))
    assert os.fsencode(from_text(json.loads(json.dumps(text)))) == name
    text.encode("utf-8")


def test_no_two_names_share_a_text() -> None:
    names = [b"a", b"base64:YQ==", b"\xe9", "\u00e9".encode(), b"base64:", b"base64:6Q=="]
    assert len({to_text(os.fsdecode(name)) for name in names}) == len(names)
    with pytest.raises(ValueError, match="not an encoded"):
        from_text("base64:!")


def test_a_copy_is_complete_private_and_read_back(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        digest = store.put(RECORDINGS, "run-1", HEADER, iter(ROWS))
    path = tmp_path / "wav/run-1.jsonl.gz"
    assert files(tmp_path) == ["wav/run-1.jsonl.gz"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    assert path.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert lines == [
        {"name": "Ann \u00e9", "when": "2025-01-01T00:00:00+00:00", "raw": {"base64": "/wA="}},
        {"name": "Bob\n", "when": None, "raw": {"base64": ""}},
        {"name": "half \udce9", "when": None, "raw": None},
    ]


def test_the_same_rows_give_the_same_bytes_and_the_same_batch_is_written_once(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as store:
        first = store.put(None, "a", HEADER, iter(ROWS))
        assert store.put(None, "b", HEADER, iter(ROWS)) == first
        assert store.put(None, "a", HEADER, iter(ROWS[:1])) == first
        assert store.put(None, "c", HEADER, iter(ROWS[:1])) != first
    assert files(tmp_path) == ["a.jsonl.gz", "b.jsonl.gz", "c.jsonl.gz"]


def test_a_half_written_copy_of_an_earlier_run_is_replaced(tmp_path: Path) -> None:
    write(tmp_path, ".servanda.a.tmp", text="half")
    with opened(tmp_path) as store:
        with pytest.raises(ZeroDivisionError):
            store.put(None, "a", HEADER, ((1 // 0, None, None) for _ in range(1)))
        assert files(tmp_path) == []
        store.put(None, "a", HEADER, iter(ROWS))
    assert files(tmp_path) == ["a.jsonl.gz"]


def test_a_damaged_copy_is_not_taken_for_one(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.put(None, "a", HEADER, iter(ROWS))
        path = tmp_path / "a.jsonl.gz"
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(StoreRefused, match="cannot be read"):
            store.put(None, "a", HEADER, iter(ROWS))


def test_what_the_disk_gives_back_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = archive._write

    def lying(*args: object) -> str:
        real(*args)  # type: ignore[arg-type]
        return "0" * 64

    monkeypatch.setattr(archive, "_write", lying)
    with opened(tmp_path) as store, pytest.raises(StoreRefused, match="not the one"):
        store.put(None, "a", HEADER, iter(ROWS))


@pytest.mark.parametrize("batch", ["../x", "", "a/b", ".hidden", "a" * 300])
def test_a_batch_is_a_plain_name(tmp_path: Path, batch: str) -> None:
    with opened(tmp_path) as store, pytest.raises(StoreRefused):
        store.put(None, batch, HEADER, iter(ROWS))
    assert files(tmp_path) == []


def test_a_shape_tells_kinds_and_no_names(tmp_path: Path) -> None:
    write(tmp_path, "2025/01/01/Ann 0700.wav", "2025/01/02/Bob.wav", "2025/01/02/Bob.TXT", "CV Ann")
    with opened(tmp_path) as store:
        shape = store.shape()
    assert {(t.name, t.rows) for t in shape.tables} == {
        ("0000/00/00/*.wav", 2),
        ("0000/00/00/*.TXT", 1),
        ("*", 1),
    }
    assert "Ann" not in repr(shape)
    assert [kind_of(n) for n in ("2025", "x.tar.gz", ".profile", "a.1")] == [
        "0000",
        "*.gz",
        "*",
        "*",
    ]


@pytest.mark.parametrize("address", ["file://host/x", "http:///x", "file:relative", "/x"])
def test_a_mistaken_address_is_said(address: str) -> None:
    with pytest.raises(UsageError, match="address of a folder"):
        FileStore("x", address)


def test_an_address_may_hold_any_character(tmp_path: Path) -> None:
    root = tmp_path / "a b%\u00e9?#"
    write(root, "2025/01/01/a.wav")
    with opened(root) as store:
        assert store.shape().tables[0].rows == 1


def test_what_remains_is_stated(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        where = [residue.where for residue in store.aftercare([RECORDINGS])]
    assert where == ["free space of the file system", "snapshots and backups of the folder"]


FORMS: list[tuple[Erasure, str, str, str]] = [
    (SetNull(), "Ann", "", ""),
    (SetText("gone"), "Ann", "gone", ""),
    (Generalise("year"), "2025-07-09 10:00:00", "2025-01-01", "year"),
    (Generalise("month"), "2025-07-09", "2025-07-01", "month"),
    (Generalise("decade"), "2025-07-09", "2020-01-01", "decade"),
    (Generalise("number", 10), "47.5", "40", "number:10"),
    (Generalise("ip"), "10.1.2.3", "10.1.2.0", "ip"),
    (Generalise("ip"), "2001:db8:1:2::3", "2001:db8:1::", "ip"),
    (Generalise("postcode"), "BT36 6HL", "BT36", "postcode"),
    (Generalise("postcode"), "BT366HL", "BT36", "postcode"),
    (Generalise("ip"), "unknown host", "", "ip"),
    (Generalise("year"), "yesterday", "", "year"),
]


@pytest.mark.parametrize(("how", "text", "expected", "form"), FORMS)
def test_erased_forms(how: Erasure, text: str, expected: str, form: str) -> None:
    once = erased(text, how, b"")
    assert once == expected
    assert erased(once, how, b"") == once
    if form:
        assert is_erased(once or None, form)
        assert not is_erased(text, form)


def test_pseudonyms_are_keyed_and_stable() -> None:
    first = erased("0700", Pseudonym(), b"k")
    assert is_erased(first, "pseudonym")
    assert erased("0700", Pseudonym(), b"k") == first == erased(first, Pseudonym(), b"k")
    assert first != erased("0700", Pseudonym(), b"other")
    assert first != erased("0701", Pseudonym(), b"k")
    with pytest.raises(StoreRefused, match="no key"):
        erased("0700", Pseudonym(), b"")
