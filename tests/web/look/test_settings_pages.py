"""Policy and stores edited in the page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from django.test import Client

from servanda import ledger
from servanda.desk import versions
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member

Browser = Callable[[str | Member | None], Client]
EDIT = "/console/settings/policy.yaml/edit/"


def _hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def _text(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*)</textarea>", page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def _post(client: Client, page: str, text: str, do: str, **more: str) -> tuple[int, str]:
    answer = client.post(EDIT, {**_hidden(page), "text": text, "do": do, **more})
    return answer.status_code, answer.content.decode()


def test_check_compare_save_and_go_back(
    site: Workspace, member: Callable[[str], Member], client: Browser
) -> None:
    lead = member("privacy_lead")
    browser = client(lead)
    old = (site.folder / "policy.yaml").read_text()
    page = browser.get(EDIT).content.decode()
    assert _text(page) == old
    new = old.replace("House Ltd", "House & <Sons>")
    status, page = _post(browser, page, new.replace("\n", "\r\n"), "check")
    assert status == 200 and "✓ Sound" in page
    assert "House &amp; &lt;Sons&gt;" in page and 'class="add"' in page and 'class="del"' in page
    assert (site.folder / "policy.yaml").read_text() == old
    status, _ = _post(browser, page, new, "save", note="a new name")
    assert status == 302
    assert (site.folder / "policy.yaml").read_text() == new
    assert hub.workspace().policy.organisation == "House & <Sons>"
    listed = versions.listed("policy.yaml")
    assert [(each.by, each.note) for each in listed] == [(lead.by, "a new name"), ("disk", "")]
    assert listed[0].entry is not None
    assert ledger.history.at(listed[0].entry).data["by"] == lead.by

    shown = browser.get("/console/settings/policy.yaml/versions/").content.decode()
    assert "Privacy Lead" in shown and "changed on the machine" in shown
    address = f"/console/settings/policy.yaml/versions/{listed[1].digest}/"
    assert "Go back to this version" in browser.get(address).content.decode()
    page = browser.get(f"{EDIT}?from={listed[1].digest}").content.decode()
    assert _text(page) == old
    _, page = _post(browser, page, old, "check")
    assert _post(browser, page, old, "save")[0] == 302
    assert (site.folder / "policy.yaml").read_text() == old
    assert len(versions.listed("policy.yaml")) == 3


def test_mistakes_are_shown_beside_their_line_and_not_saved(
    site: Workspace, client: Browser
) -> None:
    browser = client("owner")
    page = browser.get(EDIT).content.decode()
    old = _text(page)
    bad = old.replace("basis: contract", "basis: contrakt", 1)
    number = bad[: bad.index("contrakt")].count("\n") + 1
    status, page = _post(browser, page, bad, "check")
    assert status == 200 and "cannot be saved yet" in page
    row = re.search(rf'<td class="n" id="L{number}">.*?</tr>', page, re.DOTALL)
    assert row is not None and "✗ error" in row[0] and "contract" in row[0]
    assert 'value="save"' not in page
    assert _text(page) == bad, "nothing of what was written is lost"
    forced = {"compared": "0" * 64}
    status, page = _post(browser, page, bad, "save", **forced)
    assert status == 200
    assert (site.folder / "policy.yaml").read_text() == old
    assert versions.listed("policy.yaml") == []


def test_what_is_saved_is_what_was_compared(site: Workspace, client: Browser) -> None:
    browser = client("owner")
    page = browser.get(EDIT).content.decode()
    old = _text(page)
    _, page = _post(browser, page, old.replace("House Ltd", "One"), "check")
    status, page = _post(browser, page, old.replace("House Ltd", "Two"), "save")
    assert status == 200 and "changed after it was compared" in page
    assert (site.folder / "policy.yaml").read_text() == old
    assert _post(browser, page, old.replace("House Ltd", "Two"), "save")[0] == 302


def test_two_people_at_once(
    site: Workspace, member: Callable[[str], Member], client: Browser
) -> None:
    one, two = client("owner"), client("privacy_lead")
    old = (site.folder / "policy.yaml").read_text()
    first, second = old.replace("House Ltd", "First"), old.replace("House Ltd", "Second")
    page_one, page_two = (each.get(EDIT).content.decode() for each in (one, two))
    _, page_one = _post(one, page_one, first, "check")
    _, page_two = _post(two, page_two, second, "check")
    assert _post(one, page_one, first, "save")[0] == 302
    status, page_two = _post(two, page_two, second, "save")
    assert status == 200 and "changed by somebody else" in page_two
    assert (site.folder / "policy.yaml").read_text() == first
    assert "-organisation: {name: First" in html.unescape(page_two), "what is there now is compared"


def test_a_store_elsewhere_is_refused_in_the_page(site: Workspace, client: Browser) -> None:
    browser = client("owner")
    address = EDIT.replace("policy", "stores")
    page = browser.get(address).content.decode()
    old = _text(page)
    for where in ("postgresql://169.254.169.254/x", "file:.servanda/keys", "sqlite:////etc/passwd"):
        bad = old.replace("sqlite:///pbx.sqlite", where)
        answer = browser.post(address, {**_hidden(page), "text": bad, "do": "check"})
        assert answer.status_code == 200
        assert "may be" in answer.content.decode() or "may not" in answer.content.decode()
    assert (site.folder / "stores.yaml").read_text() == old


def test_the_servers_own_settings_are_shown_without_secrets(
    site: Workspace, client: Browser
) -> None:
    (site.folder / "servanda.toml").write_text('[mail]\npassword = "hunter2"\nhost = "mx.test"\n')
    browser = client("auditor")
    page = browser.get("/console/settings/").content.decode()
    assert "mx.test" in page and "(not shown)" in page and "hunter2" not in page
    for name in ("servanda.toml", "master.key", "..%2fservanda.toml"):
        assert browser.get(f"/console/settings/{name}/").status_code == 404
        assert client_owner_edit(client, name) == 404


def client_owner_edit(client: Browser, name: str) -> int:
    found = Member.objects.filter(role="owner").first()
    browser = client(found or "owner")
    return browser.get(f"/console/settings/{name}/edit/").status_code


def test_a_broken_file_on_disk_is_shown_with_its_mistake(site: Workspace, client: Browser) -> None:
    path = site.folder / "policy.yaml"
    path.write_text(path.read_text().replace("then: delete", "then: delte", 1))
    page = client("engineer").get("/console/settings/policy.yaml/").content.decode()
    assert "✗ error" in page and "The files on disk have errors" in page


def test_what_is_unsafe_is_said_with_its_remedy(site: Workspace, client: Browser) -> None:
    lead = client("privacy_lead")
    assert (
        "Nothing is known that would make it unsafe"
        in lead.get("/console/settings/").content.decode()
    )
    (site.folder / "servanda.toml").write_text('[web]\nlisten = "0.0.0.0:80"\n')
    page = lead.get("/console/settings/").content.decode()
    assert "open to other machines, without TLS" in page and "put a proxy with TLS" in page
    assert "Nothing is known" not in page
