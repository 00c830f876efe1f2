"""Where requests are read and written: rows, seals, dates and evidence together.

The danger: a request changed without evidence, or evidence of a change that was not made. What
guards it: every change goes through `Book.change` or `Book.opened`, which write the row, its event
and its ledger entry in one transaction. tests/desk/requests/test_kill.py kills the process at each
statement of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from servanda import law, ledger, state
from servanda.desk.intake.freetext import refuse_cards, refuse_cards_among
from servanda.desk.requests import clocks, states
from servanda.desk.requests.vault import Vault
from servanda.desk.requests.view import Told
from servanda.desk.settings import DeskSettings
from servanda.kernel import identity
from servanda.kernel.errors import UsageError
from servanda.kernel.keyring import Master
from servanda.policy.due import Due, due
from servanda.policy.rules import Policy
from servanda.state.connection import guard
from servanda.state.models import Request, RequestEvent


@dataclass(frozen=True, slots=True)
class Book:
    """What every part of the desk works with. `tenants`: the ids of the customers we know."""

    master: Master
    policy: Policy
    settings: DeskSettings
    tenants: frozenset[str]
    vault: Vault

    @property
    def region(self) -> str:
        """Whose telephone numbers are written without a country."""
        return identity.region_of(self.policy.country)

    def today(self, now: datetime | None = None) -> date:
        """The day it is where the policy is at home: all days of requests are counted there."""
        return (now or datetime.now(UTC)).astimezone(ZoneInfo(self.policy.zone)).date()

    def marks(self, identities: Iterable[tuple[str, str]]) -> list[str]:
        """Of each identity the mark it shares with its other spellings and aliases."""
        found = [self.mark(kind, value) for kind, value in identities]
        return list(dict.fromkeys(found))

    def mark(self, kind: str, value: str) -> str:
        """UsageError for what is no identity of that kind."""
        known = identity.require(kind, value, self.region)
        shared = identity.folded(identity.fold_of(kind, self.region), known)
        return self.vault.mark(kind, shared or known)

    def row(self, ref: str) -> Request:
        """The request's row; UsageError where there is none. Locked inside a transaction."""
        number = int(ref) if ref.isascii() and ref.isdigit() and len(ref) < 18 else 0
        with guard():
            row = Request.objects.select_related("person").filter(id=number).first()
        if row is None:
            raise UsageError(f'there is no request "{ref[:20]}"', "see `servanda request list`")
        return row

    def told(self, row: Request) -> Told:
        return Told.load(self.vault.unseal(row.person, row.id, "told", bytes(row.data)))

    def write(self, row: Request, told: Told) -> None:
        """Within the caller's transaction. CardRefused, and all undone, where it has a card number:
        numbers by which a person is found are not looked at."""
        said = (("the text", (told.name, told.text)), ("the address", told.contact))
        refuse_cards_among((*said, *((f"the new {name}", new) for name, new in told.corrections)))
        row.data = self.vault.seal(row.person, row.id, "told", told.dump())

    def due(self, row: Request) -> Due:
        events = clocks.told(sorted(row.events.all(), key=lambda each: each.id))
        return due(self.policy, row.place or None, row.right, row.received, events)

    def places(self, residence: str | None, on: date) -> tuple[law.Place, ...]:
        """Whose law applies to a person who lives there, or nobody knows where."""
        return law.applicable(
            residence or None, self.policy.jurisdictions, home=self.policy.country, on=on
        )

    @contextmanager
    def change(self, ref: str, move: str = "") -> Iterator[Request]:
        """A transaction around a change of one request, its row locked and its state moved."""
        with state.transaction():
            number = self.row(ref).id
            row = (
                Request.objects.select_for_update(of=("self",))
                .select_related("person")
                .get(id=number)
            )
            if move:
                row.state = states.moved(row.state, move, row.right)
            yield row
            row.save()

    def happened(
        self,
        row: Request,
        kind: str,
        on: date,
        by: str,
        note: str = "",
        now: datetime | None = None,
        **more: Any,
    ) -> None:
        """Record an event of a request within `change`, with its dates and its evidence."""
        refuse_cards("the note", note)
        event = self.noted(row, kind, by, now, on=on)
        if note:
            event.note = self.vault.seal(row.person, row.id, f"note {event.id}", note.encode())
            event.save()
        self.set_dates(row)
        entry = {
            "kind": "request.event",
            "request": str(row.id),
            "event": kind,
            "on": on.isoformat(),
            "state": row.state,
            "by": by,
            **dates(row),
            **more,
        }
        ledger.append([entry], now=now)

    def noted(
        self, row: Request, kind: str, by: str, now: datetime | None = None, on: date | None = None
    ) -> RequestEvent:
        """Keep for those who look at the request that it happened. Evidence is the caller's."""
        need(by)
        moment = now or datetime.now(UTC)
        event = RequestEvent(request=row, kind=kind, on=on or self.today(now), at=moment, by=by)
        event.save(force_insert=True)
        return event

    def set_dates(self, row: Request) -> None:
        found = self.due(row)
        row.statutory_due, row.safe_due, row.due = found.statutory_due, found.safe_due, found.due


def dates(row: Request) -> dict[str, str | None]:
    """The request's dates as they stand in ledger entries."""
    return {
        name: None if day is None else day.isoformat()
        for name, day in (
            ("statutory_due", row.statutory_due),
            ("safe_due", row.safe_due),
            ("due", row.due),
        )
    }


def need(by: str) -> None:
    if not by.strip():
        raise UsageError("evidence needs to say who did it", "give --by")
