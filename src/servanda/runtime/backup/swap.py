"""Put restored files in the place of others: all of them, or none, also when killed in between.

    stage = Stage(folder)             what comes lies in .servanda/restore/new
    stage.move("policy.yaml", …)      what shall happen
    stage.promise(…)                  the list is on disk
    resume(folder)                    it happens; again, wherever it was cut off

The danger: half of an old and half of a new workspace. What guards it: nothing is moved before the
whole list is on disk, each line of it can be done twice, and whoever opens the workspace finishes
the list first. With PostgreSQL the list counts only if the state took the backup: the restore's
name stands in it. Tests: tests/runtime/backup/test_kill.py.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from servanda.kernel.durable import make_durable
from servanda.kernel.errors import UsageError

PLACE = ".servanda/restore"
LIST = "list.json"
FACT = "restore"


@dataclass
class Stage:
    """Where a restore lies until it counts. Anything left of an earlier one is removed."""

    folder: Path
    moves: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        self.new.mkdir(mode=0o700, parents=True)
        (self.place / "old").mkdir(mode=0o700)

    @property
    def place(self) -> Path:
        return self.folder / PLACE

    @property
    def new(self) -> Path:
        return self.place / "new"

    def move(self, name: str, target: Path, aside: Path | None = None) -> None:
        """`name` of what was staged takes the place of `target`; what is there goes `aside`, or
        for good. A blank name: nothing comes."""
        away = str(aside.absolute()) if aside else ""
        self.moves.append((name, str(target.absolute()), away))

    def promise(self, id_: str, *, sure: bool) -> None:
        """The list is on disk. `sure`: it counts; else only if the state says so."""
        data = json.dumps({"id": id_, "sure": sure, "moves": self.moves})
        draft = self.place / f".{LIST}"
        with draft.open("w", encoding="utf-8") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.place / LIST)
        make_durable(self.place)

    def drop(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """UsageError while another restore runs here."""
    (folder / ".servanda").mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".servanda" / "restore.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError("a restore is under way here", "wait for it to end") from None
        yield


def promised(folder: Path) -> bool:
    return (folder / PLACE / LIST).exists()


def resume(folder: Path) -> None:
    """Finish what a restore promised, if one did and was cut off."""
    if promised(folder):
        with alone(folder):
            finish(folder)


def finish(folder: Path) -> None:
    """The same, for who is alone."""
    place = folder / PLACE
    if not promised(folder):
        return
    data = json.loads((place / LIST).read_text(encoding="utf-8"))
    if data["sure"] or _state_took(place / "new", folder, data["id"]):
        try:
            for number, (name, target, aside) in enumerate(data["moves"]):
                _do(place, number, name, Path(target), aside)
        except OSError as error:
            raise UsageError(
                f"a restored file cannot be put in its place ({error.strerror})",
                "make that possible; the next command goes on with the restore",
            ) from None
    (place / LIST).unlink()
    make_durable(place)
    shutil.rmtree(place, ignore_errors=True)


def _do(place: Path, number: int, name: str, target: Path, aside: str) -> None:
    comes = place / "new" / name if name else None
    if comes is not None and not comes.exists():
        return  # it was done before
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if target.exists():
        _rename(target, Path(aside) if aside else place / "old" / str(number))
    if comes is not None:
        _rename(comes, target)


def _rename(source: Path, target: Path) -> None:
    if target.is_dir() and not source.is_dir():
        raise UsageError(f"{target} is a folder", "move it away and start again")
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        draft = target.with_name(f".{target.name}.restored")
        if source.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(source, draft)
        else:
            shutil.copy2(source, draft)
        draft.replace(target)
        shutil.rmtree(source) if source.is_dir() else source.unlink()
    make_durable(target.parent)


def _state_took(new: Path, folder: Path, id_: str) -> bool:
    """Whether the state database is the restored one."""
    from servanda import state
    from servanda.runtime import config
    from servanda.state.connection import StateFailed
    from servanda.state.models import Fact

    settings: Any = config.load(new if (new / config.NAME).exists() else folder)
    state.setup(settings.state.url)
    try:
        with state.transaction():
            return Fact.objects.filter(key=FACT, value=id_).exists()
    except StateFailed as error:
        raise UsageError(
            f"a restore was cut off, and whether it counts the state must say: {error.what}",
            error.remedy,
        ) from None
    finally:
        state.close()
