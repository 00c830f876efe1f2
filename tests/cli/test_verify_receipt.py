"""A receipt and a package's manifest are checked by whoever holds the public key."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda.ledger.signer import Signer
from servanda.publish.receipt import receipt
from servanda.publish.statement import signed
from tests.cli.shop import Cli
from tests.publish.test_receipt import DATA


@pytest.fixture
def signer(cli: Cli) -> Signer:
    key = cli("evidence", "key").out.strip()
    made = Signer.open(cli.folder / ".servanda" / "keys" / "signing.key", "unused")
    assert made.vkey == key
    return made


def test_a_genuine_receipt_is_told_store_by_store(cli: Cli, signer: Signer, tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    path.write_bytes(receipt(DATA, signer))
    found = cli("verify", path, "--key", signer.vkey)
    assert found.code == 0
    assert "✓ genuine: the receipt of request 12" in found.out
    assert "billing: kept, for the reasons given, 2 records" in found.out
    assert "3 records kept until 2033-04-05: invoices: tax law" in found.out
    assert "no proof of its place in the ledger" in found.out
    assert (
        cli("verify", path, "--key", signer.vkey, "--json").json()["statement"]["request"] == "12"
    )


def test_a_changed_receipt_is_found_out(cli: Cli, signer: Signer, tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    path.write_bytes(receipt(DATA, signer).replace(b'"done": 7', b'"done": 9'))
    found = cli("verify", path, "--key", signer.vkey)
    assert found.code == 1
    assert "NOT GENUINE" in found.out and "✓" not in found.out


def test_a_manifest_is_held_against_its_files(cli: Cli, signer: Signer, tmp_path: Path) -> None:
    from servanda.kernel.digest import sha256_hex

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.json").write_bytes(b"[]")
    members = [{"name": "data/a.json", "size": 2, "sha256": sha256_hex(b"[]")}]
    statement = {"v": 1, "request": "12", "complete": True, "members": members}
    path = tmp_path / "manifest.json"
    path.write_bytes(signed("package", statement, signer))
    assert "1 file as packed" in cli("verify", path, "--key", signer.vkey).out
    (tmp_path / "data" / "a.json").write_bytes(b"{}")
    found = cli("verify", path, "--key", signer.vkey)
    assert found.code == 1 and "data/a.json: it is not what was packed" in found.out
    outside = {**statement, "members": [{**members[0], "name": "../secret"}]}
    path.write_bytes(signed("package", outside, signer))
    assert "outside the package" in cli("verify", path, "--key", signer.vkey).out
