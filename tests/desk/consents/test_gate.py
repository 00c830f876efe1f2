"""The rules of the use gate, as a table: what is known, what is asked, what is answered."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from servanda.desk.consents import gate, standing
from servanda.desk.consents.gate import Known, Question
from servanda.desk.consents.standing import Word
from tests.desk.consents import world

TODAY = date(2026, 3, 20)
LATER, OVER = TODAY + timedelta(days=1), TODAY


def has(**said: Word) -> str:
    """`marketing_email=Word(…)`; `_all` stands for all channels."""
    found: standing.Standing = {}
    for name, word in said.items():
        purpose, _, channel = name.partition("_")
        standing.put(found, purpose, "" if channel == "all" else channel, word)
    return standing.dump(found)


def child(text: str, until: date) -> str:
    found = standing.load(text)
    standing.set_child(found, until)
    return standing.dump(found)


GIVEN = has(marketing_email=Word("given", LATER))
NEWS = {"purpose": "marketing", "channel": "email"}

TABLE: list[tuple[str, dict[str, Any], Known, str]] = [
    ("nobody ever heard of", NEWS, Known(), "no consent missing"),
    ("given", NEWS, Known(GIVEN), "yes consent"),
    ("given without an end", NEWS, Known(has(marketing_email=Word("renewed"))), "yes consent"),
    (
        "its last day was yesterday",
        NEWS,
        Known(has(marketing_email=Word("given", OVER))),
        "no consent expired",
    ),
    ("put down as over", NEWS, Known(has(marketing_email=Word("expired"))), "no consent expired"),
    ("withdrawn", NEWS, Known(has(marketing_email=Word("withdrawn"))), "no consent withdrawn"),
    ("refused", NEWS, Known(has(marketing_email=Word("refused"))), "no consent refused"),
    (
        "did not count",
        NEWS,
        Known(has(marketing_email=Word("invalidated"))),
        "no consent invalidated",
    ),
    ("only asked", NEWS, Known(has(marketing_email=Word("requested"))), "no consent missing"),
    ("another channel", NEWS | {"channel": "sms"}, Known(GIVEN), "no consent channel"),
    ("no channel named", NEWS | {"channel": ""}, Known(GIVEN), "no consent channel"),
    (
        "all channels ended",
        NEWS,
        Known(has(marketing_all=Word("withdrawn"))),
        "no consent withdrawn",
    ),
    (
        "given anew after all ended",
        NEWS,
        Known(has(marketing_all=Word("withdrawn"), marketing_email=Word("given"))),
        "yes consent",
    ),
    (
        "the message says the purpose",
        {"message": "newsletter", "channel": "email"},
        Known(GIVEN),
        "yes consent",
    ),
    (
        "marketing message, nothing known",
        {"message": "newsletter", "channel": "email"},
        Known(),
        "no consent missing",
    ),
    ("a service message", {"message": "invoice", "channel": "email"}, Known(), "yes basis"),
    (
        "a service message to who refused news",
        {"message": "invoice", "channel": "email"},
        Known(has(marketing_all=Word("refused"))),
        "yes basis",
    ),
    (
        "no channel named, and one ended",
        NEWS | {"channel": ""},
        Known(has(marketing_all=Word("given", LATER), marketing_email=Word("withdrawn"))),
        "no consent withdrawn",
    ),
    (
        "interests, and one channel ended",
        {"purpose": "crm"},
        Known(has(crm_email=Word("refused"))),
        "no objection",
    ),
    (
        "asked once more after all ended",
        NEWS,
        Known(has(marketing_all=Word("refused"), marketing_email=Word("requested"))),
        "no consent refused",
    ),
    ("no such message", {"message": "leaflet"}, Known(GIVEN), "no undeclared"),
    (
        "message and purpose differ",
        {"message": "invoice", "purpose": "marketing"},
        Known(GIVEN),
        "no undeclared",
    ),
    ("no such purpose", {"purpose": "sell"}, Known(GIVEN), "no undeclared"),
    ("no such channel", NEWS | {"channel": "fax"}, Known(GIVEN), "no undeclared"),
    ("a contract carries it", {"purpose": "billing"}, Known(), "yes basis"),
    ("interests carry it", {"purpose": "crm"}, Known(), "yes basis"),
    (
        "interests, and they said no",
        {"purpose": "crm", "channel": "email"},
        Known(has(crm_all=Word("refused"))),
        "no objection",
    ),
    (
        "a contract, and they said no",
        {"purpose": "billing"},
        Known(has(billing_all=Word("refused"))),
        "yes basis",
    ),
    ("objected to this", NEWS, Known(GIVEN, frozenset({"marketing"})), "no objection"),
    ("objected to another", NEWS, Known(GIVEN, frozenset({"crm"})), "yes consent"),
    ("objected to all: consent", NEWS, Known(GIVEN, frozenset({""})), "no objection"),
    (
        "objected to all: interests",
        {"purpose": "crm"},
        Known("", frozenset({""})),
        "no objection",
    ),
    (
        "objected to all: a contract",
        {"purpose": "billing"},
        Known("", frozenset({""})),
        "yes basis",
    ),
    (
        "objected to billing by name",
        {"purpose": "billing"},
        Known("", frozenset({"billing"})),
        "no objection",
    ),
    ("restricted", NEWS, Known(GIVEN, restricted=True), "no restriction"),
    ("restricted: a contract", {"purpose": "billing"}, Known(restricted=True), "no restriction"),
    ("a child", NEWS, Known(child(GIVEN, LATER)), "no age"),
    ("no child any more", NEWS, Known(child(GIVEN, TODAY)), "yes consent"),
    ("a child's contract", {"purpose": "billing"}, Known(child("", LATER)), "yes basis"),
    ("a child's interests", {"purpose": "crm"}, Known(child("", LATER)), "no age"),
    ("a cookie, asked", {"purpose": "cookies.analytics"}, Known(), "no consent missing"),
    ("a necessary cookie", {"purpose": "cookies.necessary"}, Known(), "yes basis"),
]


@pytest.mark.parametrize(("name", "asked", "known", "answer"), TABLE, ids=[t[0] for t in TABLE])
def test_rule(tmp_path: Path, name: str, asked: dict[str, Any], known: Known, answer: str) -> None:
    rule = gate.rule(world.book(tmp_path).policy, Question(**asked))
    found = gate.answer(rule, known, TODAY)
    said = " ".join(filter(None, ("yes" if found.may else "no", found.reason, found.detail)))
    assert said == answer
    assert found.says.endswith(".")
    assert gate.answer(rule, known, TODAY) == found


def test_terms_bind_those_who_accepted_this_edition(tmp_path: Path) -> None:
    policy = world.book(tmp_path).policy
    rule = gate.rule(policy, Question("billing"), terms=4)
    for accepted, expected in ((None, "terms"), (3, "terms"), (4, "basis"), (5, "basis")):
        text = has(terms_all=Word("given", None, accepted)) if accepted else ""
        assert gate.answer(rule, Known(text), TODAY).reason == expected
    withdrawn = has(terms_all=Word("withdrawn", None, 5))
    assert not gate.answer(rule, Known(withdrawn), TODAY).may


def test_jamaica_asks_once(tmp_path: Path) -> None:
    asked: standing.Standing = {}
    standing.put(asked, "marketing", "", Word("requested"))
    standing.count_asked(asked, "marketing")
    known = Known(standing.dump(asked))
    question = Question("marketing", "email", asking=True)
    for places, may in (("GB", True), ("JM", False), ("GB, JM", False)):
        rule = gate.rule(world.book(tmp_path, places).policy, question)
        assert gate.answer(rule, Known(), TODAY).may
        found = gate.answer(rule, known, TODAY)
        assert found.may is may
        assert found.reason == ("asking" if may else "asked")
    refused = Known(has(marketing_email=Word("refused")))
    assert not gate.answer(rule, refused, TODAY).may


def test_a_refusal_counts_where_interests_stand_beside_consent() -> None:
    refused = has(crm_all=Word("refused"))
    for other, says in (("legitimate_interest", "objection"), ("contract", "basis")):
        rule = gate.Rule("crm", "", frozenset({"consent", other}), False, True)
        assert gate.answer(rule, Known(), TODAY).may
        assert gate.answer(rule, Known(refused), TODAY).reason == says
        assert gate.answer(rule, Known("", frozenset({""})), TODAY).reason == says
