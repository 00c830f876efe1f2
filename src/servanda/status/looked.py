"""The rule that silence proves nothing, for what is counted by a census.

A census is an entry left by whoever looks, every day, even where nothing happened. Without a
recent one nothing is *kept*; what is broken is broken even so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from servanda.status.facts import Fact
from servanda.status.verdict import Check, Verdict


def judged(
    control: str,
    subject: str,
    census: Fact | None,
    heartbeat: timedelta,
    as_of: datetime,
    *,
    looks: str,
    broken: str,
    kept: str,
    unproven: str = "",
) -> Check:
    """Broken, else unproven (because nobody looked lately, or by the reason), else kept.

    `looks`: what one does who looks, for example "looked at the requests".
    """
    at, due, index = None, None, None
    if census is not None:
        at, due, index = census.at, census.at + heartbeat, census.index
    if broken:
        return Check(control, subject, Verdict.BROKEN, broken, at, due, index)
    if census is None:
        unproven = f"nobody has {looks} yet; the scheduled run does"
    elif due is not None and as_of > due:
        unproven = f"nobody has {looks} since {census.at:%Y-%m-%d}"
    if unproven:
        return Check(control, subject, Verdict.UNPROVEN, unproven, at, due, index)
    return Check(control, subject, Verdict.KEPT, kept, at, due, index)
