"""Requests through the API, from arrival to answer; nothing of a neighbour is touched."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from servanda.runtime import hub, jobs
from servanda.runtime.workspace import Workspace
from servanda.state.models import Challenge, Job, Read
from servanda.web.models import Member
from tests.apply.requests.house import rows
from tests.web.api.conftest import Call
from tests.web.api.conftest import Token as Make
from tests.web.api.world import ANN, BOB, PEOPLE, filled, opened

CLIENTS = "SELECT id FROM clients WHERE id < 4 ORDER BY id"


def _pairs(who: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"kind": kind, "value": value} for kind, value in who]


def _new(call: Call, right: str, who: tuple[tuple[str, str], ...], **more: Any) -> str:
    told = call(
        "POST",
        "/requests",
        {"right": right, "identities": _pairs(who), "place": "GB", "via": "post", **more},
    )
    assert told.status_code == 201, told.content
    return str(told.json()["ref"])


def _work(site: Workspace) -> Job:
    assert jobs.work(hub.workspace(), threading.Event())
    found = Job.objects.order_by("-id").first()
    assert found is not None
    return found


def test_an_erasure_from_arrival_to_answer(call: Call, site: Workspace) -> None:
    ref = _new(call, "erasure", ANN)
    other = _new(call, "erasure", BOB)
    assert rows(site.folder, "crm", CLIENTS) == [(1,), (2,), (3,)]
    at = f"/requests/{ref}"
    assert call("POST", f"{at}/act", {"expect": 1}).status_code == 409  # not decided
    told = call("POST", f"{at}/verify/seen", {"document": "passport"})
    assert told.json()["state"] == "verified"
    assert call("GET", f"{at}/grounds").json()["grounds"]
    assert call("POST", f"{at}/decide", {"decision": "act"}).json()["state"] == "decided"
    preview = call("GET", f"{at}/preview").json()
    assert preview["count"] > 0
    wrong = call("POST", f"{at}/act", {"expect": preview["count"] + 1})
    assert wrong.status_code == 202
    assert _work(site).state == "failed"
    assert rows(site.folder, "crm", CLIENTS) == [(1,), (2,), (3,)]
    assert call("POST", f"{at}/act", {"expect": preview["count"]}).status_code == 202
    assert _work(site).state == "done"
    assert rows(site.folder, "crm", CLIENTS) == [(2,), (3,)]
    assert call("GET", f"/requests/{other}").json()["state"] == "received"
    shown = call("POST", f"{at}/answer/preview", {})
    assert shown.json()["kind"] == "erasure" and shown.json()["records"] is None
    answer = call("POST", f"{at}/answer", {}, **{"Idempotency-Key": "k"})
    assert answer.json()["state"] == "replied", answer.content
    again = call("POST", f"{at}/answer", {}, **{"Idempotency-Key": "k"})
    assert again.json() == answer.json() and again.headers["Idempotent-Replay"] == "true"
    assert call("POST", f"{at}/answer", {}).status_code == 409
    names = call("GET", f"{at}/files").json()["files"]
    assert names
    file = call("GET", f"{at}/files/{names[0]}")
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert "attachment" in file.headers["Content-Disposition"]
    assert call("GET", f"{at}/files/..%2F..%2Fservanda.toml").status_code == 404
    assert [each["kind"] for each in call("GET", f"{at}/letters").json()] == ["reply"]
    sent = call("POST", f"{at}/answer/send", {"to": "stranger@example.test"})
    assert sent.status_code == 400
    assert call("POST", f"{at}/answer/send", {"to": "ann@example.test"}).status_code == 200
    assert call("POST", f"{at}/close", {}).json()["state"] == "closed"


def test_data_is_given_as_a_package(call: Call, site: Workspace) -> None:
    ref = _new(call, "access", ANN)
    at = f"/requests/{ref}"
    assert call("GET", f"{at}/package").status_code == 404
    call("POST", f"{at}/verify/seen", {"document": "passport"})
    call("POST", f"{at}/decide", {"decision": "act"})
    answer = call("POST", f"{at}/answer", {})
    assert answer.json()["passphrase"] and answer.json()["package_until"]
    package = call("GET", f"{at}/package")
    assert b"".join(package.streaming_content)[:2] == b"PK"
    assert rows(site.folder, "crm", CLIENTS) == [(1,), (2,), (3,)]


def test_a_purpose_that_does_not_cover_records_shows_none(call: Call, site: Workspace) -> None:
    ref = opened(site, ANN)
    told = call("GET", f"/requests/{ref}/person", **{"X-Purpose": "billing"}).json()
    by = {each["collection"]: each for each in told["branches"]}
    assert by["crm.orders"]["shown"] and not by["crm.clients"]["shown"] and told["withheld"]
    at = f"/requests/{ref}/person/branches"
    shown = call("GET", f"{at}/{by['crm.orders']['id']}", **{"X-Purpose": "billing"})
    assert shown.status_code == 200 and shown.json()["records"]
    kept = call("GET", f"{at}/{by['crm.clients']['id']}", **{"X-Purpose": "billing"})
    assert kept.status_code == 403 and "ann@" not in kept.content.decode()
    assert Read.objects.exclude(refused="").get().purpose == "billing"
    all_ = call("GET", f"{at}/{by['crm.clients']['id']}")
    assert "ann@example.test" in all_.content.decode()


def test_a_shared_address_is_told_apart(call: Call, site: Workspace) -> None:
    ref = opened(site, (("email", "office@example.test"),))
    found = call("GET", f"/requests/{ref}/person").json()["candidates"]
    assert len(found) == 2
    told = call("POST", f"/requests/{ref}/person/choose", {"marks": ["nothing"]})
    assert told.status_code == 400
    call("POST", f"/requests/{ref}/person/choose", {"marks": [found[0]["mark"]]})
    assert call("GET", f"/requests/{ref}/person").json()["candidates"] == []


def test_a_wrong_code_is_counted(call: Call, site: Workspace) -> None:
    ref = opened(site, (("email", "ann@example.test"),))
    assert call("POST", f"/requests/{ref}/verify/send-code", {}).json()["state"] == "waiting"
    before = Challenge.objects.get().tries_left
    for n in (1, 2):
        told = call("POST", f"/requests/{ref}/verify/code", {"code": "AAAAA-AAAAA"})
        assert told.status_code == 400
        assert Challenge.objects.get().tries_left == before - n


def test_the_queue_names_nobody(call: Call, site: Workspace) -> None:
    filled(site)
    for path in ("/requests", "/requests/counts", "/enquiries", "/holds", "/access-log"):
        told = call("GET", path).content.decode()
        assert not [each for each in PEOPLE if each in told], path
    assert len(call("GET", "/requests").json()["requests"]) == 2
    first = call("GET", "/requests?limit=1").json()
    then = call("GET", f"/requests?limit=1&after={first['after']}").json()
    assert first["requests"][0]["ref"] != then["requests"][0]["ref"] and not then["after"]


def test_steps_before_the_decision(call: Call, site: Workspace) -> None:
    ref = opened(site, ANN)
    at = f"/requests/{ref}"
    assert call("POST", f"{at}/edit", {"name": "Ann Lee"}).status_code == 200
    assert call("GET", at).json()["name"] == "Ann Lee"
    assert call("POST", f"{at}/verify/doubt", {"note": "the name differs"}).status_code == 200
    told = call("POST", f"{at}/letters/preview", {"kind": "identity"})
    assert told.status_code in (200, 400)
    assert call("POST", f"{at}/events", {"kind": "nothing"}).status_code == 400
    assert call("POST", f"{at}/cancel").json()["state"] == "cancelled"
    assert call("GET", f"{at}").json()["events"]
    assert call("POST", f"{at}/decide", {"decision": "act"}).status_code == 400


@pytest.fixture
def four_eyes(site: Workspace) -> Workspace:
    (site.folder / "servanda.toml").write_text("[web]\nfour_eyes = true\n")
    found = hub.workspace()
    assert found.settings.web.four_eyes
    return found


def test_four_eyes_see_the_person_behind_a_token(
    call: Call, token: Make, four_eyes: Workspace, owner: Member
) -> None:
    """Two tokens of one person are one person, and so are the person and their token."""
    site = four_eyes
    other = Member.objects.create_user("second@firm.test", None, name="Second", role="owner")
    first, second, third = token(), token(), token(of=other)
    by_token, by_hand = opened(site, ANN), opened(site, BOB)
    for ref in (by_token, by_hand):
        call("POST", f"/requests/{ref}/verify/seen", {"document": "passport"}, secret=first)
    call("POST", f"/requests/{by_token}/decide", {"decision": "act"}, secret=first)
    site.desk.decide(str(by_hand), "act", by=owner.by)
    for ref in (by_token, by_hand):
        count = call("GET", f"/requests/{ref}/preview", secret=first).json()["count"]
        for secret in (first, second):
            told = call("POST", f"/requests/{ref}/act", {"expect": count}, secret=secret)
            assert told.status_code == 409 and "somebody else" in told.json()["error"]
        assert not Job.objects.filter(about=f"request:{ref}").exists()
    from servanda.kernel.errors import UsageError
    from servanda.runtime import deeds

    with pytest.raises(UsageError):  # in the console, what their own program decided
        deeds.ask(site, str(by_token), 1, by=owner.by)
    count = call("GET", f"/requests/{by_token}/preview", secret=third).json()["count"]
    told = call("POST", f"/requests/{by_token}/act", {"expect": count}, secret=third)
    assert told.status_code == 202
    assert _work(site).state == "done"
    assert rows(site.folder, "crm", CLIENTS) == [(2,), (3,)]
