"""Digests: the published SHA-256 of "abc", and that order of keys does not matter."""

from pathlib import Path

from servanda.kernel.digest import digest_of, file_digest, is_digest, sha256_hex

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_bytes_and_files(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_hex(b"abc") == file_digest(tmp_path / "abc") == ABC


def test_values() -> None:
    assert digest_of({"a": 1, "b": [2]}) == digest_of({"b": [2], "a": 1})
    assert digest_of({"a": 1, "b": [2]}) == sha256_hex(b'{"a":1,"b":[2]}')
    assert digest_of({"a": 1}) != digest_of({"a": 2})


def test_the_form_of_a_digest() -> None:
    assert is_digest(ABC)
    for other in (ABC[:-1], ABC.upper(), ABC + "\n", "", None, 7):
        assert not is_digest(other)
