"""An inventory in plain text, what needs a person first."""

from __future__ import annotations

from collections.abc import Iterator

from servanda.inventory.findings import Inventory, StoreFindings


def summary(inventory: Inventory) -> str:
    """A few lines for every store."""
    lines = [line for store in inventory.stores for line in _store(store)]
    lines.append(
        "Everything the stores hold is declared, and everything declared is there."
        if inventory.complete
        else "What is undeclared has no rule: map it, or ignore it with reason, owner and expiry."
    )
    return "\n".join(lines) + "\n"


def _store(found: StoreFindings) -> Iterator[str]:
    if found.unreachable:
        yield f"{found.store}: not reached"
        yield f"  {found.unreachable}"
        yield ""
        return
    mode = "" if found.mode == "direct" else f", {found.mode} only"
    yield f"{found.store} ({found.product}{mode})"
    for collection, why in found.missing:
        yield f"  missing     {collection}: {why}"
    for collection, why in found.drifted:
        yield f"  drifted     {collection}: {why}; it is only read"
    for what, until in found.lapsed:
        yield f"  undeclared  {what}: its exemption expired on {until}"
    for table in found.undeclared_tables:
        yield f"  undeclared  {table}"
    for column in found.undeclared_columns:
        guess = f" (looks like {column.looks_like})" if column.looks_like else ""
        yield f"  undeclared  {column}{guess}"
    for mapped in found.mapped:
        rule = mapped.activity or "exempt"
        if mapped.exempt is not None:
            rule = f"exempt until {mapped.exempt.until}: {mapped.exempt.reason}"
        hidden = f", {mapped.soft_deleted:,} hidden by the product" if mapped.soft_deleted else ""
        yield f"  mapped      {mapped.collection} ({mapped.source}): {rule}{hidden}"
    yield ""
