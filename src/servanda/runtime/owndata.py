"""What somebody whose mailbox is proven may see and correct of their own contact data.

The danger: a stranger's data shown, or changed, by somebody who shares an address, a telephone or
a record with them. What guards it: only records which the mailbox itself leads to, of which this
person is the only owner, and which tell of one person; where any other record of that collection
is theirs only in part, or several values stand there, the collection is left out. A correction
names fields and the records, so acting on it reaches no others. Tests:
tests/runtime/test_owndata.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from servanda import state
from servanda.kernel.errors import ServandaError, UsageError
from servanda.kernel.predicate import Among
from servanda.plan.find import Branch, Key, Subject, Tree
from servanda.plan.find.parties import parties
from servanda.runtime import finding, jobs

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace
    from servanda.stores.mapping import Collection

CATEGORIES = ("name", "contact.email", "contact.phone", "contact.postal")
_UNCONFIRMED = ("contact.phone",)
"""What cannot be proven by mail, so that staff looks at it."""
BY = "portal"


@dataclass(frozen=True, slots=True)
class Own:
    """One value. `fields`: `store.collection.field`, each place where it stands."""

    category: str
    value: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """`records`: those that are this person's alone: (collection, key)."""

    values: tuple[Own, ...]
    records: tuple[tuple[str, Key], ...]
    pending: bool  # a store did not answer, so there may be more


@dataclass(frozen=True, slots=True)
class Corrected:
    """`at_once`: it is acted on without anybody deciding. `secret`: of the link to follow it."""

    ref: str
    secret: str
    at_once: bool


def look(workspace: Workspace, mailbox: str) -> Found:
    """The contact data of whoever has this mailbox."""
    subject = Subject("own", (("email", mailbox),))
    tree = finding.find(workspace, [subject])[0]
    places: dict[tuple[str, str], list[str]] = {}
    records: list[tuple[str, Key]] = []
    pending = bool(tree.pending)
    for collection, branches in _alone(workspace, tree):
        try:
            values = _values(workspace, collection, branches)
        except ServandaError:
            pending = True
            continue
        if values:
            records += [(collection.id, key) for branch in branches for key in branch.keys]
        for name, (category, value) in values.items():
            places.setdefault((category, value), []).append(f"{collection.id}.{name}")
    found = [Own(category, value, tuple(at)) for (category, value), at in places.items()]
    found.sort(key=lambda each: CATEGORIES.index(each.category))
    return Found(tuple(found), tuple(records), pending)


def correct(
    workspace: Workspace,
    mailbox: str,
    changes: Mapping[Own, str],
    *,
    language: str = "en",
    now: datetime | None = None,
) -> Corrected:
    """Open the request that says so, verified; with `[requests] self_correction`, decide it and
    have it done. A new e-mail address must be confirmed before this is called."""
    from servanda.desk.portal import links
    from servanda.desk.requests import identity

    found = look(workspace, mailbox)
    if not changes or any(own not in found.values for own in changes):
        raise UsageError("your data changed meanwhile", "look at it again")
    desk = workspace.desk
    told = [(place, value) for own, value in changes.items() for place in own.fields]
    by_staff = any(own.category in _UNCONFIRMED for own in changes)
    at_once = workspace.settings.requests.self_correction and not by_staff
    phones = [("phone", own.value) for own in changes if own.category == "contact.phone"]
    with state.transaction():
        ref = desk.new(
            "rectification",
            [("email", mailbox), *_readable(workspace, phones)],
            received=desk.book.today(now),
            via="form",
            by=BY,
            contact=mailbox,
            text="corrected by the person",
            corrections=told,
            now=now,
        )
        identity.confirmed(desk.book, ref, by=BY, now=now)
        secret = links.make(desk.book, ref, language, now)
        desk.choose(ref, _only(found, changes), by=BY, now=now)
        if at_once:
            desk.decide(ref, "act", by=BY, now=now)
            jobs.ask("act", {"requests": [ref]}, about=f"request:{ref}", by=BY)
    return Corrected(ref, secret, at_once)


def _only(found: Found, changes: Mapping[Own, str]) -> Sequence[tuple[str, Key]]:
    touched = {place.rpartition(".")[0] for own in changes for place in own.fields}
    return [each for each in found.records if each[0] in touched]


def _readable(workspace: Workspace, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that are identities: what stands in a record may be none."""
    from servanda.kernel import identity

    return [(k, v) for k, v in pairs if identity.normal(k, v, workspace.region) is not None]


def _alone(workspace: Workspace, tree: Tree) -> list[tuple[Collection, list[Branch]]]:
    """Collections in which all that was found is this person's alone."""
    unclear = {each.collection for each in tree.ambiguities}
    by_collection: dict[str, list[Branch]] = {}
    for branch in tree.branches:
        by_collection.setdefault(branch.collection, []).append(branch)
    found = []
    for id_, branches in by_collection.items():
        collection = workspace.collection(id_)
        plain = collection.tabular and collection.key and len(parties(collection)) <= 1
        direct = _mode(workspace, collection) == "direct"
        if (
            plain
            and direct
            and id_ not in unclear
            and all(_theirs(workspace, collection, each) for each in branches)
        ):
            found.append((collection, branches))
    return found


def _theirs(workspace: Workspace, collection: Collection, branch: Branch) -> bool:
    activity = workspace.policy.activity(collection.activity or "")
    customers = activity is not None and activity.role == "processor" and bool(branch.tenant)
    return (
        branch.role == "owner"
        and not branch.others
        and not branch.why
        and branch.tenant is not None
        and not customers
        and branch.way.tie is None
    )


def _mode(workspace: Workspace, collection: Collection) -> str:
    return next(c.mode for c in workspace.configs if c.name == collection.store)


def _values(
    workspace: Workspace, collection: Collection, branches: Sequence[Branch]
) -> dict[str, tuple[str, str]]:
    """By field: category and value, where all the records say the same. Fields that hold one thing
    alone: a text in which a name and an address stand together is nobody's to type over."""
    wanted = {
        each.name: each.categories[0]
        for each in collection.fields
        if each.name not in collection.key
        and len(each.categories) == 1
        and each.categories[0] in CATEGORIES
        and not any(each.name in branch.hide for branch in branches)
        and each.name not in {name for _kind, name in collection.texts}
    }
    store = workspace.stores[collection.store]
    if isinstance(store, ServandaError):
        raise store
    names = tuple(wanted)
    seen: dict[str, set[str]] = {name: set() for name in names}
    for branch in branches:
        for row in store.rows(collection, Among(branch.named_by, branch.keys), names):
            for name, value in zip(names, row, strict=True):
                seen[name].add("" if value is None else str(value))
    return {
        name: (wanted[name], next(iter(values)))
        for name, values in seen.items()
        if len(values) == 1 and next(iter(values)).strip()
    }
