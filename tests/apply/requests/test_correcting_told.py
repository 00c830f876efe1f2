"""Corrections and withdrawals: what cannot be done, or is another's to decide, is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda.plan.requests import Wish
from servanda.plan.requests.model import Reason
from servanda.runtime.workspace import Workspace
from tests.apply.requests import house
from tests.apply.requests.house import ANN, BOB, CID, build_house, planned, wish

_RENAMED = (("name", "Anne"),)


def _changed(monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str) -> None:
    text = getattr(house, name)
    assert old in text
    monkeypatch.setattr(house, name, text.replace(old, new))


def _plan(folder: Path, *wishes: Wish) -> tuple[dict[str, int], dict[tuple[str, Reason], int]]:
    """By collection and request how much is done, and by collection, request and reason what
    stays."""
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        found = planned(workspace, wishes)
    done = {f"{lot.collection} {ref}": len(keys) for lot in found.lots for ref, keys in lot.by}
    kept = {(f"{each.collection} {each.ref}", each.reason): len(each.keys) for each in found.kept}
    return done, kept


def test_a_consent_that_no_one_can_end_in_the_store_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes = [wish(ref, who, "withdraw") for ref, who in (("1", ANN), ("2", BOB), ("3", CID))]
    done, kept = _plan(build_house(tmp_path / "house"), *wishes)
    assert sorted(done) == ["crm.clients 1", "crm.clients 2"]  # Cid has said no before
    assert kept == {}
    _changed(monkeypatch, "STORES", ', no: "no"}', "}")
    done, kept = _plan(build_house(tmp_path / "other"), *wishes)
    assert done == {}
    assert kept == {("crm.clients 1", "fixed"): 1, ("crm.clients 2", "fixed"): 1}  # Cid never said


def test_what_a_customer_decides_about_is_not_corrected_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _changed(monkeypatch, "POLICY", "  clients:\n", "  clients:\n    role: processor\n")
    _changed(
        monkeypatch, "STORES", "          name: name\n", "          name: name\n          of: []\n"
    )
    _changed(monkeypatch, "STORES", "        consent:", "        tenant: of\n        consent:")
    _changed(monkeypatch, "STORES", "stores:\n", "tenants: {acme: {name: Acme}}\nstores:\n")
    _changed(
        monkeypatch,
        "_CRM",
        "created TEXT);\nCREATE",
        "created TEXT, of TEXT DEFAULT 'acme');\nCREATE",
    )
    columns = "INSERT INTO clients (id, name, email, phone, news, created) VALUES"
    _changed(monkeypatch, "_CRM", "INSERT INTO clients VALUES", columns)
    made = build_house(tmp_path / "house")
    theirs = wish("1", ANN, "rectification", corrections=_RENAMED)
    done, kept = _plan(made, theirs)
    assert done == {"crm.orders 1": 2}
    assert kept == {("crm.clients 1", "customer"): 1}
