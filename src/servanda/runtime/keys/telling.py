"""What there is to know of the master key, without the key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from servanda.runtime.keys.files import KeyFolder
from servanda.runtime.keys.sources import Files

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Status:
    """Fingerprints: `in_force` by the state, `here` from the source. `unfinished`: a rotation was
    begun. `under`: how many rows hang on the master key."""

    source: str
    in_force: str
    since: datetime | None
    here: tuple[str, ...]
    unfinished: bool
    under: dict[str, int]

    @property
    def fits(self) -> bool:
        return not self.in_force or self.in_force in self.here


def status(workspace: Workspace) -> Status:
    """`use_state` comes first."""
    from servanda.state.connection import guard
    from servanda.state.models import ConsentSubject, EvidenceKey, Hold, KeyRoot, KeyState, Person

    ring = workspace.master
    here = tuple(ring.keys())
    folder = KeyFolder(workspace.keys, filed=isinstance(ring.source, Files))
    with guard():
        row = KeyState.objects.filter(id=1).first()
        under = {
            "people": Person.objects.filter(destroyed_at=None).count(),
            "consents": ConsentSubject.objects.filter(destroyed_at=None).count(),
            "evidence": EvidenceKey.objects.filter(destroyed_at=None).count(),
            "roots": KeyRoot.objects.count(),
            "holds": Hold.objects.count(),
        }
    return Status(
        source=workspace.settings.keys.source,
        in_force=row.key if row else "",
        since=row.since if row else None,
        here=here,
        unfinished=bool(row and row.previous) or folder.begun(),
        under=under,
    )
