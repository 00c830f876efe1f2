"""Whole requests from the command line, from their arrival to the letter, for every right.

After each: what the stores hold, of the person and of the others; what letter and receipt say.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from servanda.runtime.workspace import Workspace
from tests.cli.firm import ANN, BOB, CID, FLOOR, TRACES, YEAR, Firm, records, unpacked
from tests.plan.requests.reading import host

COMPLAIN = ("Complain to us: privacy@house.test", "you can complain to the Commissioner")


def test_a_copy_of_the_data(firm: Firm) -> None:
    ref = firm.decided("access", ANN, "--name", "Ann Lee")
    assert "7 records in 4 collections" in firm.ok("request", "find", ref).out
    wrong = firm("request", "act", ref, "--yes")
    assert (wrong.code, "changes nothing in stores" in wrong.err) == (2, True)
    made = firm.reply(ref)
    assert (made["letter"], made["finished"]) == ("access", True)
    members = unpacked(made)
    assert b"ann@example.test" in members["index.html"]
    assert [row["id"] for row in records(members, "crm.orders")] == [11, 12]
    for member in members.values():
        assert b"bob@example.test" not in member
        assert b"02890000003" not in member  # Cid, of the call that is his too
    assert "Dear Ann Lee," in made["said"]
    assert "a copy of your data" in made["said"]
    assert "tax law" in made["said"] and "Information Commissioner" in made["said"]
    assert made["passphrase"] not in made["said"]
    for path in firm.folder.rglob("*"):
        assert path.is_dir() or made["passphrase"].encode() not in path.read_bytes()
    stores = {each["store"]: each["done"] for each in firm.receipt(made)["stores"]}
    assert stores == {"crm": 3, "pbx": 2, "tapes": 2}
    assert firm.ok("request", "close", ref, "--json").json()["state"] == "closed"
    assert firm.verdicts()["rights.access"] == "kept"


def test_data_to_take_elsewhere(firm: Firm) -> None:
    """Only what rests on a contract or on consent; the rest is told."""
    made = firm.reply(firm.decided("portability", ANN))
    members = unpacked(made)
    assert [row["id"] for row in records(members, "crm.clients")] == [1]
    assert "data/pbx.calls.json" not in members
    beyond = made["said"].partition(": this right does not reach these")[0].rpartition("- ")[2]
    assert "Calls" in beyond and "Clients" not in beyond
    assert firm.receipt(made)["outcome"] == "portability"


def test_a_correction(firm: Firm) -> None:
    ref = firm.decided("correction", ANN, "--correct", "name=Anne")
    early = firm("request", "reply", ref)
    assert (early.code, f"servanda request act {ref}" in early.err) == (2, True)
    assert firm.act(ref)["complete"]
    assert firm.rows("SELECT name FROM clients ORDER BY id LIMIT 2") == [("Anne",), ("Bob",)]
    assert firm.rows("SELECT DISTINCT billed FROM orders") == [("Anne",), ("Bob",)]
    made = firm.reply(ref)
    assert "- name: Anne" in made["said"]
    assert "not finished" not in made["said"]
    assert (made["letter"], made["finished"]) == ("rectified", True)
    assert {each["state"] for each in firm.receipt(made)["stores"]} == {"done"}


def test_an_erasure_of_everything(firm: Firm) -> None:
    eve = ("--phone", "028 9000 0004")
    ref = firm.decided("deletion", eve)
    assert firm.act(ref)["kept"] == []
    made = firm.reply(ref)
    assert "We have erased all that we had of you: 1 record." in made["said"]
    assert firm.receipt(made)["finished"] is True
    assert firm.rows("SELECT id FROM clients") == [(1,), (2,), (3,), (5,)]
    assert firm.verdicts()["rights.erasure"] == "kept"


def test_an_erasure_that_a_law_and_others_limit(firm: Firm) -> None:
    ref = firm.decided("erasure", ANN)
    looked = firm.ok("request", "act", ref, "--plan")
    assert f"has to be kept until {YEAR + 4}-01-15 (tax law): billed" in looked.out
    assert len(firm.rows("SELECT id FROM clients")) == 5  # it was only looked at
    done = firm.act(ref)
    assert {each["reason"] for each in done["kept"]} == {"floor", "others"}
    assert not any(trace["found"] for trace in done["traces"])
    assert firm.rows("SELECT id, billed, note FROM orders") == [
        (11, "Ann", ""),
        (21, "Bob", "a chair"),
        (22, "Bob", "a table"),
    ]
    assert firm.rows("SELECT id, src FROM calls", "pbx") == [(2, ""), (3, "02890000002")]
    assert firm.tapes() == ["a2", "b1"]
    made = firm.reply(ref)
    assert "We have erased 6 records, and keep 3 records." in made["said"]
    assert (
        f"1 record, until {FLOOR}: Orders: we have to keep this for a time (tax law)"
        in made["said"]
    )
    assert all(each in made["said"] for each in COMPLAIN)
    kept = [line for each in firm.receipt(made)["stores"] for line in each["kept"]]
    assert [line["until"] for line in kept if line["until"]] == [f"{YEAR + 4}-01-15"]
    found = firm.verdicts()
    assert (found["rights.erasure"], found["requests.complaints"]) == ("kept", "kept")


def test_an_erasure_in_part(firm: Firm) -> None:
    ref = firm.new("erasure", BOB)
    firm.ok("request", "verify", ref, "--seen", "passport")
    silent = firm("request", "decide", ref, "--part", "--ground", "legal_claims")
    assert (silent.code, "--keep" in silent.err) == (2, True)
    part = firm.ok("request", "decide", ref, "--part", "--keep", "orders=legal_claims", "--json")
    assert part.json()["grounds"] == ["legal_claims"]
    firm.act(ref)
    assert firm.rows("SELECT count(*) FROM orders WHERE client = 2") == [(2,)]
    assert firm.rows("SELECT id FROM clients WHERE id < 3") == [(1,)]
    made = firm.reply(ref)
    assert "- 2 records: Orders: " in made["said"]
    assert "establish, exercise or defend legal claims" in made["said"]
    assert firm.verdicts()["requests.refusals"] == "kept"


def test_a_refusal(firm: Firm) -> None:
    ref = firm.new("erasure", CID)
    firm.ok("request", "decide", ref, "--refuse", "--ground", "identity_not_confirmed")
    acted = firm("request", "act", ref, "--yes")
    assert (acted.code, "only a decided one is acted on" in acted.err) == (2, True)
    made = firm.reply(ref, "--reason", "The number was another's.")
    assert made["letter"] == "refusal"
    assert "reasonable doubts about who asks" in made["said"]
    assert "(UK GDPR art. 12(6))" in made["said"]
    assert "The number was another's." in made["said"]
    assert all(each in made["said"] for each in (*COMPLAIN, "go to court"))
    assert firm.receipt(made)["outcome"] == "refused"
    assert firm.rows("SELECT name FROM clients WHERE id = 3") == [("Cid",)]
    assert firm.verdicts()["requests.refusals"] == "kept"


def test_a_restriction_until_it_is_lifted(firm: Firm) -> None:
    with closing(sqlite3.connect(firm.folder / "pbx.sqlite")) as db, db:
        db.execute("UPDATE calls SET made = '2015-01-01 10:00:00' WHERE id IN (2, 3)")
    ref = firm.decided("restriction", CID)
    made = firm.reply(ref)
    assert "Before we lift the restriction we tell you." in made["said"]
    firm.ok("run", "--once")
    # past its time are both, and only the other one's goes
    assert firm.rows("SELECT id FROM calls", "pbx") == [(1,), (2,)]
    early = firm("request", "lift", ref, "--reason", "over")
    assert (early.code, "told_before_lifting" in early.err) == (2, True)
    firm.ok("request", "event", ref, "told_before_lifting")
    firm.ok("request", "lift", ref, "--reason", "over")
    firm.ok("run", "--once")
    assert firm.rows("SELECT id FROM calls", "pbx") == [(1,)]


def test_an_objection_to_marketing_is_never_refused(firm: Firm) -> None:
    ref = firm.new("objection", BOB, "--purpose", "marketing")
    no = firm("request", "decide", ref, "--refuse", "--ground", "compelling_grounds")
    assert (no.code, "may not be refused" in no.err) == (2, True)
    firm.ok("request", "decide", ref, "--act")
    firm.act(ref)
    assert firm.rows("SELECT id, news FROM clients LIMIT 2") == [(1, "yes"), (2, "no")]
    made = firm.reply(ref)
    assert "no longer used for direct marketing" in made["said"]
    asked = firm("request", "suppressed", "--email", "BOB@example.test")
    assert (asked.code, "do not use" in asked.out) == (1, True)
    assert firm.ok("request", "suppressed", "--email", "ann@example.test").out
    with Workspace.open(firm.folder) as workspace:
        workspace.use_state()
        suppressed = workspace.desk.suppressed
        assert suppressed("email", "BOB@example.test", "marketing")
        assert not suppressed("email", "ann@example.test", "marketing")
    assert firm.verdicts()["rights.object"] == "kept"


def test_a_withdrawal_of_consent(firm: Firm) -> None:
    ref = firm.new("withdrawal", ANN, "--purpose", "marketing")
    firm.ok("request", "decide", ref, "--act")
    firm.act(ref)
    assert firm.rows("SELECT id, news FROM clients LIMIT 2") == [(1, "no"), (2, "yes")]
    made = firm.reply(ref)
    assert "Your consent to direct marketing has ended" in made["said"]
    assert made["finished"]


def test_a_complaint(firm: Firm) -> None:
    ref = firm.new("complaint", ANN, "--text", "You rang too often.")
    firm.ok("request", "event", ref, "acknowledged")
    firm.ok("request", "decide", ref, "--act")
    silent = firm("request", "reply", ref)
    assert (silent.code, "outcome" in silent.err) == (2, True)
    made = firm.reply(ref, "--outcome", "You are right; we stopped.")
    assert "You are right; we stopped." in made["said"]
    assert all(each in made["said"] for each in COMPLAIN)
    closed = firm.ok("request", "close", ref, "--outcome", "upheld", "--json").json()
    assert (closed["state"], closed["outcome"]) == ("closed", "upheld")
    assert firm.verdicts()["requests.complaints"] == "kept"


@pytest.mark.parametrize("right", ["access", "erasure"])
def test_somebody_of_whom_nothing_is_here(firm: Firm, right: str) -> None:
    ref = firm.decided(right, ("--email", "nobody@example.test"))
    if right == "erasure":
        assert firm.act(ref)["stores"] == []
    made = firm.reply(ref)
    assert made["letter"] == "nothing-found"
    assert "We searched: Clients and orders; Calls." in made["said"]
    assert made["package"] is None
    assert firm.receipt(made)["finished"] is True


def test_two_people_under_one_address(firm: Firm) -> None:
    ref = firm.decided("erasure", ("--email", "office@example.test"))
    assert "2 people of crm.clients share the same email" in firm.ok("request", "find", ref).out
    unclear = firm("request", "act", ref, "--yes")
    assert (unclear.code, f"request choose {ref}" in unclear.err) == (2, True)
    assert len(firm.rows("SELECT id FROM clients")) == 5
    firm.ok("request", "choose", ref, "crm.clients=4")
    firm.act(ref)
    assert firm.rows("SELECT name FROM clients") == [("Ann",), ("Bob",), ("Cid",), ("Fay",)]
    assert firm.reply(ref)["finished"]


def test_what_a_customer_instructs_is_done_among_its_records(firm: Firm) -> None:
    host(firm.folder)
    told = firm.ok("request", "new", "--right", "erasure", *ANN, "--tenant", "a", "--json").json()
    ref = told["request"]
    assert (told["state"], told["tenant"]) == ("routed", "a")
    early = firm("request", "reply", ref)
    assert (early.code, "the customer's to answer" in early.err) == (2, True)
    firm.ok("request", "event", ref, "customer_told")
    firm.ok("request", "event", ref, "instructed")
    firm.ok("request", "decide", ref, "--act")
    # her other records hold her number still: they are ours and another customer's to decide
    assert firm.act(ref)["complete"]
    assert firm.rows("SELECT id FROM calls", "pbx") == [(2,), (3,)]
    assert firm.rows("SELECT name FROM clients WHERE id = 1") == [("Ann",)]
    assert "all that we had of you for our customer Acme: 2 records." in firm.reply(ref)["said"]


def test_a_store_that_is_away_is_done_by_the_scheduled_run(firm: Firm) -> None:
    ref = firm.decided("erasure", ANN)
    (firm.folder / "tapes").rename(firm.folder / "away")
    acted = firm("request", "act", ref, "--yes", "--json")
    assert (acted.code, acted.json()["complete"]) == (3, False)
    first = firm.reply(ref)
    assert not first["finished"]
    assert "Calls: the system could not be reached" in first["said"]
    assert {e["store"]: e["state"] for e in firm.receipt(first)["stores"]}["tapes"] == "unreachable"
    assert firm("request", "show", ref, "--json").json()["state"] == "acting"
    (firm.folder / "away").rename(firm.folder / "tapes")
    firm.ok("run", "--once")
    assert firm.tapes() == ["a2", "b1"]
    assert firm("request", "show", ref, "--json").json()["state"] == "acted"
    last = firm.reply(ref)
    assert last["finished"]
    assert firm.receipt(last)["finished"] is True
    assert "could not be reached" not in last["said"]


def test_evidence_of_requests_names_nobody(firm: Firm) -> None:
    for right, who in (("erasure", ANN), ("correction", BOB)):
        ref = firm.decided(right, who, *(("--correct", "name=Bobby") if right != "erasure" else ()))
        firm.act(ref)
        firm.reply(ref)
    assert {"request.received", "request.decided", "request.acted", "request.replied"} <= {
        *firm.kinds()
    }
    bundle = firm.folder / "bundle.zip"
    firm.ok("evidence", "export", "-o", bundle)
    firm.ok("verify", bundle)
    state = [path for path in (firm.folder / ".servanda").rglob("*") if path.is_file()]
    for path in (bundle, *state):
        content = path.read_bytes()
        assert not [each for each in (*TRACES[:4], "Bobby") if each.encode() in content], path
