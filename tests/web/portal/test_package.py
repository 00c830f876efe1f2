"""From the form to the download, and to nothing being left: access and erasure, whole."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pyzipper

from servanda.runtime import answering, requests
from servanda.runtime.workspace import Workspace
from servanda.state.models import PortalParcel
from tests.apply.requests.house import rows, tapes
from tests.web.portal.visitor import Visitor

Made = Callable[..., Visitor]
ANN, BOB = "ann@example.test", "bob@example.test"


def answered(site: Workspace, ref: str) -> answering.Answer:
    """What staff does with it."""
    site.desk.decide(ref, "act", by="member 1")
    with requests.acting(site) as actor:
        if site.desk.get(ref).right in requests.IN_STORES:
            requests.act(site, requests.plan(site, [site.desk.get(ref)], actor), actor)
        folder = site.folder / "replies" / ref
        return answering.reply(site, ref, actor, answering.Words(), folder, by="member 1")


def passphrase(page: str) -> str:
    return page.partition('id="passphrase">')[2].partition("<")[0]


def test_access_from_the_form_to_the_download(site: Workspace, visitor: Made) -> None:
    ann, bob = visitor(), visitor()
    follow = ann.request("access", ANN)
    his = bob.request("access", BOB)
    made = answered(site, "1")
    answered(site, "2")
    letter = Path(made.letter).read_text()
    assert "after a code that we mail you" in " ".join(letter.split())

    assert "Fetch my data" in ann.get(follow)
    page = ann.prove(follow, ANN, "portal-package")
    assert "can be fetched once" in page and not passphrase(page)
    early = ann.client.post(f"{follow}package/", {"fetch": "1"})
    assert early["Content-Type"].startswith("text/html")  # not before the passphrase was seen
    page = ann.post(f"{follow}package/", show="1")
    secret = passphrase(page)
    assert secret == made.passphrase
    assert secret not in ann.post(f"{follow}package/", show="1")  # shown once
    assert secret.encode() not in bytes(PortalParcel.objects.get(request_id=1).passphrase)

    sent = ann.client.post(f"{follow}package/", {"fetch": "1"})
    content = b"".join(sent.streaming_content)  # type: ignore[attr-defined]
    sent.close()
    assert sent["Content-Disposition"] == 'attachment; filename="my-data-1.zip"'
    assert sent["X-Content-Type-Options"] == "nosniff" and sent["Cache-Control"] == "no-store"
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(secret.encode())
        clients = json.loads(archive.read("data/crm.clients.json"))
    assert [each["email"] for each in clients] == [ANN]

    assert ann.client.get(f"{follow}package/").status_code == 302  # a code each time
    page = ann.prove(follow, ANN, "portal-package")
    assert "was fetched on" in page and "Make a request" in page
    again = ann.client.post(f"{follow}package/", {"fetch": "1"})
    assert not again.streaming and "was fetched on" in again.content.decode()
    assert [each.ref for each in site.packages.packages()] == ["2"]  # Bob's waits on
    assert "fetched" in [each.kind for each in site.desk.get("1").events]
    assert "Fetch my data" in bob.get(his)


def test_a_transfer_that_breaks_off_does_not_count(
    site: Workspace, visitor: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = visitor()
    follow = one.request("access", ANN)
    answered(site, "1")
    one.prove(follow, ANN, "portal-package")
    one.post(f"{follow}package/", show="1")
    from servanda.web.portal import package

    monkeypatch.setattr(package, "_PIECE", 100)
    for read in (0, 1):
        one.prove(follow, ANN, "portal-package") if read else None
        sent: Any = one.client.post(f"{follow}package/", {"fetch": "1"})
        pieces = iter(sent.streaming_content)
        if read:
            next(pieces)
        sent.close()
        assert PortalParcel.objects.get().fetched_at is None
    assert site.packages.packages()


def test_a_server_that_is_killed_in_the_midst_of_it_has_given_nothing(
    site: Workspace, visitor: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = visitor()
    follow = one.request("access", ANN)
    answered(site, "1")
    one.prove(follow, ANN, "portal-package")
    secret = passphrase(one.post(f"{follow}package/", show="1"))
    from servanda.web.portal import package

    with monkeypatch.context() as small:
        small.setattr(package, "_PIECE", 100)
        sent: Any = one.client.post(f"{follow}package/", {"fetch": "1"})
        next(iter(sent.streaming_content))  # and nobody ever closes it
    assert "fetched" not in [each.kind for each in site.desk.get("1").events]
    one.prove(follow, ANN, "portal-package")
    page = one.client.post(f"{follow}package/", {"fetch": "1"})
    assert "being fetched just now" in page.content.decode()
    PortalParcel.objects.update(claimed_at=datetime.now(UTC) - timedelta(minutes=3))
    again: Any = one.client.post(f"{follow}package/", {"fetch": "1"})
    content = b"".join(again.streaming_content)
    again.close()
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(secret.encode())
        assert json.loads(archive.read("data/crm.clients.json"))
    assert "fetched" in [each.kind for each in site.desk.get("1").events]
    assert not site.packages.packages()
    sent.close()  # too late to take anything back
    assert PortalParcel.objects.get().fetched_at is not None


def test_what_has_expired_says_so(site: Workspace, visitor: Made) -> None:
    one = visitor()
    follow = one.request("access", ANN)
    answered(site, "1")
    site.packages.expire(datetime.now(UTC) + timedelta(days=15))
    page = one.prove(follow, ANN, "portal-package")
    assert "not here any more" in page
    PortalParcel.objects.update(expires_at=datetime.now(UTC))
    assert "nobody fetched it in time" in one.get(follow)


def test_erasure_from_the_form_to_the_letter(site: Workspace, visitor: Made) -> None:
    one = visitor()
    follow = one.request("erasure", ANN)
    before = rows(site.folder, "crm", "SELECT * FROM clients WHERE id <> 1 ORDER BY id")
    assert rows(site.folder, "crm", "SELECT count(*) FROM clients WHERE id = 1") == [(1,)]
    answered(site, "1")
    assert rows(
        site.folder, "crm", "SELECT count(*) FROM clients WHERE email = 'ann@example.test'"
    ) == [(0,)]
    assert rows(site.folder, "crm", "SELECT * FROM clients WHERE id <> 1 ORDER BY id") == before
    assert "b1" in tapes(site.folder)
    assert "We have answered it" in one.get(follow)
    page = one.prove(follow, ANN, "portal-letters")
    assert "our answer" in page.lower() and "House Ltd" in page
    from servanda.desk.requests import outbox

    outbox.deliver(site.desk.book)
    last = one.mails(ANN)[-1]
    assert "We have answered your request" in last["Subject"]
