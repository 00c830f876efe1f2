"""A whole access request through the pages: taken in, verified by mail, decided, read, answered."""

from __future__ import annotations

import io
import json
import re

import pyzipper

from servanda.desk.requests import outbox
from servanda.ledger import history
from servanda.runtime.workspace import Workspace
from servanda.state.models import Letter, OutboxMail, Read
from tests.web.requests.conftest import ANN, Desk


def code_in(site: Workspace) -> str:
    """The code of the newest letter, as its reader sees it."""
    files = sorted((site.folder / ".servanda" / "letters").glob("*.eml"))
    found = re.search(r"\b([A-Z2-9]{5}-[A-Z2-9]{5})\b", files[-1].read_text())
    assert found
    return found[1]


def test_a_copy_of_the_data(site: Workspace, lead: Desk) -> None:
    ref = lead.new("access", ANN, name="Ann Lee", text="What do you hold of me?")
    page = lead.get(f"requests/{ref}/")
    assert "Ann Lee" in page and "What do you hold of me?" in page and "ann@example.test" in page

    lead.post(f"requests/{ref}/do/send-code/")
    lead.post(f"requests/{ref}/do/code/", {"code": "AAAAA-AAAAA"})
    assert "That is not the code" in lead.get(f"requests/{ref}/").replace("that is", "That is")
    assert not site.desk.get(str(ref)).verified
    lead.post(f"requests/{ref}/do/code/", {"code": code_in(site)})
    assert site.desk.get(str(ref)).verified

    tree = lead.get(f"requests/{ref}/person/")
    assert "7 records" in tree and "crm.orders" in tree
    assert "there is nothing to say yet" in lead.get(f"requests/{ref}/answer/")
    lead.post(f"requests/{ref}/decide/", {"decision": "act"})

    before = history.last("request.replied")
    preview = lead.get(f"requests/{ref}/answer/")
    assert "Dear Ann Lee," in preview and "a copy of your data" in preview
    assert "a package of 7 records" in preview
    assert Letter.objects.count() == 0 and site.packages.packages() == []
    assert history.last("request.replied") == before and site.desk.get(str(ref)).state == "decided"

    written = lead.post(f"requests/{ref}/answer/", {"do": "write"}, 200)
    passphrase = re.search(r'<p class="spoken mono">([^<]+)</p>', written)
    assert passphrase
    assert passphrase[1] not in lead.get(f"requests/{ref}/")
    for path in site.folder.rglob("*"):
        assert path.is_dir() or passphrase[1].encode() not in path.read_bytes(), path
    again = lead.post(f"requests/{ref}/answer/", {"do": "write"}, 200)
    assert "answered already" in again and Letter.objects.count() == 1

    answer = lead.client.get(f"/console/requests/{ref}/package/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    packed = io.BytesIO(answer.getvalue())
    with pyzipper.AESZipFile(packed) as archive:
        archive.setpassword(passphrase[1].encode())
        clients = json.loads(archive.read("data/crm.clients.json"))
    assert [each["id"] for each in clients] == [1]
    receipt = lead.client.get(f"/console/requests/{ref}/files/request-{ref}-receipt.json")
    assert json.loads(receipt.getvalue())
    assert receipt.headers["X-Content-Type-Options"] == "nosniff"
    assert (site.folder / ".servanda" / "replies" / str(ref)).is_dir()

    lead.post(f"requests/{ref}/answer/send/", {"to": "bob@example.test"})
    assert not OutboxMail.objects.filter(kind="reply").exists()
    lead.post(f"requests/{ref}/answer/send/", {"to": "ann@example.test"})
    lead.post(f"requests/{ref}/answer/send/", {"to": "ann@example.test"})
    assert OutboxMail.objects.filter(kind="reply").count() == 1
    (sent,) = outbox.deliver(site.desk.book)
    assert sent.file is not None and "request-1-letter.pdf" in sent.file.read_text()
    lead.post(f"requests/{ref}/do/close/", {"outcome": "done"})
    assert site.desk.get(str(ref)).state == "closed"

    page = lead.get(f"requests/{ref}/")
    for what in ("answer previewed", "package downloaded", "person's tree shown"):
        assert what in page
    assert not Read.objects.filter(task=None).exists()


def test_files_go_by_name_alone(site: Workspace, lead: Desk) -> None:
    ref = lead.decided("access", ANN)
    lead.post(f"requests/{ref}/answer/", {"do": "write"}, 200)
    for name in ("..%2f..%2fpolicy.yaml", "request-2-letter.txt", "..", "state.sqlite3"):
        lead.get(f"requests/{ref}/files/{name}", 404)
    other = lead.new("access", ANN)
    lead.get(f"requests/{other}/files/request-{ref}-letter.txt", 404)
    lead.get(f"requests/{other}/package/", 404)


def test_a_telephone_code_is_shown_once(site: Workspace, lead: Desk) -> None:
    ref = lead.new("access", ANN)
    page = lead.post(f"requests/{ref}/phone/", status=200)
    code = re.search(r"[A-Z2-9]{5}-[A-Z2-9]{5}", page)
    assert code and code[0] not in lead.get(f"requests/{ref}/")
    lead.post(f"requests/{ref}/do/code/", {"code": code[0].lower()})
    assert site.desk.get(str(ref)).verified


def test_what_was_taken_down_wrong_is_set_right(site: Workspace, lead: Desk) -> None:
    ref = lead.new("access", ANN, name="An Lee", text="one\ntwo")
    lead.post(f"requests/{ref}/do/seen/", {"document": "passport", "note": "name and photo"})
    same = "email = ann@example.test\r\nphone = +442890000001"
    told = {"right": "access", "place": "", "identities": same, "text": "one\r\ntwo"}
    lead.post(f"requests/{ref}/do/edit/", {**told, "name": "Ann Lee"})
    view = site.desk.get(str(ref))
    assert (view.name, view.text, view.verified) == ("Ann Lee", "one\ntwo", True)
    lead.post(f"requests/{ref}/do/edit/", {**told, "identities": "email = bob@example.test"})
    view = site.desk.get(str(ref))
    assert view.identities == (("email", "bob@example.test"),) and not view.verified


def test_a_letter_on_the_way_is_read_before_it_is_kept(site: Workspace, lead: Desk) -> None:
    ref = lead.new("access", ANN, name="Ann Lee")
    told = {"kind": "scope", "reasons": "Which year do you mean?"}
    page = lead.post(f"requests/{ref}/letter/", {**told, "do": "preview"}, 200)
    assert "Which year do you mean?" in page and site.desk.letters(str(ref)) == []
    lead.post(f"requests/{ref}/letter/", {**told, "do": "write", "to": "eve@example.test"})
    assert site.desk.letters(str(ref)) == []
    lead.post(f"requests/{ref}/letter/", {**told, "do": "write", "to": "ann@example.test"})
    assert [kind for kind, _, _ in site.desk.letters(str(ref))] == ["scope"]
    assert OutboxMail.objects.get().kind == "scope"
