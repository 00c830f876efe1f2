"""Who asks? By a code sent to the address on file, by telephone, or by a document looked at.

The danger: data handed to a stranger, and copies of passports that lie about. What guards it: a
code goes only to an address or number that the request names, so whoever has it controls that;
only its keyed hash is kept, it works once, for a while, and for a few tries (each is counted
before the answer is given). A document is never kept: its file is overwritten and removed, its
absence looked at, and only then is the person verified. What a code is: `desk/onecode.py`.
Tests: tests/desk/requests/test_identity.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from servanda import state
from servanda.desk import onecode
from servanda.desk.requests import states
from servanda.desk.requests.book import Book, need
from servanda.desk.requests.shred import shred
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.state.models import Challenge, Evidence, Request

DOCUMENTS = (
    "passport",
    "identity_card",
    "driving_licence",
    "proof_of_address",
    "authority_to_act",
    "known_in_person",
)


def send_code(book: Book, ref: str, channel: str, *, by: str, now: datetime | None = None) -> str:
    """Make a one-time code, which replaces any earlier one. It is given back once, to be sent or
    read out, and nowhere kept. Joins the caller's transaction."""
    moment = now or datetime.now(UTC)
    wanted = book.settings.requests
    code, kept = onecode.fresh(
        partial(_hash, book),
        lasts=timedelta(minutes=wanted.code_minutes),
        tries=wanted.code_tries,
        now=moment,
    )
    with book.change(ref, "wait") as row:
        onecode.end(row.challenges.all(), moment)
        Challenge.objects.create(request=row, channel=channel, **kept)
        row.waiting_for = "identity"
        row.verified = False
        book.happened(row, "identity_asked", book.today(now), by, now=now, way=f"code by {channel}")
    return code


def check_code(book: Book, ref: str, code: str, *, by: str, now: datetime | None = None) -> None:
    """Verify by the code the person gave back; UsageError where it is not the one."""
    need(by)
    moment = now or datetime.now(UTC)
    with state.transaction():  # a wrong try stays counted, so nothing is raised in here
        row = Request.objects.select_for_update().get(id=book.row(ref).id)
        open_, right = onecode.tried(row.challenges.all(), code, partial(_hash, book), now=moment)
        if open_ is not None and right:
            _verified(book, ref, by, now, way=f"code by {open_.channel}")
            return
    if open_ is None:
        raise UsageError(
            "there is no code that is still open", f"send one: servanda request verify {ref} --sent"
        )
    raise UsageError(
        f"that is not the code; {open_.tries_left} tries are left",
        "ask the person to read it again, or send another with --sent",
    )


def confirmed(
    book: Book, ref: str, *, by: str, note: str = "", now: datetime | None = None
) -> bool:
    """The person gave back what was sent to the address that the request names: the same loop as
    a code by mail. False where nobody waits for it any more."""
    row = book.row(ref)
    if row.verified or row.state not in states.MOVES["verify"].since:
        return False
    _verified(book, ref, by, now, way="code by mail", note=note)
    return True


def seen(
    book: Book,
    ref: str,
    document: str,
    *,
    by: str,
    note: str = "",
    file: Path | None = None,
    now: datetime | None = None,
) -> None:
    """A document was looked at and fits. `note`: what was checked. `file`: destroyed first."""
    need(by)
    if document not in DOCUMENTS:
        raise UsageError(f'"{document[:40]}" is no document', did_you_mean(document, DOCUMENTS))
    row = book.row(ref)
    states.moved(row.state, "verify", row.right)  # before anything is destroyed
    if file is not None:
        shred(file)
    moment = now or datetime.now(UTC)
    with state.transaction():
        kept = Evidence(request=row, document=document, seen_at=moment, by=by)
        kept.file_destroyed = file is not None
        kept.save(force_insert=True)
        if note:
            kept.note = book.vault.seal(row.person, row.id, f"evidence {kept.id}", note.encode())
            kept.save()
        way = f"{document} seen" + (", its file destroyed" if file is not None else "")
        _verified(book, ref, by, now, way=way)


def doubt(book: Book, ref: str, *, by: str, note: str, now: datetime | None = None) -> None:
    """Ask for more: until it comes nobody is verified, and clocks that may begin anew will."""
    if not note.strip():
        raise UsageError(
            "a doubt needs its reason", "give --note: what is doubtful, what is wanted"
        )
    moment = now or datetime.now(UTC)
    with book.change(ref, "wait") as row:
        onecode.end(row.challenges.all(), moment)
        row.waiting_for = "identity"
        row.verified = False
        book.happened(row, "identity_asked", book.today(now), by, note, now, way="doubt")


def _verified(
    book: Book, ref: str, by: str, now: datetime | None, way: str, note: str = ""
) -> None:
    with book.change(ref, "verify") as row:
        row.verified = True
        row.waiting_for = ""
        asked = list(row.events.filter(kind__startswith="scope_").values_list("kind", flat=True))
        if asked and asked[-1] == "scope_asked":
            row.state, row.waiting_for = "waiting", "scope"
        book.happened(row, "identity_received", book.today(now), by, note, now, way=way)


def _hash(book: Book, salt: bytes, code: str) -> str:
    return book.vault.mark("code", f"{salt.hex()} {code}")
