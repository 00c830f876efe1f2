"""Take over consents from another list: a CSV, each row with where it comes from and what shows it.

    email,purpose,channel,choice,at,how,evidence,source
    jo@example.test,marketing,email,yes,2024-03-01,form,"ticked the box on …/quote",newsletter-2024

The danger: consents that nobody ever gave, made true by an import. What guards it: a yes without a
date and evidence is refused; of the evidence a digest goes into the record, the words stay sealed;
and all rows are kept with one commit, or none (tests/desk/consents/test_importing.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from servanda import state
from servanda.desk.consents.acts import HOW, Act, checked, person
from servanda.desk.consents.recording import record_all
from servanda.desk.requests.book import Book
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean

COLUMNS = ("email", "phone", "purpose", "channel", "choice", "at", "how", "evidence", "source")
_ANSWERS = {"yes": True, "no": False, "1": True, "0": False, "true": True, "false": False}
LARGEST = 64 << 20
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Imported:
    rows: int
    yes: int
    no: int


def read(book: Book, text: str, *, source: str = "", by: str = "") -> list[Act]:
    """Every row as an act. UsageError names the line, never what is in it."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    named = [each.strip().lower() for each in reader.fieldnames or ()]
    unknown = next((each for each in named if each not in COLUMNS), None)
    if unknown is not None:
        raise UsageError(f'there is no column "{unknown[:30]}"', did_you_mean(unknown, COLUMNS))
    if "purpose" not in named or "choice" not in named or not {"email", "phone"} & set(named):
        raise UsageError("the first line names email or phone, purpose, and choice")
    reader.fieldnames = named
    return list(_acts(book, reader, source, by))


def _acts(book: Book, rows: csv.DictReader[str], source: str, by: str) -> Iterator[Act]:
    try:
        for row in rows:
            found = {name: (value or "").strip() for name, value in row.items() if name}
            yield _act(book, found, source, by, rows.line_num)
    except csv.Error:
        raise UsageError(f"line {rows.line_num} is no CSV") from None


def _act(book: Book, row: Mapping[str, str], source: str, by: str, line: int) -> Act:
    who = [(kind, row[kind]) for kind in ("email", "phone") if row.get(kind)]
    choice = _ANSWERS.get(row.get("choice", "").lower())
    if choice is None:
        raise UsageError(f"line {line}: the choice must be yes or no")
    at, evidence = _moment(book, row.get("at", ""), line), row.get("evidence", "")
    if choice and (at is None or not evidence):
        raise UsageError(
            f"line {line}: a yes needs when it was given, and what shows it",
            "fill in the columns at and evidence",
        )
    how = row.get("how") or "import"
    if how not in HOW:
        raise UsageError(f"line {line}: nobody consents like that", did_you_mean(how, HOW))
    act = Act(
        person(*who),
        {row.get("purpose", ""): {row.get("channel", ""): choice}},
        how,
        note=evidence,
        proof=sha256_hex(evidence.encode()) if evidence else "",
        source=row.get("source") or source or "import",
        by=by,
        at=at,
    )
    try:
        checked(book, act, at or datetime.now(UTC))
    except UsageError as error:
        raise UsageError(f"line {line}: {error.what}", error.remedy) from None
    return act


def _moment(book: Book, text: str, line: int) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"line {line}: that is no day", "write it as 2024-03-01") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(book.policy.zone))
    if found > datetime.now(UTC):
        raise UsageError(f"line {line}: that day is still to come")
    return found.astimezone(UTC)


def load(book: Book, acts: list[Act], now: datetime | None = None) -> Imported:
    """Keep them: all, or none and an error."""
    now_ = now or datetime.now(UTC)
    acts = sorted(acts, key=lambda each: each.at or now_)  # the newest word is written last
    with state.transaction():
        for start in range(0, len(acts), _AT_ONCE):
            record_all(book, acts[start : start + _AT_ONCE], now=now)
    said = [yes for act in acts for each in act.choices.values() for yes in each.values()]
    return Imported(len(acts), sum(said), len(said) - sum(said))
