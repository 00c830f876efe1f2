"""A firm that publishes: a change clause in its policy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from servanda.runtime import editions, hub
from servanda.runtime.workspace import Workspace

CHANGES = (
    "changes: {review: 12 months, notice: 14 days, tell: [portal], consent: true, "
    "objection: 30 days}\n"
)
RECIPIENT = "  cloud: {name: Example Cloud, kind: subprocessor, country: GB}\n"
LONG_AGO = timedelta(days=90)


def ready() -> None:
    change(lambda text: text + CHANGES)


def change(how: object) -> Workspace:
    """Write policy.yaml otherwise; the workspace that is served then."""
    path = hub.workspace().folder / "policy.yaml"
    path.write_text(how(path.read_text()))  # type: ignore[operator]
    return hub.workspace()


def first(ago: timedelta = LONG_AGO) -> None:
    """An edition that has been in force for a while."""
    editions.publish(hub.workspace(), by="member 1", material=False, now=datetime.now(UTC) - ago)


def add_cloud(folder: Path) -> None:
    change(_with_cloud)


def _with_cloud(text: str) -> str:
    if "\nrecipients:\n" in text:
        return text.replace("\nrecipients:\n", f"\nrecipients:\n{RECIPIENT}", 1)
    return f"{text}recipients:\n{RECIPIENT}"
