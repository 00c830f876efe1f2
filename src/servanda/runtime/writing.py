"""Letters on the way to an answer: received, who are you, what do you mean, we need longer, the
restriction ends, we passed it on. Each is kept sealed with its request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from servanda import law
from servanda.kernel.errors import UsageError
from servanda.policy.due import due

if TYPE_CHECKING:
    from servanda.desk.requests import RequestView
    from servanda.publish.letters import Letter, LetterData
    from servanda.runtime.workspace import Workspace

KINDS = (
    "acknowledgement",
    "identity",
    "scope",
    "extension",
    "lifting",
    "complaint-received",
    "routed-person",
    "routed-customer",
)
"""Letters that are no answer; answers are written by `answering`."""


@dataclass(frozen=True, slots=True)
class Written:
    text: Path
    printed: Path


def letter(
    workspace: Workspace,
    ref: str,
    kind: str,
    folder: Path,
    *,
    reasons: tuple[str, ...] = (),
    by_day: date | None = None,
) -> Written:
    """Write one of `KINDS`. `reasons`: what is asked, or why. `by_day`: the date it names; of most
    it is known. UsageError where the letter needs what is not given."""
    from servanda.publish import letters

    made = draft(workspace, ref, kind, reasons=reasons, by_day=by_day)
    text = letters.text(made)
    workspace.desk.keep_letter(ref, kind, text.encode())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = Written(folder / f"request-{ref}-{kind}.txt", folder / f"request-{ref}-{kind}.pdf")
    found.text.write_text(text, encoding="utf-8")
    found.printed.write_bytes(letters.pdf(made))
    return found


def draft(
    workspace: Workspace,
    ref: str,
    kind: str,
    *,
    reasons: tuple[str, ...] = (),
    by_day: date | None = None,
) -> Letter:
    """One of `KINDS` as it would be written; nothing is kept. UsageError as of `letter`."""
    from servanda.publish import letters

    view = workspace.desk.get(ref)
    if kind not in KINDS:
        raise UsageError(f'there is no letter "{kind[:40]}"', f"one of {', '.join(KINDS)}")
    try:
        return letters.letter(kind, _data(workspace, view, kind, reasons, by_day))
    except ValueError as error:
        raise UsageError(f"the letter cannot be written: {error}", "see --help") from None


def places(workspace: Workspace, view: RequestView) -> tuple[law.Place, ...]:
    """Whose law applies to a request."""
    found = due(workspace.policy, view.place or None, view.right, view.received)
    return tuple(law.find(code) for code in found.places)


def _data(
    workspace: Workspace,
    view: RequestView,
    kind: str,
    reasons: tuple[str, ...],
    by_day: date | None,
) -> LetterData:
    from servanda.publish.letters import LetterData

    applying = places(workspace, view)
    rules = [
        rule
        for place in applying
        for rule in law.facts.in_force(place.law.clocks, view.received)
        if view.right in rule.what
    ]
    tenant = next((each for each in workspace.tenants if each.id == view.tenant), None)
    if kind.startswith("routed") and tenant is None:
        raise UsageError(
            f"request {view.ref} is about no customer's data",
            f"hand it on first: servanda request route {view.ref} TENANT",
        )
    if kind == "lifting" and by_day is None:
        raise UsageError("the end of a restriction needs its day", "give --day")
    return LetterData(
        view.ref,
        view.right,
        workspace.policy,
        applying,
        view.received,
        datetime.now(UTC).astimezone(workspace.zone).date(),
        name=view.name,
        due=by_day or view.due or view.statutory_due,
        reasons=reasons,
        restarts=bool(rules) and all(each.start == "relevant_time" for each in rules),
        pauses=bool(rules) and all(each.pause for each in rules),
        customer=tenant.name if tenant else "",
    )
