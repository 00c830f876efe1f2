"""Records as files: the same cells in each, and a formula in none."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from xml.etree import ElementTree

from servanda.publish.records import Sheet, as_csv, as_xlsx, files
from tests.publish.policy.world import full

TODAY = date(2026, 11, 28)
NASTY = ("=1+1", "+cmd", "-2+3", "@sum", "\tx", '=HYPERLINK("http://evil.test")', "plain")
SHEET = Sheet("nasty", "Nasty", "no law", (("Kept by", "=us()"),), ("A", "B"), ())
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheet() -> Sheet:
    return Sheet(
        SHEET.id, SHEET.title, SHEET.law, SHEET.about, SHEET.head, tuple((n, n) for n in NASTY)
    )


def test_no_cell_of_csv_is_a_formula() -> None:
    made = as_csv(sheet())
    rows = list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["A", "B"]
    assert len(rows) == 1 + len(NASTY)
    for (cell, _), said in zip(rows[1:], NASTY, strict=True):
        assert cell == (said if said == "plain" else f"'{said}")


def test_every_cell_of_the_spreadsheet_is_text_as_it_was_said() -> None:
    book = zipfile.ZipFile(io.BytesIO(as_xlsx([sheet()], TODAY)))
    page = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    cells = list(page.iter(f"{_MAIN}c"))
    assert {each.get("t") for each in cells} == {"s"}
    assert not list(page.iter(f"{_MAIN}f"))
    assert "hyperlinks" not in book.read("xl/worksheets/sheet1.xml").decode()
    shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    said = ["".join(each.itertext()) for each in shared.iter(f"{_MAIN}si")]
    assert set(NASTY) <= set(said)
    assert "=us()" in said


def test_the_same_records_give_the_same_bytes() -> None:
    assert files(full(), TODAY) == files(full(), TODAY)


def test_all_forms_hold_the_same_cells() -> None:
    made = files(full(), TODAY)
    assert set(made) == {"records.html", "records.xlsx", "records-controller.csv"}
    rows = list(csv.reader(io.StringIO(made["records-controller.csv"].decode("utf-8-sig"))))
    book = zipfile.ZipFile(io.BytesIO(made["records.xlsx"]))
    shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    said = {"".join(each.itertext()) for each in shared.iter(f"{_MAIN}si")}
    page = made["records.html"].decode()
    assert len(rows) == 5
    for row in rows:
        for cell in row:
            assert cell in said
            assert cell in page
