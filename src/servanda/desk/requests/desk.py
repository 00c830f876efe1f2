"""The desk: everything that is done with requests, behind one door. See the modules beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from servanda.desk.requests import (
    acting,
    deciding,
    editing,
    events,
    opening,
    reading,
    restriction,
    routing,
    suppression,
)
from servanda.desk.requests.book import Book
from servanda.desk.requests.vault import Vault
from servanda.desk.requests.view import Key, RequestView, Told
from servanda.desk.settings import DeskSettings
from servanda.kernel.keyring import Master
from servanda.policy.rules import Policy


class Desk:
    """`master`: the workspace's key. `tenants`: the ids of the customers whose data we process."""

    def __init__(
        self,
        master: Master,
        policy: Policy,
        settings: DeskSettings | None = None,
        tenants: Iterable[str] = (),
    ) -> None:
        self.book = Book(
            master, policy, settings or DeskSettings(), frozenset(tenants), Vault(master)
        )

    def new(
        self,
        right: str,
        identities: Iterable[tuple[str, str]],
        *,
        received: date,
        via: str,
        by: str,
        place: str | None = None,
        tenant: str | None = None,
        name: str = "",
        text: str = "",
        contact: str = "",
        corrections: Iterable[tuple[str, str]] = (),
        purpose: str = "",
        message: str = "",
        born: date | None = None,
        age: int | None = None,
        parent_consents: bool = False,
        now: datetime | None = None,
    ) -> str:
        """Open a request; its number. See `opening.Arrival`."""
        told = Told(
            identities=tuple(identities),
            name=name,
            text=text,
            contact=contact,
            corrections=tuple(corrections),
            purpose=purpose,
        )
        arrival = opening.Arrival(
            right, told, received, via, place, tenant, message, born, age, parent_consents
        )
        return opening.arrived(self.book, arrival, by, now)

    def child_found(
        self,
        identities: Iterable[tuple[str, str]],
        *,
        by: str,
        place: str | None = None,
        tenant: str | None = None,
        age: int | None = None,
        text: str = "",
        now: datetime | None = None,
    ) -> str:
        """Somebody of ours found a child's data: the number of the erasure that is opened."""
        told = Told(identities=tuple(identities), text=text)
        today = self.book.today(now)
        arrival = opening.Arrival("erasure", told, today, "staff", place, tenant, age=age)
        return opening.child_found(self.book, arrival, by, now)

    def get(self, ref: str) -> RequestView:
        """UsageError where there is none."""
        return reading.view(self.book, self.book.row(ref))

    def listed(self, open_only: bool = True) -> list[RequestView]:
        """The soonest cautious date first."""
        return reading.listed(self.book, open_only=open_only)

    def others(self, ref: str) -> list[str]:
        """Other requests that name one of the same identities."""
        return reading.others(self.book, self.book.row(ref))

    def seal(self, ref: str, purpose: str, data: bytes) -> bytes:
        """Under the key of the request's person, for this purpose alone."""
        row = self.book.row(ref)
        return self.book.vault.seal(row.person, row.id, f"for {purpose}", data)

    def unseal(self, ref: str, purpose: str, sealed: bytes) -> bytes:
        """What `seal` was given. PersonGone once the key is destroyed."""
        row = self.book.row(ref)
        return self.book.vault.unseal(row.person, row.id, f"for {purpose}", sealed)

    def event(
        self,
        ref: str,
        kind: str,
        on: date,
        by: str,
        note: str = "",
        now: datetime | None = None,
    ) -> None:
        """See `events.KINDS`."""
        events.event(self.book, ref, kind, on, by=by, note=note, now=now)

    def route(self, ref: str, tenant: str, *, by: str, now: datetime | None = None) -> None:
        """Hand it on to the customer whose data it is about."""
        routing.route(self.book, ref, tenant, by=by, now=now)

    def choose(
        self,
        ref: str,
        only: Iterable[tuple[str, Key]],
        *,
        by: str,
        now: datetime | None = None,
    ) -> None:
        """Which records are meant, where people share a name or an address."""
        editing.choose(self.book, ref, only, by=by, now=now)

    def decide(
        self,
        ref: str,
        decision: str,
        grounds: Sequence[str] = (),
        spare: Sequence[tuple[str, str]] = (),
        *,
        by: str,
        now: datetime | None = None,
    ) -> None:
        deciding.decide(self.book, ref, decision, grounds=grounds, spare=spare, by=by, now=now)

    def grounds(self, ref: str) -> dict[str, str]:
        """On what this request may be refused: words by id."""
        return deciding.known_grounds(self.book, self.book.row(ref))

    def acted(self, ref: str, summary: Mapping[str, Any]) -> None:
        acting.acted(self.book, ref, summary)

    def replied(
        self,
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
        acting.replied(
            self.book,
            ref,
            letter,
            package=package,
            receipt=receipt,
            says=says,
            finished=finished,
            by=by,
            now=now,
        )

    def close(self, ref: str, outcome: str, *, by: str, now: datetime | None = None) -> None:
        """An erasure that is done reaches consents too. Never in a transaction."""
        acting.closed(self.book, ref, outcome, by=by, now=now)
        if outcome == "done":
            self._consents_go(ref, now)

    def _consents_go(self, ref: str, now: datetime | None) -> None:
        from servanda.desk.consents import keeping  # that stands upon this package

        told = self.get(ref)
        if told.right == "erasure" and told.decision in ("act", "part") and not told.tenant:
            for mark in self.book.marks(told.identities):
                keeping.erase(self.book, mark, now)

    def cancel(self, ref: str, *, by: str, now: datetime | None = None) -> None:
        """The person takes the request back."""
        acting.closed(self.book, ref, "withdrawn", by=by, now=now, cancel=True)

    def keep_letter(self, ref: str, kind: str, content: bytes, now: datetime | None = None) -> str:
        return acting.keep_letter(self.book, ref, kind, content, now)

    def letters(self, ref: str) -> list[tuple[str, datetime, bytes]]:
        """(kind, when, content), oldest first."""
        return list(acting.letters(self.book, ref))

    def lift(self, ref: str, *, by: str, reason: str, now: datetime | None = None) -> None:
        restriction.lift(self.book, ref, by=by, reason=reason, now=now)

    def suppressed(self, kind: str, value: str, purpose: str) -> bool:
        """Whether this person objected to the purpose or withdrew consent to it."""
        return suppression.suppressed(self.book, kind, value, purpose)
