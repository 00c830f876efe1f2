"""Manifests: sealed, bound to their window, and never there in the clear."""

from pathlib import Path

import pytest

from servanda import ledger, state
from servanda.kernel.digest import sha256_hex
from servanda.kernel.seal import SealBroken, new_key
from servanda.ledger.manifests import EvidenceGone, ManifestBroken
from servanda.stores.port import Keys
from tests.ledger.evidence import MASTER, Evidence, keys


def test_what_is_sealed_opens_again(each_state: str) -> None:
    given = [
        Keys("i8", b"".join(n.to_bytes(8, "big", signed=True) for n in (-5, 7, 9)), 3),
        keys(4),
        Keys("json", b'["a"]\n["b"]\n', 2),
        Keys("sha256", bytes(range(64)), 2),
        Keys("i8", b"", 0),
    ]
    digests = []
    for window, each in enumerate(given):
        with state.transaction():
            digest, row = ledger.manifests.seal(MASTER, "r1", "s", window, each)
            row.save(force_insert=True)
        assert sha256_hex(bytes(row.sealed)) == digest
        digests.append(digest)
    assert [ledger.manifests.open_sealed(MASTER, digest) for digest in digests] == given
    assert len(set(digests)) == len(given)


def test_nothing_is_there_in_the_clear(evidence: Evidence, sqlite_state: str) -> None:
    state.close()  # folds the write-ahead log into the file
    folder = Path(sqlite_state.removeprefix("sqlite:///")).parent
    raw = b"".join(path.read_bytes() for path in folder.glob("state.sqlite3*"))
    assert b"crm.people" in raw  # it is the file with our entries
    assert b"window.prepared" in raw
    assert b"alice" not in raw
    assert b"bob@" not in raw


def test_a_manifest_moved_to_another_window_does_not_open(evidence: Evidence) -> None:
    from servanda.state.models import Manifest

    rows = list(Manifest.objects.filter(run="r1").order_by("window"))
    assert ledger.manifests.open_sealed(MASTER, rows[0].digest) == keys(0)
    for change in (
        {"window": 7},
        {"step": "crm.people:redact"},
        {"count": 2},
        {"encoding": "sha256"},
        {"run": "r2"},
    ):
        Manifest.objects.filter(digest=rows[0].digest).update(**change)
        with pytest.raises(SealBroken):
            ledger.manifests.open_sealed(MASTER, rows[0].digest)
        Manifest.objects.filter(digest=rows[0].digest).update(
            window=0, step="crm.people:delete", count=3, encoding="json", run="r1"
        )
    assert ledger.manifests.open_sealed(MASTER, rows[0].digest) == keys(0)
    assert ledger.manifests.open_sealed(MASTER, rows[1].digest) == keys(1)


def test_an_altered_or_missing_manifest_is_told(evidence: Evidence) -> None:
    from servanda.state.models import Manifest

    one, two, three = Manifest.objects.filter(run="r1").order_by("window")
    Manifest.objects.filter(digest=one.digest).update(sealed=two.sealed)
    Manifest.objects.filter(digest=two.digest).delete()
    for digest in (one.digest, two.digest, "0" * 64):
        with pytest.raises(ManifestBroken):
            ledger.manifests.open_sealed(MASTER, digest)
    assert ledger.manifests.open_sealed(MASTER, three.digest) == keys(2)


def test_another_master_key_opens_nothing(evidence: Evidence) -> None:
    from servanda.state.models import Manifest

    with pytest.raises(SealBroken):
        ledger.manifests.open_sealed(new_key(), Manifest.objects.all()[0].digest)


def test_each_run_has_its_own_key(evidence: Evidence) -> None:
    one = ledger.manifests.evidence_key(MASTER, "r1")
    assert one == ledger.manifests.evidence_key(MASTER, "r1")
    assert one != ledger.manifests.evidence_key(MASTER, "r2")
    with pytest.raises(EvidenceGone):
        ledger.manifests.evidence_key(MASTER, "r3")


def test_a_rolled_back_window_leaves_neither_key_nor_manifest(each_state: str) -> None:
    from servanda.state.models import EvidenceKey, Manifest

    with pytest.raises(ZeroDivisionError), state.transaction():
        _, row = ledger.manifests.seal(MASTER, "r1", "s", 1, keys(1))
        row.save(force_insert=True)
        raise ZeroDivisionError
    assert not Manifest.objects.exists()
    assert not EvidenceKey.objects.exists()
