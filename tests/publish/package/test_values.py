"""Values leave whole in JSON, and never as a formula in CSV."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.publish.package.names import Names, ending, safe
from servanda.publish.package.values import guarded, told


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|x", "%0A=1"],
)
def test_what_a_spreadsheet_would_run_is_only_text(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "+254700000001", "-12.50", "a=b", "Ann", "0044 28", "ß", "'"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


@given(st.text())
def test_no_cell_begins_a_formula(text: str) -> None:
    cell = told(text).cell
    begins = cell.lstrip(" \t\r\n")[:1]
    assert begins not in "=@" or begins == ""
    if begins in ("+", "-"):
        assert cell.lstrip("+-").replace(".", "").isdigit()


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.binary()))
def test_every_value_is_json_and_survives_a_csv_reader(value: object) -> None:
    made = told(value)  # type: ignore[arg-type]
    read = json.loads(orjson.dumps(made.json))
    assert read == made.json
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow([made.cell, "next"])
    rows = list(csv.reader(io.StringIO(text.getvalue(), newline="")))
    assert rows == [[made.cell, "next"]]


def test_moments_are_told_in_utc_and_large_numbers_as_text() -> None:
    nairobi = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=3)))
    assert told(nairobi).json == "2026-03-01T09:00:00Z"
    assert told(2**53 + 1).json == str(2**53 + 1) and told(2**53).json == 2**53
    assert told(float("nan")).json == "nan"
    assert told(b"\xff").json == "/w=="
    assert told("name\udcff").json == "name\\xff"


@given(st.lists(st.text(), max_size=20))
def test_names_are_safe_on_every_system_and_never_the_same(texts: list[str]) -> None:
    names = Names()
    made = [names.new(each) for each in texts]
    assert len({each.lower() for each in made}) == len(made)
    for each in made:
        assert each and not set(each) & set('<>:"/\\|?* ') and each[-1] not in ". "


def test_devices_of_windows_are_no_names() -> None:
    assert safe("CON") == "_con" and safe("aux.txt") == "_aux.txt" and safe("LPT1") == "_lpt1"
    assert ending("a/b.WAV") == ".wav" and ending("a.b/c") == "" and ending("x.ex e") == ""
