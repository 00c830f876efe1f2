"""RFC 8785: the facts are the RFC's own samples and ECMAScript's number rules."""

import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.kernel.canonical import NotCanonical, canonical, is_canonical

# IEEE 754 bits and the text of RFC 8785, appendix B.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
]


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_numbers_are_written_as_ecmascript_writes_them(bits: str, text: str) -> None:
    value = struct.unpack(">d", bytes.fromhex(bits))[0]
    assert canonical([value]) == f"[{text}]".encode()


def test_keys_are_ordered_by_utf16_units() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(keys, 0)))) == expected
    assert sorted(keys) != expected  # code points would put the last two the other way round


def test_texts_are_escaped_only_where_they_must_be() -> None:
    text = '\u20ac$\u000f\nA\'B"\\\\"/\u007f'
    assert canonical(text) == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\u007f"'.encode()


def test_the_sample_of_the_rfc() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 1e-27],
        "string": '\u20ac$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert canonical(value) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        2**53 + 1,
        -(2**53) - 1,
        {1: "a"},
        {None: "a"},
        b"bytes",
        {1, 2},
        "\ud800",
        {"\udfff": 1},
        object(),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_has_no_canonical_form_is_refused(value: Any, wrapped: bool) -> None:
    with pytest.raises(NotCanonical):
        canonical([0.5, {"é": value}, "after"] if wrapped else value)


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(NotCanonical) as refused:
        canonical({"name": {"Alice Example"}})
    assert "Alice" not in str(refused.value)


def test_deep_is_written_all_the_same() -> None:
    value: Any = 1
    for _ in range(300):
        value = [value]
    assert canonical(value) == b"[" * 300 + b"1" + b"]" * 300


def test_too_deep_is_refused() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotCanonical):
        canonical(value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    # Python reads a larger whole number back as an integer, which a reader with doubles could not.
    | st.floats(-(2.0**53), 2.0**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_reading_it_back_gives_the_value_and_the_same_bytes(value: Any) -> None:
    written = canonical(value)
    again = json.loads(written)
    assert again == value
    assert canonical(again) == written
    assert is_canonical(written, again)


@pytest.mark.parametrize(
    "text",
    [
        '{"b":1,"a":2}',
        '{"a": 1}',
        '{"a":1,"a":1}',
        '["\\u0041"]',
        '{"a":1e16}',  # as orjson writes it, and ECMAScript does not
        '{"a":[1e16]}',
        '{"\ue000":2,"\U0001f388":1}',  # by code points; UTF-16 orders them the other way
        '{"a":9007199254740993}',
        '{"é":1e400}',
    ],
)
def test_another_way_of_writing_is_told(text: str) -> None:
    try:
        assert not is_canonical(text.encode(), json.loads(text))
    except NotCanonical:
        assert "1e400" in text or "9007199254740993" in text
