"""Promises about the published policy, consent, and what forms take in.

Whoever serves looks every day and leaves `publish.census`, `consent.census` and `intake.census`;
without a recent one nothing here is *kept*. A wrong that cannot be undone, such as new terms that
were used without acceptance, breaks its promise until a census is made that is a heartbeat younger
and counts no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from servanda.status.evidence import Entry, Evidence
from servanda.status.facts import Fact
from servanda.status.looked import judged
from servanda.status.verdict import Check

_LOOKS = {
    "publish.census": ("published policy", "compared what is published with what is in force"),
    "consent.census": ("consents", "counted what people chose"),
    "intake.census": ("forms", "counted what forms took and refused"),
}


def current(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`publish.current`: people read the policy that is in force."""
    told = _told(evidence, "publish.census")
    number, broken, unproven = told.get("edition"), "", ""
    if number is None:
        unproven = "no version was published yet"
    elif told.get("digest") != told.get("in_force"):
        broken = f"policy.yaml has changed since version {number} was published"
    elif not told.get("served"):
        unproven = "the page of the policy is not served"
    kept = f"version {number} is published and in force"
    return [_judged(evidence, control, "publish.census", as_of, broken, kept, unproven)]


def archive(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`publish.archive`: each version is there as it was published."""
    told = _told(evidence, "publish.census")
    count, damaged = told.get("editions", 0), told.get("damaged", 1)
    broken = f"{damaged:,} of {count:,} versions are not as they were published" if damaged else ""
    unproven = "" if count else "no version was published yet"
    kept = f"{count:,} published, each as it was"
    return [_judged(evidence, control, "publish.census", as_of, _if(count, broken), kept, unproven)]


def notices(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`publish.notices`: no material change binds that was not told in time."""
    told = _told(evidence, "publish.census")
    untold = told.get("untold", 1)
    broken = f"{untold:,} material changes bind and were not told in time" if untold else ""
    unproven = "" if told.get("editions") else "no version was published yet"
    if told.get("unpromised"):
        unproven = "the policy promises no way by which changes are told"
    kept = "each material change was told before it bound"
    broken = _if(told, broken)
    return [_judged(evidence, control, "publish.census", as_of, broken, kept, unproven)]


def acceptance(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`publish.acceptance`: new terms are used only for people who accepted them."""
    told = _told(evidence, "publish.census")
    broken = _since(evidence, "bound_without", "publish.census", "new terms without acceptance")
    unproven = "" if told.get("acceptance") else "the policy does not ask for acceptance"
    kept = "new terms wait for each person's acceptance"
    return [_judged(evidence, control, "publish.census", as_of, broken, kept, unproven)]


def review(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`publish.review`: the policy was looked through as often as it says."""
    told = _told(evidence, "publish.census")
    due, done, looked = told.get("review_due"), told.get("reviewed"), str(told.get("at", ""))[:10]
    broken = f"the review was due on {due}" if due and due < looked else ""
    unproven = "" if due else "the policy says no period of review, or was never published"
    kept = f"reviewed on {done}; next by {due}" if done else f"next review by {due}"
    return [_judged(evidence, control, "publish.census", as_of, broken, kept, unproven)]


def officer(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`publish.officer`: somebody is named, and replies name them."""
    named = _told(evidence, "publish.census").get("officer")
    broken = "nobody is named who answers for privacy" if named is False else ""
    kept = "named in the policy and in each reply"
    return [_judged(evidence, control, "publish.census", as_of, broken, kept)]


def complete(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`publish.complete`: nothing is missing that the law of a place wants said."""
    missing = _told(evidence, "publish.census").get("missing", {})
    lacks = [f"{place}: {', '.join(ids)}" for place, ids in sorted(missing.items()) if ids]
    broken = f"the policy lacks {'; '.join(lacks)}" if lacks else ""
    kept = f"says what the law wants in {', '.join(sorted(missing)) or 'each place'}"
    return [_judged(evidence, control, "publish.census", as_of, broken, kept)]


def standards(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`publish.standards`: each standard of the law is carried by a promise."""
    found = _told(evidence, "publish.census").get("standards", {})
    bare = [f"{law} {n}" for law, each in found.items() for n, ids in each.items() if not ids]
    broken = f"no promise carries {', '.join(bare)}" if bare else ""
    count = sum(map(len, found.values()))
    unproven = "" if count else "no law with standards applies here"
    kept = f"{count:,} standards, each carried by promises"
    return [_judged(evidence, control, "publish.census", as_of, broken, kept, unproven)]


def banner(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`consent.banner`: one check for each site that should carry it."""
    told = _told(evidence, "consent.census")
    sites = told.get("sites", {})
    if not sites:
        unproven = "the policy names no site that carries the banner"
        return [_judged(evidence, control, "consent.census", as_of, "", "", unproven)]
    return [_site(evidence, control, as_of, name, sites[name]) for name in sorted(sites)]


def _site(
    evidence: Evidence, control: str, as_of: datetime, name: str, site: Mapping[str, Any]
) -> Check:
    broken, unproven = "", ""
    ungated = ", ".join(site.get("ungated", ()))
    told_at = _told(evidence, "consent.census").get("at")
    if not site.get("reached"):
        unproven = "the site could not be looked at"
    elif _old(site.get("at"), told_at, evidence.heartbeat):
        unproven = "nobody has looked at the site lately"
    elif not site.get("tag"):
        broken = "the site does not carry the banner"
    elif not site.get("first", True):
        broken = "other scripts run before the banner"
    elif ungated:
        broken = f"loads without asking: {ungated}"
    elif "banner" not in _told(evidence, "consent.census").get("up", ()):
        unproven = "the banner is not served"
    kept = "asks first, and loads nothing that waits for a choice"
    return _judged(evidence, control, "consent.census", as_of, broken, kept, unproven, name)


def _old(seen: object, told: object, heartbeat: timedelta) -> bool:
    """Whether the look was not of the days before the census that tells of it."""
    if not isinstance(seen, str) or not isinstance(told, str):
        return True
    return datetime.fromisoformat(seen) < datetime.fromisoformat(told) - heartbeat


def records(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`consent.records`: choices are recorded, and can be taken back."""
    told = _told(evidence, "consent.census")
    kept = f"{told.get('records', 0):,} choices of {told.get('people', 0):,} people on record"
    unproven = _down(told, "choice", "preferences")
    return [_judged(evidence, control, "consent.census", as_of, "", kept, unproven)]


def gate(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`consent.gate`: programs can ask, and no is the default."""
    told = _told(evidence, "consent.census")
    kept = f"asked {told.get('asked', 0):,} times so far, and said yes {told.get('yes', 0):,} times"
    return [_judged(evidence, control, "consent.census", as_of, "", kept, _down(told, "gate"))]


def unsubscribe(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`consent.unsubscribe`: what was withdrawn is answered with no from then on."""
    told = _told(evidence, "consent.census")
    broken = _since(evidence, "late", "consent.census", "a withdrawal took effect late")
    unproven = _down(told, "unsubscribe", "preferences")
    kept = "offered by link and in each mailing; effect at once"
    return [_judged(evidence, control, "consent.census", as_of, broken, kept, unproven)]


def intake(
    refused: str,
    kept: str,
    wrong: str,
    said: str,
    evidence: Evidence,
    control: str,
    policy: Entry,
    as_of: datetime,
) -> list[Check]:
    """`intake.*`: one rule of the gate; `wrong`: what must never be counted."""
    told = _told(evidence, "intake.census")
    forms = told.get("forms", {})
    count = sum(form.get("refused", {}).get(refused, 0) for form in forms.values())
    broken = _since(evidence, wrong, "intake.census", said) if wrong else ""
    unproven = "" if told.get("serves") else "the gate is not served"
    unproven = unproven or ("" if forms else "the policy declares no form")
    text = f"{kept}; {count:,} refused so far, at {len(forms):,} forms"
    return [_judged(evidence, control, "intake.census", as_of, broken, text, unproven)]


declared = partial(intake, "undeclared", "nothing but declared fields is taken", "", "")
sensitive = partial(intake, "sensitive", "none is taken without explicit consent", "", "")
cards = partial(intake, "card", "text with a card number is refused", "", "")
age = partial(
    intake, "age", "children wait for a parent", "children", "a child's data was taken unasked"
)
sources = partial(
    intake, "source", "each carries its source", "unsourced", "data was taken without its source"
)


def _told(evidence: Evidence, kind: str) -> Mapping[str, Any]:
    found = evidence.public.censuses.get(kind)
    return found.entry if found else {}


def _down(told: Mapping[str, Any], *parts: str) -> str:
    missing = [each for each in parts if each not in told.get("up", ())]
    return f"not served: {', '.join(missing)}" if missing else ""


def _if(there: object, text: str) -> str:
    return text if there else ""


def _since(evidence: Evidence, wrong: str, census: str, what: str) -> str:
    """What was counted and when; nothing once a census is a heartbeat younger."""
    found: Fact | None = evidence.public.wrongs.get(wrong)
    if found is None:
        return ""
    newest = evidence.public.censuses[census]
    if newest.at > found.at + evidence.heartbeat:
        return ""
    return f"{what}, counted on {found.at:%Y-%m-%d} (entry {found.index:,})"


def _judged(
    evidence: Evidence,
    control: str,
    census: str,
    as_of: datetime,
    broken: str,
    kept: str,
    unproven: str = "",
    subject: str = "",
) -> Check:
    of, looks = _LOOKS[census]
    return judged(
        control,
        subject or of,
        evidence.public.censuses.get(census),
        evidence.heartbeat,
        as_of,
        looks=looks,
        broken=broken,
        kept=kept,
        unproven=unproven,
    )
