"""The controls this version can judge. A promise is kept by these or is not kept at all."""

from __future__ import annotations

from collections.abc import Mapping

FIXED: Mapping[str, str] = {
    "inventory.declared": "every collection maps to a declared category; no undeclared field",
    "policy.basis": "every activity rests on a basis",
    "policy.roles": "every activity says whether we are controller or processor",
    "policy.transfers": "every recipient abroad has a transfer mechanism",
    "policy.no-sale": "no activity sells data",
    "evidence.ledger": "the ledger is whole and signed",
}


def retention_control(activity: str) -> str:
    """The control that keeps an activity's retention."""
    return f"activities.{activity}.retain"


def known(activities: Mapping[str, object]) -> dict[str, str]:
    """Every control of a policy with these activities, and what it means."""
    kept = {retention_control(each): f"{each} is kept no longer than said" for each in activities}
    return {**FIXED, **kept}
