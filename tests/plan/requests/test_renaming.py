"""The name in a call's row and the name of its recording change together, or neither does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from servanda.plan.requests import RequestPlan
from servanda.runtime.workspace import Workspace
from servanda.stores.mapping import RENAMED
from tests.apply.requests.house import planned, wish
from tests.examples.office import build, office

SINEAD = (("phone", "028 9018 0101"),)


@contextmanager
def _firm(folder: Path, *changes: tuple[str, str]) -> Iterator[Workspace]:
    with office("jtec-northern-ireland", folder, {}):
        build("jtec-northern-ireland", folder)
    stores = (folder / "stores.yaml").read_text()
    for old, new in changes:
        assert old in stores
        stores = stores.replace(old, new, 1)
    (folder / "stores.yaml").write_text(stores)
    with Workspace.open(folder, {}) as workspace:
        workspace.use_state()
        yield workspace


def _renames(plan: RequestPlan) -> set[str]:
    return {lot.collection for lot in plan.lots if RENAMED in dict(lot.erase).values()}


def _kept(plan: RequestPlan, reason: str) -> set[tuple[str, tuple[str, ...]]]:
    return {(each.collection, each.fields) for each in plan.kept if each.reason == reason}


def test_both_are_renamed(tmp_path: Path) -> None:
    with _firm(tmp_path / "office") as workspace:
        plan = planned(workspace, [wish("1", SINEAD)])
    assert _renames(plan) == {"pbx.cdr", "recordings.calls"}
    stores = [name for name, _ in plan.parts()]
    assert stores.index("recordings") < stores.index("pbx")


@pytest.mark.parametrize(
    ("store", "pack", "other", "field"),
    [
        ("recordings", "asterisk-recordings", "pbx.cdr", "recordingfile"),
        ("pbx", "asterisk", "recordings.calls", "name"),
    ],
)
def test_where_one_side_is_only_verified_the_other_keeps_its_name(
    tmp_path: Path, store: str, pack: str, other: str, field: str
) -> None:
    change = (f"    pack: {pack}\n", f"    pack: {pack}\n    mode: verify\n")
    with _firm(tmp_path / "office", change) as workspace:
        plan = planned(workspace, [wish("1", SINEAD)])
    assert _renames(plan) == set()
    assert (other, (field,)) in _kept(plan, "fixed")
    if other == "pbx.cdr":  # her number goes from all its other fields
        (lot,) = [e for e in plan.lots if e.collection == other and e.deed == "redact"]
        assert {"src", "cnum", "clid"} <= dict(lot.erase).keys()


def test_while_one_side_is_silent_the_other_waits_whole(tmp_path: Path) -> None:
    """Erased without its recording, the call would not be found again by her number."""
    folder = tmp_path / "office"
    with _firm(folder):
        pass
    (folder / "data" / "recordings").rename(folder / "data" / "away")
    with Workspace.open(folder, {}) as workspace:
        workspace.use_state()
        plan = planned(workspace, [wish("1", SINEAD)])
    assert _renames(plan) == set()
    assert ("pbx.cdr", ()) in _kept(plan, "waits")
    assert not [e for e in plan.lots if e.collection == "pbx.cdr" and e.deed == "redact"]
