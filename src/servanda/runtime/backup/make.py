"""`backup`: everything of Servanda's own into one sealed file, out of one moment of the state.

The danger: a copy that does not fit together. What guards it: the files that say more with time
(checkpoints) are read before the state, so none of them is newer than its ledger, and no change of
the master key runs meanwhile. Tests: tests/runtime/backup/test_round_trip.py, test_writes.py.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from servanda.desk.requests.shred import shred
from servanda.kernel.errors import UsageError
from servanda.runtime.backup import sqlite
from servanda.runtime.backup.members import MemberWriter
from servanda.runtime.backup.sealed import Writer
from servanda.runtime.keys.files import KeyFolder
from servanda.runtime.keys.sources import MASTER, PREVIOUS

if TYPE_CHECKING:
    from servanda.runtime.config import Settings
    from servanda.runtime.workspace import Workspace

FILES = ("policy.yaml", "stores.yaml", "servanda.toml")
PACKS = "packs"
SIGNING = "signing.key"
LEAST_PASSPHRASE = 12
_DRAFT = ".backup-draft.sqlite3"

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Made:
    """`left_out`: what is ours and not in it, in words."""

    at: datetime
    size: int
    members: int
    entries: int
    with_keys: bool
    left_out: tuple[str, ...] = ()


def enquiries_of(folder: Path, settings: Settings) -> Path | None:
    """The file of the website's enquiries; None where they lie in a server's database."""
    _, sqlite_, path = settings.web.enquiries.partition("sqlite:///")
    return folder / path if sqlite_ else None


def backup(
    workspace: Workspace,
    target: Path,
    passphrase: str,
    *,
    with_keys: bool = False,
    told: Told | None = None,
) -> Made:
    """`use_state` comes first. The file is there whole or not at all; never over another."""
    say = told or (lambda _text: None)
    if len(passphrase) < LEAST_PASSPHRASE:
        raise UsageError(
            f"the passphrase is shorter than {LEAST_PASSPHRASE} characters",
            "whoever gets the file may guess as long as they like: take several words",
        )
    if target.exists():
        raise UsageError(f"{target} is there already", "choose another name")
    draft = target.with_name(f".{target.name}.draft")
    with KeyFolder(workspace.keys, filed=True).alone():
        try:
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    made = _write(workspace, Writer(file, passphrase), with_keys, say)
                    file.flush()
                    os.fsync(file.fileno())
                os.link(draft, target)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(
                f"the backup cannot be written ({error.strerror})", "check its folder and its disk"
            ) from None
    out = _left_out(workspace)
    return Made(made[0], target.stat().st_size, made[1], made[2], with_keys, out)


def _left_out(workspace: Workspace) -> tuple[str, ...]:
    settings = workspace.settings
    enquiries = settings.web.enquiries
    if enquiries_of(workspace.folder, settings) or enquiries == settings.state.url:
        return ()
    return (
        "the website's enquiries: they lie in a database of their own; copy it by its own means",
    )


def _write(
    workspace: Workspace, out: Writer, with_keys: bool, say: Told
) -> tuple[datetime, int, int]:
    from servanda import __version__
    from servanda.state.connection import sqlite_path

    path = sqlite_path()
    now = datetime.now(UTC)
    about = {
        "at": now.isoformat(),
        "version": __version__,
        "engine": "postgresql" if path is None else "sqlite",
        "vkey": workspace.signer.vkey,
        "organisation": workspace.policy.organisation,
        "with_keys": with_keys,
    }
    writer = MemberWriter(out)
    writer.add("about", [json.dumps(about).encode()])
    for name, file in _files(workspace, with_keys):
        writer.add(name, sqlite.blocks(file))
    enquiries = enquiries_of(workspace.folder, workspace.settings)
    if enquiries is not None and enquiries.is_file():
        _copy(writer, "enquiries.sqlite3", enquiries, workspace, say)
    if path is None:
        entries = _tables(writer, say)
    else:
        entries = _copy(writer, "state.sqlite3", path, workspace, say)
    writer.end()
    return now, len(writer.listed), entries


def _files(workspace: Workspace, with_keys: bool) -> Iterator[tuple[str, Path]]:
    folder = workspace.folder
    for name in FILES:
        if (folder / name).is_file():
            yield name, folder / name
    for top, name in ((folder / PACKS, "packs"), (workspace.published, "published")):
        for path in sorted(top.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield f"{name}/{path.relative_to(top).as_posix()}", path
    for name in (MASTER, PREVIOUS, SIGNING) if with_keys else ():
        if (workspace.keys / name).is_file():
            yield f"keys/{name}", workspace.keys / name


def _copy(writer: MemberWriter, name: str, source: Path, workspace: Workspace, say: Told) -> int:
    """By way of a file beside the state, which is destroyed afterwards. Entries of its ledger."""
    draft = workspace.keys / _DRAFT  # a folder closed to other users
    if draft.exists():
        shred(draft)
    try:
        sqlite.snapshot(
            source, draft, lambda done, all_: say(f"{name}: {done:,} of {all_:,} pages")
        )
        writer.add(name, sqlite.blocks(draft))
        return sqlite.entries(draft)
    finally:
        if draft.exists():
            shred(draft)


def _tables(writer: MemberWriter, say: Told) -> int:
    from servanda.runtime.backup.postgresql import Moment

    moment, lines = Moment(), 0
    try:
        writer.add("state", [json.dumps(moment.tables).encode()])
        for table in moment.tables:
            say(table["name"])
            writer.add(f"state/{table['name']}", moment.rows(table))
        lines = moment.entries()
    finally:
        moment.close()
    return lines
