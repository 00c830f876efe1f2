"""The policy, its versions and the public board: true, complete, and nothing of the inside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from servanda.runtime import boards, hub, record
from servanda.runtime.workspace import Workspace
from tests.web.portal.visitor import Visitor

Made = Callable[..., Visitor]
INSIDE = ("crm", "pbx", "tapes", "rights.access", "requests.refusals", "kept_by")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    boards.forget()


def test_the_policy_is_whole(visitor: Made) -> None:
    page = visitor().get("/privacy/policy/")
    for said in (
        *("Clients", "Orders", "Calls", "call recording", "performance of a contract"),
        "At most 12 months after a call or session was recorded, then deleted.",
        "At least 6 years after the record was made: name (tax law).",
        *("privacy@house.test", "See what you hold about me", "Northern Ireland"),
        "Information Commissioner",
    ):
        assert said in page, said
    assert not [each for each in INSIDE if each in page]


def test_versions_have_a_day_and_a_fingerprint(site: Workspace, visitor: Made) -> None:
    first = site.policy.digest
    record.policy(site, datetime.now(UTC))
    path = site.folder / "stores.yaml"
    path.write_text(path.read_text().replace('own: {phone: ["100"]}', 'own: {phone: ["101"]}'))
    record.policy(hub.workspace(), datetime.now(UTC))  # the mapping alone: no new version
    assert visitor().get("/privacy/policy/versions/").count(f'mono">{first}') == 2
    path = site.folder / "policy.yaml"
    path.write_text(path.read_text().replace("at_most: 12 months", "at_most: 11 months"))
    second = hub.workspace().policy.digest
    assert second != first
    record.policy(hub.workspace(), datetime.now(UTC))
    page = visitor().get("/privacy/policy/versions/")
    table = page.partition("<tbody>")[2]
    assert table.index(second) < table.index(first)
    assert page.count('class="tag"') == 1


def test_the_board_shows_promises_and_nothing_inside(site: Workspace, visitor: Made) -> None:
    one = visitor()
    assert "Nothing is shown here yet" in one.get("/privacy/board/")
    record.policy(site, datetime.now(UTC))
    page = one.get("/privacy/board/")
    assert page.count('<li class="row"') == len(site.policy.promises)
    assert "not proven" in page and "servanda verify" in page
    # The promises of this firm are named after their controls, so those are looked for in the rest.
    rest = page
    for each in site.policy.promises:
        rest = rest.replace(each.says, "")
    assert not [each for each in INSIDE if each in rest]
    data = one.client.get("/privacy/board.json").json()
    assert {each["id"] for each in data["promises"]} == {e.id for e in site.policy.promises}
    assert set(data["promises"][0]) == {
        *("id", "says", "section", "verdict", "proof_at", "next_due")
    }


def test_hidden_promises_are_nowhere(site: Workspace, visitor: Made) -> None:
    record.policy(site, datetime.now(UTC))
    (site.folder / "servanda.toml").write_text('[web]\nhide_promises = ["F-1", "F-2"]\n')
    one = visitor()
    page, data = one.get("/privacy/board/"), one.client.get("/privacy/board.json").json()
    n = len(site.policy.promises) - 2
    assert page.count('<li class="row"') == len(data["promises"]) == n
    assert 'id="F-1"' not in page and 'id="F-3"' in page
    assert f"{n} not proven" in page


def test_key_and_checkpoint_are_for_everybody(site: Workspace, visitor: Made) -> None:
    one = visitor()
    assert one.client.get("/privacy/key.txt").content.decode().strip() == site.signer.vkey
    assert one.client.get("/privacy/checkpoint.txt").status_code == 404
    record.policy(site, datetime.now(UTC))
    site.checkpoint()
    note = one.client.get("/privacy/checkpoint.txt").content.decode()
    assert note == (site.published / "checkpoint").read_text()
