"""Holds, callers, incidents, evidence, stores, map and settings through the API."""

from __future__ import annotations

import threading
from pathlib import Path

from servanda.ledger.verify import inclusion
from servanda.runtime import hub, jobs
from servanda.runtime.workspace import Workspace
from servanda.state.models import CallerCheck, Contact, Hold, Read
from tests.web.api.conftest import Call, Token
from tests.web.api.world import filled


def test_holds_are_set_and_released(call: Call, site: Workspace) -> None:
    who = [{"kind": "email", "value": "ann@example.test"}]
    told = call("POST", "/holds", {"reason": "a case", "identities": who})
    assert told.status_code == 201
    id_ = told.json()["id"]
    (gap,) = told.json()["not_searched"]  # calls know people by number alone
    assert (gap["collections"], gap["kinds"]) == (["pbx.calls", "tapes.wav"], ["phone"])
    assert [each["not_searched"] for each in call("GET", "/holds").json()] == [[gap]]
    record = {"reason": "b", "collection": "crm.clients", "key": ["2"]}
    other = call("POST", "/holds", record).json()["id"]
    both = {**record, "identities": who}
    assert call("POST", "/holds", both).status_code == 400
    shown = call("GET", f"/holds/{id_}").json()
    assert shown["identities"] == [["email", "ann@example.test"]]
    assert shown["covers"]["counts"]["crm.clients"] == 1
    assert shown["not_searched"] == [gap]
    assert call("POST", f"/holds/{id_}/release", {"reason": "it is over"}).status_code == 200
    assert call("POST", f"/holds/{id_}/release", {"reason": "again"}).status_code == 409
    assert Hold.objects.get(id=other).released_at is None
    assert [each["id"] for each in call("GET", "/holds").json()] == [other]


def test_a_caller_is_checked_before_anything_is_told(call: Call, site: Workspace) -> None:
    there = filled(site)
    at = f"/customers/{there.customer}"
    listed = call("GET", f"{at}/speakers").json()
    assert listed["speakers"][0]["phone"] == "••• 055" and listed["verified_until"] is None
    assert call("GET", f"{at}/data").status_code == 409
    assert Read.objects.exclude(refused="").count() == 1
    asked = {"contact": there.contact, "word": "wrong word"}
    assert call("POST", f"{at}/check/codeword", asked).json() == {"verified": False}
    assert call("GET", f"{at}/data").status_code == 409
    asked["word"] = "Green  LANTERN"
    assert call("POST", f"{at}/check/codeword", asked).json() == {"verified": True}
    assert call("GET", f"{at}/data").status_code == 200
    assert call("POST", f"{at}/check/unknown").json() == {"verified": False}
    assert call("GET", f"{at}/data").status_code == 409
    assert CallerCheck.objects.count() == 3
    assert call("GET", "/callers").json()["refused"] == 2


def test_contacts_are_added_changed_and_removed(call: Call, site: Workspace) -> None:
    customer = call("POST", "/customers", {"name": "Harbour Ltd"}).json()["id"]
    at = f"/customers/{customer}/contacts"
    first, second = (
        call("POST", at, {"name": name, "phone": f"028 9000 00{n}"}).json()["id"]
        for name, n in (("Carol", 55), ("Dan", 56))
    )
    assert call("POST", f"{at}/{first}", {"email": "carol@harbour.test"}).status_code == 200
    shown = {each["id"]: each for each in call("GET", at).json()}
    assert shown[first]["email"] == "carol@harbour.test" and shown[first]["name"] == "Carol"
    elsewhere = call("POST", "/customers", {"name": "Other Ltd"}).json()["id"]
    assert call("POST", f"/customers/{elsewhere}/contacts/{first}/remove").status_code == 404
    assert call("POST", f"{at}/{first}/remove").status_code == 200
    assert bytes(Contact.objects.get(pk=first).data) == b""
    assert bytes(Contact.objects.get(pk=second).data) != b""
    assert [each["id"] for each in call("GET", at).json()] == [second]


def test_incidents(call: Call, token: Token, site: Workspace) -> None:
    told = {
        "kind": "loss",
        "severity": "high",
        "personal": True,
        "noticed_at": "2026-01-02T10:00:00",
        "summary": "A laptop was left in a train.",
    }
    id_ = call("POST", "/incidents", told).json()["id"]
    shown = call("GET", f"/incidents/{id_}").json()
    assert shown["dues"] and shown["answered_at"] is None
    only = token("incidents")  # an auditor's: what people wrote may name somebody
    assert shown["summary"]
    assert call("GET", f"/incidents/{id_}", secret=only).json()["summary"] == ""
    assert call("GET", "/incidents", secret=only).json()[0]["summary"] == ""
    call("POST", f"/incidents/{id_}/events", {"event": "investigating"})
    assert call("GET", f"/incidents/{id_}").json()["answered_at"]
    end = {"outcome": "resolved", "note": "It was found, locked."}
    assert call("POST", f"/incidents/{id_}/close", end).status_code == 200
    assert call("POST", f"/incidents/{id_}/close", end).status_code == 400
    assert call("GET", "/incidents").json() == []
    before_time = {**told, "noticed_at": "0001-01-01T00:00:00+23:00"}
    assert call("POST", "/incidents", before_time).status_code == 422


def test_evidence_is_found_and_proven(call: Call, site: Workspace, tmp_path: Path) -> None:
    filled(site)
    found = call("GET", "/evidence?kind=hold.added").json()
    (entry,) = found["entries"]
    at = f"/evidence/entries/{entry['index']}"
    assert call("GET", at).json()["data"]["kind"] == "hold.added"
    vkey = call("GET", "/evidence/key").json()["vkey"]
    proof = call("GET", f"{at}/proof").content
    (tmp_path / "proof.json").write_bytes(proof)
    assert inclusion.verify_proof(tmp_path / "proof.json", vkey).ok
    size = call("GET", "/evidence/checkpoints").json()[0]["size"]
    note = call("GET", f"/evidence/checkpoints/{size}")
    assert note.headers["Content-Type"].startswith("text/plain")
    assert call("GET", f"/evidence/consistency/{size}/{size}").status_code == 200
    assert call("GET", "/evidence/entries/99999999").status_code == 404
    assert call("GET", "/evidence/bundle").status_code == 404
    assert call("POST", "/evidence/bundle", {"manifests": False}).status_code == 202
    assert jobs.work(hub.workspace(), threading.Event())
    name = call("GET", "/evidence/bundle").json()["told"]["file"]
    bundle = call("GET", f"/evidence/bundle/{name}")
    assert b"".join(bundle.streaming_content)[:2] == b"PK"
    assert call("GET", "/evidence/bundle/..%2F..%2Fmaster.key").status_code == 404
    assert call("GET", "/replays").json() == []


def test_stores_and_map(call: Call, site: Workspace) -> None:
    assert [each["name"] for each in call("GET", "/stores").json()] == ["crm", "pbx", "tapes"]
    assert call("POST", "/stores/look").status_code == 202
    assert jobs.work(hub.workspace(), threading.Event())
    assert call("GET", "/stores/of/crm").json()["answers"] is True
    assert call("GET", "/stores/of/nothing").status_code == 404
    found = call("GET", "/map").json()
    assert {each["id"] for each in found["activities"]} == {"clients", "orders", "calls"}


def test_settings_are_checked_and_saved_on_top_of_what_was_seen(
    call: Call, site: Workspace
) -> None:
    there = call("GET", "/settings/policy.yaml").json()
    text = there["text"].replace("House Ltd", "Home Ltd")
    draft = call("POST", "/settings/policy.yaml/check", {"text": text}).json()
    assert draft["sound"] and any("Home Ltd" in each for each in draft["diff"])
    broken = call("POST", "/settings/policy.yaml/check", {"text": "servanda: 1\n"}).json()
    assert not broken["sound"] and broken["findings"]
    assert call("GET", "/settings/policy.yaml").json()["text"] == there["text"]
    save = {"text": text, "base": "0" * 64}
    assert call("POST", "/settings/policy.yaml", save).status_code == 409
    bad = {"text": "servanda: 1\n", "base": there["digest"]}
    assert call("POST", "/settings/policy.yaml", bad).status_code == 400
    told = call("POST", "/settings/policy.yaml", {**save, "base": there["digest"], "note": "moved"})
    assert told.status_code == 201 and told.json()["by"].startswith("token ")
    assert call("GET", "/map").json()["organisation"] == "Home Ltd"
    (newest, *_) = call("GET", "/settings/policy.yaml/versions").json()
    shown = call("GET", f"/settings/policy.yaml/versions/{newest['digest']}").json()
    assert shown["text"] == text
    assert call("GET", "/settings/servanda.toml").status_code == 404
