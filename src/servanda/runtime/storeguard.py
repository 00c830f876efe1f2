"""Where a store may lie that somebody writes into stores.yaml in a page.

The danger: who may edit stores in a page is not who runs the machine. An address of their choice
would let the server read its own keys or any file, or speak to services inside the network, and a
variable or secret file named in it would go to whoever listens there. What guards it: an address
that stands in the file on disk already may stay; any other must lie on a host and port or in a
folder that the file uses now, or that `[web] store_hosts` allows, and never in our own files. An
address is taken apart by a strict pattern, so that no two programs can understand it differently,
and nothing is resolved or read before the written form was looked at. Edits on disk are not
limited. Tests: tests/runtime/test_store_guard.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from servanda.kernel.errors import Diagnostic
from servanda.kernel.located import Findings, Located, Where, parse
from servanda.runtime.config import Settings
from servanda.stores.connect import resolve
from servanda.stores.mapping import StoreConfig

_NET = re.compile(
    r"(?P<scheme>[a-z]+)(?:\+\w+)?://(?:[^@/?#\\\s\[\]]*@)?"
    r"(?P<host>[A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[^?#@\\\s]*)?(?:\?(?P<query>[^#\\\s]*))?"
)
_SQLITE = re.compile(
    r"sqlite(?:\+\w+)?:///(?P<path>/[^/?#%\\\0][^?#%\\\0]*)(?:\?(?P<query>[^#\s]*))?"
)
_FILE = re.compile(r"file:(?://)?(?P<path>/[^/?#%\\\0][^?#%\\\0]*)")
_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "imap": 143, "imaps": 993}
_HARMLESS = frozenset(("sslmode", "connect_timeout", "application_name", "charset", "users"))
_VARIABLE = re.compile(r"\$\{(\w+)")
FREE = "STORE_"
"""What variables begin with that any store written in a page may name."""
_REMEDY = "whoever runs the machine may allow it: [web] store_hosts in servanda.toml"


@dataclass(slots=True)
class Allowed:
    """What may be named. `written`: addresses of the file on disk, as they stand in it."""

    written: set[str] = field(default_factory=set)
    hosts: set[tuple[str, int | None]] = field(default_factory=set)  # None: any port
    variables: set[tuple[str, int, str]] = field(default_factory=set)  # host, port, name
    folders: list[Path] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)
    own: list[Path] = field(default_factory=list)  # never, but for `lent`
    lent: set[Path] = field(default_factory=set)  # the enquiries, which are a store like others

    def host(self, name: str, port: int) -> bool:
        return bool({(name, port), (name, None)} & self.hosts)

    def path(self, path: Path, *, folder: bool = False) -> bool:
        """Whether a file, or a folder with all below it, may be named."""
        real = path.resolve()
        if real in self.lent:
            return not folder
        if any(real == own or own in real.parents for own in self.own):
            return False
        if folder and any(real in own.parents for own in self.own):
            return False
        inside = any(real == each or each in real.parents for each in self.folders)
        return inside or (real in self.files and not folder)


def refused(
    folder: Path, settings: Settings, present: bytes, draft: bytes, env: Mapping[str, str]
) -> list[Diagnostic]:
    """What the draft of stores.yaml names that it may not; call it before anything else reads
    the draft."""
    located, _ = parse(draft, "stores.yaml")
    before, _ = parse(present, "stores.yaml")
    if located is None:
        return []  # the checker says why; nothing was resolved
    allowed = of_workspace(folder, settings, before, env)
    findings = Findings(located)
    for where, written in _addresses(located):
        if _written(written) in allowed.written:
            continue
        why = _why_not(written, folder, allowed, env, findings, where)
        if why:
            findings.error(where, "address-not-allowed", why, _REMEDY)
    return [each for each in findings.found if each.code == "address-not-allowed"]


def byproducts(
    folder: Path,
    settings: Settings,
    present: tuple[bytes, Iterable[StoreConfig]],
    draft: Iterable[StoreConfig],
    env: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    """(store, pattern) of each by-product of the compiled draft that lies where none may: these
    are searched for values, so they would tell what stands in a file."""
    source, configs = present
    before = {each for config in configs for c in config.collections for each in c.byproducts}
    allowed = of_workspace(folder, settings, parse(source, "stores.yaml")[0], env)
    for config in draft:
        for pattern in (each for c in config.collections for each in c.byproducts):
            outside = pattern.startswith("/") or ".." in Path(pattern).parts
            if outside and pattern not in before and not _below(pattern, allowed):
                yield config.name, pattern


def _below(pattern: str, allowed: Allowed) -> bool:
    """Whether whatever the pattern meets lies in a folder that may be named."""
    parts = Path(pattern).parts
    plain = list(takewhile(lambda part: not set(part) & set("*?["), parts))
    if ".." in parts:
        return False
    if len(plain) == len(parts):
        return allowed.path(Path(*plain))
    return allowed.path(Path(*plain), folder=True)


def of_workspace(
    folder: Path, settings: Settings, present: Located | None, env: Mapping[str, str]
) -> Allowed:
    """What the file on disk uses, and what servanda.toml allows besides."""
    allowed = Allowed(own=[path.resolve() for path in _own(folder, settings)])
    for each in settings.web.store_hosts:
        if each.startswith("/"):
            allowed.folders.append(Path(each).resolve())
        else:
            name, colon, port = each.rpartition(":")
            pair = (name, int(port)) if colon and port.isdigit() else (each, None)
            allowed.hosts.add((pair[0].lower(), pair[1]))
    enquiries = _SQLITE.fullmatch(_absolute(settings.web.enquiries, folder))
    if enquiries:
        allowed.lent.add(Path(enquiries["path"]).resolve())
    for where, written in _addresses(present) if present else ():
        allowed.written.add(_written(written))
        if isinstance(written, dict):
            allowed.files.add((folder / str(written.get("file"))).resolve())
        text = _resolved(written, folder, env, Findings(present), where) if present else None
        if text is not None:
            _learn(text, _VARIABLE.findall(str(written)), allowed)
    return allowed


def _absolute(url: str, folder: Path) -> str:
    head, slashes, path = url.partition(":///")
    return f"{head}{slashes}{(folder / path).absolute()}" if head == "sqlite" else url


def _own(folder: Path, settings: Settings) -> Iterator[Path]:
    """Our own files, which no store is."""
    yield from (folder / name for name in (".servanda", "servanda.toml"))
    yield from (folder / name for name in ("policy.yaml", "stores.yaml", "packs"))
    yield folder / settings.keys.folder
    yield folder / settings.evidence.publish
    if settings.mail.folder:
        yield folder / settings.mail.folder
    if settings.state.url.startswith("sqlite:///"):
        yield folder / settings.state.url.removeprefix("sqlite:///")


def _learn(text: str, variables: Iterable[str], allowed: Allowed) -> None:
    if found := _SQLITE.fullmatch(text):
        allowed.files.add(Path(found["path"]).resolve())
    elif found := _FILE.fullmatch(text):
        allowed.folders.append(Path(found["path"]).resolve())
    elif (
        (found := _NET.fullmatch(text)) and found["scheme"] in _PORTS and _harmless(found["query"])
    ):
        at = (found["host"].lower(), _port(found))
        allowed.hosts.add(at)
        allowed.variables |= {(*at, name) for name in variables}


def _why_not(
    written: Any,
    folder: Path,
    allowed: Allowed,
    env: Mapping[str, str],
    findings: Findings,
    where: Where,
) -> str:
    """In words; blank where it may stay. What is no address at all is left to the checker."""
    if isinstance(written, dict) and not allowed.path(folder / str(written.get("file", ""))):
        return "this file may not be named in a page"
    text = _resolved(written, folder, env, findings, where)
    if text is None or text.startswith("command:"):
        return ""  # programs need servanda.toml in any case
    if found := _SQLITE.fullmatch(text):
        if not _harmless(found["query"]):
            return "an option of this address may not be given in a page"
        if not allowed.path(Path(found["path"])):
            return "this file is none that a store may be"
        return ""
    if found := _FILE.fullmatch(text):
        if not allowed.path(Path(found["path"]), folder=True):
            return "this folder is none that a store may be"
        return ""
    found = _NET.fullmatch(text)
    if found is None or found["scheme"] not in _PORTS:
        return "this address cannot be understood in one way only"
    if not _harmless(found["query"]):
        return "an option of this address may not be given in a page"
    if not allowed.host(found["host"].lower(), _port(found)):
        return "this host and port are none that a store may be on"
    for name in _VARIABLE.findall(str(written)):  # its value would be told to that host
        known = (found["host"].lower(), _port(found), name) in allowed.variables
        if not known and not name.startswith(FREE):
            return f"the variable {name} may not be named here in a page"
    return ""


def _harmless(query: str | None) -> bool:
    """Options can name another host, a file or a key."""
    names = [each.partition("=")[0] for each in (query or "").split("&") if each]
    return all(name in _HARMLESS for name in names) and "%" not in "".join(names)


def _port(found: re.Match[str]) -> int:
    return int(found["port"]) if found["port"] else _PORTS[found["scheme"]]


def _addresses(located: Located) -> Iterator[tuple[Where, Any]]:
    stores = located.data.get("stores") if isinstance(located.data, dict) else None
    for name, store in (stores if isinstance(stores, dict) else {}).items():
        for key in ("connect", "recount"):
            if isinstance(store, dict) and isinstance(store.get(key), str | dict):
                yield ("stores", name, key), store[key]


def _written(address: Any) -> str:
    return json.dumps(address, sort_keys=True, default=str)


def _resolved(
    written: Any, folder: Path, env: Mapping[str, str], findings: Findings, where: Where
) -> str | None:
    from servanda.stores.document import FromFile

    if not isinstance(written, dict):
        return resolve(str(written), folder, env, findings, where)
    if set(written) != {"file"} or not isinstance(written["file"], str):
        return None
    return resolve(FromFile(file=written["file"]), folder, env, findings, where)
