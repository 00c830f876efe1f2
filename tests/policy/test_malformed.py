"""Whatever a policy file holds, reading it ends in a policy or in located errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servanda.kernel.errors import Diagnostic
from servanda.kernel.located import parse
from servanda.policy.reading import loads
from tests.policy.mutations import spoilt_bytes, spoilt_data, spoilt_text

SOUND = (Path(__file__).parent / "full.yaml").read_bytes()
_LOCATED, _ = parse(SOUND, "full.yaml")
assert _LOCATED is not None
DATA = _LOCATED.data

many = settings(
    max_examples=180,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def well_told(diagnostics: list[Diagnostic], source: bytes, file: str) -> None:
    """Each finding has a place inside the file, a code, and something to say on one line."""
    lines = source.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for each in diagnostics:
        assert each.file == file
        assert 1 <= each.line <= len(lines) + 1
        assert each.column >= 1
        assert each.code
        assert each.message
        assert str(each).isprintable()  # one line, and no escape reaches a terminal


def check(source: bytes) -> None:
    loaded = loads(source, "p.yaml")
    well_told(loaded.diagnostics, source, "p.yaml")
    errors = [d for d in loaded.diagnostics if d.severity == "error"]
    assert bool(errors) == (loaded.policy is None)


def test_what_is_spoilt_was_sound() -> None:
    assert loads(SOUND).diagnostics == []
    assert loads(SOUND).policy is not None


@many
@given(spoilt_data(DATA))
def test_spoilt_data(source: bytes) -> None:
    check(source)


@many
@given(spoilt_text(SOUND.decode()))
def test_spoilt_text(source: bytes) -> None:
    check(source)


@many
@given(spoilt_bytes(SOUND))
def test_spoilt_bytes(source: bytes) -> None:
    check(source)


@many
@given(st.one_of(st.binary(max_size=80), st.text(max_size=80).map(lambda t: t.encode())))
def test_anything_at_all(source: bytes) -> None:
    check(source)


@pytest.mark.parametrize(
    "source",
    [
        b"[" * 100_000,
        b"{a: " * 50_000,
        b"- " * 100_000,
        b"? " * 50_000,
        b"a: &a [*a, *a]\n" * 1000,
        b'a: "' + b"\\x00" * 1000 + b'"',
        b"a: " + b"9" * 10_000,
        b"%YAML 9.9\n---\na: 1\n",
        b"%TAG ! tag:x,2000:\n---\na: !b 1\n",
        b"<<: {a: 1}\n",
        "servanda: 1\n".encode("utf-16"),
        b"\xef\xbb\xbfservanda: 1\n",
        b"a: 1e999\nb: .inf\nc: .nan\n",
        b"2: 3\n? 4\n",
    ],
    ids=lambda source: repr(source[:12]),
)
def test_hostile(source: bytes) -> None:
    check(source)
    assert loads(source).policy is None
