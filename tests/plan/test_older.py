"""An older limit beside the new one: what was to be made anonymous by now is not archived."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from servanda.kernel.predicate import Scalar
from servanda.plan.decide import Record, decide
from servanda.plan.older import Older
from servanda.plan.retention import Rules, targets
from tests.plan.builders import (
    at,
    ceiling,
    collection,
    exactly,
    field,
    holds_for,
    keep_at_most,
    linked,
    rules,
)

NOW = at("2026-03-04T12:00:00")
DUE, LONG_DUE, YOUNG = at("2025-01-01"), at("2019-01-01"), at("2026-03-01")
PEOPLE = collection(clocks=("closed",), fields=(field("email", "contact.email"), field("agreed")))
TOLD = linked(PEOPLE, accepted="agreed")
OLDER = Older("accounts", ceiling("1 year", "closed", "anonymise"), 2, ("2",))


def archived_now() -> Rules:
    return rules(keep_at_most(ceiling("1 year", "closed", "archive")), TOLD, older=(OLDER,))


def case(closed: datetime, agreed: str, email: str | None = "a@b.test") -> tuple[
    Record, dict[str, Scalar]
]:  # fmt: skip
    found = Record({"closed": exactly(closed)}, accepted=agreed)
    return found, {"email": email, "agreed": agreed}


@pytest.mark.parametrize("agreed, becomes", [("2", "archive"), ("1", "anonymise")])
def test_who_has_not_accepted_is_made_anonymous_and_not_archived(agreed: str, becomes: str) -> None:
    made = archived_now()
    found = targets(made, NOW)
    for closed, outcome in ((DUE, becomes), (LONG_DUE, becomes), (YOUNG, "keep")):
        record, fields = case(closed, agreed)
        assert decide(record, made, NOW).outcome == outcome
        assert holds_for(found.archive, record, fields) == (outcome == "archive")
        assert holds_for(found.anonymise.target, record, fields) == (outcome == "anonymise")


def test_once_anonymous_nothing_is_overdue() -> None:
    found = targets(archived_now(), NOW)
    assert holds_for(found.overdue, *case(DUE, "1"))
    assert not holds_for(found.overdue, *case(DUE, "1", email=None))
    assert holds_for(found.overdue, *case(DUE, "2", email=None)), "the neighbour's is not archived"


def test_an_archive_does_not_keep_what_was_to_be_made_anonymous() -> None:
    assert archived_now().older == (OLDER,)
    archive = replace(OLDER, ceiling=ceiling("1 year", "closed", "archive"))
    same = keep_at_most(ceiling("1 year", "closed", "archive"))
    assert rules(same, TOLD, older=(archive,)).older == ()
