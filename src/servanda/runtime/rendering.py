"""The forms in which an edition is recorded, and what the census tells of its text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from servanda.desk import editions
from servanda.law import notices
from servanda.publish import standards
from servanda.publish.policy import Facts, render_all
from servanda.publish.policy.model import Earlier
from servanda.runtime import publishing

if TYPE_CHECKING:
    from servanda.desk.editions import Facts as Known
    from servanda.runtime.workspace import Workspace


def rendered(workspace: Workspace, known: Known) -> dict[str, bytes]:
    """Each form by its kind, with the edition's number and dates in it."""
    zone = ZoneInfo(workspace.policy.zone)

    def day(at: datetime) -> date:
        return at.astimezone(zone).date()

    published = day(known.published)
    earlier = tuple(
        Earlier(each.number, day(each.published_at), day(each.binds_at))
        for each in editions.listed()
        if each.number < known.number
    )
    facts = Facts(known.number, published, day(known.binds), earlier)
    template = publishing.template_of(workspace.folder, workspace.policy, published)
    return render_all(workspace.policy, published, facts, template)


def counted(workspace: Workspace) -> dict[str, Any]:
    """What a law wants said and the policy lacks, as far as the law itself was read; and which
    promises carry its standards."""
    policy = workspace.policy
    today = datetime.now(UTC).astimezone(ZoneInfo(policy.zone)).date()
    missing: dict[str, list[str]] = {place: [] for place in notices.places(policy, today)}
    for each in notices.missing(policy, today):
        if each.verified:
            missing[each.place].append(each.id)
    return {"missing": missing, "standards": standards.mapping(policy, today)}
