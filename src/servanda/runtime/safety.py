"""What makes it unsafe to serve a workspace, and how to mend it.

    for problem in safety.problems(workspace): ...      # the settings page shows them
    safety.insist(workspace)                            # `servanda serve` refuses

The danger: passwords over an open line, a lock that is none, keys that others read, evidence with a
clock that runs back. What guards it: serving refuses all of these and says how to mend each.
Tests: tests/runtime/test_safety.py.
"""

from __future__ import annotations

import ipaddress
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from servanda.kernel.errors import UsageError
from servanda.runtime.config import NAME

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

_MOUNTS = Path("/proc/mounts")
_SLACK = timedelta(minutes=5)
_NETWORK = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "glusterfs"),
        *("gpfs", "davfs", "beegfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs"),
        "fuse.rclone",
    )
)


def insist(workspace: Workspace) -> None:
    """UsageError with everything that is unsafe, for `servanda serve`."""
    found = problems(workspace)
    if not found:
        return
    if len(found) == 1:
        raise found[0]
    told = "".join(f"\n  {number}. {each}" for number, each in enumerate(found, 1))
    raise UsageError(f"it would not be safe to serve this:{told}")


def problems(workspace: Workspace, now: datetime | None = None) -> list[UsageError]:
    """What is unsafe, each with its remedy. The state is connected."""
    return [
        *_listening(workspace),
        *_addresses(workspace),
        *_mail(workspace),
        *_files(workspace),
        *_database(workspace),
        *_clock(now or datetime.now(UTC)),
    ]


def _listening(workspace: Workspace) -> Iterator[UsageError]:
    web = workspace.settings.web
    if _here(web.host):
        return
    if not web.secure:
        yield UsageError(
            f"web.listen {web.listen} is open to other machines, without TLS",
            f'listen on 127.0.0.1, or put a proxy with TLS in front and set web.url = "https://…" '
            f"in {NAME}",
        )
    elif not web.proxies:
        yield UsageError(
            f"web.listen {web.listen} is open to other machines, and no proxy is named, so anybody "
            "could speak for one",
            f'set web.proxies = ["address of the proxy"] in {NAME}, or listen on 127.0.0.1',
        )


def _addresses(workspace: Workspace) -> Iterator[UsageError]:
    web = workspace.settings.web
    host = urlsplit(web.url).hostname if web.url else web.host
    if web.url and (not host or "*" in host or _any(host)):
        yield UsageError(
            "web.url names no host of its own",
            'write what people type, like "https://privacy.example.com"',
        )
    if not web.url and _any(web.host):
        yield UsageError(
            f"web.listen {web.listen} is no address that people can type",
            f'set web.url = "https://privacy.example.com" in {NAME}',
        )
    if web.url and not web.secure and host and not _here(host) and not _any(host):
        yield UsageError(
            "web.url is http:// and not on this machine: passwords and cookies would go in clear",
            "put a proxy with TLS in front, and write https://",
        )
    for site in web.sites:
        if site.startswith("http://") and not _here(urlsplit(site).hostname or ""):
            yield UsageError(
                f"web.sites has {site}, without TLS: anybody on the line could change its form",
                "write https://, and serve that site with TLS",
            )
    server = urlsplit(web.oidc_server)
    if server.scheme == "http" and not _here(server.hostname or ""):
        yield UsageError(
            "web.oidc_server is http://: anybody on the line could sign in as anybody",
            "write https://",
        )


def _mail(workspace: Workspace) -> Iterator[UsageError]:
    mail = workspace.settings.mail
    if mail.host and mail.security == "none" and not _here(mail.host):
        yield UsageError(
            "mail.security is none for a server on another machine: letters would go in clear",
            'set mail.security = "starttls" or "ssl"',
        )


def _files(workspace: Workspace) -> Iterator[UsageError]:
    keys = workspace.keys.resolve()
    state = _state_file(workspace)
    folders = [keys] + ([state.parent.resolve()] if state else [])
    for folder in dict.fromkeys(folders):
        if folder == workspace.folder.resolve():
            continue  # its files are looked at below
        if _open(folder):
            yield UsageError(f"other users may look into {folder}", f"chmod 700 {folder}")
    files = [each for each in sorted(keys.glob("*")) if each.is_file()]
    if state and _open(state.parent):
        beside = [state.with_name(f"{state.name}{end}") for end in ("", "-wal", "-journal")]
        files += [each for each in beside if each.exists()]
    for file in files:
        if _open(file):
            yield UsageError(f"other users may read {file}", f"chmod 600 {file}")
    settings = workspace.settings
    shown = {
        "evidence.publish": settings.evidence.publish,
        "mail.folder": settings.mail.folder,
    }
    for name, path in shown.items():
        outer = (workspace.folder / path).resolve()
        if keys == outer or outer in keys.parents:
            yield UsageError(
                f"the keys lie in {name}, which is for others to see",
                f"give keys.folder in {NAME} a place of its own",
            )


def _database(workspace: Workspace) -> Iterator[UsageError]:
    state = _state_file(workspace)
    kind = _filesystem(state.parent) if state else ""
    if kind in _NETWORK:
        yield UsageError(
            f"the state database lies on a network file system ({kind}), where locks do not hold",
            "move it to a disk of this machine, or use PostgreSQL (state.url)",
        )


def _clock(now: datetime) -> Iterator[UsageError]:
    from servanda.ledger.proofs import size

    if not (entries := size()):
        return
    from servanda.ledger import history

    last = history.at(entries - 1).at
    if last > now + _SLACK:
        yield UsageError(
            "this machine's clock is behind the evidence: the last entry is of "
            f"{last:%Y-%m-%d %H:%M} UTC, and it is {now:%Y-%m-%d %H:%M} UTC here",
            "set the clock (timedatectl set-ntp true), then start again",
        )


def _state_file(workspace: Workspace) -> Path | None:
    url = workspace.settings.state.url
    if not url.startswith("sqlite:///"):
        return None
    return workspace.folder / url.removeprefix("sqlite:///")


def _open(path: Path) -> bool:
    """Whether anybody but the owner may do anything with it."""
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False


def _filesystem(folder: Path) -> str:
    """What kind of file system a folder lies on, as far as this machine tells."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    found, longest = "", -1
    there = folder.resolve()
    for each in lines:
        words = each.split(" ")
        if len(words) < 3:
            continue
        at = Path(words[1].replace("\\040", " "))
        if (at == there or at in there.parents) and len(at.parts) >= longest:
            found, longest = words[2], len(at.parts)
    return found


def _here(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _any(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
