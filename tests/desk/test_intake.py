"""The gate takes what the policy declares and nothing else, and says of the rest only where."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from servanda import state
from servanda.desk.intake import (
    Accepted,
    Consent,
    Refused,
    Submission,
    UnknownForm,
    check,
    counts,
    receipts,
)
from servanda.kernel.errors import ServandaError
from servanda.policy.rules import Policy
from servanda.state.models import IntakeConsent, IntakeCount
from tests.desk.intake_world import CARD, MASTER, NOTICE, NOW, Records, compiled, gate

TODAY = NOW.date()
ANN = {"name": "Ann", "email": "ann@example.test", "phone": "028 9000 0001", "message": "Hello."}
BOB = {"name": "Bob", "email": "bob@example.test"}


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return compiled(tmp_path_factory.mktemp("policy"))


def kinds(policy: Policy, told: Submission) -> list[tuple[str, str]]:
    return [(each.kind, each.field) for each in check(policy, told, TODAY)]


def contact(**fields: Any) -> Submission:
    return Submission("contact", {**ANN, **fields})


def test_what_is_declared_is_taken(policy: Policy) -> None:
    assert kinds(policy, contact()) == []
    assert kinds(policy, Submission("contact", BOB)) == []
    assert kinds(policy, Submission("leads", BOB, source="Fair 2026", basis="consent")) == []


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"religion": "atheist"}, [("undeclared", "religion")]),
        ({"religion": ""}, [("undeclared", "religion")]),
        ({"": "x"}, [("undeclared", "(a field)")]),
        ({"ann@example.test": "x"}, [("undeclared", "(a field)")]),
        ({"n4111111111111111": "x"}, [("undeclared", "(a field)"), ("card", "(a field)")]),
        ({"message": {"religion": "atheist"}}, [("undeclared", "message")]),
        ({"message": ["a", {"religion": "x"}]}, [("undeclared", "message")]),
        ({"message": 2**53 + 1}, [("undeclared", "message")]),
        ({"name": "  "}, [("missing", "name")]),
        ({"name": None, "email": []}, [("missing", "name"), ("missing", "email")]),
        ({"message": f"It is {CARD}, thanks"}, [("card", "message")]),
        ({"phone": CARD}, [("card", "phone")]),
        ({"message": int(CARD.replace(" ", ""))}, [("card", "message")]),
        ({"message": float(CARD.replace(" ", ""))}, [("card", "message")]),
        ({"message": CARD.split()}, [("card", "message")]),
        ({"message": [4111, 1111, 1111, 1111]}, [("card", "message")]),
        ({"message": {"a": CARD}}, [("undeclared", "message"), ("card", "message")]),
    ],
)
def test_what_is_refused_is_named_and_never_repeated(
    policy: Policy, fields: dict[str, Any], refused: list[tuple[str, str]]
) -> None:
    assert kinds(policy, contact()) == [], "all else is sound"
    told = contact(**fields)
    assert kinds(policy, told) == refused
    said = " ".join(map(str, check(policy, told, TODAY)))
    for each in ("4111", "1111", "atheist", "ann@"):
        assert each not in said


@given(some.dictionaries(some.text(max_size=80), some.text(max_size=40), max_size=4))
@settings(max_examples=60)
def test_no_field_is_passed_over(policy: Policy, more: dict[str, str]) -> None:
    strange = set(more) - {"name", "email", "phone", "message"}
    found = check(policy, Submission("contact", {**BOB, **more}), TODAY)
    assert sum(each.kind == "undeclared" for each in found) == len(strange)


def test_sensitive_data_needs_explicit_consent_given_with_it(policy: Policy) -> None:
    told = Submission("visit", {**BOB, "allergies": "nuts"})
    assert kinds(policy, told) == [("sensitive", "allergies")]
    assert kinds(policy, replace(told, fields=BOB)) == [], "without it no consent is needed"
    assert kinds(policy, replace(told, consent=Consent("support", NOTICE))) == []
    other = replace(told, consent=Consent("marketing", NOTICE))
    assert kinds(policy, other) == [("sensitive", "consent")]
    unsaid = replace(told, consent=Consent("support", "yes"))
    assert kinds(policy, unsaid) == [("sensitive", "consent")]


@pytest.mark.parametrize(
    ("age", "born", "parent", "fine"),
    [
        (16, None, False, True),
        (15, None, False, False),
        (15, None, True, True),
        (None, date(2010, 3, 20), False, True),  # sixteen that day
        (None, date(2010, 3, 21), False, False),
        (30, date(2015, 1, 1), False, False),  # the younger of the two counts
        (None, None, False, False),
        (None, None, True, False),
        (-1, None, False, False),
        (200, None, False, False),
        (None, date(2027, 1, 1), True, False),
    ],
)
def test_age(policy: Policy, age: int | None, born: date | None, parent: bool, fine: bool) -> None:
    told = Submission("club", BOB, age, born, parent)
    assert kinds(policy, told) == ([] if fine else [("age", "")])


def test_a_form_that_asks_no_age_refuses_a_child_all_the_same(policy: Policy) -> None:
    assert kinds(policy, replace(contact(), age=12)) == [("age", "")]
    assert kinds(policy, replace(contact(), age=12, parent_consents=True)) == []


def test_data_of_others_says_where_it_comes_from(policy: Policy) -> None:
    told = Submission("leads", BOB)
    assert kinds(policy, told) == [("source", "source"), ("source", "basis")]
    assert kinds(policy, replace(told, source="Fair")) == [("source", "basis")]
    assert kinds(policy, replace(told, source=" ", basis="consent")) == [("source", "source")]
    assert kinds(policy, replace(told, source="Fair", basis="because")) == [("source", "basis")]
    with_card = replace(told, source=f"Fair, {CARD}", basis="consent")
    assert kinds(policy, with_card) == [("card", "source")]


# ── with counts, consents and receipts ────────────────────────────────────────────────────────


def test_each_is_counted_and_nothing_of_it_kept(each_state: str, tmp_path: Path) -> None:
    door = gate(tmp_path)
    for told in (contact(), Submission("contact", BOB), contact(), contact(religion="atheist")):
        if "religion" in told.fields:
            with pytest.raises(Refused) as refused:
                door.take(told, NOW)
            assert "atheist" not in str(refused.value)
        else:
            assert isinstance(door.take(told, NOW), Accepted)
    with pytest.raises(Refused):
        door.take(contact(message=CARD, phone=CARD), NOW)
    with pytest.raises(Refused):
        door.take(Submission("club", BOB, age=12), NOW)
    with pytest.raises(UnknownForm, match="no such form"):
        door.take(Submission("contakt", BOB), NOW)
    assert counts.totals() == {
        "contact": {"taken": 3, "undeclared": 1, "card": 1},
        "club": {"age": 1},
        "": {"unknown": 1},
    }
    kept = " ".join(f"{e.form} {e.outcome}" for e in IntakeCount.objects.all())
    assert "contact taken" in kept, "what is kept can be read"
    for each in ("Ann", "Bob", "4111", "contakt", "atheist"):
        assert each not in kept


def test_one_refused_row_keeps_no_other_out(sqlite_state: str, tmp_path: Path) -> None:
    rows = [contact(), contact(religion="x"), Submission("contact", BOB)]
    found = list(gate(tmp_path).take_all(rows, NOW))
    assert [type(each) for each in found] == [Accepted, Refused, Accepted]
    assert counts.totals()["contact"] == {"taken": 2, "undeclared": 1}


def test_consent_is_put_on_record_with_what_it_lets_through(
    sqlite_state: str, tmp_path: Path
) -> None:
    records = Records()
    door = gate(tmp_path, records)
    told = Submission(
        "visit", {**BOB, "allergies": "nuts"}, consent=Consent("support", NOTICE, "en")
    )
    first, second = door.take(told, NOW), door.take(told, NOW)
    assert (first.consent, second.consent) == ("record-1", "record-2")
    assert door.take(Submission("visit", BOB), NOW).consent == ""
    given = records.given[0]
    assert (given.form, given.purpose, given.notice) == ("visit", "support", NOTICE)
    assert given.identities == (("email", "bob@example.test"),)
    rows = IntakeConsent.objects.order_by("id")
    assert [(row.form, row.record) for row in rows] == [
        ("visit", each) for each in ("record-1", "record-2")
    ]


def test_where_consent_cannot_be_recorded_nothing_is_taken(
    sqlite_state: str, tmp_path: Path
) -> None:
    told = Submission("visit", {**BOB, "allergies": "nuts"}, consent=Consent("support", NOTICE))
    with pytest.raises(ServandaError, match="cannot be put on record"):
        gate(tmp_path).take(told, NOW)

    def broken(given: object) -> str:
        IntakeConsent.objects.create(form="visit", record="half", at=NOW)
        raise ServandaError("the record cannot be written")

    with pytest.raises(ServandaError, match="cannot be written"):
        gate(tmp_path, broken).take(told, NOW)  # type: ignore[arg-type]
    assert counts.totals() == {}
    assert IntakeConsent.objects.count() == 0


def test_what_must_never_be_let_through_is_counted_where_it_is(
    sqlite_state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = gate(tmp_path)
    door.take(Submission("leads", BOB, source="Fair", basis="consent"), NOW)
    door.take(Submission("club", BOB, age=20), NOW)
    monkeypatch.setattr("servanda.desk.intake.checking.check", lambda *_: [])
    door.take(Submission("leads", BOB), NOW)
    door.take(Submission("club", BOB, age=9), NOW)
    assert counts.totals() == {
        "leads": {"taken": 2, "unsourced": 1},
        "club": {"taken": 2, "children": 1},
    }


def test_a_refusal_within_a_transaction_that_is_undone_is_still_counted(
    sqlite_state: str,
) -> None:
    with pytest.raises(ZeroDivisionError), state.transaction():
        counts.refused(counts.STAFF, ["card"])
        raise ZeroDivisionError
    assert IntakeCount.objects.count() == 0
    assert counts.totals() == {"console": {"card": 1}}


def test_counts_from_several_threads_are_all_there(each_state: str) -> None:
    def many() -> None:
        for _ in range(10):
            counts.taken("contact")
            counts.refused("contact", ["card"])
        state.close_thread()

    threads = [threading.Thread(target=many) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert counts.totals() == {"contact": {"taken": 40, "card": 40}}


def test_a_receipt_is_for_these_fields_and_for_a_while(sqlite_state: str, tmp_path: Path) -> None:
    door = gate(tmp_path)
    key = receipts.public(MASTER)
    first, second = (door.take(contact(), NOW).receipt for _ in range(2))
    assert first != second
    hour = timedelta(hours=1)
    said = receipts.verified(key, first, ANN, NOW + timedelta(minutes=5), hour)
    assert said is not None
    assert (said["form"], said["consent"]) == ("contact", None)
    assert receipts.verified(key, first, dict(reversed(ANN.items())), NOW, hour) is not None
    assert receipts.verified(key, first, {**ANN, "name": "Eve"}, NOW, hour) is None
    assert receipts.verified(key, first, ANN, NOW + 2 * hour, hour) is None
    assert receipts.verified(key, first, ANN, NOW - hour, hour) is None
    assert receipts.verified(receipts.public(bytes(32)), first, ANN, NOW, hour) is None
    for at in range(0, len(first), 7):
        other = "A" if first[at] != "A" else "B"
        assert receipts.verified(key, first[:at] + other + first[at + 1 :], ANN, NOW, hour) is None
    for broken in ("", ".", "x.y", first.partition(".")[0], "." + first, first + "."):
        assert receipts.verified(key, broken, ANN, NOW, hour) is None
    assert "Ann" not in str(said) and "ann@" not in str(said)
