"""What became of a decided request: acted on, replied to, closed. Letters are kept sealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from servanda import ledger, state
from servanda.desk.requests import states
from servanda.desk.requests.book import Book, need
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import UsageError
from servanda.state.connection import guard
from servanda.state.models import Letter, Request

REPLY = "reply"


def acted(book: Book, ref: str, summary: Mapping[str, Any]) -> None:
    """Follow what `apply` did and put into evidence itself: `summary["complete"]` says whether
    every store has done its part. Joins the caller's transaction. Again does nothing."""
    complete = bool(summary.get("complete"))
    with book.change(ref) as row:
        wanted = "acted" if complete else "acting"
        if row.state in (wanted, "acted", "replied", *states.ENDED):
            return  # also one that was given up meanwhile: its evidence must not be lost
        row.state = states.moved(row.state, "acted" if complete else "pending", row.right)


def replied(
    book: Book,
    ref: str,
    letter: bytes,
    *,
    package: str | None = None,
    receipt: str | None = None,
    says: Sequence[str] = (),
    finished: bool = True,
    by: str,
    now: datetime | None = None,
) -> None:
    """Keep the reply sealed and say so in evidence. `package`, `receipt`: their digests; `says`:
    ids of what the law wants said. While a store is outstanding (not `finished`) the request stays
    open for it, and is not answered yet."""
    need(by)
    with book.change(ref) as row:
        early = states.possible(row.state, "reply_early", row.right)
        early = early and (row.state != "decided" or not finished)
        move = "reply_early" if early else "reply"
        row.state = states.moved(row.state, move, row.right)
        kept = _keep(book, row, REPLY, letter, now)
        entry = {
            "kind": "request.replied",
            "request": str(row.id),
            "letter": kept.digest,
            "package": package,
            "receipt": receipt,
            "says": list(says),
            "finished": finished,
            "by": by,
        }
        ledger.append([entry], now=now)
        book.noted(row, "answered", by, now)


def closed(
    book: Book,
    ref: str,
    outcome: str,
    *,
    by: str,
    now: datetime | None = None,
    cancel: bool = False,
) -> None:
    """`outcome`: one word for the evidence, such as `done`, `refused`, `withdrawn`."""
    need(by)
    if not outcome or not outcome.replace("_", "").isalpha() or len(outcome) > 40:
        raise UsageError("an outcome is one word, without names", "such as done, refused, upheld")
    moment = now or datetime.now(UTC)
    with book.change(ref, "cancel" if cancel else "close") as row:
        row.outcome, row.closed_at, row.waiting_for = outcome, moment, ""
        on = book.today(now)
        entry = {
            "kind": "request.closed",
            "request": str(row.id),
            "outcome": outcome,
            "on": on.isoformat(),
            "by": by,
        }
        ledger.append([entry], now=now)
        book.noted(row, "cancelled" if cancel else "closed", by, now)


def keep_letter(
    book: Book, ref: str, kind: str, content: bytes, now: datetime | None = None
) -> str:
    """Keep a letter sealed; the SHA-256 of its sealed bytes."""
    with state.transaction():
        return _keep(book, book.row(ref), kind, content, now).digest


def letters(book: Book, ref: str) -> Iterator[tuple[str, datetime, bytes]]:
    """(kind, when, content) of each letter, oldest first."""
    row = book.row(ref)
    with guard():
        kept = list(row.letters.order_by("id"))
    for each in kept:
        plain = book.vault.unseal(row.person, row.id, f"letter {each.id}", bytes(each.content))
        yield each.kind, each.made_at, plain


def _keep(book: Book, row: Request, kind: str, content: bytes, now: datetime | None) -> Letter:
    letter = Letter(request=row, kind=kind, made_at=now or datetime.now(UTC), content=b"")
    letter.save(force_insert=True)
    letter.content = book.vault.seal(row.person, row.id, f"letter {letter.id}", content)
    letter.digest = sha256_hex(letter.content)
    letter.save()
    return letter
