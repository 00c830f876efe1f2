"""The WordPress snippet of the docs against a real server: what it keeps, and what it does not."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from servanda.desk import tokens
from servanda.desk.intake import receipts
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from servanda.web.start import configure_django
from tests.cli.test_tutorial import ROOT, blocks
from tests.web.world import Served

HERE = Path(__file__).parent
FORMS = """\
forms:
  contact:
    activity: website
    fields:
      name: {holds: name, required: true}
      message: {holds: comms.enquiry, free: true}
"""
ACTIVITY = """\
activities:
  website:
    purposes: [support]
    basis: legitimate_interest
    subjects: [enquirer]
    data: [name, comms.enquiry]
    retain: {at_most: 30 days, after: received, then: delete}
"""


@pytest.mark.skipif(shutil.which("php") is None, reason="PHP is not installed")
def test_the_snippet_keeps_what_the_gate_takes_and_nothing_else(
    served: Served, tmp_path: Path
) -> None:
    path = served.folder / "policy.yaml"
    path.write_text(path.read_text().replace("activities:\n", ACTIVITY) + FORMS)
    page = (ROOT / "docs" / "how-to" / "intake.md").read_text("utf-8")
    (block,) = (each for each in blocks(page) if each.kind == "php")
    snippet = tmp_path / "snippet.php"
    snippet.write_text(block.body)
    workspace = Workspace.open(served.folder)
    configure_django(workspace.settings.web, workspace.master)
    workspace.use_state(every=True)
    owner = Member.objects.create_user("o@firm.test", None, name="O", role="owner")
    secret = tokens.make("wordpress", ["intake"], 30, by=owner.by, role="owner")[1]

    def send(url: str = served.url, token: str = secret, **sent: str) -> Any:
        told = [str(HERE / "wordpress_stubs.php"), str(snippet), url, token, json.dumps(sent)]
        done = subprocess.run(["php", *told], capture_output=True, check=True, encoding="utf-8")
        return json.loads(done.stdout)

    fine = send(action="contact", _wpnonce="x", name="Ann", message="Grüße")
    assert fine["kept"] == {"name": "Ann", "message": "Grüße"}
    key, now = receipts.public(workspace.master), datetime.now(UTC)
    assert receipts.verified(key, fine["receipt"], fine["kept"], now, timedelta(hours=1))
    card = send(name="Ann", message="4111 1111 1111 1111")
    assert "payment card" in card["refused"] and "kept" not in card
    assert "does not declare" in send(name="Ann", religion="x")["refused"]
    assert "it is empty" in send(message="x")["refused"]
    for closed in (send(token="svd_wrong", name="Ann"), send("http://127.0.0.1:9", name="Ann")):
        assert closed == {"refused": "Please try again later."}
