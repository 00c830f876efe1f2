"""One workspace: its policy, its stores, its settings, its state and keys.

    with Workspace.open(Path("acme")) as workspace:
        plan = workspace.…

Opening reads and checks files only. State, keys and stores are opened when first asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from collections.abc import Collection as Words
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from weakref import finalize
from zoneinfo import ZoneInfo

from servanda import policy as policy_language
from servanda import stores as stores_language
from servanda.kernel.errors import CheckFailed, Diagnostic, StoreUnreachable, UsageError
from servanda.kernel.identity import region_of
from servanda.kernel.suggest import did_you_mean
from servanda.runtime import config
from servanda.runtime.openstores import OpenStores
from servanda.runtime.registry import open_store

if TYPE_CHECKING:
    from servanda.apply.site import Site
    from servanda.desk.requests import Desk
    from servanda.ledger.signer import Signer
    from servanda.policy.rules import Policy
    from servanda.publish.package import Shelf
    from servanda.state.keyring import StateKeyring
    from servanda.stores.mapping import Collection, StoreConfig
    from servanda.stores.port import Store
    from servanda.stores.reading import LoadedStores

POLICY = "policy.yaml"
STORES = "stores.yaml"
VKEY = "servanda.vkey"
PACKAGES = ".servanda/packages"
ENQUIRIES = "servanda-enquiries"
RESTORE_LIST = ".servanda/restore/list.json"


@dataclass(frozen=True)
class Checked:
    """What `check` found: parts are None where errors stand in the way."""

    policy: Policy | None
    stores: LoadedStores | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def sound(self) -> bool:
        return not any(each.severity == "error" for each in self.diagnostics)


def check(
    folder: Path,
    env: Mapping[str, str] | None = None,
    drafts: Mapping[str, bytes] | None = None,
) -> Checked:
    """Read policy.yaml and stores.yaml and collect every finding. UsageError without a policy.

    `drafts`: what a file would say instead of what it says, by its name.
    """
    drafts = drafts or {}
    if POLICY not in drafts and not (folder / POLICY).is_file():
        raise UsageError(
            f"{folder}: there is no {POLICY}",
            "go to your workspace, or make one: servanda init DIR",
        )
    shown = "" if folder == Path() else f"{folder}/"
    loaded = policy_language.load(
        folder / POLICY, shown=f"{shown}{POLICY}", draft=drafts.get(POLICY)
    )
    findings = list(loaded.diagnostics)
    stores = None
    if loaded.policy is not None and (STORES in drafts or (folder / STORES).is_file()):
        stores = stores_language.load(
            folder / STORES,
            loaded.policy,
            os.environ if env is None else env,
            shown=f"{shown}{STORES}",
            draft=drafts.get(STORES),
        )
        findings.extend(stores.diagnostics)
    return Checked(loaded.policy, stores, tuple(sorted(findings)))


class Workspace:
    """A sound workspace; CheckFailed when policy or stores have errors."""

    def __init__(self, folder: Path, policy: Policy, stores: LoadedStores) -> None:
        self.folder = folder
        self.policy = policy
        self.configs: tuple[StoreConfig, ...] = stores.configs
        self.tenants = stores.tenants
        self.own = stores.own
        self.region = region_of(policy.country)
        self.mapping: str = stores.digest
        self.settings = config.load(folder)
        self.zone = ZoneInfo(policy.zone)
        allow = self.settings.commands.allow  # nothing that leads back here: see `when_unused`
        self._opened = OpenStores(partial(_try_open, allow))

    @classmethod
    def open(cls, folder: Path, env: Mapping[str, str] | None = None) -> Self:
        if (folder / RESTORE_LIST).exists():  # cut off in the middle: it is finished first
            from servanda.runtime.backup import swap

            swap.resume(folder)
        found = check(folder, env)
        if not found.sound or found.policy is None:
            raise CheckFailed([d for d in found.diagnostics if d.severity == "error"])
        if found.stores is None:
            raise UsageError(
                f"{folder}: there is no {STORES}",
                "say in it where the data lies; servanda init writes a commented one",
            )
        return cls(folder, found.policy, found.stores)

    # ── stores ────────────────────────────────────────────────────────────────────────────────

    @property
    def stores(self) -> Mapping[str, Store | StoreUnreachable]:
        """Every store, opened side by side; one that does not answer is its StoreUnreachable, and
        is tried again when somebody asks later. Take it once for one piece of work."""
        if any(config.pack == ENQUIRIES for config in self.configs):
            self.use_state()  # which makes that database, where nobody has written to us yet
        return self._opened.all(self.configs)

    def again(self) -> None:
        """Try those that did not answer at once, where one left out would be a wrong answer."""
        self._opened.again()

    def collection(self, id_: str) -> Collection:
        """The collection `store.collection`; UsageError with a near miss when there is none."""
        known = {c.id: c for config in self.configs for c in config.collections}
        if id_ not in known:
            raise UsageError(f'there is no collection "{id_[:80]}"', did_you_mean(id_, known))
        return known[id_]

    def check_tenant(self, tenant: str) -> None:
        """UsageError where there is no such customer: a misspelt one would be nobody's records,
        and look like an answer."""
        mapped = [each for config in self.configs for each in config.collections]
        known = {each.id for each in self.tenants}
        known |= {each.tenant for each in mapped if each.tenant and each.tenant_constant}
        undeclared = not self.tenants and any(e.tenant and not e.tenant_constant for e in mapped)
        if tenant not in known and not undeclared:
            raise UsageError(
                f'there is no customer "{tenant[:40]}"', "see `tenants` in stores.yaml"
            )

    @property
    def site(self) -> Site:
        """This workspace as `apply` sees it. `use_state` comes first."""
        from servanda.apply.site import Site

        allow = self.settings.commands.allow
        return Site(
            configs={config.name: config for config in self.configs},
            open=lambda config, read_only: open_store(config, reader=read_only, allow=allow),
            policy=self.policy.digest,
            mapping=self.mapping,
            master=self.master,
            checkpoint=self.checkpoint,
            four_eyes=self.settings.web.four_eyes,
            terms=self._terms,
        )

    def _terms(self) -> str:
        """The older limits that hold now for some, as a plan has to know them."""
        from servanda.desk import editions
        from servanda.plan.older import digest

        return digest(editions.older(datetime.now(UTC), self.policy))

    @cached_property
    def desk(self) -> Desk:
        """Where requests are taken in and answered. `use_state` comes first."""
        from servanda.desk.requests import Desk

        told = self.settings.desk
        mail = replace(
            told.mail,
            folder=str(self._inside(told.mail.folder)),
            templates=str(self._inside(told.mail.templates)),
            ca=str(self._inside(told.mail.ca)) if told.mail.ca else "",
        )
        settings = replace(told, mail=mail)
        return Desk(self.master, self.policy, settings, (each.id for each in self.tenants))

    # ── state and keys ────────────────────────────────────────────────────────────────────────

    @cached_property
    def keys(self) -> Path:
        """The folder of the keys, made on first use and closed to other users."""
        folder = self._inside(self.settings.keys.folder)
        return _made(folder)

    @cached_property
    def master(self) -> StateKeyring:
        """The master key: wraps people's and evidence's keys and seals holds. It may be changed
        while this lives (`runtime.keys.rotation`)."""
        from servanda.runtime.keys import sources
        from servanda.state.keyring import StateKeyring

        return StateKeyring(sources.of_settings(self.settings.keys, self.keys))

    @cached_property
    def signer(self) -> Signer:
        """Signs the ledger's checkpoints; its name is settled when the key is made."""
        from servanda.ledger.signer import Signer

        name = self.settings.evidence.origin or _slug(self.policy.organisation)
        return Signer.open(self.keys / "signing.key", name)

    def checkpoint(self) -> None:
        """Sign the ledger as it stands, and publish the checkpoint and the public key."""
        from servanda.ledger import checkpoint

        _made(self.published, mode=0o755)
        (self.published / VKEY).write_text(f"{self.signer.vkey}\n", encoding="utf-8")
        checkpoint.make(self.signer)
        checkpoint.publish(self.published)

    @property
    def published(self) -> Path:
        """The folder checkpoints are put into, for others to keep."""
        return self._inside(self.settings.evidence.publish)

    @cached_property
    def packages(self) -> Shelf:
        """Where people's packages wait to be fetched, until they expire."""
        from servanda.publish.package import Shelf

        return Shelf(self._inside(PACKAGES), self.settings.requests.package_days)

    def use_state(self, every: bool = False) -> None:
        """Connect to the state database and bring it up to date. Again does nothing.

        With `every`, for the web faces: all their tables, and the database of enquiries; else that
        one only where stores.yaml names it.
        """
        from servanda import state

        enquiries = self._database(self.settings.web.enquiries)
        mapped = any(config.pack == ENQUIRIES for config in self.configs)
        state.setup(self._database(self.settings.state.url), enquiries if every or mapped else None)
        state.migrate(every=every)

    def _database(self, url: str) -> str:
        """An address of ours; a relative SQLite path is relative to the workspace."""
        if url.startswith("sqlite:///"):
            path = self._inside(url.removeprefix("sqlite:///"))
            _made(path.parent)
            url = f"sqlite:///{path.absolute()}"
        return url

    def _inside(self, path: str) -> Path:
        return self.folder / path  # an absolute path stays what it is

    # ── life ──────────────────────────────────────────────────────────────────────────────────

    def when_unused(self, do: Callable[[OpenStores], object]) -> None:
        """Once nobody works with this workspace any more, `do` is given its stores, to be closed.
        It is called wherever the last user lets go, so it only takes note. Nothing that a
        workspace keeps leads back to it, or letting go would not be noticed for long."""
        finalize(self, do, self._opened).atexit = False

    def close(self) -> None:
        from servanda import state

        self._opened.close()
        state.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _try_open(allow: Words[str], config: StoreConfig) -> Store | StoreUnreachable:
    try:
        return open_store(config, allow=allow)
    except StoreUnreachable as error:
        return error


def _made(folder: Path, mode: int = 0o700) -> Path:
    missing = [each for each in folder.parents if not each.exists()]
    try:
        for each in reversed(missing):  # `parents=True` would leave them open to everybody
            each.mkdir(mode=mode, exist_ok=True)
        folder.mkdir(mode=mode, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder {folder} cannot be made ({error.strerror})",
            "check what stands in its place, and who may write there",
        ) from None
    return folder


def _slug(text: str) -> str:
    """One word for the ledger's name: `JTec IT Solutions` gives `jtec-it-solutions`."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-") or "servanda"
