"""Evidence in the console: found, proven to a stranger, taken away, verified."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from servanda import ledger
from servanda.ledger.verify import verify_bundle
from servanda.runtime import bundles, jobs
from servanda.runtime.workspace import Workspace
from servanda.state.models import Job, Leaf
from servanda.web.models import Member
from tests.web.look.test_pages import swept
from tests.web.world import SRC

Browser = Callable[[str | Member | None], Client]


def _verified(path: Path, key: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """As a stranger: another folder, the program, the file, the key."""
    return subprocess.run(
        [sys.executable, "-m", "servanda", "verify", str(path), "--key", key],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )


def test_a_stranger_checks_the_proof_of_one_entry(
    site: Workspace, client: Browser, tmp_path: Path
) -> None:
    swept(site)
    auditor = client("auditor")
    page = auditor.get("/console/evidence/entry/2/").content.decode()
    assert "✓ holds" in page and "crm.clients" in page
    answer = auditor.get("/console/evidence/entry/2/proof/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="proof-2.json"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    elsewhere = tmp_path / "stranger"
    elsewhere.mkdir()
    path = elsewhere / "proof-2.json"
    path.write_bytes(answer.content)
    key = auditor.get("/console/evidence/key/").content.decode().strip()
    told = _verified(path, key, elsewhere)
    assert (told.returncode, "✓ proven: entry 2" in told.stdout) == (0, True), told
    changed = json.loads(answer.content)
    changed["entry"] = changed["entry"].replace('"total":5', '"total":6')
    path.write_text(json.dumps(changed))
    told = _verified(path, key, elsewhere)
    assert (told.returncode, "NOT PROVEN" in told.stdout) == (1, True), told


def test_an_entry_that_was_changed_shows(site: Workspace, client: Browser) -> None:
    swept(site)
    leaf = Leaf.objects.get(index=3)
    raw = bytes(leaf.entry)
    assert b'"overdue":2' in raw
    Leaf.objects.filter(index=3).update(entry=raw.replace(b'"overdue":2', b'"overdue":0'))
    auditor = client("auditor")
    assert "does not hold" in auditor.get("/console/evidence/entry/3/").content.decode()


def test_entries_without_a_checkpoint_and_entries_that_are_not(
    site: Workspace, client: Browser
) -> None:
    swept(site)
    ledger.append([{"kind": "census", "late": 1}])
    auditor = client("auditor")
    last = ledger.proofs.size() - 1
    assert (
        "No signed checkpoint speaks"
        in auditor.get(f"/console/evidence/entry/{last}/").content.decode()
    )
    assert auditor.get(f"/console/evidence/entry/{last}/proof/").status_code == 400
    for nowhere in (last + 1, 10**17, 10**30):
        assert auditor.get(f"/console/evidence/entry/{nowhere}/").status_code == 404
        assert auditor.get(f"/console/evidence/entry/{nowhere}/proof/").status_code == 404
        assert auditor.get(f"/console/evidence/checkpoints/{nowhere}/").status_code == 404
        assert auditor.get(f"/console/evidence/checkpoints/1/{nowhere}/").status_code == 400


def test_search_by_kind_word_day_and_number(site: Workspace, client: Browser) -> None:
    swept(site)
    ledger.append([{"kind": "request.closed", "request": "17", "note": "<b>&"}])
    auditor = client("auditor")

    def found(query: str) -> str:
        return auditor.get(f"/console/evidence/?{query}").content.decode()

    page = found("kind=recount")
    assert page.count("/console/evidence/entry/") == 3
    page = found("kind=recount&text=crm.orders")
    assert page.count("/console/evidence/entry/") == 1
    page = found('text="request":"17"')
    assert page.count("/console/evidence/entry/") == 1 and "&lt;b&gt;&amp;" in page
    assert "Nothing fits" in found("until=2001-01-01")
    assert "Nothing fits" in found("since=2999-01-01")
    assert "Nothing fits" in found("text=nowhere")
    for odd in ("kind=nonsense", "since=x", "until=9999-12-31", "before=-1", "before=9" * 9):
        assert auditor.get(f"/console/evidence/?{odd}").status_code == 200
    answer = auditor.get("/console/evidence/?entry=1")
    assert answer.headers["Location"] == "/console/evidence/entry/1/"


def test_two_checkpoints_are_held_against_each_other(
    site: Workspace, client: Browser, tmp_path: Path
) -> None:
    swept(site)
    first = ledger.proofs.size()
    ledger.append([{"kind": "census", "n": n} for n in range(5)])
    site.checkpoint()
    auditor = client("auditor")
    page = auditor.get(f"/console/evidence/checkpoints/?old={first}&new={first + 5}")
    assert "nothing before it was changed" in page.content.decode()
    path = tmp_path / "consistency.json"
    path.write_bytes(auditor.get(f"/console/evidence/checkpoints/{first}/{first + 5}/").content)
    told = _verified(path, site.signer.vkey, tmp_path)
    assert (told.returncode, f"begins with that of {first}" in told.stdout) == (0, True), told
    note = auditor.get(f"/console/evidence/checkpoints/{first}/")
    assert note.content.decode().startswith(f"{site.signer.name}\n{first}\n")
    for bad in (f"old={first}&new=3", f"old={first + 5}&new={first}", "old=x&new=1"):
        page = auditor.get(f"/console/evidence/checkpoints/?{bad}")
        assert 'role="alert"' in page.content.decode(), bad


def _work(site: Workspace) -> Job:
    assert jobs.work(site, threading.Event())
    found = Job.objects.order_by("-id").first()
    assert found is not None
    return found


def test_a_bundle_is_made_by_a_job_and_sent_in_pieces(
    site: Workspace, client: Browser, tmp_path: Path
) -> None:
    swept(site)
    auditor = client("auditor")
    assert auditor.post("/console/evidence/bundle/", {"manifests": "yes"}).status_code == 302
    assert "Waiting for the worker" in auditor.get("/console/evidence/").content.decode()
    polled = auditor.get("/console/evidence/job/bundle/?poll")
    assert "hx-get" in polled.content.decode() and "HX-Refresh" not in polled.headers
    job = _work(site)
    assert job.state == "done", job.error
    assert auditor.get("/console/evidence/job/bundle/?poll").headers["HX-Refresh"] == "true"
    name = job.told["file"]
    assert name in auditor.get("/console/evidence/").content.decode()
    answer = auditor.get(f"/console/evidence/bundle/{name}/")
    assert isinstance(answer, StreamingHttpResponse)
    path = tmp_path / "bundle.zip"
    path.write_bytes(b"".join(answer.streaming_content))
    report = verify_bundle(path, site.signer.vkey)
    assert report.ok and report.entries == job.told["entries"] == ledger.proofs.size()
    kept = site.folder / bundles.FOLDER / name
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name", ["..%2f..%2fpolicy.yaml", "policy.yaml", "evidence-20200101T000000Z.zip", "%2e%2e"]
)
def test_no_other_file_is_sent(site: Workspace, client: Browser, name: str) -> None:
    folder = site.folder / bundles.FOLDER
    folder.mkdir(parents=True)
    (folder / "policy.yaml").write_text("not a bundle")
    old = folder / "evidence-20200101T000000Z.zip"
    old.write_bytes(b"PK")
    os.utime(old, (1_577_836_800, 1_577_836_800))
    answer = client("auditor").get(f"/console/evidence/bundle/{name}/")
    assert answer.status_code in (400, 404), answer.status_code
    bundles.expire(site)
    assert not old.exists() and (folder / "policy.yaml").exists()


def test_verify_now_finds_what_was_changed(site: Workspace, client: Browser) -> None:
    swept(site)
    auditor = client("auditor")
    auditor.post("/console/evidence/verify/")
    assert _work(site).told["ok"] is True
    assert "✓ Whole" in auditor.get("/console/evidence/").content.decode()
    raw = bytes(Leaf.objects.get(index=4).entry)
    Leaf.objects.filter(index=4).update(entry=raw.replace(b'"total":3', b'"total":4'))
    auditor.post("/console/evidence/verify/")
    assert _work(site).told["ok"] is False
    page = auditor.get("/console/evidence/").content.decode()
    assert "✗ Not whole" in page and "entries 0 to" in page


def test_looking_now_is_a_job_and_tells_of_change(site: Workspace, client: Browser) -> None:
    from tests.plan.requests.reading import sql

    engineer = client("engineer")
    engineer.post("/console/stores/look/now/")
    first = _work(site)
    assert first.state == "done", first.error
    assert set(first.told["stores"]) == {"crm", "pbx", "tapes"}
    assert ledger.history.last("inventory") is not None
    assert "shape changed" not in engineer.get("/console/stores/").content.decode()
    sql(site.folder, "crm", "ALTER TABLE orders ADD COLUMN colour TEXT")
    engineer.post("/console/stores/look/now/")
    second = _work(site)
    assert second.state == "done", second.error
    page = engineer.get("/console/stores/").content.decode()
    assert page.count("shape changed") == 1
    assert "orders.colour" in engineer.get("/console/stores/of/crm/").content.decode()
