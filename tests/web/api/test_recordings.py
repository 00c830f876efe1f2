"""Recordings through the API: found under a purpose, heard on record, by nobody else's token."""

from __future__ import annotations

from servanda.runtime.workspace import Workspace
from servanda.state.models import Read
from tests.web.api.conftest import Call, Token

ANN = {"kind": "phone", "value": "028 9000 0001"}
PURPOSE = {"X-Purpose": "rights"}


def played() -> int:
    return Read.objects.filter(what="recording played", refused="").count()


def test_a_recording_is_found_and_heard(call: Call, token: Token, site: Workspace) -> None:
    nothing = {"X-Purpose": ""}  # for what?
    assert call("POST", "/recordings/search", ANN, **nothing).status_code == 403
    found = call("POST", "/recordings/search", ANN, **PURPOSE).json()
    assert len(found["recordings"]) == 2 and found["withheld"] == 0
    first = found["recordings"][0]["token"]
    heard = call("GET", f"/recordings/play?token={first}", **PURPOSE)
    assert heard.headers["Content-Type"] == "audio/wav"
    assert heard.getvalue() and played() == 1
    part = call("GET", f"/recordings/play?token={first}", Range="bytes=10-19", **PURPOSE)
    assert part.status_code == 206 and len(part.getvalue()) == 10
    assert call("GET", "/recordings/play?token=x", **PURPOSE).status_code == 404
    theirs = token("recordings")  # another program: the token of the recording is of no use to it
    other = call("GET", f"/recordings/play?token={first}", secret=theirs, **PURPOSE)
    assert other.status_code == 404
    without = token("request")
    assert call("POST", "/recordings/search", ANN, secret=without, **PURPOSE).status_code == 403


def test_what_the_purpose_does_not_cover_is_withheld(call: Call, site: Workspace) -> None:
    found = call("POST", "/recordings/search", ANN, **{"X-Purpose": "billing"}).json()
    assert found["recordings"] == [] and found["withheld"] == 2
