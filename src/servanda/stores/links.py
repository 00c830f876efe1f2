"""Targets of links: `store.collection`, `collection`, or, in packs, `pack.collection`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from servanda.kernel.located import Findings, Where
from servanda.kernel.suggest import did_you_mean
from servanda.policy.types import brief
from servanda.stores.compile import full_fields, implied_fields
from servanda.stores.document import CollectionDoc, StoresDoc
from servanda.stores.link import Link
from servanda.stores.link_parts import LinkDoc, OnEraseDoc
from servanda.stores.ownership_checks import check_link


@dataclass(frozen=True, slots=True)
class Directory:
    """What can be named. `written`: stores and their collections, unsound ones included."""

    doc: StoresDoc
    written: Mapping[str, frozenset[str]]
    packs: Mapping[str, tuple[str, ...]]  # pack -> stores that use it

    def collection(self, store: str, name: str) -> CollectionDoc | None:
        found = self.doc.stores.get(store)
        return found.collections.get(name) if found else None

    @property
    def ids(self) -> list[str]:
        return [f"{store}.{name}" for store, names in self.written.items() for name in names]

    def resolve(self, store: str, target: str) -> tuple[str, str] | None:
        """(store, collection), or None when nothing or more than one thing is meant."""
        if target in self.written.get(store, ()):
            return store, target
        head, _, name = target.partition(".")
        if name in self.written.get(head, ()):
            return head, name
        users = [each for each in self.packs.get(head, ()) if name in self.written.get(each, ())]
        return (users[0], name) if len(users) == 1 else None


def resolve_links(
    store: str, doc: CollectionDoc, directory: Directory, findings: Findings, where: Where
) -> tuple[Link, ...]:
    found = []
    for index, link in enumerate(doc.links):
        place: Where = (*where, "links", index)
        target = directory.resolve(store, link.to)
        if target is None:
            _unresolved(link.to, directory, findings, (*place, "to"))
            continue
        theirs = directory.collection(*target)
        known = {*full_fields(theirs), *implied_fields(theirs)} if theirs else set()
        for ours, their in link.match.items():
            if theirs is not None and their not in known:
                findings.error(
                    (*place, "match", ours),
                    "unknown-field",
                    f'{".".join(target)} has no field "{brief(their)}"',
                    did_you_mean(their, known),
                )
        check_link(link, theirs if link.as_ in ("owns", "accesses") else doc, findings, place)
        found.append(_compiled(".".join(target), link))
    return tuple(found)


def _compiled(to: str, link: LinkDoc) -> Link:
    redact = link.on_erase.redact if isinstance(link.on_erase, OnEraseDoc) else ()
    return Link(
        to,
        tuple(link.match.items()),
        link.as_,
        hide=tuple(link.on_access.redact) if link.on_access else (),
        redact=tuple(redact),
        goes=link.on_erase == "delete",
    )


def _unresolved(to: str, directory: Directory, findings: Findings, where: Where) -> None:
    head = to.partition(".")[0]
    users = directory.packs.get(head, ())
    if len(users) > 1:
        findings.error(
            where,
            "ambiguous-link",
            f'{len(users)} stores use the pack "{head}"',
            f"name one: {', '.join(users)}",
        )
    elif findings.located.place(where).file != findings.located.file and not users:
        # A pack ties itself to another one that this workspace may well not have.
        findings.warning(
            where,
            "link-unused",
            f'no store here is "{brief(to)}", so these rows are not tied to it',
            f"add a store with `pack: {brief(head)}` if there is one",
        )
    else:
        findings.error(
            where,
            "unknown-link-target",
            f'there is no collection "{brief(to)}"',
            did_you_mean(to, directory.ids),
        )
