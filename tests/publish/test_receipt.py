"""A receipt says what was done in every store; nobody can change a word of it unseen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from servanda import ledger
from servanda.ledger.signer import Signer
from servanda.ledger.verify.signed import Signed, verify_signed
from servanda.publish.receipt import KeptLine, ReceiptData, StoreLine, digest, receipt

DATA = ReceiptData(
    "12",
    "erasure",
    date(2026, 2, 20),
    datetime(2026, 3, 1, 9, tzinfo=UTC),
    "done in part",
    (
        StoreLine("crm", "done", 7),
        StoreLine("billing", "kept", 2, (KeptLine(3, "invoices: tax law", date(2033, 4, 5)),)),
        StoreLine("pbx", "unreachable", note="tried on 2026-03-01"),
    ),
)


@pytest.fixture
def genuine(sqlite_state: str, signer: Signer, tmp_path: Path) -> Path:
    """A receipt in a ledger with other entries around it."""
    ledger.append([{"kind": "census", "number": n} for n in range(5)])
    acted = ledger.append([{"kind": "request.acted", "requests": ["11", "12"], "complete": False}])
    replied = ledger.append([{"kind": "request.replied", "request": "12", "receipt": digest(DATA)}])
    ledger.append([{"kind": "census", "number": n} for n in range(3)])
    path = tmp_path / "receipt.json"
    path.write_bytes(receipt(DATA, signer, [acted[0], replied[0]]))
    return path


def check(path: Path, signer: Signer) -> Signed:
    return verify_signed(path, signer.vkey)


def test_it_names_every_store_and_its_places_in_the_ledger(genuine: Path, signer: Signer) -> None:
    found = check(genuine, signer)
    assert found.ok and found.kind == "receipt" and found.entries == [5, 6]
    stores = {each["store"]: each for each in found.statement["stores"]}
    assert stores["crm"]["done"] == 7 and stores["pbx"]["state"] == "unreachable"
    assert stores["billing"]["kept"] == [
        {"count": 3, "why": "invoices: tax law", "until": "2033-04-05"}
    ]
    assert found.statement["finished"] is False


def test_it_is_finished_when_every_store_is() -> None:
    assert not DATA.finished
    assert replace(DATA, stores=DATA.stores[:2]).finished


def _store(document: dict[str, Any]) -> None:
    document["receipt"]["stores"][1]["done"] = 8


def _finished(document: dict[str, Any]) -> None:
    document["receipt"]["finished"] = True


def _entry(document: dict[str, Any]) -> None:
    document["evidence"][0]["entry"] = document["evidence"][0]["entry"].replace("false", "true")


def _moved(document: dict[str, Any]) -> None:
    document["evidence"][1]["index"] = 4


def _unsigned(document: dict[str, Any]) -> None:
    document["signature"] = document["signature"].split("\n\n")[0]


def _as_package(document: dict[str, Any]) -> None:
    document["package"] = document.pop("receipt")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_store, "signature"),
        (_finished, "signature"),
        (_entry, "evidence"),
        (_moved, "evidence"),
        (_unsigned, "signature"),
        (_as_package, "signature"),
    ],
)
def test_a_changed_word_shows(
    genuine: Path, signer: Signer, change: Callable[[dict[str, Any]], None], code: str
) -> None:
    document = json.loads(genuine.read_text("utf-8"))
    change(document)
    genuine.write_text(json.dumps(document), encoding="utf-8")
    assert code in {each.code for each in check(genuine, signer).findings}


def test_another_key_is_not_believed(genuine: Path, tmp_path: Path) -> None:
    other = Signer.open(tmp_path / "other.key", "example.test/privacy")
    assert not check(genuine, other).ok


def test_an_entry_about_another_receipt_proves_nothing(
    genuine: Path, signer: Signer, tmp_path: Path
) -> None:
    later = replace(DATA, outcome="done")
    path = tmp_path / "later.json"
    path.write_bytes(receipt(later, signer, [6]))
    assert [each.code for each in check(path, signer).findings] == ["evidence"]
    other = replace(DATA, ref="13")
    path.write_bytes(receipt(other, signer, [5]))
    assert [each.code for each in check(path, signer).findings] == ["evidence"]


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"receipt": 1}', '{"receipt": {}}'])
def test_what_is_no_receipt_is_said_to_be_none(text: str, signer: Signer, tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    path.write_text(text, encoding="utf-8")
    assert not check(path, signer).ok
