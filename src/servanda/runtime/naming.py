"""What collections and stores are called where a person reads of them: by what they are for.

A name such as `crm.tbl_clients2` tells nobody anything; the activity that it serves does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace
    from servanda.stores.mapping import Collection, StoreConfig


def collection(workspace: Workspace, id_: str) -> str:
    """`Client accounts`, of a collection that serves the activity `client-accounts`."""
    found = _found(workspace, id_)
    return _title(found) if found else _plain(id_.rpartition(".")[2])


def store(config: StoreConfig) -> str:
    """`Call recording and client accounts`: what lies in it."""
    from servanda.plan.words import names

    of = [each for each in config.collections if each.activity] or list(config.collections)
    first, *rest = dict.fromkeys(map(_title, of)) or [_plain(config.name)]
    return names([first, *(each[:1].lower() + each[1:] for each in rest)])


def fields(workspace: Workspace, id_: str, fields: tuple[str, ...]) -> list[str]:
    """What is in these fields, each thing once: `e-mail address`."""
    from servanda.publish.package.about import label

    mapped = _found(workspace, id_)
    kinds = {each.name: each.categories for each in mapped.fields} if mapped else {}
    found = [
        label("data", kind) if kind else name.replace("_", " ")
        for name in fields
        for kind in kinds.get(name) or ("",)
    ]
    return list(dict.fromkeys(found))


def _found(workspace: Workspace, id_: str) -> Collection | None:
    every = (each for config in workspace.configs for each in config.collections)
    return next((each for each in every if each.id == id_), None)


def _title(mapped: Collection) -> str:
    return _plain(mapped.activity or mapped.name)


def _plain(id_: str) -> str:
    from servanda.publish.package.about import title

    return title(id_)
