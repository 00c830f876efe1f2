"""A package that waits to be fetched by the person: once, with a passphrase shown once.

The danger: a package fetched by somebody else, or twice. What guards it: the caller has verified
the person again; one statement claims it, so of two at once one gets it, and whoever sends it says
every few seconds that they still do; only the last byte makes it fetched, so a transfer that was
cut, or whose server was killed, lets the person try again; the passphrase is sealed under the
person's key, and overwritten when it is shown. Tests: tests/desk/portal/test_parcels.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db.models import QuerySet

from servanda import state
from servanda.desk.requests.book import Book
from servanda.kernel.errors import UsageError
from servanda.state.connection import guard
from servanda.state.models import PortalParcel

LEASE = timedelta(minutes=2)
_PART = "for parcel"


class Standing(StrEnum):
    NONE = "none"
    READY = "ready"
    FETCHED = "fetched"
    EXPIRED = "expired"


class Busy(UsageError):
    """Somebody is being sent it, or the server that sent it was killed a moment ago."""


class Claim:
    """One transfer. It counts while it is said, within each `LEASE`, that it goes on."""

    def __init__(self, ref: str, file: str, at: datetime) -> None:
        self.ref, self.file, self._at = ref, file, at

    def goes_on(self, now: datetime | None = None) -> None:
        """UsageError where somebody else has taken it meanwhile: send no more."""
        moment = now or datetime.now(UTC)
        if moment - self._at < LEASE / 4:
            return
        with state.transaction():
            if not self._ours().update(claimed_at=moment):
                raise UsageError("the transfer stood still for too long", "begin again")
        self._at = moment

    def done(self, book: Book, *, by: str, now: datetime | None = None) -> bool:
        """The last byte was given: put on record that it was fetched. False where somebody else
        has taken it meanwhile, whose transfer counts then."""
        moment = now or datetime.now(UTC)
        with state.transaction():
            if not self._ours().update(fetched_at=moment, claimed_at=None):
                return False
            with book.change(self.ref) as row:
                book.happened(row, "fetched", book.today(now), by, now=now)
        return True

    def cut(self) -> None:
        """The transfer broke off: it may be tried again at once."""
        with state.transaction():
            self._ours().update(claimed_at=None)

    def _ours(self) -> QuerySet[PortalParcel]:
        found = PortalParcel.objects.filter(request_id=int(self.ref), fetched_at=None)
        return found.filter(claimed_at=self._at)


def keep(book: Book, ref: str, file: str, passphrase: str, expires: datetime) -> None:
    """A package was made for this request; one that was there before is replaced."""
    with state.transaction():
        row = book.row(ref)
        PortalParcel.objects.update_or_create(
            request=row,
            defaults={
                "file": file,
                "passphrase": book.vault.seal(row.person, row.id, _PART, passphrase.encode()),
                "expires_at": expires,
                "shown_at": None,
                "claimed_at": None,
                "fetched_at": None,
            },
        )


def standing(ref: str, now: datetime | None = None) -> tuple[Standing, datetime | None]:
    """What there is to fetch, and until when, or when it was."""
    with guard():
        row = PortalParcel.objects.filter(request_id=int(ref)).first()
    if row is None:
        return Standing.NONE, None
    if row.fetched_at is not None:
        return Standing.FETCHED, row.fetched_at
    if row.expires_at <= (now or datetime.now(UTC)):
        return Standing.EXPIRED, row.expires_at
    return Standing.READY, row.expires_at


def show(book: Book, ref: str, now: datetime | None = None) -> str:
    """The passphrase, once; blank where it was shown before."""
    moment = now or datetime.now(UTC)
    with state.transaction():
        row = _open(book, ref, moment)
        if row.shown_at is not None:
            return ""
        sealed = bytes(row.passphrase)
        request = book.row(ref)
        plain = book.vault.unseal(request.person, request.id, _PART, sealed).decode()
        row.passphrase, row.shown_at = bytes(len(sealed)), moment
        row.save()
    return plain


def claim(book: Book, ref: str, now: datetime | None = None) -> Claim:
    """Take it, to be sent now. UsageError where there is nothing (any more), and while somebody
    else is being sent it."""
    moment = now or datetime.now(UTC)
    with state.transaction():
        row = _open(book, ref, moment)
        if row.shown_at is None:
            raise UsageError("see the passphrase first", "it is shown once, with the download")
        if row.claimed_at is not None and moment - row.claimed_at < LEASE:
            raise Busy("it is being fetched just now", "try again in a few minutes")
        PortalParcel.objects.filter(id=row.id).update(claimed_at=moment)
    return Claim(ref, str(row.file), moment)


def file(ref: str) -> str:
    """The name of the package's file; blank where there is none."""
    with guard():
        found = PortalParcel.objects.filter(request_id=int(ref)).values_list("file", flat=True)
        return found.first() or ""


def shown(ref: str) -> bool:
    """Whether the passphrase was shown."""
    with guard():
        found = PortalParcel.objects.filter(request_id=int(ref), shown_at__isnull=False)
        return bool(found.exists())


def _open(book: Book, ref: str, now: datetime) -> PortalParcel:
    row = PortalParcel.objects.select_for_update().filter(request_id=book.row(ref).id).first()
    if row is None or row.expires_at <= now:
        raise UsageError("there is no package to fetch", "ask for it again")
    if row.fetched_at is not None:
        raise UsageError("it was fetched already", "ask for it again, if you lost it")
    return row
