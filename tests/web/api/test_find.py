"""A person found without a request, through the API: for a purpose, on record, counts alone."""

from __future__ import annotations

from servanda.runtime.workspace import Workspace
from servanda.state.models import Read
from tests.web.api.conftest import Call, Token

ANN = [{"kind": "email", "value": "ann@example.test"}, {"kind": "phone", "value": "02890000001"}]
BOB = [{"kind": "email", "value": "bob@example.test"}, {"kind": "phone", "value": "02890000002"}]


def test_what_lies_where(call: Call, site: Workspace) -> None:
    told = call("POST", "/find", {"identities": ANN})
    ann, bob = told.json(), call("POST", "/find", {"identities": BOB}).json()
    assert told.status_code == 200 and ann["complete"] and ann["left_out"] == 0
    assert ann["records"] == sum(each["count"] for each in ann["branches"]) == 7
    assert ann["withheld"] == 0 and ann["pending"] == [] and "tapes.wav" in ann["searched"]
    assert bob["records"] == sum(each["count"] for each in bob["branches"]) > 0
    for each in "ann@", "Ann", "90000001", "a desk":
        assert each not in told.content.decode()
    reads = list(Read.objects.values_list("scope", "refused"))
    assert reads == [("find", ""), ("find", "")]


def test_beyond_the_purpose_it_is_counted(call: Call, site: Workspace) -> None:
    found = call("POST", "/find", {"identities": ANN}, **{"X-Purpose": "billing"}).json()
    assert found["withheld"] == 5
    assert sum(e["count"] for e in found["branches"] if not e["shown"]) == 5


def test_who_may_not_and_what_is_wrong(call: Call, token: Token, site: Workspace) -> None:
    body = {"identities": ANN}
    assert call("POST", "/find", body, secret=token("request")).status_code == 403
    assert call("POST", "/find", body, **{"X-Purpose": ""}).status_code == 403
    assert not Read.objects.filter(refused="").exists()
    assert call("POST", "/find", {"identities": []}).status_code == 422
    assert call("POST", "/find", {"identities": ANN * 26}).status_code == 422
    nobody = [{"kind": "email", "value": "nobody at all"}]
    told = call("POST", "/find", {"identities": nobody})
    assert told.status_code == 400 and "nobody at all" not in told.content.decode()
    assert call("POST", "/find", {**body, "tenant": "no such"}).status_code == 400
    other = [{"kind": "shoe size", "value": "4"}]
    assert call("POST", "/find", {"identities": other}).status_code == 400
