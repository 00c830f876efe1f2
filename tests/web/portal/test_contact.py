"""People correct what is theirs alone, and nothing of anybody who shares with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from servanda.runtime import hub, jobs
from servanda.runtime.workspace import Workspace
from servanda.state.models import Job, Request
from tests.apply.requests.house import rows
from tests.web.portal.visitor import Visitor

Made = Callable[..., Visitor]
ANN, NEW = "ann@example.test", "anne@new.test"
CLIENTS = "SELECT id, name, email, phone FROM clients ORDER BY id"


@pytest.fixture
def at_once(site: Workspace) -> Iterator[Workspace]:
    (site.folder / "servanda.toml").write_text("[requests]\nself_correction = true\n")
    yield hub.workspace()


def signed_in(one: Visitor, mail: str = ANN) -> str:
    one.post("/privacy/contact/", email=mail)
    assert one.path == "/privacy/contact/code/"
    return one.post("/privacy/contact/code/", code=one.code(mail))


def test_a_name_is_corrected_at_once_and_nobody_elses(at_once: Workspace, visitor: Made) -> None:
    before = rows(at_once.folder, "crm", CLIENTS)
    one = visitor()
    page = signed_in(one)
    assert 'value="Ann"' in page and ANN in page and "Bob" not in page
    one.post("/privacy/contact/edit/", v0="Anne", v1=ANN, v2="028 9000 0001")
    assert one.path.startswith("/privacy/follow/")
    job = Job.objects.get()
    assert job.by == "portal" and job.kind == "act"
    assert jobs.work(at_once, threading.Event())
    job.refresh_from_db()
    assert job.state == "done", job.error
    after = rows(at_once.folder, "crm", CLIENTS)
    assert after[0] == (1, "Anne", *before[0][2:]) and after[1:] == before[1:]
    view = at_once.desk.get("1")
    assert view.right == "rectification" and view.verified and view.decided_by == "portal"


def test_nobody_sees_anothers_data_with_a_code_of_their_own(site: Workspace, visitor: Made) -> None:
    """Enough codes went to the victim, so no new one is made and the old one stays open."""
    for each in (visitor(), visitor(), visitor()):
        each.post("/privacy/contact/", email=ANN)
    one = visitor()
    one.post("/privacy/contact/", email="mallory@evil.test")
    code = one.code("mallory@evil.test")
    one.post("/privacy/contact/", email=ANN)
    assert "not the code" in one.post("/privacy/contact/code/", code=code)
    assert "028 9000 0001" not in one.get("/privacy/contact/edit/")
    assert one.path == "/privacy/contact/"


def test_without_the_setting_staff_decides(site: Workspace, visitor: Made) -> None:
    one = visitor()
    signed_in(one)
    one.post("/privacy/contact/edit/", v0="Anne", v1=ANN, v2="028 9000 0001")
    view = site.desk.get("1")
    assert view.state == "verified" and view.corrections == (("crm.clients.name", "Anne"),)
    assert not Job.objects.exists()


def test_a_new_mailbox_is_confirmed_before(at_once: Workspace, visitor: Made) -> None:
    one = visitor()
    signed_in(one)
    one.post("/privacy/contact/edit/", v0="Ann", v1=NEW, v2="028 9000 0001")
    assert one.path == "/privacy/contact/new/"
    assert not Request.objects.exists()
    assert "not the code" in one.post("/privacy/contact/new/", code=one.code(ANN))
    one.post("/privacy/contact/new/", code=one.code(NEW))
    assert one.path.startswith("/privacy/follow/")
    assert jobs.work(at_once, threading.Event())
    found = rows(at_once.folder, "crm", CLIENTS)
    assert found[0][2] == NEW and found[1][2] == "bob@example.test"


def test_a_new_number_waits_for_staff(at_once: Workspace, visitor: Made) -> None:
    one = visitor()
    signed_in(one)
    one.post("/privacy/contact/edit/", v0="Ann", v1=ANN, v2="028 9000 9999")
    assert at_once.desk.get("1").state == "verified"
    assert not Job.objects.exists()


def test_shared_addresses_show_nothing(visitor: Made) -> None:
    page = signed_in(visitor(), "office@example.test")  # Eve's and Fay's
    assert "Eve" not in page and "Fay" not in page and "nothing under this address" in page


def test_strangers_get_a_code_too_and_find_nothing(visitor: Made) -> None:
    one = visitor()
    page = signed_in(one, "nobody@example.test")
    assert "nothing under this address" in page


def test_nothing_is_shown_before_the_code(visitor: Made) -> None:
    one = visitor()
    one.post("/privacy/contact/", email=ANN)
    assert "not the code" in one.post("/privacy/contact/code/", code="AAAAA-AAAAA")
    for path in ("edit/", "new/"):
        assert "Ann" not in one.get(f"/privacy/contact/{path}")
        assert one.path == "/privacy/contact/"
        one.post(f"/privacy/contact/{path}", v0="Mallory", v1="m@x.test", v2="1", code="x")
    assert not Request.objects.exists()


def test_what_cannot_be_right_is_not_taken(visitor: Made) -> None:
    one = visitor()
    signed_in(one)
    said = one.post("/privacy/contact/edit/", v0="Ann", v1="no address", v2="028 9000 0001")
    assert "cannot be right" in said
    assert "You changed nothing" in one.post(
        "/privacy/contact/edit/", v0="Ann", v1=ANN, v2="028 9000 0001"
    )
    assert not Request.objects.exists()


def test_the_folder_of_letters_is_the_workspaces(site: Workspace) -> None:
    assert Path(site.desk.book.settings.mail.folder).is_relative_to(site.folder)
