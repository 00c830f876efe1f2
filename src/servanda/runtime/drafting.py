"""What is to be said in an answer: which letter, what was given, done, kept, and is outstanding.

The danger: an answer that says more than is true. So what stays, and what is outstanding, is asked
of the stores once more when it is drafted, and what was done is what evidence says.
Tests: tests/cli/test_request_answers.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from servanda.kernel.errors import UsageError
from servanda.runtime import finding, keeping, leftovers, naming, requests
from servanda.runtime.writing import places

if TYPE_CHECKING:
    from servanda.apply.requests import Actor
    from servanda.desk.requests import RequestView
    from servanda.plan.find import Tree
    from servanda.plan.requests import RequestPlan
    from servanda.publish.letters import LetterData
    from servanda.publish.package import Gathered, LeftOut, Unread
    from servanda.publish.receipt import State, StoreLine
    from servanda.runtime.workspace import Workspace

_LETTERS = {
    "erasure": "erasure",
    "rectification": "rectified",
    "restriction": "restricted",
    "object": "objection",
    "withdraw": "withdrawal",
    "complaint": "complaint-outcome",
}
_GIVEN = ("access", "portability")


@dataclass(frozen=True, slots=True)
class Words:
    """What only people can say. `reasons`: of a refusal, in our words. `outcome`: of a
    complaint. `passphrase_by`: how the passphrase reaches the person."""

    reasons: tuple[str, ...] = ()
    outcome: str = ""
    passphrase_by: str = "by another way than this letter"  # noqa: S105


class Given(Protocol):
    """What a letter tells of a package."""

    @property
    def counts(self) -> tuple[tuple[str, int], ...]: ...
    @property
    def left_out(self) -> tuple[LeftOut, ...]: ...
    @property
    def expires(self) -> datetime: ...
    @property
    def unread(self) -> tuple[Unread, ...]: ...


_T = TypeVar("_T", bound=Given)


@dataclass(frozen=True, slots=True)
class Draft(Generic[_T]):
    """An answer before it is written."""

    view: RequestView
    kind: str
    data: LetterData
    made: _T | None


def drafted(
    workspace: Workspace,
    view: RequestView,
    actor: Actor,
    words: Words,
    now: datetime,
    give: Callable[[Workspace, RequestView, Gathered, datetime], _T],
) -> Draft[_T]:
    """What is to be said. `give` makes the package, or only tells what would be in it."""
    from servanda.desk.intake.freetext import refuse_cards

    _ready(view)
    refuse_cards("the letter", [*words.reasons, words.outcome, words.passphrase_by])
    found = finding.gather(workspace, requests.subject(view))
    tree = found.tree
    made: _T | None = None
    kind = _LETTERS.get(view.right, view.right)
    lines: tuple[StoreLine, ...] = ()
    if view.decision == "refuse":
        kind = "refusal"
    elif view.right in _GIVEN:
        if tree.ambiguities:
            raise UsageError(
                "it is not clear who is meant", f"choose: servanda request choose {view.ref}"
            )
        kind = view.right if tree.branches else "nothing-found"
        made = give(workspace, view, found, now) if tree.branches else None
        lines = _given(workspace, tree, made)
    else:
        lines = _stores(workspace, view, actor)
        quiet = all(each.state == "done" and not each.done for each in lines)
        nobody = not tree.branches and quiet
        if nobody and view.right in ("erasure", "rectification", "restriction"):
            kind = "nothing-found"
    return Draft(view, kind, _letter_data(workspace, view, words, made, lines, now), made)


def _ready(view: RequestView) -> None:
    if view.state in ("replied", "closed"):
        raise UsageError(
            f"request {view.ref} was answered already",
            f"what was said: servanda request show {view.ref}; something new is a new request",
        )
    if view.state == "routed":
        raise UsageError(
            f"request {view.ref} is the customer's to answer",
            f"tell both: servanda request letter {view.ref} routed-person (and routed-customer)",
        )
    late = view.state in ("decided", "acted", "refused", "acting")
    if not late:
        raise UsageError(
            f"request {view.ref} is {view.state}, so there is nothing to say yet",
            f"decide it first: servanda request decide {view.ref}",
        )
    if view.state == "decided" and view.right in requests.IN_STORES:
        raise UsageError(
            f"request {view.ref} is decided and not acted on",
            f"act first: servanda request act {view.ref}",
        )


# ── what was done, kept and left ──────────────────────────────────────────────────────────────


def _given(workspace: Workspace, tree: Tree, made: Given | None) -> tuple[StoreLine, ...]:
    """Of data that is given: how many records of each store are in the package."""
    from servanda.publish.receipt import StoreLine

    counts: dict[str, int] = {}
    for id_, count in made.counts if made else ():
        counts[id_.partition(".")[0]] = counts.get(id_.partition(".")[0], 0) + count
    silent = {each.store: each.why for each in tree.pending}
    silent |= {each.store: each.why for each in made.unread} if made else {}
    return tuple(
        StoreLine(
            each.name,
            "unreachable" if each.name in silent else "done",
            counts.get(each.name, 0),
            called=naming.store(each),
        )
        for each in workspace.configs
    )


def _stores(workspace: Workspace, view: RequestView, actor: Actor) -> tuple[StoreLine, ...]:
    """Of data that was changed: done by evidence; kept and outstanding as the stores say now."""
    from servanda.apply.requests import busy, done_for
    from servanda.publish.receipt import StoreLine

    done: dict[str, dict[str, int]] = {}
    for id_, _, count in done_for(view.ref):
        parts = done.setdefault(id_.partition(".")[0], {})
        called = naming.collection(workspace, id_)
        parts[called] = parts.get(called, 0) + count
    left: RequestPlan | None = None
    if view.right in requests.IN_STORES:
        left = requests.plan(workspace, [view], actor)
    silent = {each.store for each in left.silent} if left else set()
    waiting = keeping.waiting(actor, left.lots if left else ())
    if view.ref in busy():  # a store was lost when it may have done it: nobody knows yet
        waiting = {config.name for config in workspace.configs}
    kept = keeping.kept(workspace, view, left.kept if left else ())
    lines = []
    for each in workspace.configs:
        name = each.name
        here, parts = kept.get(name, ()), done.get(name, {})
        state: State = "kept" if here else "done"
        if name in silent:
            state = "unreachable"
        elif name in waiting:
            state = "pending"
        lines.append(
            StoreLine(
                name,
                state,
                sum(parts.values()),
                tuple(here),
                called=naming.store(each),
                parts=tuple(parts.items()),
            )
        )
    return tuple(lines)


# ── what the letter says ────────────────────────────────────────────────────────────────


def _letter_data(
    workspace: Workspace,
    view: RequestView,
    words: Words,
    made: Given | None,
    lines: Sequence[StoreLine],
    now: datetime,
) -> LetterData:
    from servanda.publish.letters import LetterData

    used = {id_ for id_, _ in made.counts} if made else set()
    ids = {workspace.collection(id_).activity for id_ in used}
    return LetterData(
        view.ref,
        view.right,
        workspace.policy,
        places(workspace, view),
        view.received,
        now.astimezone(workspace.zone).date(),
        name=view.name,
        reasons=words.reasons,
        grounds=view.grounds if view.decision == "refuse" else (),
        stores=tuple(lines),
        searched=tuple(dict.fromkeys(naming.store(each) for each in workspace.configs)),
        left_out=tuple(
            replace(each, collection=naming.collection(workspace, each.collection))
            for each in (made.left_out if made else ())
        ),
        activities=tuple(a for a in workspace.policy.activities if a.id in ids),
        package_until=_day(workspace, made.expires) if made else None,
        passphrase_by=words.passphrase_by if made else "",
        corrections=tuple(f"{_field(what)}: {value}" for what, value in view.corrections),
        residue=_residue(view) if view.right == "erasure" else (),
        purpose=view.purpose,
        outcome=words.outcome,
        customer=next((t.name for t in workspace.tenants if t.id == view.tenant), ""),
    )


def _field(what: str) -> str:
    """`contact.email` reads `e-mail address`."""
    from servanda.publish.package.about import label

    return label("data", what)


def _day(workspace: Workspace, moment: datetime) -> date:
    return moment.astimezone(workspace.zone).date()


def _residue(view: RequestView) -> tuple[str, ...]:
    """Copies that go later, as the search after the erasure told of them."""
    from servanda.ledger import history

    runs: set[str] = set()
    found: list[str] = []
    for entry in history.entries(("request.acted", "residue")):
        if view.ref in entry.data.get("requests", ()):
            runs.add(entry.data["run"])
        elif entry.kind == "residue" and entry.data["run"] in runs:
            found += [each["where"] for each in entry.data["statements"]]
    return leftovers.in_words(found)
