"""Ways to spoil a document: its data, its text, its bytes. For property tests of both languages."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from servanda.kernel.located import Where, walk

Draw = Callable[[st.SearchStrategy[Any]], Any]

_WORDS = ["", "delte", "12 monthes", "consent(x)", "not_personal", "../x", "a.b", "(mapping)", "🦉"]
STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(_WORDS),
    st.text(max_size=12),
    st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text(max_size=3), st.one_of(st.none(), st.text(max_size=3)), max_size=2),
)


@st.composite
def spoilt_data(draw: Draw, sound: Any) -> bytes:
    """One to four changes to the data, written as JSON (which is YAML)."""
    data = copy.deepcopy(sound)
    for _ in range(draw(st.integers(1, 4))):
        data = _change(draw, data)
    return json.dumps(data, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def _change(draw: Draw, data: Any) -> Any:
    places = [where for where, _ in walk(data) if where]
    if not places:
        return draw(STRANGE)
    where: Where = draw(st.sampled_from(places))
    holder = data
    for part in where[:-1]:
        holder = holder[part]
    last: Any = where[-1]
    match draw(st.sampled_from(["drop", "replace", "rename", "copy", "wrap", "nest"])):
        case "drop":
            del holder[last]
        case "replace":
            holder[last] = draw(STRANGE)
        case "rename" if isinstance(holder, dict):
            holder[draw(st.one_of(st.text(max_size=6), st.just(f"{last}x")))] = holder.pop(last)
        case "copy":  # what belongs elsewhere
            holder[last] = copy.deepcopy(_at(data, draw(st.sampled_from(places))))
        case "wrap":
            holder[last] = [holder[last]]
        case _:
            for _ in range(draw(st.sampled_from([1, 5, 60]))):
                holder[last] = {"x": holder[last]} if draw(st.booleans()) else [holder[last]]
    return data


def _at(data: Any, where: Where) -> Any:
    for part in where:
        data = data[part]
    return data


@st.composite
def spoilt_text(draw: Draw, sound: str) -> bytes:
    """Lines lost, doubled, moved or indented; characters put in."""
    lines = sound.splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 4))):
        index = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["lose", "double", "move", "indent", "put", "tab"])):
            case "lose" if len(lines) > 1:
                del lines[index]
            case "double":
                lines.insert(index, lines[index])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(index))
            case "indent":
                lines[index] = " " * draw(st.integers(1, 5)) + lines[index]
            case "tab":
                lines[index] = "\t" + lines[index]
            case _:
                at = draw(st.integers(0, len(lines[index])))
                put = draw(
                    st.one_of(st.sampled_from("{}[],:&*!|>'\"%@`#-?\n\r"), st.text(max_size=4))
                )
                lines[index] = lines[index][:at] + put + lines[index][at:]
    return "".join(lines).encode("utf-8", "surrogatepass")


@st.composite
def spoilt_bytes(draw: Draw, sound: bytes) -> bytes:
    """Cut short, bytes changed, parts repeated."""
    data = bytearray(sound)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["cut", "change", "repeat", "put"])):
            case "cut":
                del data[at:]
            case "change" if data:
                data[at] = draw(st.integers(0, 255))
            case "repeat":
                data[at:at] = data[at : at + draw(st.integers(1, 200))]
            case _:
                data[at:at] = draw(st.binary(max_size=6))
    return bytes(data)
