"""Signed notes: the example of the Go and C2SP documentation, and what must be refused."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.kernel.errors import UsageError
from servanda.kernel.seal import KeyFileRefused, write_secret
from servanda.ledger.signer import Signer
from servanda.ledger.verify.note import NoteRefused, Verifier, checkpoint_text, decode

# From the documentation of Go's note package.
PETER_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"  # noqa: E501
)
ROOT = bytes(range(32))


def signer(name: str = "example.test/privacy", seed: int = 1) -> Signer:
    return Signer(name, bytes([seed]) * 32)


def test_the_published_note_is_accepted_and_written_alike(tmp_path: Path) -> None:
    text = Verifier.parse(PETER).text(PETER_NOTE)
    assert text == PETER_NOTE.split("\n\n")[0] + "\n"
    write_secret(tmp_path / "peter.key", PETER_SECRET.encode())
    peter = Signer.open(tmp_path / "peter.key", "another-name")
    assert peter.vkey == PETER
    assert peter.sign(text) == PETER_NOTE


def test_a_checkpoint_is_three_lines_and_a_signature() -> None:
    note = signer().sign(checkpoint_text("example.test/privacy", 7, ROOT))
    origin, size, root, empty, signature, end = note.split("\n")
    assert (origin, size, empty, end) == ("example.test/privacy", "7", "", "")
    assert decode(root) == ROOT
    assert signature.startswith("— example.test/privacy ")
    stated = signer().verifier.checkpoint(note)
    assert (stated.origin, stated.size, stated.root) == ("example.test/privacy", 7, ROOT)


def test_signatures_by_others_are_passed_over_but_do_not_count() -> None:
    text = checkpoint_text("example.test/privacy", 7, ROOT)
    ours, witness = signer(), signer("witness.test", 2)
    both = ours.sign(text) + witness.sign(text).split("\n\n")[1]
    assert ours.verifier.checkpoint(both).size == 7
    with pytest.raises(NoteRefused, match="not signed by this key"):
        ours.verifier.checkpoint(witness.sign(text))
    with pytest.raises(NoteRefused, match="not signed by this key"):
        ours.verifier.checkpoint(signer(seed=3).sign(text))


@pytest.mark.parametrize(
    "text",
    [
        checkpoint_text("another.test", 7, ROOT),
        "example.test/privacy\n07\n" + checkpoint_text("", 7, ROOT).split("\n")[2] + "\n",
        "example.test/privacy\n-1\n" + checkpoint_text("", 7, ROOT).split("\n")[2] + "\n",
        "example.test/privacy\n7\nAAAA\n",
        "example.test/privacy\n7\n*\n",
        "example.test/privacy\n7\n",
        "example.test/privacy\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        signer().verifier.checkpoint(signer().sign(text))


NOTE = signer().sign(checkpoint_text("example.test/privacy", 1234, ROOT))


@given(st.integers(0, len(NOTE) - 1), st.characters(exclude_categories=["Cs"]))
def test_a_changed_character_is_refused(at: int, other: str) -> None:
    changed = NOTE[:at] + other + NOTE[at + 1 :]
    if changed != NOTE:
        with pytest.raises(NoteRefused):
            signer().verifier.checkpoint(changed)


def test_base64_with_loose_bits_is_refused() -> None:
    assert decode("AAA=") == b"\0\0"
    for loose in ("AAB=", "AA==A", "AAA", "AA A", "AAA=\n", "-_A="):
        with pytest.raises(NoteRefused):
            decode(loose)


@given(st.integers(0, len(NOTE) - 1))
def test_a_cut_note_is_refused(at: int) -> None:
    with pytest.raises(NoteRefused):
        signer().verifier.checkpoint(NOTE[:at])


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+00000000",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("PeterNeumann", "PeterNeuman"),
        PETER[:-4],
        PETER + "AAAA",
        PETER.replace("+ARpc", "+AhRp"),
        PETER.replace("Peter", "Peter "),
        "+" + PETER.split("+", 1)[1],
    ],
)
def test_a_malformed_public_key_is_refused(vkey: str) -> None:
    with pytest.raises(NoteRefused):
        Verifier.parse(vkey)


def test_the_key_file_is_private_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    first = Signer.open(path, "example.test/privacy")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Signer.open(path, "example.test/other").vkey == first.vkey
    path.chmod(0o644)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        Signer.open(path, "example.test/privacy")


def test_a_name_with_spaces_is_refused(tmp_path: Path) -> None:
    for name in ("", "two words", "a+b", "line\n"):
        with pytest.raises(UsageError):
            Signer.open(tmp_path / "ledger.key", name)
    assert not (tmp_path / "ledger.key").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", PETER.encode(), PETER_SECRET.replace("c74f", "c74e").encode(), b"a+b+c+d+e"],
)
def test_what_is_no_signing_key_is_refused(tmp_path: Path, content: bytes) -> None:
    write_secret(tmp_path / "ledger.key", content)
    with pytest.raises(KeyFileRefused, match="does not hold a signing key"):
        Signer.open(tmp_path / "ledger.key", "example.test/privacy")
