"""Records as CSV, as a spreadsheet and as a page.

The danger: a cell that begins like a formula is one, in the program of whoever opens the file. What
guards it: in CSV such a cell gets an apostrophe in front; in the spreadsheet every cell is written
as text. Tests: tests/publish/records/test_files.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime

from servanda.policy.rules import Policy
from servanda.publish.package.values import guarded
from servanda.publish.policy.model import Block, Document, Paragraph, Points, Section, Table
from servanda.publish.policy.page import html as page
from servanda.publish.records.model import Sheet

_WIDTH = 38  # of a column, in signs
_LONGEST_NAME = 31  # of a sheet, in the format itself


def as_csv(sheet: Sheet) -> bytes:
    """UTF-8 with a mark, which spreadsheets want; lines end as RFC 4180 says."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in (sheet.head, *sheet.rows):
        writer.writerow([guarded(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(sheets: Sequence[Sheet], today: date) -> bytes:
    """One book with a sheet for each. The same records of a day give the same bytes."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(today.year, today.month, today.day)})  # noqa: DTZ001
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for sheet in sheets:
        made = book.add_worksheet(sheet.id[:_LONGEST_NAME])
        made.set_column(0, max(len(sheet.head) - 1, 1), _WIDTH)
        made.set_landscape()
        made.fit_to_pages(1, 0)
        lines: list[tuple[str, ...]] = [(sheet.title,), (sheet.law,), *sheet.about, ()]
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                made.write_string(number, column, cell, bold if number == 0 else wrapped)
        for column, cell in enumerate(sheet.head):
            made.write_string(len(lines), column, cell, bold)
        for number, row in enumerate(sheet.rows, len(lines) + 1):
            for column, cell in enumerate(row):
                made.write_string(number, column, cell, wrapped)
        made.freeze_panes(len(lines) + 1, 1)
    book.close()
    return out.getvalue()


def as_page(sheets: Sequence[Sheet], policy: Policy, today: date) -> str:
    """All of them on one page, in the look of the published policy."""
    sections = tuple(Section(each.id, each.title, _blocks(each)) for each in sheets)
    title = f"Records of processing of {policy.organisation}"
    return page(Document("en", title, policy.organisation, sections, policy, today, None))


def _blocks(sheet: Sheet) -> tuple[Block, ...]:
    about = Points(tuple((name, (said,)) for name, said in sheet.about))
    return Paragraph(f"{sheet.law}."), about, Table(sheet.title, sheet.head, sheet.rows)
