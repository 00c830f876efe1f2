"""Each page shows what it is for, to whom it is for."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from servanda import inventory, ledger
from servanda.desk import versions
from servanda.runtime import boards, record
from servanda.runtime.workspace import Workspace
from servanda.status.board import Board, Row
from servanda.status.verdict import Check, Verdict
from servanda.web.models import Member

Browser = Callable[[str | Member | None], Client]


def _page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def swept(site: Workspace) -> None:
    """Evidence as a sweep leaves it: policy, inventory, recounts, census, checkpoint."""
    now = datetime.now(UTC)
    record.policy(site, now)
    taken = inventory.take(site.policy, site.configs, site.stores, now)
    ledger.append([{"kind": "inventory", **taken.entry()}])
    for name, total, overdue in (("crm.clients", 5, 0), ("crm.orders", 4, 2), ("pbx.calls", 3, 0)):
        ledger.append(
            [
                {
                    "kind": "recount",
                    "collection": name,
                    "overdue": overdue,
                    "suspended": 0,
                    "total": total,
                    "run": "r1",
                }
            ]
        )
    ledger.append([{"kind": "census", "unreachable": ["tapes"], "collections": {}}])
    site.checkpoint()


PAGES = ("", "map/", "evidence/", "evidence/checkpoints/", "stores/", "settings/")


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_for_an_auditor_before_and_after_the_first_sweep(
    site: Workspace, client: Browser, page: str
) -> None:
    auditor = client("auditor")
    _page(auditor, f"/console/{page}")
    swept(site)
    assert "<h1>" in _page(auditor, f"/console/{page}")


def test_who_may_not(client: Browser) -> None:
    support = client("support")
    for page in ("map/", "evidence/", "stores/", "settings/", "settings/policy.yaml/edit/"):
        assert support.get(f"/console/{page}").status_code == 403, page
    auditor = client("auditor")
    assert auditor.get("/console/settings/policy.yaml/").status_code == 200
    assert auditor.get("/console/settings/policy.yaml/edit/").status_code == 403
    assert auditor.post("/console/settings/policy.yaml/edit/", {"do": "save"}).status_code == 403
    assert auditor.post("/console/stores/look/now/").status_code == 403
    assert client("engineer").post("/console/stores/look/now/").status_code == 302


def test_the_board_can_be_narrowed_and_put_back_in_time(site: Workspace, client: Browser) -> None:
    owner = client("owner")
    swept(site)
    page = _page(owner, "/console/")
    assert 'id="F-1"' in page and 'id="F-2"' in page
    found = _page(owner, "/console/?q=rights.erasure")
    assert re.findall(r'<li class="row" id="([^"]+)"', found) == ["F-4"]
    assert _page(owner, "/console/?verdict=kept").count('class="row"') + _page(
        owner, "/console/?verdict=unproven"
    ).count('class="row"') == page.count('class="row"')
    before = (datetime.now(UTC) - timedelta(days=400)).date().isoformat()
    assert "Nothing is recorded yet at that time" in _page(owner, f"/console/?on={before}")
    assert "That is no day" in _page(owner, "/console/?on=tomorrow")
    for far in ("9999-12-31", "0001-01-01"):
        _page(owner, f"/console/?on={far}")


def test_a_check_leads_to_its_evidence(site: Workspace, client: Browser) -> None:
    from servanda.runtime.judge import judge

    swept(site)
    policy = site.folder / "policy.yaml"
    extra = "  R-1: {says: Calls go., kept_by: [activities.orders.retain]}\n"
    policy.write_text(policy.read_text() + extra)
    owner = client("owner")
    record.policy(Workspace.open(site.folder), datetime.now(UTC))
    row = next(each for each in judge(datetime.now(UTC)).rows if each.id == "R-1")
    assert row.verdict is Verdict.BROKEN
    entry = row.checks[0].entry
    assert entry is not None
    page = _page(owner, "/console/")
    assert page.index('id="R-1"') < page.index('id="F-1"'), "broken comes first"
    assert f'href="/console/evidence/entry/{entry}/"' in page
    assert "crm.orders" in _page(owner, f"/console/evidence/entry/{entry}/")


def test_a_board_of_120_promises_stays_small(
    site: Workspace, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    verdicts = list(Verdict)
    rows = tuple(
        Row(
            id=f"P-{n}",
            says=f"Promise {n} says {' '.join(f'word{n * 31 % (7 + i)}' for i in range(25))}.",
            section=f"{n // 10}.{n % 10}",
            owner="privacy lead" if n % 2 else "",
            verdict=verdicts[n % 5],
            checks=tuple(
                Check(
                    "c", f"store{n}.table{i}", verdicts[(n + i) % 5], f"{n * i} left", now, now, n
                )
                for i in range(4)
            ),
            at=now - timedelta(hours=n),
            due=now,
            strip=tuple(verdicts[(n * day) % 5] if day % 7 else None for day in range(90)),
            history=tuple((now - timedelta(days=i), verdicts[i % 5]) for i in range(12)),
        )
        for n in range(120)
    )
    monkeypatch.setattr(boards, "latest", lambda _: Board("Firm", now, rows))
    page = _page(client("owner"), "/console/")
    assert page.count('class="row"') == 120
    assert page.count("privacy lead answers for it") == 60
    assert len(gzip.compress(page.encode(), 6)) <= 60_000
    strip = re.search(r"<svg.*?</svg>", page)
    assert strip is not None and strip[0].count("<path") <= 91


def test_the_map_names_what_is_not_on_it(site: Workspace, client: Browser) -> None:
    from tests.plan.requests.reading import sql

    sql(site.folder, "crm", "ALTER TABLE clients ADD COLUMN home_address TEXT")
    sql(site.folder, "pbx", "ALTER TABLE calls RENAME COLUMN dst TO destination")
    swept(site)
    engineer = client("engineer")
    page = _page(engineer, "/console/map/")
    assert 'class="map"' in page and "! crm" in page and "! pbx" in page
    assert "! tapes" not in page
    assert "crm.clients" in page and "legitimate interest" in page
    assert " style=" not in page
    store = _page(engineer, "/console/stores/of/crm/")
    assert "clients.home_address" in store and "postal address" in store
    assert "not what the mapping says" in _page(engineer, "/console/stores/of/pbx/")
    assert engineer.get("/console/stores/of/nothing/").status_code == 404


def test_stores_show_counts_and_no_credentials(site: Workspace, client: Browser) -> None:
    stores = site.folder / "stores.yaml"
    stores.write_text(
        stores.read_text().replace("sqlite:///pbx.sqlite", "sqlite:///pbx.sqlite?timeout=hunter2")
    )
    swept(site)
    engineer = client("engineer")
    page = _page(engineer, "/console/stores/")
    assert "sqlite:///pbx.sqlite" in page and "hunter2" not in page
    assert page.count("Last silent") == 3
    assert page.count("not in what is on record") == 2, "tapes did not answer once"
    table = _page(engineer, "/console/stores/of/crm/")
    row = re.search(r'<tr><th scope="row">crm.orders</th>.*?</tr>', table, re.DOTALL)
    assert row is not None
    assert re.findall(r'class="num">(\d*)<', row[0]) == ["4", "2", "0"]


def test_questions_to_the_database_do_not_grow(site: Workspace, client: Browser) -> None:
    owner = client("owner")
    swept(site)
    versions.record("policy.yaml", b"# first\n", by="member 1")
    counts: dict[str, list[int]] = {}
    for _ in range(2):
        for page in ("evidence/", "stores/", "map/", "settings/policy.yaml/versions/", "settings/"):
            owner.get(f"/console/{page}")
            with CaptureQueriesContext(connection) as asked:
                owner.get(f"/console/{page}")
            counts.setdefault(page, []).append(len(asked))
        for n in range(30):
            ledger.append([{"kind": "census", "unreachable": ["crm"], "collections": {}, "n": n}])
        for n in range(30):
            versions.record("policy.yaml", f"# {n}\n".encode(), by=f"member {n}")
    assert all(first == second for first, second in counts.values()), counts
