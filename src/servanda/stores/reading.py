"""stores.yaml and its packs to store configurations, or to everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from servanda.kernel.digest import digest_of
from servanda.kernel.errors import CheckFailed, Diagnostic
from servanda.kernel.identity import region_of
from servanda.kernel.located import Findings, Located, Where, has_errors, parse, read
from servanda.policy.rules import Policy
from servanda.policy.structure import shape
from servanda.stores import packs
from servanda.stores.checks import check_collection, check_exemption
from servanda.stores.compile import compile_collection, exemption
from servanda.stores.connect import resolve
from servanda.stores.destinations import check_copies, check_destinations, check_tenant
from servanda.stores.document import FromFile, LimitDoc, StoreDoc, StoresDoc, seconds_of
from servanda.stores.graft import Grafting
from servanda.stores.layout_checks import Kind, check_layout
from servanda.stores.links import Directory, resolve_links
from servanda.stores.mapping import Collection, Limit, StoreConfig, Tenant
from servanda.stores.own import read_own
from servanda.stores.ownership_checks import check_reached
from servanda.stores.tenants import read_tenants

# What may be left out when it is wrong, so that the rest is still checked.
_ENTRIES: tuple[Where, ...] = (
    ("stores", "*"),
    *(("stores", "*", key) for key in ("recount", "with", "without", "mode", "zone", "limit")),
    ("stores", "*", "ignore", "*"),
    ("stores", "*", "collections", "*"),
    *(
        ("stores", "*", "collections", "*", key)
        for key in (
            "children",
            "counters",
            "detaches",
            "soft_delete",
            "byproducts",
            "expect",
            "unlinked",
        )
    ),
    ("own", "*"),
    ("tenants", "*"),
)
_KINDS: dict[str, Kind] = {
    "file": "files",
    "imap": "mailbox",
    "imaps": "mailbox",
    "command": "command",
}


@dataclass(frozen=True, slots=True)
class LoadedStores:
    """`configs` is empty when there is any error. `digest` covers mappings and customers'
    instructions, never a secret; limits are left out, for they change nothing that is done.
    `mapped`: the stores even where the only error is that no person can be led to some fields."""

    configs: tuple[StoreConfig, ...]
    digest: str
    diagnostics: list[Diagnostic] = field(default_factory=list)
    tenants: tuple[Tenant, ...] = ()
    mapped: tuple[StoreConfig, ...] = ()
    own: tuple[tuple[str, str], ...] = ()  # identities of the organisation itself

    def require(self) -> tuple[StoreConfig, ...]:
        """The stores; CheckFailed when there are errors."""
        if has_errors(self.diagnostics):
            raise CheckFailed(self.diagnostics)
        return self.configs


def load(
    path: Path,
    policy: Policy,
    env: Mapping[str, str],
    *,
    shown: str | None = None,
    today: str | None = None,
    draft: bytes | None = None,
) -> LoadedStores:
    located, problems = read(path, shown) if draft is None else parse(draft, shown or str(path))
    if located is None:
        return LoadedStores((), "", sorted(problems))
    findings = Findings(located, list(problems))
    whole, unsound, used = _with_packs(located, path.parent, findings)
    findings.located = whole
    doc = shape(StoresDoc, findings, _ENTRIES, {})
    if doc is None:
        return LoadedStores((), "", sorted(set(findings.found)))
    if not doc.stores and not _written(whole.data):
        findings.error(("stores",), "empty-list", "there is no store", "write one", key=True)
    sound = {name: each for name, each in doc.stores.items() if name not in unsound}
    doc = doc.model_copy(update={"stores": sound})
    loader = _Loader(doc, policy, findings, path.parent, env, today or _today(), used)
    configs = loader.configs()
    tenants = read_tenants(doc, policy, findings)
    own = read_own(doc, policy, findings)
    mapped = () if has_errors(findings.found) else configs
    if mapped:
        check_reached([c for config in configs for c in config.collections], findings)
    diagnostics = sorted(set(findings.found))
    digest = digest_of(_digestible(whole.data))
    if has_errors(diagnostics):
        return LoadedStores((), digest, diagnostics, (), mapped)
    return LoadedStores(configs, digest, diagnostics, tenants, mapped, own)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _with_packs(
    located: Located, folder: Path, findings: Findings
) -> tuple[Located, set[str], dict[str, tuple[str, ...]]]:
    """The tree with packs laid under it, the stores whose pack cannot be used, and which stores
    use which pack."""
    for name in packs.shadowed(folder):
        findings.error(
            ("stores",),
            "pack-shadowed",
            f'the workspace has a pack "{name}", and so has Servanda',
            f"rename the folder packs/{name}",
            key=True,
        )
    raw = located.data.get("stores") if isinstance(located.data, dict) else None
    grafting, unsound, used = Grafting(located), set[str](), dict[str, tuple[str, ...]]()
    for store, each in (raw if isinstance(raw, dict) else {}).items():
        if not isinstance(each, dict):
            continue
        pack, usable = packs.choose(store, each, folder, findings)
        if not usable:
            unsound.add(store)
        if pack is None:
            continue
        used[pack.name] = (*used.get(pack.name, ()), store)
        skipped = each.get("without")
        skipped = skipped if isinstance(skipped, list) else []
        for name in pack.collections:
            if name not in skipped:
                at: Where = ("stores", store, "collections", name)
                grafting.lay_under(at, pack.located, ("collections", name))
        if "ignore" in pack.located.data:
            grafting.lay_under(("stores", store, "ignore"), pack.located, ("ignore",))
        for index, name in enumerate(skipped):
            if isinstance(name, str) and name not in pack.collections:
                findings.error(
                    ("stores", store, "without", index),
                    "unknown-collection",
                    f'pack "{pack.name}" has no collection "{name[:60]}"',
                    f"it has: {', '.join(pack.collections)}",
                )
    return grafting.located(), unsound, used


class _Loader:
    """One pass over the stores; `findings` collects as it goes."""

    def __init__(
        self,
        doc: StoresDoc,
        policy: Policy,
        findings: Findings,
        folder: Path,
        env: Mapping[str, str],
        today: str,
        used: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.doc, self.policy, self.findings = doc, policy, findings
        self.folder, self.env, self.today = folder, env, today
        self.directory = Directory(doc, _written(findings.located.data), used)

    def configs(self) -> tuple[StoreConfig, ...]:
        made = (self._store(name, each) for name, each in self.doc.stores.items())
        found = tuple(each for each in made if each is not None)
        if not has_errors(self.findings.found):
            check_copies(found, self.findings)
        return found

    def _store(self, name: str, doc: StoreDoc) -> StoreConfig | None:
        where: Where = ("stores", name)
        connect = self._address(doc.connect, (*where, "connect"))
        recount = self._address(doc.recount, (*where, "recount")) if doc.recount else None
        for glob, each in doc.ignore.items():
            check_exemption(each, self.findings, (*where, "ignore", glob), self.today)
        kind = _kind(doc, connect)
        collections = tuple(self._collection(name, key, kind) for key in doc.collections)
        if connect is None or has_errors(self.findings.found):
            return None
        return StoreConfig(
            name=name,
            connect=connect,
            mode=doc.mode,
            recount=recount,
            zone=doc.zone or "UTC",
            limit=_limit(doc.limit),
            collections=tuple(each for each in collections if each is not None),
            ignore=tuple((glob, exemption(each)) for glob, each in doc.ignore.items()),
            pack=doc.pack,
        )

    def _address(self, address: str | FromFile, where: Where) -> str | None:
        return resolve(address, self.folder, self.env, self.findings, where)

    def _collection(self, store: str, name: str, kind: Kind) -> Collection | None:
        doc = self.doc.stores[store].collections[name]
        where: Where = ("stores", store, "collections", name)
        before = len(self.findings.found)
        check_layout(doc, kind, self.findings, where)
        check_collection(doc, self.policy, self.findings, where, self.today)
        check_destinations(doc, f"{store}.{name}", self.directory, self.findings, where)
        check_tenant(doc, self.doc, self.findings, where)
        links = resolve_links(store, doc, self.directory, self.findings, where)
        if has_errors(self.findings.found[before:]):
            return None
        return compile_collection(store, name, doc, links, region_of(self.policy.country))


def _kind(doc: StoreDoc, connect: str | None) -> Kind:
    """What the store's collections are; where its address is unknown, what they say themselves."""
    if connect is not None:
        return _KINDS.get(connect.partition(":")[0], "table")
    for each in doc.collections.values():
        if each.files or each.mailbox or each.command:
            return "files" if each.files else "mailbox" if each.mailbox else "command"
    return "table"


def _limit(doc: LimitDoc) -> Limit:
    rate = doc.rows_per_second
    return Limit(
        rows_per_second=None if rate == "unlimited" else rate,
        connections=doc.connections,
        statement_timeout_s=seconds_of(doc.statement_timeout) or 0.0,
        lock_timeout_s=seconds_of(doc.lock_timeout) or 0.0,
        breaker_share=doc.breaker.share,
        breaker_rows=doc.breaker.rows,
        breaker_floor=doc.breaker.floor,
    )


def _written(data: Any) -> dict[str, frozenset[str]]:
    """Stores and their collections as written, unsound ones included."""
    stores = data.get("stores") if isinstance(data, dict) else None
    found: dict[str, frozenset[str]] = {}
    for name, each in (stores if isinstance(stores, dict) else {}).items():
        inside = each.get("collections") if isinstance(each, dict) else None
        found[name] = frozenset(inside if isinstance(inside, dict) else ())
    return found


def _digestible(data: Any) -> Any:
    """The document without `limit` and `recount`; `connect` as written, secrets unresolved."""
    stores = data.get("stores") if isinstance(data, dict) else None
    if not isinstance(stores, dict):
        return data
    kept = {
        name: {k: v for k, v in each.items() if k not in ("limit", "recount")}
        if isinstance(each, dict)
        else each
        for name, each in stores.items()
    }
    return {**data, "stores": kept}
