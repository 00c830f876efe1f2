"""Promises about who gets in and what they read, about callers, enquiries, the portal, incidents.

Whoever serves console and portal counts every day: `access.census`, `portal.census`,
`incidents.census` are the heartbeats, and without one nothing here is *kept*. A wrong that cannot
be undone, such as a read without a purpose, breaks its promise until a census is made that is a
heartbeat younger and no other wrong lies between. It stays in the history.
"""

from __future__ import annotations

from datetime import datetime

from servanda.status.evidence import Entry, Evidence
from servanda.status.facts import Fact
from servanda.status.looked import judged
from servanda.status.verdict import Check

ROLES = frozenset(("owner", "privacy_lead", "engineer", "support", "auditor", "customer"))
"""Roles there are. `desk.roles` declares them; a test holds both together."""


def second_factor(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`access.second-factor`: nobody can get in without one."""
    census = evidence.faces.access
    without = census.entry["without_second_factor"] if census else 0
    members = sum(census.entry["roles"].values()) if census else 0
    broken = f"{without:,} of {members:,} members without a second factor" if without else ""
    kept = f"{members:,} members, each with a second factor"
    unproven = "" if members else "there is no member yet"
    return [_access(evidence, control, as_of, broken, kept, unproven)]


def roles(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`access.roles`: everybody has a role there is, and somebody is the owner."""
    census = evidence.faces.access
    counts: dict[str, int] = {k: n for k, n in census.entry["roles"].items() if n} if census else {}
    strange = sum(n for role, n in counts.items() if role not in ROLES)
    broken = f"{strange:,} members have a role that does not exist" if strange else ""
    if counts and not counts.get("owner"):
        broken = broken or "nobody is the owner"
    kept = ", ".join(f"{n:,} {role.replace('_', ' ')}" for role, n in sorted(counts.items()))
    unproven = "" if counts else "there is no member yet"
    return [_access(evidence, control, as_of, broken, kept, unproven)]


def purpose(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`access.purpose`: who reads data of people has said why, as the policy declares it."""
    found = evidence.faces
    broken = _since(evidence, found.purposeless, "data was read without a purpose")
    kept = f"{found.reads:,} reads, each for a declared purpose; {found.refused:,} refused"
    return [_access(evidence, control, as_of, broken, kept)]


def recordings(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`access.recordings`: only who may listens, for a purpose kept as a task."""
    found = evidence.faces
    broken = _since(
        evidence, found.overheard, "a recording was given without a purpose, or to who may not"
    )
    n = found.recordings
    kept = f"{n:,} times listened, each for a purpose" if n else "nobody has listened to one"
    return [_access(evidence, control, as_of, broken, kept)]


def callers(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`callers.verified`: a customer's data goes to a caller only after that caller was verified,
    by the same member within the hour before."""
    found = evidence.faces
    broken = _since(
        evidence, found.unverified, "a customer's data was shown to a caller unverified"
    )
    kept = f"{found.verified:,} callers verified, {found.turned_away:,} turned away"
    used = found.verified + found.turned_away
    unproven = "" if used else "no caller was ever checked, so nothing shows that it is done"
    return [_access(evidence, control, as_of, broken, kept, unproven)]


def enquiries(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`enquiries.erased`: nothing of a person is left in an enquiry that was closed."""
    found = evidence.faces
    left = found.left.refs()
    broken = f"personal data is left in {len(left):,} closed enquiries" if left else ""
    kept = f"{found.erased:,} closed, nothing left of any"
    unproven = "" if _up(found.portal, "enquiries") else "the enquiry form is not served"
    return [_portal(evidence, control, as_of, broken, kept, unproven)]


def corrections(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`portal.corrections`: people can correct their contact data themselves."""
    census = evidence.faces.portal
    missing = census is not None and not _up(census, "corrections")
    broken = "the portal offers no corrections" if missing else ""
    n = census.entry.get("corrections", 0) if census else 0
    return [_portal(evidence, control, as_of, broken, f"offered, and used {n:,} times")]


def incidents(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`incidents.register`: each is on the list and somebody looks into it in time."""
    census = evidence.faces.incidents
    waiting = census.entry["unanswered"] if census else 0
    running = census.entry["open"] if census else 0
    broken = f"{waiting:,} that nobody looks into, past the time promised" if waiting else ""
    kept = f"{evidence.faces.recorded:,} recorded, {running:,} open, none left waiting"
    return [
        judged(
            control,
            "incidents",
            census,
            evidence.heartbeat,
            as_of,
            looks="looked at the incidents",
            broken=broken,
            kept=kept,
        )
    ]


def _since(evidence: Evidence, wrong: Fact | None, what: str) -> str:
    """What was wrong and when; nothing once a census is a heartbeat younger."""
    if wrong is None:
        return ""
    census = evidence.faces.access
    if census is not None and census.at > wrong.at + evidence.heartbeat:
        return ""
    return f"{what}, last on {wrong.at:%Y-%m-%d} (entry {wrong.index:,})"


def _up(census: Fact | None, face: str) -> bool:
    return census is not None and face in census.entry.get("up", ())


def _access(
    evidence: Evidence, control: str, as_of: datetime, broken: str, kept: str, unproven: str = ""
) -> Check:
    return judged(
        control,
        "members and reads",
        evidence.faces.access,
        evidence.heartbeat,
        as_of,
        looks="counted who may get in and what was read",
        broken=broken,
        kept=kept,
        unproven=unproven,
    )


def _portal(
    evidence: Evidence, control: str, as_of: datetime, broken: str, kept: str, unproven: str = ""
) -> Check:
    return judged(
        control,
        "portal",
        evidence.faces.portal,
        evidence.heartbeat,
        as_of,
        looks="looked whether the portal is served",
        broken=broken,
        kept=kept,
        unproven=unproven,
    )
