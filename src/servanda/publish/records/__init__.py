"""Records of processing as laws want them: HTML, XLSX and CSV.

The library that writes spreadsheets is imported when one is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from servanda.policy.rules import Policy
from servanda.publish.records.files import as_csv, as_page, as_xlsx
from servanda.publish.records.model import Sheet
from servanda.publish.records.sheets import sheets

__all__ = ["Sheet", "as_csv", "as_page", "as_xlsx", "files", "sheets"]


def files(policy: Policy, today: date, customers: Sequence[str] = ()) -> dict[str, bytes]:
    """Every file of the records, by name. The page wants `policy.css` beside it."""
    found = sheets(policy, today, customers)
    return {
        "records.html": as_page(found, policy, today).encode(),
        "records.xlsx": as_xlsx(found, today),
        **{f"records-{each.id}.csv": as_csv(each) for each in found},
    }
