"""The answer to a request: a letter, a package where data is given, and a signed receipt.

The danger: an answer that is sent and not on record, or on record and never seen by anybody. So
`reply` keeps the letter and says so in evidence before its files are there, and `preview` shows it
before and leaves no trace. Tests: tests/cli/test_request_answers.py, tests/web/requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from servanda.kernel.errors import UsageError
from servanda.runtime import giving, portal, requests, restored
from servanda.runtime.drafting import Draft, Words, drafted

if TYPE_CHECKING:
    from servanda.apply.requests import Actor
    from servanda.publish.letters import Letter
    from servanda.publish.package import Made
    from servanda.publish.receipt import StoreLine
    from servanda.runtime.drafting import Given
    from servanda.runtime.workspace import Workspace

__all__ = ["Answer", "Preview", "Words", "preview", "reply"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Files for the person, in `folder`. `passphrase` is nowhere else: send it another way."""

    kind: str
    folder: Path
    letter: Path
    printed: Path
    receipt: Path
    package: Path | None = None
    passphrase: str = ""
    package_until: datetime | None = None
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter as it would be sent. `records`: in the package; None where there is none."""

    kind: str
    text: str
    stores: tuple[StoreLine, ...]
    records: int | None


def reply(
    workspace: Workspace, ref: str, actor: Actor, words: Words, folder: Path, *, by: str
) -> Answer:
    """Write the answer, keep the letter sealed, and put it into evidence. UsageError where the
    request is not ready for it."""
    restored.require_settled()
    requests.resume(workspace, actor)
    now = datetime.now(UTC)
    words = portal.said(workspace, ref, words)
    draft = drafted(workspace, workspace.desk.get(ref), actor, words, now, giving.package)
    return _written(workspace, draft, folder, now, by)


def preview(workspace: Workspace, ref: str, actor: Actor, words: Words) -> Preview:
    """The letter as it would be now, and how many records a package would hold. Nothing is made,
    kept or recorded. UsageError where the request is not ready for it, or words are missing."""
    from servanda.publish import letters

    now = datetime.now(UTC)
    words = portal.said(workspace, ref, words)
    draft = drafted(workspace, workspace.desk.get(ref), actor, words, now, giving.outline)
    records = sum(count for _, count in draft.made.counts) if draft.made else None
    return Preview(draft.kind, letters.text(_letter(draft)), draft.data.stores, records)


def _letter(draft: Draft[Given] | Draft[Made] | Draft[giving.Outline]) -> Letter:
    from servanda.publish import letters

    try:
        return letters.letter(draft.kind, draft.data)
    except ValueError as error:
        raise UsageError(
            f"the letter cannot be written: {error}",
            "say it with --outcome (of a complaint) or --reason: servanda request reply --help",
        ) from None


def _written(
    workspace: Workspace, draft: Draft[Made], folder: Path, now: datetime, by: str
) -> Answer:
    from servanda import state
    from servanda.ledger import history
    from servanda.publish import letters, receipt

    view, kind, data, made = draft.view, draft.kind, draft.data, draft.made
    letter = _letter(draft)
    said = letters.text(letter)
    outcome = "refused" if kind == "refusal" else kind
    proven = receipt.ReceiptData(
        view.ref,
        view.right,
        view.received,
        now,
        outcome,
        data.stores,
        made.sha256 if made else "",
    )
    digest = receipt.digest(proven)
    with state.transaction():
        workspace.desk.replied(
            view.ref,
            said.encode(),
            package=made.sha256 if made else None,
            receipt=digest,
            says=letter.says,
            finished=proven.finished,
            by=by,
        )
        portal.offer(workspace, view, made)
    workspace.checkpoint()
    entries = [
        entry.index
        for entry in history.entries(("request.acted", "request.replied"))
        if view.ref in entry.data.get("requests", ()) or entry.data.get("receipt") == digest
    ]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"request-{view.ref}"
    answer = Answer(
        kind,
        folder,
        folder / f"{name}-letter.txt",
        folder / f"{name}-letter.pdf",
        folder / f"{name}-receipt.json",
        made.path if made else None,
        made.passphrase if made else "",
        made.expires if made else None,
        proven.finished,
    )
    answer.letter.write_text(said, encoding="utf-8")
    answer.printed.write_bytes(letters.pdf(letter))
    answer.receipt.write_bytes(receipt.receipt(proven, workspace.signer, entries))
    return answer
