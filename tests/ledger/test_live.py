"""The ledger verified where it lies: rows edited, removed, inserted, refiled behind our back."""

from collections.abc import Callable

import pytest

from servanda import ledger
from servanda.ledger.proofs import LedgerDamaged
from tests.ledger.evidence import MASTER, Evidence, edited


def found(evidence: Evidence, since: str | None = None) -> set[str]:
    report = ledger.live.verify(evidence.signer.vkey, since)
    return {finding.code for finding in report.findings}


def test_an_untouched_ledger_is_sound(evidence: Evidence) -> None:
    keys = {run: ledger.manifests.evidence_key(MASTER, run) for run in ("r1", "r2")}
    report = ledger.live.verify(evidence.signer.vkey, evidence.notes[0], keys=keys)
    assert report.findings == []
    assert (report.entries, report.checkpoints, report.manifests, report.opened) == (23, 3, 6, 6)
    ledger.append([{"kind": "census"}])
    report = ledger.live.verify(evidence.signer.vkey, with_manifests=False)
    assert report.findings == []
    assert (report.entries, report.uncovered, report.manifests_left_out) == (24, 1, True)


def edit_entry() -> None:
    from servanda.state.models import Leaf

    leaf = Leaf.objects.get(index=6)
    Leaf.objects.filter(index=6).update(entry=edited(bytes(leaf.entry), overdue=3))


def remove_entry() -> None:
    from servanda.state.models import Leaf

    Leaf.objects.filter(index=6).delete()


def remove_last_entry() -> None:
    from servanda.state.models import Leaf

    Leaf.objects.filter(index=22).delete()


def swap_entries() -> None:
    from servanda.state.models import Leaf

    one, two = Leaf.objects.get(index=3), Leaf.objects.get(index=4)
    Leaf.objects.filter(index=3).update(entry=two.entry, kind=two.kind, at=two.at)
    Leaf.objects.filter(index=4).update(entry=one.entry, kind=one.kind, at=one.at)


def refile_kind() -> None:
    from servanda.state.models import Leaf

    Leaf.objects.filter(index=6).update(kind="census")


def refile_time() -> None:
    from servanda.state.models import Leaf

    Leaf.objects.filter(index=6).update(at=1)


def forge_checkpoint() -> None:
    from servanda.state.models import Checkpoint

    checkpoint = Checkpoint.objects.get(size=20)
    Checkpoint.objects.filter(size=20).update(note=checkpoint.note.replace("\n20\n", "\n19\n"))


def set_the_tree_back() -> None:
    from servanda.state.models import Leaf, Tree

    Leaf.objects.filter(index__gte=20).delete()
    Tree.objects.update(size=20)


def remove_manifest() -> None:
    from servanda.state.models import Manifest

    Manifest.objects.filter(run="r1", window=1).delete()


def edit_manifest() -> None:
    from servanda.state.models import Manifest

    Manifest.objects.filter(run="r1", window=1).update(sealed=b"something else")


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (edit_entry, "root"),
        (remove_entry, "gap"),
        (remove_last_entry, "size"),
        (swap_entries, "root"),
        (refile_kind, "columns"),
        (refile_time, "columns"),
        (forge_checkpoint, "checkpoint"),
        (set_the_tree_back, "entries-missing"),
        (remove_manifest, "manifest-missing"),
        (edit_manifest, "manifest"),
    ],
)
def test_what_was_altered_is_found(
    evidence: Evidence, tamper: Callable[[], None], code: str
) -> None:
    assert found(evidence) == set()
    tamper()
    assert code in found(evidence)


def test_a_tail_cut_together_with_its_checkpoint_needs_an_earlier_one(evidence: Evidence) -> None:
    from servanda.state.models import Checkpoint

    set_the_tree_back()
    Checkpoint.objects.filter(size__gt=20).delete()
    assert found(evidence) == set()
    assert found(evidence, evidence.notes[1]) == set()
    assert found(evidence, evidence.notes[2]) == {"truncated"}


def test_a_changed_tree_is_not_signed_again(evidence: Evidence) -> None:
    from servanda.state.models import Checkpoint

    set_the_tree_back()
    with pytest.raises(LedgerDamaged, match="no longer fits"):
        ledger.checkpoint.make(evidence.signer)
    assert Checkpoint.objects.count() == 3
