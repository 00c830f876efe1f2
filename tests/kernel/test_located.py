"""Located YAML: data as written, the place of everything, and a finding for whatever is wrong."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from servanda.kernel.errors import Place, UsageError
from servanda.kernel.located import MAX_BYTES, MAX_DEPTH, Findings, Located, parse, read, walk
from servanda.kernel.suggest import did_you_mean, nearest


def sound(text: str) -> Located:
    located, problems = parse(text.encode(), "f.yaml")
    assert problems == []
    assert located is not None
    return located


def test_scalars_are_read_as_yaml_1_2_says() -> None:
    located = sound(
        "[1, -2, 1.5, true, False, null, ~, no, on, 2025-04-01, 0x10, 1_000, '1', \"true\", 1e3]"
    )
    assert located.data == [
        *(1, -2, 1.5, True, False, None, None),
        *("no", "on", "2025-04-01", "0x10", "1_000", "1", "true", "1e3"),
    ]


def test_numbers_json_cannot_carry_stay_text() -> None:
    assert sound("a: 9007199254740993").data == {"a": "9007199254740993"}
    assert sound("a: .inf\nb: .nan\nc: 1e999").data == {"a": ".inf", "b": ".nan", "c": "1e999"}


def test_keys_are_text_as_written() -> None:
    assert sound("404: a\ntrue: b\n'x y': c\n1.0: d").data == {
        "404": "a",
        "true": "b",
        "x y": "c",
        "1.0": "d",
    }


def test_every_key_and_value_has_its_place() -> None:
    located = sound("a: 1\nb:\n  - x\n  - {c: 2,\n     d: é e}\n")
    assert located.place(("a",)) == Place("f.yaml", 1, 4)
    assert located.place(("a",), key=True) == Place("f.yaml", 1, 1)
    assert located.place(("b", 0)) == Place("f.yaml", 3, 5)
    assert located.place(("b", 1, "d"), key=True) == Place("f.yaml", 5, 6)
    assert located.place(("b", 1, "d")) == Place("f.yaml", 5, 9)
    everything = {where for where, _ in walk(located.data)}
    assert everything == set(located.values)
    assert {where for where in everything if where and isinstance(where[-1], str)} == set(
        located.keys
    )


def test_what_has_no_place_has_that_of_what_surrounds_it() -> None:
    located = sound("a:\n  b: 1\n")
    assert located.place(("a", "missing", "too")) == Place("f.yaml", 1, 1)
    assert located.place(("nothing",)) == Place("f.yaml", 1, 1)


def test_a_byte_order_mark_is_no_content() -> None:
    located, problems = parse(b"\xef\xbb\xbfa: 1", "f.yaml")
    assert problems == []
    assert located is not None
    assert located.data == {"a": 1}


def test_the_first_of_two_equal_keys_stays_and_each_later_one_is_told() -> None:
    located, problems = parse(b"a: 1\nb: {c: 1, c: {d: [2]}}\na: {x: 3}\n", "f.yaml")
    assert located is not None
    assert located.data == {"a": 1, "b": {"c": 1}}
    assert located.place(("a",)) == Place("f.yaml", 1, 4)
    assert [(d.line, d.column, d.code) for d in problems] == [
        (2, 11, "yaml-duplicate-key"),
        (3, 1, "yaml-duplicate-key"),
    ]


@pytest.mark.parametrize(
    ("source", "line", "column", "code"),
    [
        (b"", 1, 1, "yaml-empty"),
        (b"# only a comment\n", 1, 1, "yaml-empty"),
        (b"a: 1\nb: \xff", 2, 4, "yaml-encoding"),
        ("a: 1\nb: é\x00".encode(), 2, 5, "yaml-encoding"),
        (b"a: 1\n\tb: 2", 2, 1, "yaml-syntax"),
        (b"a: 1\r\nb: \xff", 2, 4, "yaml-encoding"),
        (b"a:\t1\n", 1, 3, "yaml-syntax"),
        (b"a:\n  \tb: 1", 2, 3, "yaml-syntax"),
        (b"a: [1, 2\nb: 3", 2, 2, "yaml-syntax"),
        (b"a: 'open", 1, 9, "yaml-syntax"),
        (b"a: &x 1", 1, 4, "yaml-anchor"),
        (b"a: *x", 1, 4, "yaml-anchor"),
        (b"<<: *x", 1, 5, "yaml-anchor"),
        (b"a: 1\rb: &x 2", 2, 4, "yaml-anchor"),
        ("🦉: &x 1".encode(), 1, 4, "yaml-anchor"),  # a column is a character, not a byte
        (b'a: "\\ud800"', 1, 4, "yaml-encoding"),
        (b"a: !!str 1", 1, 4, "yaml-tag"),
        (b"a: 1\n---\nb: 2", 2, 1, "yaml-documents"),
        (b"? {a: 1}\n: b", 1, 3, "yaml-key"),
        (b"#" * (MAX_BYTES + 1), 1, 1, "yaml-too-large"),
        (b"[" * (MAX_DEPTH + 1), 1, MAX_DEPTH + 1, "yaml-too-deep"),
        (b"- " * 100_000, 1, 2 * MAX_DEPTH + 1, "yaml-too-deep"),
    ],
)
def test_what_is_not_read(source: bytes, line: int, column: int, code: str) -> None:
    located, problems = parse(source, "f.yaml")
    assert located is None
    assert [(d.line, d.column, d.code) for d in problems] == [(line, column, code)]
    assert problems[0].severity == "error"
    assert problems[0].remedy


def test_the_deepest_allowed_is_read() -> None:
    assert sound("[" * MAX_DEPTH + "]" * MAX_DEPTH).data != []


def test_a_file_as_large_as_allowed_is_read_in_seconds() -> None:
    text = "".join(f"k{i}: [a, b]\n" for i in range(1, MAX_BYTES // 15))
    began = time.monotonic()
    assert len(sound(text).data) > 10_000
    assert time.monotonic() - began < 30


def test_a_tab_is_named_as_such() -> None:
    _, problems = parse(b"a:\n\tb: 1", "f.yaml")
    assert [d.message for d in problems] == ["a tab stands where YAML wants spaces"]


def test_a_message_does_nothing_to_a_terminal() -> None:
    located = sound('"a\\x1b[31m\\nb": 1')
    findings = Findings(located)
    findings.error((), "some-code", f"key {next(iter(located.data))}", "x\ny")
    assert str(findings.found[0]) == "f.yaml:1:1  error: key a·[31m·b; x·y"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path / "missing.yaml")
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path)


def test_a_file_shows_the_name_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("a: b: c")
    _, problems = read(tmp_path / "p.yaml", "policy.yaml")
    assert problems[0].file == "policy.yaml"


def test_suggestions() -> None:
    assert nearest("delte", ["delete", "anonymise"]) == "delete"
    assert nearest("Call_Recording", ["call-recording", "mail"]) == "call-recording"
    assert nearest("zzz", ["delete"]) is None
    assert nearest("x" * 10_000, ["delete"]) is None
    assert did_you_mean("delte", ["delete"]) == 'did you mean "delete"?'
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
    assert did_you_mean("zzz", [f"q{i}" for i in range(20)], show=2) == "known: q0, q1, …"
    assert did_you_mean("zzz", []) == ""
