"""What a person is given of their data: the package itself, or what would be in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from servanda.runtime.writing import places

if TYPE_CHECKING:
    from servanda.desk.requests import RequestView
    from servanda.publish.package import Asked, Gathered, LeftOut, Made, Unread
    from servanda.runtime.workspace import Workspace
    from servanda.stores.mapping import Collection


@dataclass(frozen=True, slots=True)
class Outline:
    """What would be in a package."""

    counts: tuple[tuple[str, int], ...]
    left_out: tuple[LeftOut, ...]
    expires: datetime
    unread: tuple[Unread, ...] = ()


def _asked(workspace: Workspace, view: RequestView) -> Asked:
    from servanda.publish import package as packages

    right: Literal["access", "portability"] = (
        "portability" if view.right == "portability" else "access"
    )
    return packages.Asked(view.ref, right, places(workspace, view), view.received)


def _collections(workspace: Workspace) -> list[Collection]:
    return [each for config in workspace.configs for each in config.collections]


def package(workspace: Workspace, view: RequestView, found: Gathered, now: datetime) -> Made:
    from servanda.publish import package as packages

    return packages.make(
        _asked(workspace, view),
        found,
        _collections(workspace),
        workspace.stores,
        workspace.policy,
        workspace.signer,
        workspace.packages,
        now=now,
    )


def outline(workspace: Workspace, view: RequestView, found: Gathered, now: datetime) -> Outline:
    from servanda.publish import package as packages

    portions, left_out = packages.portioned(
        _asked(workspace, view), found, _collections(workspace), workspace.policy
    )
    return Outline(
        tuple((each.collection.id, each.count) for each in portions),
        tuple(left_out),
        now + timedelta(days=workspace.packages.days),
    )
