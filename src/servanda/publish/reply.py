"""An answer as it leaves the house: the letter twice, and the receipt where there is one.

The ledger's entry names digests, so what was sent can later be shown to be what was sent:

    made = reply("erasure", letter_data, signer, receipt_data)
    index = append([{"kind": "request.replied", "request": ref, **made.digests()}])
    receipt(receipt_data, signer, [acted, index])     # the file that proves its own entry
"""

from __future__ import annotations

from dataclasses import dataclass

from servanda.kernel.digest import sha256_hex
from servanda.ledger.signer import Signer
from servanda.publish.letters import LetterData, letter, pdf, text
from servanda.publish.package import Made
from servanda.publish.receipt import ReceiptData, digest, receipt


@dataclass(frozen=True, slots=True)
class Reply:
    """`says`: what of the law's list for such a reply is stated in it. `receipt`: signed, without
    proof of an entry that is not made yet; blank where nothing was done to records."""

    title: str
    text: str
    pdf: bytes
    says: tuple[str, ...]
    receipt: bytes
    receipt_digest: str
    package: str

    def digests(self) -> dict[str, object]:
        """For `request.replied`. Nothing in it tells of the person."""
        return {
            "letter": sha256_hex(self.pdf),
            "receipt": self.receipt_digest or None,
            "package": self.package or None,
            "says": list(self.says),
        }


def reply(
    kind: str,
    data: LetterData,
    signer: Signer,
    done: ReceiptData | None = None,
    package: Made | None = None,
) -> Reply:
    """ValueError where the kind of letter needs what `data` has not."""
    made = letter(kind, data)
    return Reply(
        made.title,
        text(made),
        pdf(made),
        made.says,
        receipt(done, signer) if done else b"",
        digest(done) if done else "",
        package.sha256 if package else "",
    )
