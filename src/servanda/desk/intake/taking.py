"""A submission goes through the gate: checked, counted, consent put on record, a receipt given.

The gate keeps nothing of what it lets through: it says that it may be kept, and whoever keeps it
can require the receipt. The danger: sensitive data let through on a consent that is nowhere on
record. What guards it: the record, its count and the gate's word stand in one transaction, and
where consents cannot be recorded sensitive data is not taken. Tests: tests/desk/test_intake.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from servanda import state
from servanda.desk.intake import checking, counts, receipts
from servanda.desk.intake.checking import Refusal, Submission
from servanda.kernel import identity
from servanda.kernel.errors import ServandaError, UsageError
from servanda.kernel.keyring import Master
from servanda.kernel.suggest import did_you_mean
from servanda.policy import vocabulary
from servanda.policy.rules import Form, Policy
from servanda.state.models import IntakeConsent

_IDENTITIES = (("contact.email", "email"), ("contact.phone", "phone"))


@dataclass(frozen=True, slots=True)
class Given:
    """An explicit consent as it is put on record. `identities`: of the person, where the form has
    them, in normal form."""

    form: str
    purpose: str
    notice: str
    language: str
    identities: tuple[tuple[str, str], ...]
    at: datetime


Recorder: TypeAlias = Callable[[Given], str]
"""Puts a consent on record; its id. It joins the caller's transaction."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """`receipt`: see `receipts`. `consent`: the consent record's id, where one came with it."""

    receipt: str
    consent: str = ""


class Refused(UsageError):
    """It is not taken, and nothing of it was kept. `refusals`: why, field by field."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(map(str, refusals)), "")
        self.refusals = tuple(refusals)


class UnknownForm(UsageError):
    """The policy declares no such form."""


def form_of(policy: Policy, id_: str) -> Form:
    """UnknownForm, with a near miss, where the policy has none of that name."""
    form = policy.form(id_)
    if form is not None and policy.activity(form.activity) is not None:
        return form
    known = [each.id for each in policy.forms]
    remedy = did_you_mean(id_, known) if known else "declare it under `forms:` in policy.yaml"
    raise UnknownForm("the policy declares no such form", remedy)


class Gate:
    """`record`: puts explicit consents on record; None where nothing here does."""

    def __init__(self, policy: Policy, master: Master, record: Recorder | None = None) -> None:
        self.policy = policy
        self._master = master
        self._record = record

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.policy.zone)).date()

    def check(self, told: Submission, now: datetime | None = None) -> list[Refusal]:
        """What is wrong with it; nothing is counted. UnknownForm."""
        form_of(self.policy, told.form)
        return checking.check(self.policy, told, self.today(now or datetime.now(UTC)))

    def take(self, told: Submission, now: datetime | None = None) -> Accepted:
        """Let it through, or say why not: Refused, UnknownForm. Both are counted."""
        moment = now or datetime.now(UTC)
        self._refuse(told, moment)
        with state.transaction():
            consent = self._consented(told, moment)
            counts.taken(told.form, self._breaches(told, moment))
        return Accepted(self._receipt(told, consent, moment), consent)

    def take_all(
        self, told: Sequence[Submission], now: datetime | None = None
    ) -> Iterator[Accepted | Refused]:
        """Each by itself: one that is refused keeps no other from being taken."""
        for each in told:
            try:
                yield self.take(each, now)
            except Refused as error:
                yield error

    def _refuse(self, told: Submission, now: datetime) -> None:
        try:
            refusals = self.check(told, now)
        except UnknownForm:
            counts.refused("", [counts.UNKNOWN])
            raise
        if refusals:
            counts.refused(told.form, [each.kind for each in refusals])
            raise Refused(refusals)

    def _consented(self, told: Submission, now: datetime) -> str:
        if told.consent is None:
            return ""
        if self._record is None:
            raise ServandaError(
                "consent cannot be put on record here, so nothing that rests on it is taken",
                "start the server of this workspace, and send it again",
            )
        given = told.consent
        found = Given(
            told.form, given.purpose, given.notice, given.language, self._identities(told), now
        )
        record = self._record(found)
        IntakeConsent.objects.create(form=told.form, record=record, at=now)
        return record

    def _identities(self, told: Submission) -> tuple[tuple[str, str], ...]:
        region = identity.region_of(self.policy.country)
        found = []
        for field in form_of(self.policy, told.form).fields:
            value = told.fields.get(field.name)
            for category, kind in _IDENTITIES:
                if vocabulary.covers(category, field.category) and isinstance(value, str):
                    normal = identity.normal(kind, value, region)
                    found += [(kind, normal)] if normal else []
        return tuple(dict.fromkeys(found))

    def _breaches(self, told: Submission, now: datetime) -> list[str]:
        """Looked at once more, of what is let through: both must never be true."""
        form = form_of(self.policy, told.form)
        found = []
        if form.third_party and not (told.source.strip() and told.basis):
            found.append(counts.UNSOURCED)
        if checking.too_young(self.policy, told, self.today(now)):
            found.append(counts.CHILDREN)
        return found

    def _receipt(self, told: Submission, consent: str, now: datetime) -> str:
        facts = {
            "form": told.form,
            "policy": self.policy.digest,
            "basis": told.basis or None,
            "consent": consent or None,
        }
        return receipts.made(self._master, facts, told.fields, now)
