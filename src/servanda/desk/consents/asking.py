"""Ask the gate: read what is known of one person or of many, and answer.

The danger: an answer from before a withdrawal. What guards it: nothing about people is kept
between two questions; each reads the state anew, and of the restrictions, which are sealed and
few, what was read is used only while their version is the one in force, read with the same query.
Tests: tests/desk/consents/test_asking.py asks from two processes.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

from django.db import connection

from servanda.desk import holds
from servanda.desk.consents import gate, quick
from servanda.desk.consents.gate import Answer, Known, Question, Rule
from servanda.desk.requests.book import Book
from servanda.kernel import identity, identity_email, keyring
from servanda.kernel.errors import UsageError
from servanda.policy.rules import Policy
from servanda.state import rows
from servanda.state.connection import guard

KINDS = ("email", "phone", "browser")
UNKNOWN = Answer(False, "unknown", "unknown", "That is no address or number of a person.")
AT_ONCE = 10_000

_ONE = (
    "SELECT (SELECT standing FROM servanda_consentmark WHERE mark = %s),"
    " (SELECT {stopped} FROM servanda_suppression WHERE mark = %s AND lifted_at IS NULL),"
    " (SELECT version FROM servanda_holdsversion WHERE id = 1)"
)


class Terms(Protocol):
    """Which edition of the terms somebody must have accepted (servanda.desk.editions)."""

    def needs_acceptance(
        self, purpose: str, now: datetime, policy: Policy | None = None
    ) -> int | None: ...


class NoTerms:
    """Where no edition was ever published."""

    def needs_acceptance(
        self, purpose: str, now: datetime, policy: Policy | None = None
    ) -> int | None:
        return None


@dataclass(frozen=True, slots=True)
class _Restricted:
    version: int
    marks: frozenset[str]


class Gate:
    """For one workspace as its policy stands. Threads share it."""

    def __init__(self, book: Book, terms: Terms | None = None) -> None:
        self.book = book
        self.policy = book.policy
        self._terms = terms or NoTerms()
        self._lock = threading.Lock()
        self._restricted = _Restricted(-1, frozenset())
        self._pads: tuple[Any, Any] | None = None
        self._rules: dict[tuple[Question, int | None, date], Rule] = {}

    # ── questions ─────────────────────────────────────────────────────────────────────────────

    def ask(self, subject: str, asked: Question, now: datetime | None = None) -> Answer:
        """About one: `email:jo@example.test`, `phone:+44 28 9000 0001`, `browser:…`."""
        moment = now or datetime.now(UTC)
        mark = self.mark_of(subject)
        if mark is None:
            return UNKNOWN
        return self.decide(asked, mark, self.read(mark), moment)

    def read(self, mark: str, more: str = "", parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
        """What the state says of a mark: standing, what was stopped, version of the holds. `more`:
        further columns to be read with the same query."""
        return quick.one(_one() + more, (mark, mark, *parameters))

    def decide(
        self, asked: Question, mark: str, found: Sequence[Any], now: datetime | None = None
    ) -> Answer:
        moment = now or datetime.now(UTC)
        text, stopped, version = found[:3]
        known = Known(
            text or "",
            frozenset(stopped.split("\n")) if stopped is not None else frozenset(),
            mark in self.restricted(version),
        )
        today = self.book.today(moment)
        return gate.answer(self.rule(asked, moment, today), known, today)

    def ask_all(
        self, subjects: Sequence[str], asked: Question, now: datetime | None = None
    ) -> Iterator[list[Answer]]:
        """About many, in their order, some thousands at a time."""
        moment = now or datetime.now(UTC)
        today = self.book.today(moment)
        rule = self.rule(asked, moment, today)
        for start in range(0, len(subjects), AT_ONCE):
            yield self._some(subjects[start : start + AT_ONCE], rule, today)

    def _some(self, subjects: Sequence[str], rule: Rule, today: date) -> list[Answer]:
        marks = [self.mark_of(each) for each in subjects]
        wanted = [each for each in marks if each is not None]
        stopped, texts, version = self._read_all(wanted)
        restricted = self.restricted(version)
        nobody = gate.answer(rule, Known(), today)
        plain: dict[str, Answer] = {}
        found: list[Answer] = []
        for mark in marks:
            if mark is None:
                found.append(UNKNOWN)
                continue
            text = texts.get(mark)
            if mark in stopped or mark in restricted:
                known = Known(text or "", stopped.get(mark, frozenset()), mark in restricted)
                found.append(gate.answer(rule, known, today))
            elif text is None:
                found.append(nobody)
            else:
                answer = plain.get(text)
                if answer is None:
                    answer = plain[text] = gate.answer(rule, Known(text), today)
                found.append(answer)
        return found

    def _read_all(
        self, marks: Sequence[str]
    ) -> tuple[Mapping[str, frozenset[str]], Mapping[str, str], int]:
        with guard():
            version = holds.version()
            texts = dict(
                rows.among(
                    "SELECT mark, standing FROM servanda_consentmark WHERE mark IN {among}", marks
                )
            )
            stopped: dict[str, frozenset[str]] = {}
            for mark, purpose in rows.among(
                "SELECT mark, purpose FROM servanda_suppression "
                "WHERE lifted_at IS NULL AND mark IN {among}",
                marks,
            ):
                stopped[mark] = stopped.get(mark, frozenset()) | {purpose}
        return stopped, texts, version

    # ── what is the same for everybody ────────────────────────────────────────────────────────

    def rule(self, asked: Question, now: datetime, today: date) -> Rule:
        # Not only where this policy promises it: what is dropped here was promised all the same.
        message = next((m for m in self.policy.messages if m.id == asked.message), None)
        purpose = message.purpose if message else asked.purpose
        terms = self._terms.needs_acceptance(purpose, now, self.policy)
        key = (asked, terms, today)
        rule = self._rules.get(key)
        if rule is None:
            if len(self._rules) > 1000:
                self._rules.clear()
            rule = self._rules[key] = gate.rule(self.policy, asked, terms)
        return rule

    def restricted(self, version: int) -> frozenset[str]:
        """Marks of those whose data may not be used now, by requests to restrict it."""
        found = self._restricted
        if found.version == version:
            return found.marks
        with self._lock:
            read, in_force = holds.in_force(self.book.master)
            marks = frozenset(
                mark
                for spec in in_force
                if spec.kind == "person" and spec.origin
                for mark in self.book.marks(spec.identities)
            )
            self._restricted = _Restricted(read, marks)
            return marks

    # ── marks ─────────────────────────────────────────────────────────────────────────────────

    def mark_of(self, subject: str) -> str | None:
        """The mark of `kind:value`; None where it is nobody's. As `Book.mark` makes it, quicker."""
        kind, _, value = subject.partition(":")
        if kind == "email":
            known = identity_email.base(value)
        elif kind == "browser":
            known = value
        elif kind == "phone":
            known = identity.folded(identity.fold_of(kind, self.book.region), value)
        else:
            known = None
        return None if known is None else self._hashed(f"{kind}|{known}".encode())

    def _hashed(self, text: bytes) -> str:
        if self._pads is None:
            self._pads = _pads(keyring.root(self.book.master, "identity marks"))
        inner, outer = (each.copy() for each in self._pads)
        inner.update(text)
        outer.update(inner.digest())
        hashed: str = outer.hexdigest()
        return hashed


def subject(kind: str, value: str) -> str:
    return f"{kind}:{value}"


def known_kind(text: str) -> str:
    """UsageError where it is not `kind:value`."""
    if text.partition(":")[0] not in KINDS or ":" not in text:
        raise UsageError("a subject is kind and value", "as in email:jo@example.test")
    return text


_STOPPED = {
    "postgresql": "string_agg(purpose, E'\\n')",
    "sqlite": "group_concat(purpose, char(10))",
}
_ONES = {vendor: _ONE.format(stopped=joined) for vendor, joined in _STOPPED.items()}


def _one() -> str:
    return _ONES[connection.vendor]


def _pads(key: bytes) -> tuple[Any, Any]:
    """HMAC-SHA256, its two first blocks done once (RFC 2104)."""
    block = (
        key.ljust(64, b"\0") if len(key) <= 64 else hashlib.sha256(key).digest().ljust(64, b"\0")
    )
    inner = hashlib.sha256(bytes(each ^ 0x36 for each in block))
    return inner, hashlib.sha256(bytes(each ^ 0x5C for each in block))


def answers(found: Iterable[list[Answer]]) -> Iterator[Answer]:
    for each in found:
        yield from each
