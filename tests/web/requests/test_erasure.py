"""A whole erasure through the pages: what would go is shown, typed, done, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable

from servanda.runtime import jobs
from servanda.runtime.workspace import Workspace
from servanda.state.models import Job
from servanda.web.models import Member
from tests.apply.requests.house import rows, tapes
from tests.web.requests.conftest import ANN, BOB, Desk, work

ORDERS = "SELECT id, billed, note FROM orders ORDER BY id"


def shown(page: str) -> int:
    found = re.search(r'data-confirm="(\d+)"', page)
    assert found
    return int(found[1])


def test_an_erasure_and_nothing_else(site: Workspace, lead: Desk) -> None:
    ref = lead.decided("erasure", ANN, name="Ann Lee")
    page = lead.get(f"requests/{ref}/act/")
    number = shown(page)
    assert f"{number} records will be touched" in page
    assert "has to be kept" in page and "tax law" in page and "it is somebody else's too" in page

    for wrong in ("", str(number + 1), "yes"):
        lead.post(f"requests/{ref}/act/go/", {"confirm": wrong, "shown": str(number)})
    assert not Job.objects.exists()
    assert len(rows(site.folder, "crm", ORDERS)) == 4 and tapes(site.folder) == ["a1", "a2", "b1"]

    lead.post(f"requests/{ref}/act/go/", {"confirm": str(number), "shown": str(number)})
    lead.post(f"requests/{ref}/act/go/", {"confirm": str(number), "shown": str(number)})
    assert Job.objects.count() == 1
    waiting = lead.get(f"requests/{ref}/act/")
    assert 'hx-trigger="every 2s"' in waiting and "?poll=1" in waiting
    assert "Waiting for the worker" in lead.get(f"requests/{ref}/act/progress/?poll=1")
    work(site)
    done = lead.client.get(f"/console/requests/{ref}/act/progress/?poll=1")
    assert done.headers["HX-Refresh"] == "true"
    assert f"{number} records" in lead.get(f"requests/{ref}/act/")

    assert rows(site.folder, "crm", "SELECT id FROM clients ORDER BY id") == [
        (2,),
        (3,),
        (4,),
        (5,),
    ]
    assert rows(site.folder, "crm", ORDERS) == [
        (11, "Ann", ""),
        (21, "Bob", "a chair"),
        (22, "Bob", "a table"),
    ]
    assert tapes(site.folder) == ["a2", "b1"]
    assert site.desk.get(str(ref)).state == "acted"
    answer = lead.get(f"requests/{ref}/answer/")
    assert f"We have erased {number} records, and keep 3 records." in " ".join(answer.split())
    lead.post(f"requests/{ref}/answer/", {"do": "write"}, 200)
    assert site.desk.get(str(ref)).state == "replied"
    events = [each.kind for each in site.desk.get(str(ref)).events]
    assert "act_begun" in events


def test_a_number_that_changed_does_nothing(site: Workspace, lead: Desk) -> None:
    ref = lead.decided("erasure", BOB)
    number = shown(lead.get(f"requests/{ref}/act/"))
    lead.post(f"requests/{ref}/act/go/", {"confirm": str(number + 7), "shown": str(number + 7)})
    work(site)
    assert f"{number + 7} were confirmed" in lead.get(f"requests/{ref}/act/")
    assert len(rows(site.folder, "crm", ORDERS)) == 4 and len(tapes(site.folder)) == 3
    assert site.desk.get(str(ref)).state == "decided"


def test_four_eyes(
    site: Workspace, desk: Callable[..., Desk], member: Callable[[str], Member]
) -> None:
    (site.folder / "servanda.toml").write_text("[web]\nfour_eyes = true\n")
    one, other = desk("privacy_lead"), desk("owner")
    ref = one.decided("erasure", BOB)
    page = one.get(f"requests/{ref}/act/")
    assert "somebody else acts on it" in page and "data-confirm" not in page
    number = {"confirm": "7", "shown": "7"}
    one.post(f"requests/{ref}/act/go/", number)
    assert jobs.latest(f"request:{ref}") is None
    other.states(f"request:{ref}")
    count = str(shown(other.get(f"requests/{ref}/act/")))
    other.post(f"requests/{ref}/act/go/", {"confirm": count, "shown": count})
    work(site)
    assert rows(site.folder, "crm", "SELECT id FROM clients ORDER BY id LIMIT 2") == [(1,), (3,)]
    assert site.desk.get(str(ref)).state == "acted"


def test_a_refusal_needs_a_ground_of_the_law(site: Workspace, lead: Desk) -> None:
    ref = lead.new("erasure", ANN)
    early = lead.get(f"requests/{ref}/act/")  # what a law keeps is seen before the decision
    assert "would be touched" in early and "tax law" in early and "data-confirm" not in early
    page = lead.get(f"requests/{ref}/decide/")
    assert "not verified yet" in page and "identity not confirmed" in page
    told = lead.post(f"requests/{ref}/decide/", {"decision": "refuse"}, 400)
    assert "a refusal needs a ground" in told
    lead.post(f"requests/{ref}/decide/", {"decision": "act"}, 400)
    lead.post(f"requests/{ref}/decide/", {"decision": "refuse", "ground": "identity_not_confirmed"})
    assert site.desk.get(str(ref)).state == "refused"
    given = {"do": "preview", "reasons": "The number was another's."}
    page = lead.post(f"requests/{ref}/answer/", given, 200)
    assert "The number was another's." in page and "Information Commissioner" in page
    assert site.desk.get(str(ref)).state == "refused"


def test_in_part(site: Workspace, lead: Desk) -> None:
    ref = lead.new("erasure", BOB)
    lead.post(f"requests/{ref}/do/seen/", {"document": "passport"})
    lead.post(f"requests/{ref}/decide/", {"decision": "part", "keep-orders": "legal_claims"})
    page = lead.get(f"requests/{ref}/act/")
    assert "it was decided to keep it" in page
    number = str(shown(page))
    lead.post(f"requests/{ref}/act/go/", {"confirm": number, "shown": number})
    work(site)
    assert len(rows(site.folder, "crm", ORDERS)) == 4
    assert rows(site.folder, "crm", "SELECT id FROM clients ORDER BY id LIMIT 2") == [(1,), (3,)]


def test_who_is_meant(site: Workspace, lead: Desk) -> None:
    """Eve and Fay share an address: nothing is done before somebody chose, and only hers goes."""
    ref = lead.decided("erasure", (("email", "office@example.test"),))
    assert "not clear who is meant" in lead.get(f"requests/{ref}/act/")
    tree = lead.get(f"requests/{ref}/person/")
    assert "Eve" in tree and "Fay" in tree
    (eve,) = re.findall(r'name="who" value="(\w+)"> crm.clients(?:(?!</label>).)*Eve', tree)
    lead.post(f"requests/{ref}/person/choose/", {"who": "f" * 32})
    assert site.desk.get(str(ref)).only == ()
    lead.post(f"requests/{ref}/person/choose/", {"who": eve})
    assert site.desk.get(str(ref)).only == (("crm.clients", (4,)),)
    number = str(shown(lead.get(f"requests/{ref}/act/")))
    lead.post(f"requests/{ref}/act/go/", {"confirm": number, "shown": number})
    work(site)
    assert rows(site.folder, "crm", "SELECT id FROM clients ORDER BY id") == [
        (1,),
        (2,),
        (3,),
        (5,),
    ]
