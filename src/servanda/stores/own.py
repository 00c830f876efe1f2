"""Identities of the organisation itself: its own address in a record makes nobody the owner."""

from __future__ import annotations

from servanda.kernel.identity import normal, region_of
from servanda.kernel.located import Findings
from servanda.policy.rules import Policy
from servanda.policy.types import brief
from servanda.stores.document import StoresDoc


def read_own(doc: StoresDoc, policy: Policy, findings: Findings) -> tuple[tuple[str, str], ...]:
    """Pairs like ("email", "support@example.test"), as written."""
    region = region_of(policy.country)
    for kind, values in doc.own.items():
        for index, each in enumerate(values):
            if normal(kind, each, region) is None:
                findings.error(
                    ("own", kind, index),
                    "not-an-identity",
                    f"this is no {brief(kind)} that could be found",
                    "write it whole, such as support@example.test or +44 28 9018 0001",
                )
    return tuple((kind, each) for kind, values in doc.own.items() for each in values)
