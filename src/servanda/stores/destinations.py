"""Where archived and returned records go, and whose rows a constant tenant says they are."""

from __future__ import annotations

from collections.abc import Sequence

from servanda.kernel.located import Findings, Where
from servanda.kernel.suggest import did_you_mean
from servanda.policy.types import brief
from servanda.stores.document import CollectionDoc, StoresDoc
from servanda.stores.links import Directory
from servanda.stores.mapping import StoreConfig
from servanda.stores.parts import ConstantDoc


def check_destinations(
    doc: CollectionDoc, own: str, directory: Directory, findings: Findings, where: Where
) -> None:
    """`archive_to` and `return_to` name a store, or a collection that is not this one."""
    for key, target in (("archive_to", doc.archive_to), ("return_to", doc.return_to)):
        if target is None:
            continue
        store, dot, name = target.partition(".")
        known = store in directory.written and (not dot or name in directory.written[store])
        if not known or target == own:
            findings.error(
                (*where, key),
                "unknown-destination",
                f'"{brief(target)}" is no other store or collection',
                did_you_mean(target, {*directory.written, *directory.ids} - {own}),
            )


def check_copies(configs: Sequence[StoreConfig], findings: Findings) -> None:
    """What an archive or a return needs of both sides, so that nothing is refused half way."""
    folders = {config.name for config in configs if config.connect.startswith("file:")}
    for config in configs:
        for each in config.collections:
            where: Where = ("stores", config.name, "collections", each.name)
            whole_files = each.files is not None and not each.files.lines
            for key, target in (("archive_to", each.archive_to), ("return_to", each.return_to)):
                if target is None:
                    continue
                if whole_files and target.partition(".")[0] not in folders:
                    findings.error(
                        (*where, key),
                        "destination-not-files",
                        f'"{each.id}" holds files, and "{brief(target)}" cannot keep any',
                        "name a store that is a folder: its address begins with file:",
                    )
                elif not whole_files and not each.key:
                    findings.error(
                        (*where, key),
                        "copy-without-key",
                        f'the records of "{each.id}" have no key, so they cannot be copied one '
                        "for one",
                        "name under `key` the fields that identify a record",
                    )


def check_tenant(doc: CollectionDoc, stores: StoresDoc, findings: Findings, where: Where) -> None:
    """Where tenants are declared, a constant is one of them."""
    if not isinstance(doc.tenant, ConstantDoc) or not stores.tenants:
        return
    if doc.tenant.constant not in stores.tenants:
        findings.error(
            (*where, "tenant", "constant"),
            "unknown-tenant",
            f'unknown tenant "{brief(doc.tenant.constant)}"',
            did_you_mean(doc.tenant.constant, stores.tenants),
        )
