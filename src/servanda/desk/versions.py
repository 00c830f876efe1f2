"""Versions of policy.yaml and stores.yaml: what was in force, since when, and by whom.

    versions.listed("policy.yaml")          the newest first, without their content
    versions.get("policy.yaml", digest)     one, with its content
    versions.record("policy.yaml", content, by="member 7")

The danger: a policy that was published and that nobody can show any more. So a version is kept
before it is in force, its digest stands in the ledger, and none is ever changed or removed. Only
sound content is recorded, in which secrets stand as `${NAME}`. Tests: tests/desk/test_versions.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from servanda import ledger, state
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import UsageError
from servanda.state.connection import guard
from servanda.state.models import SettingsVersion, Tree

FILES = ("policy.yaml", "stores.yaml")
DISK = "disk"
"""`by`, where a file was changed on the machine."""
_SHORT = ("id", "file", "digest", "by", "at", "note", "entry")


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `entry`: its place in the ledger. `content` is None in lists."""

    id: int
    file: str
    digest: str
    by: str
    at: datetime
    note: str
    entry: int | None
    content: bytes | None = None


def record(
    file: str, content: bytes, *, by: str, note: str = "", now: datetime | None = None
) -> Version:
    """Keep this content as the newest version; the one there is, where it says the same."""
    if file not in FILES:
        raise UsageError(f"there are no versions of {file[:40]}", f"only of {', '.join(FILES)}")
    moment = now or datetime.now(UTC)
    digest = sha256_hex(content)
    with state.transaction():
        Tree.objects.select_for_update().get(id=1)  # two processes see the same change on disk
        last = SettingsVersion.objects.filter(file=file).order_by("-id").first()
        if last is not None and last.digest == digest:
            return _version(last, content)
        row = SettingsVersion(
            file=file,
            digest=digest,
            content=content.decode(),
            by=by,
            at=moment,
            note=note.strip()[:300],
        )
        entry = {"kind": "settings.changed", "file": file, "digest": digest, "by": by}
        row.entry = ledger.append([entry], now=now).start
        row.save()
    return _version(row, content)


def listed(file: str, *, before: int | None = None, limit: int = 50) -> list[Version]:
    """Versions of a file, the newest first; `before`: older than the one with that id."""
    rows = SettingsVersion.objects.filter(file=file).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    with guard():
        return [Version(*values) for values in rows.values_list(*_SHORT)[:limit]]


def newest(file: str) -> Version | None:
    """The one in force, as far as was recorded."""
    return next(iter(listed(file, limit=1)), None)


def get(file: str, digest: str) -> Version:
    """The newest version with that digest; UsageError where there is none."""
    rows = SettingsVersion.objects.filter(file=file, digest=digest)
    with guard():
        row = rows.order_by("-id").first()
    if row is None:
        raise UsageError(f"there is no such version of {file[:40]}", "see the list of versions")
    return _version(row, row.content.encode())


def _version(row: SettingsVersion, content: bytes) -> Version:
    return Version(row.pk, row.file, row.digest, row.by, row.at, row.note, row.entry, content)
