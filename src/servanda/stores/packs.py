"""Packs: ready-made mappings, those that ship and those of the workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from servanda.kernel.errors import Diagnostic
from servanda.kernel.located import Findings, Located, Where, parse, read
from servanda.kernel.suggest import did_you_mean
from servanda.policy.structure import shape
from servanda.policy.types import brief
from servanda.stores.document import PackDoc

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack's file, structurally sound. `defaults`: its parameters."""

    name: str
    located: Located
    defaults: Mapping[str, str]
    collections: tuple[str, ...]


def names(folder: Path) -> list[str]:
    """Packs that can be named: shipped ones and those under `folder`/packs."""
    return sorted({*_shipped(), *_own(folder)})


def load(name: str, folder: Path) -> tuple[Pack | None, list[Diagnostic]]:
    """One pack by name. None, with the reason, when it is not sound or not there (then no reason:
    the caller knows the place that names it)."""
    if name in _shipped():
        source = files("servanda").joinpath("packs", name, "pack.yaml").read_bytes()
        located, problems = parse(source, f"servanda/packs/{name}/pack.yaml")
    elif name in _own(folder):
        located, problems = read(folder / "packs" / name / "pack.yaml", f"packs/{name}/pack.yaml")
    else:
        return None, []
    if located is None:
        return None, problems
    findings = Findings(located, list(problems))
    doc = shape(PackDoc, findings, (), {})
    if doc is None or findings.found:
        return None, findings.found
    return Pack(name, located, dict(doc.with_), tuple(doc.collections)), []


def shadowed(folder: Path) -> list[str]:
    """Workspace packs that carry the name of a shipped one."""
    return sorted(set(_shipped()) & set(_own(folder)))


def choose(
    store: str, raw: Mapping[str, Any], folder: Path, findings: Findings
) -> tuple[Pack | None, bool]:
    """The pack a store names, with its parameters put in. The flag is False when it names one
    that cannot be used."""
    name, where = raw.get("pack"), ("stores", store, "pack")
    if not isinstance(name, str):
        return None, name is None
    pack, problems = load(name, folder) if _NAME.fullmatch(name) else (None, [])
    findings.found.extend(each for each in problems if each not in findings.found)
    if pack is None:
        if not problems:
            remedy = did_you_mean(name, names(folder)) or "write one under packs/"
            findings.error(where, "unknown-pack", f'unknown pack "{brief(name)}"', remedy)
        return None, False
    return _filled(pack, store, raw, findings), True


def _filled(pack: Pack, store: str, raw: Mapping[str, Any], findings: Findings) -> Pack:
    given = raw.get("with")
    values = dict(pack.defaults)
    for key, value in (given if isinstance(given, dict) else {}).items():
        where: Where = ("stores", store, "with", key)
        if key not in pack.defaults:
            findings.error(
                where,
                "unknown-parameter",
                f'pack "{pack.name}" has no parameter "{brief(key)}"',
                did_you_mean(key, pack.defaults) or "remove it",
                key=True,
            )
        elif isinstance(value, str):
            values[key] = value
    if not values:
        return pack
    return replace(pack, located=replace(pack.located, data=_put(pack.located.data, values)))


def _put(data: Any, values: Mapping[str, str]) -> Any:
    """`{name}` of a parameter becomes its value, in every text that is not a key."""
    if isinstance(data, dict):
        return {key: _put(value, values) for key, value in data.items()}
    if isinstance(data, list):
        return [_put(value, values) for value in data]
    if isinstance(data, str):
        for name, value in values.items():
            data = data.replace("{" + name + "}", value)
    return data


def _shipped() -> list[str]:
    folder = files("servanda").joinpath("packs")
    if not folder.is_dir():
        return []
    return [each.name for each in folder.iterdir() if each.joinpath("pack.yaml").is_file()]


def _own(folder: Path) -> list[str]:
    packs = folder / "packs"
    if not packs.is_dir():
        return []
    return [each.parent.name for each in packs.glob("*/pack.yaml")]
