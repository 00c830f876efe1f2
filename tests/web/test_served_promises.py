"""Promises that console and portal keep have a verdict once they are served, and never before.

A real `servanda serve`: its worker counts who may get in and whether the faces answer. Nothing is
written into the ledger by this test itself but what a page writes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.web.world import SRC, Served, build_site

CONTROLS = {
    "W-1": "access.second-factor",
    "W-2": "access.roles",
    "W-3": "access.purpose",
    "W-4": "access.recordings",
    "W-5": "enquiries.erased",
    "W-6": "portal.corrections",
    "W-7": "incidents.register",
}


def _servanda(folder: Path, *words: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "servanda", *words, "-C", str(folder), "--json"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(SRC)},
        check=False,
    )
    return json.loads(done.stdout)


def _verdicts(folder: Path) -> dict[str, str]:
    found = _servanda(folder, "status")["promises"]
    return {row["id"]: row["verdict"] for row in found if row["id"] in CONTROLS}


@pytest.mark.services
def test_what_console_and_portal_keep_is_proven_by_serving_them(tmp_path: Path) -> None:
    folder = tmp_path / "firm"
    build_site(folder)
    policy = (folder / "policy.yaml").read_text()
    more = "".join(
        f"  {id_}: {{says: {control}., kept_by: [{control}]}}\n"
        for id_, control in CONTROLS.items()
    )
    (folder / "policy.yaml").write_text(policy + more)
    _servanda(folder, "run", "--once")
    assert set(_verdicts(folder).values()) == {"unproven"}

    (folder / ".servanda-demo").touch()  # which lets the demo's accounts be made here
    made = subprocess.run(
        [sys.executable, "-c", _MEMBER, str(folder)],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(SRC)},
        check=False,
    )
    assert made.returncode == 0, made.stderr.decode()
    with Served(folder):
        until = time.monotonic() + 90
        while time.monotonic() < until:
            found = _verdicts(folder)
            if set(found.values()) == {"kept"}:
                return
            time.sleep(1)
    raise AssertionError(found)


_MEMBER = """
import sys
from pathlib import Path
from servanda.web import start
start.configure(Path(sys.argv[1]))
from servanda.web.demo import _member
_member("owner", "Olive", "correct horse battery", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
"""
