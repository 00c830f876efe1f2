"""The tables of the web faces come back with their rows, keys, indexes and counters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shop import build

ROOT = Path(__file__).parents[3]
CHANGED = {"servanda_fact", "servanda_leaf", "servanda_tree", "servanda_node"}


@pytest.mark.services
def test_every_table_that_is_there(tmp_path: Path, postgres_db: str) -> None:
    build(tmp_path / "acme")
    url = postgres_db.replace("+psycopg", "")
    (tmp_path / "acme" / "servanda.toml").write_text(f'[state]\nurl = "{url}"\n')
    words = ["tests.runtime.backup.web_child", str(tmp_path / "acme"), str(tmp_path / "x.backup")]
    done = subprocess.run(
        [sys.executable, "-m", *words],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    found = json.loads(done.stdout)
    before, after = found["before"], found["after"]
    kinds = {each[1] for shape in after["shapes"].values() for each in shape["constraints"]}
    assert kinds == {"p", "u", "c", "f"}
    for shape in (*before["shapes"].values(), *after["shapes"].values()):
        # The engine writes a condition in other words when it reads it back.
        for each in shape["constraints"]:
            each[2] = "" if each[1] == "c" else each[2]
        shape["indexes"] = [each.partition(" WHERE ")[:2] for each in shape["indexes"]]
    assert before["shapes"] == after["shapes"]
    assert {"servanda_web_member", "mfa_authenticator", "auth_group"} < before["rows"].keys()
    for name, rows in before["rows"].items():
        if name not in CHANGED:
            assert after["rows"][name] == rows, name
    assert "bob@example.test" in after["rows"]["servanda_web_member"]
    assert "late@example.test" not in after["rows"]["servanda_web_member"]
    assert found["id"] == 3  # the counter goes on where the backup was
