"""Who asks? By a code sent to the address on file, by telephone, or by a document looked at.

The danger: data handed to a stranger, and copies of passports that lie about. What guards it: a
code goes only to an address or number that the request names, so whoever has it controls that;
only its keyed hash is kept, it works once, for a while, and for a few tries (each is counted
before the answer is given). A document is never kept: its file is overwritten and removed, its
absence looked at, and only then is the person verified.
Tests: tests/desk/requests/test_identity.py.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from servanda import state
from servanda.desk.requests import states
from servanda.desk.requests.book import Book, need
from servanda.desk.requests.shred import shred
from servanda.kernel.errors import UsageError
from servanda.kernel.seal import new_salt
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
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that is taken for another one
_LENGTH = 10


def new_code() -> str:
    """Signs that can be read out, and are not guessed: 49 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def send_code(book: Book, ref: str, channel: str, *, by: str, now: datetime | None = None) -> str:
    """Make a one-time code, which replaces any earlier one. It is given back once, to be sent or
    read out, and nowhere kept. Joins the caller's transaction."""
    moment = now or datetime.now(UTC)
    code = new_code()
    salt = new_salt()
    with book.change(ref, "wait") as row:
        _end_codes(row, moment)
        Challenge.objects.create(
            request=row,
            channel=channel,
            salt=salt,
            hash=_hash(book, salt, code),
            made_at=moment,
            expires_at=moment + timedelta(minutes=book.settings.requests.code_minutes),
            tries_left=book.settings.requests.code_tries,
        )
        row.waiting_for = "identity"
        row.verified = False
        book.happened(row, "identity_asked", book.today(now), by, now=now, way=f"code by {channel}")
    return f"{code[:5]}-{code[5:]}"


def check_code(book: Book, ref: str, code: str, *, by: str, now: datetime | None = None) -> None:
    """Verify by the code the person gave back; UsageError where it is not the one."""
    need(by)
    moment = now or datetime.now(UTC)
    typed = "".join(code.split()).replace("-", "").upper()
    with state.transaction():  # a wrong try stays counted, so nothing is raised in here
        row = Request.objects.select_for_update().get(id=book.row(ref).id)
        open_ = row.challenges.filter(used_at=None, expires_at__gt=moment, tries_left__gt=0).last()
        if open_ is not None:
            right = secrets.compare_digest(open_.hash, _hash(book, bytes(open_.salt), typed))
            open_.tries_left -= 1
            open_.used_at = moment if right else None
            open_.save()
            if right:
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
        _end_codes(row, moment)
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


def _end_codes(row: Request, now: datetime) -> None:
    row.challenges.filter(used_at=None, expires_at__gt=now).update(expires_at=now)


def _hash(book: Book, salt: bytes, code: str) -> str:
    return book.vault.mark("code", f"{salt.hex()} {code.replace('-', '')}")
