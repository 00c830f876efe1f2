"""Change policy.yaml and stores.yaml from a page: checked, compared, kept as a new version.

    draft = editing.check(workspace, "policy.yaml", text)
    editing.save(workspace, "policy.yaml", text, base=digest, by="member 7")

The danger: a file that is broken, half written, or written over somebody else's change would put
every promise in question; and stores name what the server connects to (see `storeguard`). What
guards it: only what the checker finds sound together with the other file is saved, on top of the
very content that the person saw, by one rename; and the version is recorded in the transaction that
ends after it. Tests: tests/runtime/test_editing.py.
"""

from __future__ import annotations

import contextlib
import difflib
import fcntl
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from servanda import state
from servanda.desk import versions
from servanda.kernel.digest import sha256_hex
from servanda.kernel.durable import make_durable
from servanda.kernel.errors import CheckFailed, Diagnostic, UsageError
from servanda.kernel.located import MAX_BYTES
from servanda.runtime import config, storeguard
from servanda.runtime.workspace import STORES, Workspace
from servanda.runtime.workspace import check as check_files

if TYPE_CHECKING:
    from servanda.desk.versions import Version

_LOCK = ".servanda/settings.lock"
_CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Present:
    """A file as it is on disk now."""

    file: str
    content: bytes
    digest: str

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that somebody would like to save. `diff`: unified lines against what is there."""

    file: str
    text: str
    present: Present
    findings: tuple[Diagnostic, ...]
    diff: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not any(each.severity == "error" for each in self.findings)


def present(workspace: Workspace, file: str) -> Present:
    """What is there now; UsageError for a file that is none of ours."""
    if file not in versions.FILES:
        raise UsageError(f"{file[:40]} cannot be edited here", "policy.yaml and stores.yaml can")
    try:
        content = (workspace.folder / file).read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror})", "check its owner") from None
    return Present(file, content, sha256_hex(content))


def check(
    workspace: Workspace, file: str, text: str, env: Mapping[str, str] | None = None
) -> Draft:
    """Everything that is wrong with a text, if it stood in the file; nothing is written."""
    there = present(workspace, file)
    content = _content(text)
    return Draft(
        file,
        content.decode(),
        there,
        tuple(sorted(_findings(workspace, there, content, os.environ if env is None else env))),
        difference(there.text, content.decode(), file),
    )


def save(
    workspace: Workspace, file: str, text: str, *, base: str, by: str, note: str = ""
) -> Version:
    """Put the text into the file, as a new version. `base`: the digest of what the person saw.

    UsageError where the file was changed since, or nothing differs; CheckFailed where the text is
    not sound. Then nothing was written.
    """
    with _alone(workspace.folder):
        draft = check(workspace, file, text)
        if draft.present.digest != base:
            raise UsageError(
                f"{file} was changed by somebody else while you wrote",
                "copy your text, load the page again, and put your change into what is there now",
            )
        if not draft.diff:
            raise UsageError(f"{file} says the same already", "nothing was saved")
        if not draft.sound:
            raise CheckFailed([each for each in draft.findings if each.severity == "error"])
        versions.record(file, draft.present.content, by=versions.DISK)
        with state.transaction():
            made = versions.record(file, draft.text.encode(), by=by, note=note)
            _replace(workspace.folder / file, draft.text.encode())
        _told(workspace.folder)
        return made


def _told(folder: Path) -> None:
    """The ledger knows the policy in force from now on, and so does the board."""
    from servanda.runtime import record

    record.policy(Workspace.open(folder), datetime.now(UTC))


def noticed(workspace: Workspace) -> None:
    """Keep what was changed on the machine as a version, too. Only for files that are sound."""
    for file in versions.FILES:
        there = present(workspace, file)
        versions.record(file, there.content, by=versions.DISK)


def difference(old: str, new: str, file: str) -> tuple[str, ...]:
    """A unified diff, without its two head lines; empty where nothing differs."""
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), file, file, lineterm="", n=_CONTEXT
    )
    found = tuple(lines)[2:]
    if not found and old != new:
        return ("only the end of the last line differs",)
    return found


def _content(text: str) -> bytes:
    """As a browser sends it, with the line ends of a file."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    content = (plain if plain.endswith("\n") or not plain else f"{plain}\n").encode(
        "utf-8", "replace"
    )
    if len(content) > MAX_BYTES:
        raise UsageError(f"the text is longer than {MAX_BYTES // 1024} KiB", "shorten it")
    return content


def _findings(
    workspace: Workspace, there: Present, content: bytes, env: Mapping[str, str]
) -> list[Diagnostic]:
    folder = workspace.folder
    if there.file != STORES:
        return list(check_files(folder, env, {there.file: content}).diagnostics)
    settings = config.load(folder)
    refused = storeguard.refused(folder, settings, there.content, content, env)
    if refused:
        return refused  # the checker would read what was refused
    found = check_files(folder, env, {STORES: content})
    made = found.stores.configs if found.stores else ()
    outside = storeguard.byproducts(folder, settings, (there.content, workspace.configs), made, env)
    return [*found.diagnostics, *(_outside(store, pattern) for store, pattern in outside)]


def _outside(store: str, pattern: str) -> Diagnostic:
    return Diagnostic(
        STORES,
        1,
        1,
        "error",
        "address-not-allowed",
        f'store "{store}" names by-products where none may be looked for: {pattern[:80]}',
        "whoever runs the machine may allow the folder: [web] store_hosts in servanda.toml",
    )


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time, across processes."""
    path = folder / _LOCK
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _replace(path: Path, content: bytes) -> None:
    """Complete or not at all; mode kept; where the name is a link, what it leads to."""
    real = path.resolve()
    draft = real.with_name(f".{real.name}.{os.getpid()}")
    try:
        mode = stat.S_IMODE(real.stat().st_mode)
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        draft.replace(real)
        make_durable(real.parent)
    except OSError as error:
        raise UsageError(
            f"{path.name} cannot be written ({error.strerror})",
            "check who owns the folder, and free space; nothing was changed",
        ) from None
    finally:
        draft.unlink(missing_ok=True)
