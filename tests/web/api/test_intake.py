"""The gate for other programs: what is taken carries a receipt, what is refused leaves nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from servanda.desk.consents.gate import Question
from servanda.desk.intake import counts, receipts
from servanda.ledger import history
from servanda.runtime import consents, hub
from servanda.runtime.workspace import Workspace
from servanda.state.models import Answered, ConsentRecord, IntakeConsent, Leaf, Request
from tests.desk.intake_world import POLICY
from tests.web.api.conftest import Call, Token

CARD = "4111 1111 1111 1111"
NOTICE = sha256(b"I agree that you note my allergies.").hexdigest()
ANN = {"name": "Ann", "email": "ann@example.test", "message": "Hello"}
BOB = {"name": "Bob", "email": "bob@example.test"}


@pytest.fixture
def gate(site: Workspace) -> Workspace:
    """The firm's policy with activities and forms of the gate's tests."""
    path = site.folder / "policy.yaml"
    text = path.read_text()
    activities = POLICY.split("activities:\n")[1].split("consents:\n")[0]
    rest = POLICY.split("consents:\n")[1]
    if "consents:\n" in text:
        text = text.replace("consents:\n", "consents:\n" + rest.split("children:")[0])
        rest = "children:" + rest.split("children:")[1]
    else:
        rest = "consents:\n" + rest
    path.write_text(text.replace("activities:\n", "activities:\n" + activities) + rest)
    found = hub.workspace()
    assert found.policy.form("contact") is not None, hub.fault()
    return found


def everything(site: Workspace) -> str:
    """What the state keeps outside sealed answers: the ledger, and every file of the database."""
    leaves = "".join(bytes(leaf.entry).decode() for leaf in Leaf.objects.all())
    files = b"".join(
        p.read_bytes() for p in Path(site.folder, ".servanda").iterdir() if p.is_file()
    )
    return leaves + files.decode("latin-1")


def test_what_is_declared_is_taken_with_a_receipt(call: Call, gate: Workspace) -> None:
    told = call("GET", "/intake").json()
    assert [each["id"] for each in told["forms"]] == ["contact", "visit", "leads", "club"]
    found = call("POST", "/intake/contact", {"fields": ANN})
    assert found.status_code == 200
    assert found.json()["accepted"] is True
    now, hour = datetime.now(UTC), timedelta(hours=1)
    receipt = found.json()["receipt"]
    said = receipts.verified(told["key"], receipt, ANN, now, hour)
    assert said is not None and said["form"] == "contact"
    assert receipts.verified(told["key"], receipt, BOB, now, hour) is None
    kept = everything(gate)
    assert "ann@example.test" not in kept and receipt not in kept, "the gate keeps nothing"


@pytest.mark.parametrize(
    ("form", "body", "refused"),
    [
        ("contact", {"fields": {**ANN, "religion": "atheist"}}, [("undeclared", "religion")]),
        ("contact", {"fields": {**ANN, "message": f"it is {CARD}"}}, [("card", "message")]),
        ("contact", {"fields": {"name": "Ann"}}, [("missing", "email")]),
        ("visit", {"fields": {**BOB, "allergies": "nuts"}}, [("sensitive", "allergies")]),
        ("club", {"fields": BOB, "age": 9}, [("age", "")]),
        ("club", {"fields": BOB, "born": "2020-01-01"}, [("age", "")]),
        ("leads", {"fields": BOB}, [("source", "source"), ("source", "basis")]),
        ("leads", {"fields": BOB, "source": CARD, "basis": "consent"}, [("card", "source")]),
    ],
)
def test_what_is_refused_says_where_and_never_what(
    call: Call, gate: Workspace, form: str, body: dict[str, Any], refused: list[tuple[str, str]]
) -> None:
    found = call("POST", f"/intake/{form}", body)
    assert found.status_code == 422
    told = found.json()
    assert [(each["kind"], each["field"]) for each in told["refused"]] == refused
    assert not told["accepted"] and all(each["next"] for each in told["refused"])
    for piece in ("atheist", "4111", "1111", "nuts", "bob@"):
        assert piece not in found.content.decode()
        assert piece not in everything(gate)
    assert counts.totals() == {form: dict.fromkeys({kind for kind, _ in refused}, 1)}


def test_unknown_forms_and_bodies(call: Call, gate: Workspace, token: Token) -> None:
    assert call("POST", "/intake/contakt", {"fields": ANN}).status_code == 404
    assert (
        call("POST", "/intake/contakt/records", {"records": [{"fields": ANN}]}).status_code == 404
    )
    assert counts.totals() == {"": {"unknown": 2}}
    bodies: list[dict[str, Any]] = [
        {},
        {"fields": []},
        {"fields": ANN, "more": 1},
        {"fields": ANN, "age": -1},
    ]
    for body in bodies:
        assert call("POST", "/intake/contact", body).status_code == 422
    assert (
        call("POST", "/intake/contact", {"fields": ANN}, secret=token("board")).status_code == 403
    )
    assert call("POST", "/intake/contact", {"fields": ANN}, Authorization="").status_code == 401
    assert "taken" not in str(counts.totals())


def test_many_at_once_each_by_itself(call: Call, gate: Workspace) -> None:
    rows = [{"fields": ANN}, {"fields": {**ANN, "message": CARD}}, {"fields": {**BOB, "x": 1}}]
    found = call("POST", "/intake/contact/records", {"records": [*rows, {"fields": BOB}]}).json()
    assert (found["accepted"], found["refused"]) == (2, 2)
    assert [each["accepted"] for each in found["records"]] == [True, False, False, True]
    assert [r["field"] for each in found["records"] for r in each["refused"]] == ["message", "x"]
    assert len({each["receipt"] for each in found["records"]}) == 3
    assert counts.totals() == {"contact": {"taken": 2, "card": 1, "undeclared": 1}}
    many = {"records": [{"fields": BOB}] * 1001}
    assert call("POST", "/intake/contact/records", many).status_code == 422


def test_the_same_call_again_is_counted_once(call: Call, gate: Workspace) -> None:
    for _ in range(3):
        found = call("POST", "/intake/contact", {"fields": ANN}, **{"Idempotency-Key": "k1"})
        assert found.status_code == 200
        refused = call("POST", "/intake/contact", {"fields": {}}, **{"Idempotency-Key": "k2"})
        assert refused.status_code == 422
    assert counts.totals() == {"contact": {"taken": 1, "missing": 1}}
    assert all(b"Ann" not in bytes(row.answer) for row in Answered.objects.all())


def test_explicit_consent_is_on_record(call: Call, gate: Workspace) -> None:
    body = {
        "fields": {**BOB, "allergies": "nuts"},
        "consent": {"purpose": "support", "notice": NOTICE, "language": "en"},
    }
    found = call("POST", "/intake/visit", body)
    kept = ConsentRecord.objects.get()
    assert found.json()["consent"] == kept.id
    assert [(row.form, row.record) for row in IntakeConsent.objects.all()] == [("visit", kept.id)]
    assert consents.gate(gate).ask("email:bob@example.test", Question("support", "")).may
    assert not consents.gate(gate).ask("email:ann@example.test", Question("support", "")).may
    entry = history.last("consent.recorded")
    assert entry is not None and b"bob@" not in entry.raw


def test_no_other_call_takes_a_card_number_either(call: Call, site: Workspace) -> None:
    told = {
        "right": "erasure",
        "via": "phone",
        "received": site.desk.book.today().isoformat(),
        "identities": [{"kind": "email", "value": "ann@example.test"}],
    }
    fine = call("POST", "/requests", {**told, "text": "Order 4111 1111 1111 1112"})
    assert fine.status_code in (200, 201), fine.content
    found = call("POST", "/requests", {**told, "text": f"Paid with {CARD}"})
    assert found.status_code == 422
    assert "text" in found.json()["error"] and "payment card" in found.json()["error"]
    assert "4111" not in found.content.decode()
    assert Request.objects.count() == 1
    assert counts.totals() == {"api": {"card": 1}}
