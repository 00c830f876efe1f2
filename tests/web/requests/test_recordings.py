"""Recordings: few may hear them, for a purpose, and each playback is on record before it begins."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache

from servanda.ledger import history
from servanda.runtime import recordings
from servanda.runtime.workspace import Workspace
from servanda.state.models import Read, Task
from tests.web.requests.conftest import ANN, BOB, Desk

A1 = b"a1" * 100


def players(page: str) -> list[str]:
    return re.findall(r'<audio [^>]*src="/console/([^"]+)"', page)


def for_request(lead: Desk, ref: int) -> list[str]:
    tree = lead.get(f"requests/{ref}/person/")
    found = []
    for branch in re.findall(r'/person/([0-9a-f]{16})/"', tree):
        found += players(lead.get(f"requests/{ref}/person/{branch}/"))
    return found


def played() -> int:
    return Read.objects.filter(what="recording played", refused="").count()


def heard(lead: Desk, path: str, **headers: str) -> bytes:
    answer = lead.client.get(f"/console/{path}", headers=headers)
    assert answer.status_code in (200, 206)
    return answer.getvalue()


def test_a_recording_is_played_and_on_record(site: Workspace, lead: Desk) -> None:
    ref = lead.new("access", ANN)
    first, second = for_request(lead, ref)
    assert "a1" not in first and ".wav" not in first and played() == 0
    answer = lead.client.get(f"/console/{first}")
    assert played() == 1  # before a byte is read
    assert answer.getvalue() == A1
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Content-Length"] == "200"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "media-src 'self'" in answer.headers["Content-Security-Policy"]
    assert heard(lead, second) == b"a2" * 100 and played() == 2
    newest = history.last("access.read")
    assert newest is not None and newest.data["what"] == "recording played"
    assert newest.data["scope"] == f"request:{ref}"


@pytest.mark.parametrize(
    ("asked", "content", "told"),
    [
        ("bytes=0-", A1, "bytes 0-199/200"),
        ("bytes=0-9", A1[:10], "bytes 0-9/200"),
        ("bytes=190-", A1[190:], "bytes 190-199/200"),
        ("bytes=-3", A1[-3:], "bytes 197-199/200"),
        ("bytes=150-9999", A1[150:], "bytes 150-199/200"),
    ],
)
def test_parts(site: Workspace, lead: Desk, asked: str, content: bytes, told: str) -> None:
    path = for_request(lead, lead.new("access", ANN))[0]
    answer = lead.client.get(
        f"/console/{path}", headers={"Range": asked, "Accept-Encoding": "gzip"}
    )
    assert answer.status_code == 206
    assert answer.getvalue() == content
    assert answer.headers["Content-Range"] == told
    assert answer.headers["Content-Length"] == str(len(content))
    assert played() == 1  # also where nobody heard its beginning


def test_parts_that_are_none(site: Workspace, lead: Desk) -> None:
    path = for_request(lead, lead.new("access", ANN))[0]
    assert lead.client.get(f"/console/{path}", headers={"Range": "bytes=200-"}).status_code == 416
    assert played() == 0
    for whole in ("bytes=5-1", "bytes=0-1,5-6", "nonsense"):
        status = lead.client.get(f"/console/{path}", headers={"Range": whole}).status_code
        assert status in (200, 416)


def test_a_playback_in_parts_is_one(site: Workspace, lead: Desk) -> None:
    path = for_request(lead, lead.new("access", ANN))[0]
    cache.clear()
    for asked in ("bytes=0-99", "bytes=100-149", "bytes=150-"):
        heard(lead, path, Range=asked)
    assert played() == 1
    heard(lead, path, Range="bytes=0-")
    assert played() == 2


def test_an_address_is_of_use_to_one_task_alone(
    site: Workspace, desk: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = desk("privacy_lead"), desk("owner")
    ref = one.new("access", ANN)
    path = for_request(one, ref)[0]
    assert heard(one, path) == A1
    other.states(f"request:{ref}")
    other.get(path, 404)
    one.states("recordings")
    token = path.partition("?t=")[2]
    one.get(f"recordings/play/?t={token}", 404)  # another scope is another task
    elsewhere = one.new("access", BOB)
    one.get(f"requests/{elsewhere}/play/?t={token}", 404)
    for wrong in ("", "x", token[:-1], "../../policy.yaml", f"{token}x"):
        one.get(f"requests/{ref}/play/?t={wrong}", 404)
    monkeypatch.setattr(recordings, "LASTS_S", -1)
    one.get(path, 404)
    assert played() == 1


def test_a_purpose_that_ends_ends_it(site: Workspace, lead: Desk) -> None:
    ref = lead.new("access", ANN)
    path = for_request(lead, ref)[0]
    for task in Task.objects.all():
        task.until -= timedelta(hours=2)
        task.save()
    answer = lead.client.get(f"/console/{path}")
    assert answer.status_code == 302 and "purpose" in answer.headers["Location"]
    assert played() == 0


def test_found_by_number(site: Workspace, lead: Desk) -> None:
    lead.states("recordings", "support")
    page = lead.post("recordings/", {"kind": "phone", "value": "+44 28 9000 0001"}, 200)
    paths = players(page)
    assert sorted(heard(lead, each) for each in paths) == [A1, b"a2" * 100]
    assert "No recording was found" in lead.post(
        "recordings/", {"kind": "phone", "value": "028 9000 0009"}, 200
    )
    lead.states("recordings", "billing")
    page = lead.post("recordings/", {"kind": "phone", "value": "02890000001"}, 200)
    assert players(page) == [] and "2 recordings withheld" in page
    assert played() == 2


def test_a_recording_that_went(site: Workspace, lead: Desk) -> None:
    path = for_request(lead, lead.new("access", ANN))[0]
    (site.folder / "tapes" / "a1.wav").unlink()
    lead.get(path, 404)
    shutil.rmtree(site.folder / "tapes")
    assert lead.client.get(f"/console/{path}").status_code in (404, 502, 503)
    assert played() == 0


def test_only_sound_is_served(site: Workspace, lead: Desk) -> None:
    """A mapping that takes in other files serves none of them."""
    stores = (site.folder / "stores.yaml").read_text()
    (site.folder / "stores.yaml").write_text(stores.replace('"{stem}.wav"', '"{stem}.html"'))
    (site.folder / "tapes" / "a1.wav").rename(site.folder / "tapes" / "a1.html")
    path = for_request(lead, lead.new("access", ANN))[0]
    lead.get(path, 404)
    assert played() == 0
