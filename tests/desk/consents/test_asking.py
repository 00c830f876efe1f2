"""The gate reads anew each time: a no counts in the next answer, whoever recorded it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servanda.desk.consents.asking import UNKNOWN, Gate, NoTerms, answers
from servanda.desk.consents.gate import Question
from servanda.kernel.errors import UsageError
from servanda.policy.rules import Policy
from servanda.state.models import Edition
from tests.desk.consents import world
from tests.desk.consents.world import JO, KIM, LEE, NOW, may, said, yes

NEWS = Question("marketing", "email")
_OTHER = """
import sys
from pathlib import Path
from servanda import state
from tests.desk.consents import world
state.setup(sys.argv[1])
world.said(world.book(Path(sys.argv[2])), choices=world.no("email"))
"""


def test_marks_are_those_of_the_desk(sqlite_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    gate = Gate(book)
    for kind, value in (
        ("email", JO),
        ("email", "Jo+List@Example.TEST"),
        ("email", '"Jo" <jo@exämple.test>'),
        ("phone", "028 9000 0001"),
    ):
        assert gate.mark_of(f"{kind}:{value}") == book.mark(kind, value)
    for none in ("", "email:", "email:nobody", "fax:1", JO):
        assert gate.mark_of(none) is None


def test_another_process_withdraws_and_the_next_answer_is_no(
    each_state: str, tmp_path: Path
) -> None:
    book = world.book(tmp_path)
    said(book, choices=yes("email"))
    said(book, KIM, choices=yes("email"))
    gate = Gate(book)
    assert gate.ask(f"email:{JO}", NEWS, NOW).may
    (tmp_path / "other").mkdir()
    subprocess.run(
        [sys.executable, "-c", _OTHER, each_state, str(tmp_path / "other")],
        check=True,
        env={"PYTHONPATH": "src:.", "PATH": ""},
    )
    assert gate.ask(f"email:{JO}", NEWS, NOW).detail == "withdrawn"
    assert gate.ask(f"email:{KIM}", NEWS, NOW).may


def test_an_objection_at_the_desk_counts_at_once(each_state: str, tmp_path: Path) -> None:
    desk = world.desk(tmp_path)
    gate = Gate(desk.book)
    for email in (JO, KIM, LEE):
        said(desk.book, email, choices=yes("email"))
    for right, email in (("object", JO), ("withdraw", KIM)):
        assert gate.ask(f"email:{email}", NEWS, NOW).may
        desk.new(
            right, [("email", email)], received=NOW.date(), via="mail", by="ann",
            purpose="marketing", now=NOW,
        )  # fmt: skip
        found = gate.ask(f"email:{email.upper()}", NEWS, NOW)
        assert (found.may, found.reason) == (False, "objection")
    assert gate.ask(f"email:{LEE}", NEWS, NOW).may
    listed = [f"email:{each}" for each in (JO, KIM, LEE)]
    assert [each.may for each in answers(gate.ask_all(listed, NEWS, NOW))] == [False, False, True]


def test_a_restriction_counts_at_once_and_ends(each_state: str, tmp_path: Path) -> None:
    from servanda.desk import holds

    book = world.book(tmp_path)
    gate = Gate(book)
    for email in (JO, KIM):
        said(book, email, choices=yes("email"))
    legal = holds.add_person(book.master, [("email", KIM)], reason="case", by="ann")
    held = holds.add_person(
        book.master, [("email", JO)], reason="restriction", by="ann", origin="request 1"
    )
    assert gate.ask(f"email:{JO}", NEWS, NOW).reason == "restriction"
    assert gate.ask(f"email:{KIM}", NEWS, NOW).may  # a legal hold keeps data; it forbids no use
    both = [f"email:{JO}", f"email:{KIM}"]
    assert [each.may for each in answers(gate.ask_all(both, NEWS, NOW))] == [False, True]
    holds.release(held, by="ann", reason="lifted", origin="request 1")
    assert gate.ask(f"email:{JO}", NEWS, NOW).may
    holds.release(legal, by="ann", reason="over")


def test_many_are_answered_as_one_is(each_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    said(book, JO, choices=yes("email"))
    said(book, KIM, choices=world.no("email"))
    said(book, LEE, choices=yes("sms"))
    subjects = [
        f"email:{JO}",
        "email:Kim@example.test",
        f"email:{LEE}",
        "email:x@y.test",
        "x",
        f"email:{JO}",
    ]
    gate = Gate(book)
    many = list(answers(gate.ask_all(subjects, NEWS, NOW)))
    assert many == [gate.ask(each, NEWS, NOW) for each in subjects]
    assert [each.may for each in many] == [True, False, False, False, False, True]
    assert many[4] is UNKNOWN


def test_a_consent_ends_on_its_day(sqlite_state: str, tmp_path: Path) -> None:
    book = world.book(tmp_path)
    said(book, choices=yes("email"))
    last = datetime(2028, 3, 19, 23, 59, tzinfo=UTC)
    assert may(book, now=last).may
    assert may(book, now=last + timedelta(minutes=2)).detail == "expired"


def test_terms_are_asked_whatever_the_policy_promises_now(
    sqlite_state: str, tmp_path: Path
) -> None:
    class Fourth:
        def needs_acceptance(
            self, purpose: str, now: datetime, policy: Policy | None = None
        ) -> int | None:
            assert policy is not None, "what is only written counts for nobody"
            return 4 if purpose == "billing" else None

    more = "changes: {consent: true}\n"
    book, plain = world.book(tmp_path, more=more), world.book(tmp_path)
    billing = Question("billing")
    assert Gate(book, Fourth()).ask(f"email:{JO}", billing, NOW).reason == "terms"
    assert Gate(plain, Fourth()).ask(f"email:{JO}", billing, NOW).reason == "terms", "it did once"
    assert Gate(plain, NoTerms()).ask(f"email:{JO}", billing, NOW).may
    assert Gate(book, NoTerms()).ask(f"email:{JO}", billing, NOW).may
    with pytest.raises(UsageError, match="asks nobody"):
        said(book, choices={"terms": {"": True}}, now=NOW)
    for number in (3, 4):
        Edition.objects.create(
            number=number, published_at=NOW, binds_at=NOW, material=True, asks=True
        )
    said(book, choices={"terms": {"": True}}, now=NOW)  # the edition is 3
    assert not Gate(book, Fourth()).ask(f"email:{JO}", billing, NOW).may
    from servanda.desk.consents import Act, person, record

    record(book, Act(person(("email", JO)), {"terms": {"": True}}, "form", edition=4), now=NOW)
    assert Gate(book, Fourth()).ask(f"email:{JO}", billing, NOW).may
    assert Gate(book, Fourth()).ask(f"email:{KIM}", billing, NOW).reason == "terms"
