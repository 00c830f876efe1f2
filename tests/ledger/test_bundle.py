"""Bundles: whole, deterministic, readable by the verifier alone."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from servanda import ledger
from servanda.kernel.errors import UsageError
from servanda.ledger.verify import layout, verify_bundle
from tests.ledger.evidence import MASTER, NOW, Evidence, members


def test_a_bundle_is_whole(evidence: Evidence, tmp_path: Path) -> None:
    path = evidence.export(tmp_path / "e.zip")
    report = verify_bundle(path, evidence.signer.vkey)
    assert report.findings == []
    assert report.ok
    assert (report.entries, report.checkpoints, report.uncovered) == (23, 3, 0)
    assert (report.manifests, report.opened, report.manifests_left_out) == (6, 0, False)
    assert report.root == ledger.proofs.root().hex()
    assert report.kinds == {
        "run.started": 2,
        "window.prepared": 6,
        "recount": 10,
        "census": 5,
    }
    assert b"alice" not in b"".join(members(path).values())


def test_the_same_ledger_gives_the_same_bytes(evidence: Evidence, tmp_path: Path) -> None:
    one = evidence.export(tmp_path / "one.zip").read_bytes()
    assert evidence.export(tmp_path / "two.zip").read_bytes() == one
    ledger.append([{"kind": "census"}])
    assert evidence.export(tmp_path / "two.zip").read_bytes() != one


def test_until_an_instant(evidence: Evidence, tmp_path: Path) -> None:
    path = evidence.export(tmp_path / "e.zip", until=NOW + timedelta(hours=12))
    report = verify_bundle(path, evidence.signer.vkey, evidence.notes[0])
    assert report.findings == []
    assert report.entries == 11  # no stored checkpoint has this size: one was signed for it
    assert report.checkpoints == 2
    early = evidence.export(tmp_path / "f.zip", until=NOW - timedelta(days=1))
    assert verify_bundle(early, evidence.signer.vkey).findings == []


def test_without_manifests(evidence: Evidence, tmp_path: Path) -> None:
    path = evidence.export(tmp_path / "e.zip", include_manifests=False)
    report = verify_bundle(path, evidence.signer.vkey)
    assert report.findings == []
    assert (report.manifests, report.manifests_left_out) == (0, True)
    assert members(path)[layout.MANIFESTS] == b""


def test_opened_runs_can_be_read(evidence: Evidence, tmp_path: Path) -> None:
    path = evidence.export(tmp_path / "e.zip", open_runs=["r1"], master=MASTER)
    report = verify_bundle(path, evidence.signer.vkey)
    assert report.findings == []
    assert (report.manifests, report.opened) == (6, 3)
    with pytest.raises(UsageError, match="master key"):
        evidence.export(tmp_path / "f.zip", open_runs=["r1"])


def test_an_empty_ledger(sqlite_state: str, signer: ledger.Signer, tmp_path: Path) -> None:
    assert ledger.bundle.export(tmp_path / "e.zip", signer) == 0
    report = verify_bundle(tmp_path / "e.zip", signer.vkey)
    assert report.findings == []
    assert (report.entries, report.checkpoints) == (0, 1)


def test_it_appears_whole_or_not_at_all(evidence: Evidence, tmp_path: Path) -> None:
    def stop(done: int) -> None:
        raise KeyboardInterrupt

    before = evidence.export(tmp_path / "e.zip").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        evidence.export(tmp_path / "e.zip", progress=stop)
    assert (tmp_path / "e.zip").read_bytes() == before
    assert not list(tmp_path.glob(".e.zip*"))
    with pytest.raises(UsageError, match="cannot be written"):
        evidence.export(tmp_path / "absent" / "e.zip")


def test_an_entry_removed_behind_our_back_stops_the_export(
    evidence: Evidence, tmp_path: Path
) -> None:
    from servanda.ledger.proofs import LedgerDamaged
    from servanda.state.models import Leaf

    Leaf.objects.filter(index=20).delete()
    with pytest.raises(LedgerDamaged):
        evidence.export(tmp_path / "e.zip")


ALONE = """
import sys
from pathlib import Path
from servanda.ledger.verify import verify_bundle
report = verify_bundle(Path(sys.argv[1]), sys.argv[2])
ours = {name for name in sys.modules if name.startswith("servanda.")}
print(report.ok, report.entries, "django" in sys.modules)
print(*sorted(name for name in ours if not name.startswith(
    ("servanda.kernel", "servanda.ledger.verify"))))
"""


def test_the_verifier_stands_alone(evidence: Evidence, tmp_path: Path) -> None:
    path = evidence.export(tmp_path / "e.zip", open_runs=["r1"], master=MASTER)
    command = [sys.executable, "-c", ALONE, str(path), evidence.signer.vkey]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split("\n")[:2] == ["True 23 False", "servanda.ledger"]
