"""A file of records before an import: CSV or JSON lines, each row through the gate by itself.

The form's fields are columns (or keys) by their names; what else the gate asks for has names that
begin with `_`. The danger: a row that is refused and written all the same, or a value of it in what
is said. What guards it: rows are written from what the gate accepted, and a finding has a number, a
field and a reason. Tests: tests/cli/test_intake.py.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from servanda.desk.intake import Gate, Refusal, Submission
    from servanda.policy.rules import Policy

EXTRA = (
    "_age",
    "_born",
    "_parent_consents",
    "_source",
    "_basis",
    "_consent_purpose",
    "_consent_notice",
    "_consent_language",
)
RECEIPT = "_receipt"
_AT_ONCE = 500
_YES = ("yes", "true", "1")


@dataclass(frozen=True, slots=True)
class Row:
    """`number`: of a CSV file the row, the heading being the first; of JSON lines the line."""

    number: int
    said: Mapping[str, Any] = field(repr=False)
    submission: Submission = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """A row, and why it is refused; nothing where it is taken."""

    row: Row
    refusals: tuple[Refusal, ...]
    receipt: str = ""


def rows(path: Path, form: str, *, source: str = "", basis: str = "") -> Iterator[Row]:
    """Each row as the gate takes it. `source`, `basis`: of rows that say none themselves."""
    if not path.is_file():
        raise UsageError(f"there is no file {path}", "check its name")
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            for number, said in _csv(file) if path.suffix.lower() == ".csv" else _json(file):
                yield Row(number, said, _submission(number, form, said, source, basis))
        except UnicodeDecodeError:
            raise UsageError(f"{path} is not UTF-8 text", "save it as UTF-8") from None


def checked(policy: Policy, found: Iterator[Row], today: date) -> Iterator[Seen]:
    """What the gate would say. Nothing is counted."""
    from servanda.desk.intake import check

    for row in found:
        yield Seen(row, tuple(check(policy, row.submission, today)))


def passed(gate: Gate, found: Iterator[Row]) -> Iterator[Seen]:
    """Through the gate, counted; what is taken has a receipt. `use_state` comes first."""
    from servanda import state
    from servanda.desk.intake import Accepted

    while some := list(itertools.islice(found, _AT_ONCE)):
        with state.transaction():
            done = list(gate.take_all([row.submission for row in some]))
        for row, each in zip(some, done, strict=True):
            if isinstance(each, Accepted):
                yield Seen(row, (), each.receipt)
            else:
                yield Seen(row, each.refusals)


class Writer:
    """Writes what was taken in the form it came in, each row with its receipt."""

    def __init__(self, file: TextIO, *, as_csv: bool) -> None:
        self._file = file
        self._as_csv = as_csv
        self._table: csv.DictWriter[str] | None = None

    def write(self, seen: Seen) -> None:
        said = {**seen.row.said, RECEIPT: seen.receipt}
        if not self._as_csv:
            self._file.write(json.dumps(said, ensure_ascii=False) + "\n")
            return
        if self._table is None:
            self._table = csv.DictWriter(self._file, list(said), lineterminator="\n")
            self._table.writeheader()
        self._table.writerow(said)


def _csv(file: TextIO) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(file, strict=True, restkey="(beyond the heading)")
    try:
        names: Sequence[str] = reader.fieldnames or ()
        if len(set(names)) != len(names):
            raise UsageError("two columns have the same name", "give each its own")
        for number, row in enumerate(reader, 2):
            yield number, {name: value for name, value in row.items() if value is not None}
    except csv.Error:
        raise UsageError(f"line {reader.line_num} is no CSV", "check its quotes") from None


def _json(file: TextIO) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise UsageError(f"line {number} is no JSON object", "write one record a line")
        yield number, said


def _submission(
    number: int, form: str, said: Mapping[str, Any], source: str, basis: str
) -> Submission:
    from servanda.desk.intake import Consent, Submission

    def extra(name: str) -> str:
        return str(said.get(name) or "").strip()

    purpose, notice = extra("_consent_purpose"), extra("_consent_notice")
    consent = Consent(purpose, notice, extra("_consent_language") or "en")
    try:
        age = int(extra("_age")) if extra("_age") else None
        born = date.fromisoformat(extra("_born")) if extra("_born") else None
    except ValueError:
        raise UsageError(
            f"row {number}: its age or day of birth cannot be read",
            "write _age as a number, and _born as 2008-03-01",
        ) from None
    return Submission(
        form,
        {name: value for name, value in said.items() if name not in (*EXTRA, RECEIPT)},
        age,
        born,
        extra("_parent_consents").lower() in _YES,
        consent if purpose or notice else None,
        extra("_source") or source,
        extra("_basis") or basis,
    )
