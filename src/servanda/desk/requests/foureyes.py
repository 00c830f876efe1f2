"""Four eyes on erasures: who decided one is not the one who acts on it.

The danger: one person alone destroys. What guards it: `check` is asked where requests are acted on,
so that pages, jobs, programs and commands all pass it; nobody acts without a name. What goes on
with a run that was begun (`acting`) needs nobody anew. Tests: tests/runtime/test_four_eyes.py.

A command is trusted with the name it is given: whoever has a shell on the server has the state.
"""

from __future__ import annotations

from collections.abc import Iterable

from servanda.desk.requests.book import Book
from servanda.desk.requests.view import RequestView
from servanda.desk.tokens import behind
from servanda.kernel.errors import UsageError

BEGUN = "act_begun"
"""The event that says who set it going."""


def check(views: Iterable[RequestView], by: str) -> None:
    """UsageError where one of these erasures was decided by the same person, or nobody is named."""
    for view in views:
        if view.right != "erasure" or view.state != "decided":
            continue
        if not by.strip():
            raise UsageError(
                f"request {view.ref} needs somebody who acts on it, by name",
                "four eyes are wanted on erasures: say who you are with --by",
            )
        if _same(view.decided_by, by):
            raise UsageError(
                f"you decided request {view.ref}, so somebody else acts on it",
                "four eyes are wanted on erasures ([web] four_eyes in servanda.toml)",
            )


def begun(book: Book, view: RequestView, by: str) -> None:
    """Put on record who acts, once for a person and state."""
    last = view.events[-1] if view.events else None
    if (
        by.strip()
        and view.state == "decided"
        and not (last is not None and last.kind == BEGUN and _same(last.by, by))
    ):
        with book.change(view.ref) as row:
            book.happened(row, BEGUN, book.today(), by)


def _same(one: str, other: str) -> bool:
    """A program is whoever made its token."""
    first, second = behind(one.strip()), behind(other.strip())
    return " ".join(first.split()).casefold() == " ".join(second.split()).casefold()
