"""`restore`: a backup takes the place of a workspace's own state. All of it, or nothing.

The danger: half a restore that looks whole; a state in which people are back that were erased; a
mail sent twice. What guards it: nothing takes its place before every member was read and its
digest checked and the ledger verified; the restored state says of itself that it was restored, and
nobody is served before `restored.settle` (tests/runtime/backup/).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from servanda import state
from servanda.kernel.errors import UsageError
from servanda.runtime import config
from servanda.runtime.backup import places, sqlite, swap
from servanda.runtime.backup.members import Member, members
from servanda.runtime.backup.sealed import BackupBroken, pieces
from servanda.runtime.backup.swap import Stage

Told = Callable[[str], None]
_KNOWN = ("policy.yaml", "stores.yaml", "servanda.toml", "enquiries.sqlite3", "state.sqlite3")
_TREES = ("packs", "published", "keys")


@dataclass
class Restored:
    """`lost`: how far a checkpoint that was published went, where the restored ledger is shorter:
    the evidence in between is gone. `kept`: what was put aside. `keys`: came with it."""

    at: datetime
    entries: int
    keys: bool
    lost: int = 0
    kept: list[Path] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def restore(
    folder: Path,
    archive: Path,
    passphrase: str,
    *,
    keep_settings: bool = False,
    accept_broken: bool = False,
    told: Told | None = None,
) -> Restored:
    """The caller has asked whoever it is whether they mean it. Nobody may work on the workspace."""
    say = told or (lambda _text: None)
    if not archive.is_file():
        raise UsageError(f"{archive} is not there", "name a file of `servanda backup`")
    state.close()
    with swap.alone(folder), archive.open("rb") as file:
        swap.finish(folder)
        stream = members(pieces(file, passphrase))
        about = _about(stream)
        stage = Stage(folder)
        try:
            work = _Work(stage, about, keep_settings, accept_broken, say)
            found = work.run(stream)
        except OSError as error:
            raise UsageError(
                f"the backup cannot be unpacked ({error.strerror})",
                "nothing was changed; see to the disk and its rights",
            ) from None
        finally:
            state.close()
            if not swap.promised(folder):
                stage.drop()
        swap.finish(folder)
    return found


def _about(stream: Iterator[Member]) -> dict[str, Any]:
    first = next(stream, None)
    if first is None or first.name != "about":
        raise BackupBroken("this backup does not say what it is", "take another copy")
    found: dict[str, Any] = json.loads(first.whole())
    return found


def _bring_up_to_date() -> None:
    """The tables of this version; UsageError for those of a later one."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    strange = {name for app, name in loader.applied_migrations if app == "servanda"}
    if strange - {name for app, name in loader.disk_migrations if app == "servanda"}:
        raise UsageError("this backup was made by a later Servanda", "update Servanda first")
    state.migrate()


class _Work:
    def __init__(
        self, stage: Stage, about: dict[str, Any], keep: bool, accept_broken: bool, say: Told
    ) -> None:
        self._stage, self._about, self._keep, self._say = stage, about, keep, say
        self._accept_broken = accept_broken
        self._id = secrets.token_hex(8)

    def run(self, stream: Iterator[Member]) -> Restored:
        for member in stream:
            if member.name == "state":
                return self._postgresql(member, stream)
            self._put(member)
        return self._sqlite()

    def _put(self, member: Member) -> None:
        self._say(member.name)
        path = PurePosixPath(member.name)
        tree = len(path.parts) > 1 and path.parts[0] in _TREES and ".." not in path.parts
        if path.is_absolute() or not (member.name in _KNOWN or tree):
            raise BackupBroken("this backup has a member we do not know", "update Servanda first")
        target = self._stage.new / path
        private = not tree or path.parts[0] == "keys"
        target.parent.mkdir(mode=0o700 if private else 0o755, parents=True, exist_ok=True)
        with target.open("xb") as out:
            target.chmod(0o600 if private else 0o644)
            for block in member.blocks:
                out.write(block)
            out.flush()

    def _settings(self) -> config.Settings:
        """Those that will be in force."""
        new = self._stage.new
        settings = config.load(self._stage.folder if self._keep else new)
        engine = "sqlite" if settings.state.url.startswith("sqlite") else "postgresql"
        if engine != self._about["engine"]:
            raise UsageError(
                f"the backup is of a state in {self._about['engine']}, and the settings name "
                f"another ({engine})",
                "restore with the settings of the backup (without --keep-settings), or change "
                "them to the same kind",
            )
        return settings

    def _sqlite(self) -> Restored:
        settings, new = self._settings(), self._stage.new
        staged = new / "state.sqlite3"
        if not staged.is_file():
            raise BackupBroken("this backup has no state in it", "take another copy")
        sqlite.check(staged)
        state.setup(f"sqlite:///{staged.absolute()}")
        _bring_up_to_date()
        plan = places.Places(self._stage, settings, self._keep)
        found = self._judged(plan)
        state.close()
        sqlite.close(staged)
        path = self._stage.folder / settings.state.url.removeprefix("sqlite:///")
        sqlite.close(path)
        for tail in ("-wal", "-shm", "-journal"):
            self._stage.move("", path.with_name(path.name + tail))
        self._stage.move("state.sqlite3", path)
        plan.moves()
        self._stage.promise(self._id, sure=True)
        return found

    def _postgresql(self, member: Member, stream: Iterator[Member]) -> Restored:
        import psycopg

        from servanda.runtime.backup.postgresql import Load, explained
        from servanda.state.models import Fact

        settings = self._settings()
        plan = places.Places(self._stage, settings, self._keep)
        state.setup(settings.state.url)
        try:
            with state.transaction():
                load = Load(json.loads(member.whole()))
                for table in stream:
                    self._say(table.name)
                    load.rows(table.name.removeprefix("state/"), table.blocks)
                load.finish()
                _bring_up_to_date()
                found = self._judged(plan)
                Fact.objects.update_or_create(key=swap.FACT, defaults={"value": self._id})
                plan.moves()
                self._stage.promise(self._id, sure=False)
        except psycopg.Error as error:
            raise explained(error) from None
        self._stage.promise(self._id, sure=True)
        return found

    def _judged(self, plan: places.Places) -> Restored:
        """The ledger in it, against what was published; and the mark that it was restored."""
        from servanda.ledger import live, proofs
        from servanda.runtime import restored

        plan.check_owner(self._about["vkey"])
        self._say("verifying the evidence")
        report = live.verify(self._about["vkey"])
        if not report.ok and not self._accept_broken:
            raise BackupBroken(
                f"the evidence in this backup is not whole ({report.findings[0]})",
                "take an older one; --accept-broken-evidence restores it as it is",
            )
        entries = proofs.size()
        at = datetime.fromisoformat(self._about["at"])
        lost = plan.published_newest()
        lost = lost if lost > entries else 0
        restored.mark(at, entries, lost)
        return Restored(
            at,
            entries,
            bool(self._about["with_keys"]),
            lost,
            plan.aside,
            [str(each) for each in report.findings],
        )
