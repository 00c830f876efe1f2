"""Every way to alter the file of a bundle: members, bytes and length. See test_tampering."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servanda.ledger.verify import layout
from tests.ledger.evidence import (
    Evidence,
    altered,
    codes,
    members,
    pack,
    verified,
)

ENTRIES, CHECKPOINTS, MANIFESTS = layout.ENTRIES, layout.CHECKPOINTS, layout.MANIFESTS


@pytest.mark.parametrize("name", layout.MEMBERS)
@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe", b"{", b"[" * 100_000, b"null\n", b'{"kind":[]}\n', b"1" * 10_000, b"\n\n"],
)
def test_nonsense_in_any_member(
    whole: tuple[Path, Evidence], tmp_path: Path, name: str, data: bytes
) -> None:
    path, evidence = whole
    bad = altered(path, tmp_path / "bad.zip", name, lambda _: data, None)
    report = verified(bad, evidence)
    assert "contents" in codes(report)
    if name not in (layout.README, layout.KEYS):
        assert len(codes(report)) > 1
    signed = altered(path, tmp_path / "bad.zip", name, lambda _: data, evidence.signer)
    assert verified(signed, evidence).ok == (name == layout.README)


@pytest.mark.parametrize("name", [*layout.MEMBERS, layout.CONTENTS])
def test_missing_and_foreign_members(
    whole: tuple[Path, Evidence], tmp_path: Path, name: str
) -> None:
    path, evidence = whole
    content = members(path)
    taken = content.pop(name)
    assert "bundle" in codes(verified(pack(tmp_path / "bad.zip", content), evidence))
    content[f"{name}~"] = taken
    assert "bundle" in codes(verified(pack(tmp_path / "bad.zip", content), evidence))


def test_a_member_twice(whole: tuple[Path, Evidence], tmp_path: Path) -> None:
    path, evidence = whole
    content = members(path)
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as bundle:
        for name, data in content.items():
            bundle.writestr(name, data)
        with pytest.warns(UserWarning, match="Duplicate"):
            bundle.writestr(ENTRIES, content[ENTRIES])
    assert codes(verified(tmp_path / "bad.zip", evidence)) == {"bundle"}


def test_a_file_that_is_no_bundle(whole: tuple[Path, Evidence], tmp_path: Path) -> None:
    _, evidence = whole
    for data in (b"", b"text", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + bytes(100)):
        (tmp_path / "bad.zip").write_bytes(data)
        assert codes(verified(tmp_path / "bad.zip", evidence)) == {"bundle"}
    assert codes(verified(tmp_path / "absent.zip", evidence)) == {"bundle"}
    assert codes(verified(tmp_path, evidence)) == {"bundle"}


SLOW = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SLOW
@given(data=st.data())
def test_a_changed_byte_of_any_member_is_found(
    whole: tuple[Path, Evidence], tmp_path: Path, data: st.DataObject
) -> None:
    path, evidence = whole
    content = members(path)
    name = data.draw(st.sampled_from(sorted(content)))
    at = data.draw(st.integers(0, len(content[name]) - 1))
    kind = data.draw(st.sampled_from(["flip", "drop", "insert"]))
    before = content[name]
    byte = bytes([data.draw(st.integers(0, 255))])
    after = before[:at] + (b"" if kind == "drop" else byte) + before[at + (kind != "insert") :]
    if after == before:
        return
    content[name] = after
    assert not verified(pack(tmp_path / "bad.zip", content), evidence).ok


@SLOW
@given(data=st.data())
def test_a_damaged_file_is_found_or_has_the_same_content(
    whole: tuple[Path, Evidence], tmp_path: Path, data: st.DataObject
) -> None:
    path, evidence = whole
    raw = bytearray(path.read_bytes())
    # The zip's own structures are at its end and around the members: half of the blows go there.
    low = 0 if data.draw(st.booleans()) else len(raw) - 700
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(low, len(raw) - 1))] = data.draw(st.integers(0, 255))
    bad = tmp_path / "bad.zip"
    bad.write_bytes(raw)
    report = verified(bad, evidence)
    if report.ok:  # then the blow only hit what the zip says beside the content
        assert members(bad) == members(path)


@SLOW
@given(data=st.data())
def test_a_cut_file_is_found(
    whole: tuple[Path, Evidence], tmp_path: Path, data: st.DataObject
) -> None:
    path, evidence = whole
    raw = path.read_bytes()
    (tmp_path / "bad.zip").write_bytes(raw[: data.draw(st.integers(0, len(raw) - 1))])
    assert not verified(tmp_path / "bad.zip", evidence).ok
