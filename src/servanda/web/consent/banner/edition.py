"""Which published version a choice is about, and when people are asked anew.

A spelling mistake that is mended asks nobody again: `revision` changes with a version that is
material, and with what is declared about cookies.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from datetime import datetime

from servanda.kernel.digest import sha256_hex
from servanda.policy.rules import Policy
from servanda.state.connection import guard
from servanda.state.models import Edition


@dataclass(frozen=True, slots=True)
class Shown:
    """`number` is None where nothing was published yet; `notice` is then the policy's digest."""

    number: int | None
    notice: str
    revision: str
    published: datetime | None


def shown(policy: Policy, now: datetime) -> Shown:
    """What visitors are told of now."""
    with guard():
        bound = Edition.objects.filter(binds_at__lte=now).order_by("-number")
        wanted = ("number", "sha256", "published_at")
        newest = bound.values_list(*wanted).first()
        material = bound.filter(material=True).values_list("number", flat=True).first()
    revision = f"{material or 0}-{_asked(policy)}"
    if newest is None:
        return Shown(None, policy.digest, revision, None)
    return Shown(newest[0], newest[1], revision, newest[2])


def _asked(policy: Policy) -> str:
    """What a visitor's answer is about, in eight letters."""
    waits = sorted(
        (astuple(each) for each in policy.cookies if each.category != "necessary"), key=str
    )
    names = sorted((each.id, each.name) for each in policy.recipients)
    used = {each.by for each in policy.cookies}
    told = [waits, [each for each in names if each[0] in used]]
    return sha256_hex(json.dumps(told, default=str).encode())[:8]
