"""What is sent is what the ledger says was sent."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from servanda import ledger
from servanda.ledger.signer import Signer
from servanda.ledger.verify.signed import verify_signed
from servanda.publish.receipt import receipt
from servanda.publish.reply import reply
from tests.publish.letters.sample import sample
from tests.publish.test_receipt import DATA


def test_the_entry_proves_the_receipt_and_names_the_letter(
    sqlite_state: str, signer: Signer, tmp_path: Path
) -> None:
    made = reply("erasure", sample(tmp_path), signer, DATA)
    entry = {"kind": "request.replied", "request": DATA.ref, **made.digests()}
    assert entry["letter"] == sha256(made.pdf).hexdigest()
    assert "complaint_to_regulator" in made.says
    (index,) = ledger.append([entry])
    path = tmp_path / "receipt.json"
    path.write_bytes(receipt(DATA, signer, [index]))
    assert verify_signed(path, signer.vkey).entries == [index]
    path.write_bytes(made.receipt)
    assert verify_signed(path, signer.vkey).ok


def test_a_letter_alone_has_no_receipt(tmp_path: Path, signer: Signer) -> None:
    made = reply("acknowledgement", sample(tmp_path), signer)
    assert made.receipt == b"" and made.digests()["receipt"] is None
    assert "Dear Ann Client," in made.text
