"""Destroying an evidence key: its run's manifests stay closed for ever, the tree stays sound."""

from datetime import timedelta
from pathlib import Path

import pytest

from servanda import ledger, state
from servanda.kernel.errors import ServandaError
from servanda.kernel.seal import wrap
from servanda.ledger.manifests import EvidenceGone
from servanda.ledger.verify import verify_bundle
from tests.ledger.evidence import MASTER, NOW, Evidence, keys


def raw_files(url: str) -> bytes:
    path = Path(url.removeprefix("sqlite:///"))
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def digests(run: str) -> list[str]:
    from servanda.state.models import Manifest

    rows = Manifest.objects.filter(run=run).order_by("window")
    return list(rows.values_list("digest", flat=True))


def test_its_run_closes_and_the_other_does_not(
    evidence: Evidence, sqlite_state: str, tmp_path: Path
) -> None:
    wrapped = {
        run: wrap(MASTER, ledger.manifests.evidence_key(MASTER, run)) for run in ("r1", "r2")
    }
    assert wrapped["r1"] in raw_files(sqlite_state)
    assert wrapped["r2"] in raw_files(sqlite_state)
    assert ledger.manifests.open_sealed(MASTER, digests("r1")[0]) == keys(0)

    assert ledger.manifests.destroy_key("r1", now=NOW + timedelta(days=400)) is True
    assert ledger.manifests.destroy_key("r1") is False  # nothing left to destroy, nothing recorded

    assert wrapped["r1"] not in raw_files(sqlite_state)
    assert wrapped["r2"] in raw_files(sqlite_state)
    for digest in digests("r1"):
        with pytest.raises(EvidenceGone):
            ledger.manifests.open_sealed(MASTER, digest)
    with pytest.raises(EvidenceGone):
        ledger.manifests.seal(MASTER, "r1", "crm.people:delete", 9, keys(9))
    assert [ledger.manifests.open_sealed(MASTER, each) for each in digests("r2")] == [
        keys(0),
        keys(1),
        keys(2),
    ]

    said = [each.data["run"] for each in ledger.history.entries("key.destroyed")]
    assert said == ["r1"]
    path = evidence.export(tmp_path / "e.zip", open_runs=["r2"], master=MASTER)
    report = verify_bundle(path, evidence.signer.vkey, evidence.notes[0])
    assert report.findings == []
    assert (report.manifests, report.opened) == (6, 3)
    with pytest.raises(EvidenceGone):
        evidence.export(tmp_path / "f.zip", open_runs=["r1"], master=MASTER)
    assert not (tmp_path / "f.zip").exists()


@pytest.mark.services
def test_on_postgresql_the_old_row_is_gone_too(postgres_db: str) -> None:
    from django.db import connection

    state.setup(postgres_db)
    state.migrate()
    try:
        ledger.manifests.seal(MASTER, "r1", "s", 0, keys(0))
        ledger.manifests.seal(MASTER, "r2", "s", 0, keys(0))
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pageinspect")

        def versions() -> int:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM heap_page_items(get_raw_page('servanda_evidencekey', 0))"
                    " WHERE t_data IS NOT NULL"
                )
                return int(cursor.fetchone()[0])

        assert versions() == 2
        assert ledger.manifests.destroy_key("r1") is True
        assert versions() == 2  # one row each, and no older version of either
        with pytest.raises(EvidenceGone):
            ledger.manifests.evidence_key(MASTER, "r1")
        assert len(ledger.manifests.evidence_key(MASTER, "r2")) == 32
    finally:
        state.close()


def test_a_run_that_has_not_ended_keeps_its_key(each_state: str) -> None:
    from servanda.state.models import Run

    for name in ("r1", "r2", "r3"):
        Run.objects.create(id=name, plan_digest=name, plan=b"{}", started_at=NOW)
        ledger.manifests.seal(MASTER, name, "s", 0, keys(0))
    Run.objects.filter(id="r2").update(state=Run.State.DONE, ended_at=NOW)
    Run.objects.filter(id="r3").update(state=Run.State.DONE, ended_at=NOW - timedelta(days=1))

    assert ledger.manifests.expired_keys(NOW) == ["r3"]
    assert ledger.manifests.expired_keys(NOW + timedelta(days=1)) == ["r3", "r2"]
    with pytest.raises(ServandaError, match="has not ended"):
        ledger.manifests.destroy_key("r1")
    assert len(ledger.manifests.evidence_key(MASTER, "r1")) == 32
    assert ledger.manifests.destroy_key("r3")
    assert ledger.manifests.expired_keys(NOW + timedelta(days=1)) == ["r2"]


def test_a_run_without_a_key(sqlite_state: str) -> None:
    with pytest.raises(EvidenceGone, match="has no evidence key"):
        ledger.manifests.destroy_key("r9")
    assert ledger.proofs.size() == 0
