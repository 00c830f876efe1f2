"""A few records of a step by key: only keys that tell of nobody, and of nobody else's step."""

from __future__ import annotations

import pytest

from servanda.desk import holds
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from tests.web.plans.conftest import DUE, FRESH, Browse, calls, change, fill, made

_TELLING = "          id: contact.phone\n          src"
SECRETS = ("02890000001", "02890000002")


def _rows(page: str) -> set[str]:
    return {each.partition("<")[0] for each in page.split('<td class="mono">')[1:]}


def test_the_keys_of_what_goes_and_no_more(due: Workspace, client: Browse) -> None:
    plan = made(client("owner"))
    engineer = client("engineer")
    link = f"/console/plans/{plan.digest}/sample/1/"
    assert link in engineer.get(f"/console/plans/{plan.digest}/").content.decode()
    page = engineer.get(link).content.decode()
    assert _rows(page) == {str(each) for each in DUE}
    assert not any(each in page for each in SECRETS)
    assert calls(due.folder) == FRESH + DUE
    holds.add_person(due.master, [("phone", SECRETS[1])], reason="a claim", by="member 1")
    assert _rows(engineer.get(link).content.decode()) == {"4", "6"}  # 5 is Bob's, and held


def test_five_at_most(due: Workspace, client: Browse) -> None:
    fill(due.folder, list(range(10, 30)))
    owner = client("owner")
    plan = made(owner)
    assert len(_rows(owner.get(f"/console/plans/{plan.digest}/sample/1/").content.decode())) == 5


def test_a_key_that_tells_of_somebody_is_not_shown(due: Workspace, client: Browse) -> None:
    change(due.folder, "stores.yaml", "          id: []\n          src", _TELLING)
    assert hub.fault() is None
    owner = client("owner")
    plan = made(owner)
    page = owner.get(f"/console/plans/{plan.digest}/sample/1/").content.decode()
    assert "may tell who somebody is (id)" in page and _rows(page) == set()


@pytest.mark.parametrize("number", [0, 2, 99])
def test_a_step_that_is_none(due: Workspace, client: Browse, number: int) -> None:
    owner = client("owner")
    plan = made(owner)
    assert owner.get(f"/console/plans/{plan.digest}/sample/{number}/").status_code == 404


def test_who_may_not_see_plans_sees_no_key(due: Workspace, client: Browse) -> None:
    plan = made(client("owner"))
    assert client("support").get(f"/console/plans/{plan.digest}/sample/1/").status_code == 403
