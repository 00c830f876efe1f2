"""A NUL in whatever is sent is refused, on a database that cannot store one, and never a fault."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from servanda.desk import tokens
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from servanda.web.start import configure_django
from tests.web.pages import addresses
from tests.web.world import build_site, factor

pytestmark = pytest.mark.services
WEB = Path(__file__).parents[2] / "src" / "servanda" / "web"
NUL = "a\x00b"
_NAMES = re.compile(r"(?:GET|POST|asked|given|told)(?:\.get|\.getlist)?[\[(]\"([a-z_-]+)\"")


def _names() -> dict[str, str]:
    """Every field that any page reads, as it stands in the source, with a NUL in it."""
    text = "".join(each.read_text() for each in WEB.rglob("*.py"))
    found = dict.fromkeys(_NAMES.findall(text), NUL)
    assert len(found) > 30
    return found


@pytest.fixture
def owner(tmp_path: Path, postgres_db: str) -> Iterator[Member]:
    url = postgres_db.replace("+psycopg", "")
    build_site(tmp_path, f'[state]\nurl = "{url}"\n')
    workspace = Workspace.open(tmp_path)
    configure_django(workspace.settings.web, workspace.master)
    workspace.use_state(every=True)
    hub.begin(workspace)
    found = Member.objects.create_user("owner@firm.test", None, name="Owner", role="owner")
    factor(found)
    yield found
    workspace.close()


@pytest.fixture
def browser(owner: Member) -> Client:
    made = Client(SERVER_NAME="localhost", raise_request_exception=False)
    made.force_login(owner)
    return made


def test_no_page_fails_on_a_nul(browser: Client, owner: Member) -> None:
    fields, wrong = _names(), []
    for each in addresses():
        parts = zip(
            each.route.strip("^$/").split("/"), each.path.strip("/").split("/"), strict=False
        )
        foul = "/".join("%00" if re.match(r"<(str:)?\w+>$", of) else part for of, part in parts)
        tried = {
            "query": browser.get(each.path, fields),
            "form": browser.post(each.path, fields),
            "path": browser.get(f"/{foul}/"),
        }
        if not each.path.startswith("/accounts/"):
            browser.force_login(owner)
        wrong += [(each.path, how, it.status_code) for how, it in tried.items()
                  if it.status_code >= 500 and it.status_code != 503]  # fmt: skip
        if tried["query"].status_code != 400:
            wrong.append((each.path, "query", tried["query"].status_code))
    assert wrong == []


def test_what_has_none_is_answered(browser: Client) -> None:
    assert browser.get("/console/evidence/", {"text": "run"}).status_code == 200
    assert browser.get("/console/people/").status_code == 200


def test_a_form_and_a_cookie_are_refused(browser: Client) -> None:
    sent = {"email": f"n{NUL}@firm.test", "name": "N", "role": "support"}
    assert browser.post("/console/people/invite/", sent).status_code == 400
    browser.cookies["sessionid"] = "x" * 32 + "\x00"
    browser.cookies["sessionid"].set("sessionid", "", '"' + "x" * 32 + '\\000"')
    assert browser.get("/console/").status_code == 400


def test_no_call_of_a_program_fails_on_a_nul(owner: Member) -> None:
    secret = tokens.make("p", tuple(tokens.SCOPES), 30, by=owner.by, role=owner.role)[1]
    told = {"Authorization": f"Bearer {secret}", "X-Purpose": "rights"}
    program = Client(SERVER_NAME="localhost", raise_request_exception=False, headers=told)
    fields, wrong = _names(), []
    for each in addresses():
        if not each.path.startswith("/v1/"):
            continue
        answers = (
            program.get(each.path, fields),
            program.post(each.path, json.dumps(fields), content_type="application/json"),
        )
        wrong += [(each.path, it.status_code) for it in answers
                  if it.status_code >= 500 and it.status_code != 503]  # fmt: skip
        assert answers[0].status_code == 400
    assert wrong == []
