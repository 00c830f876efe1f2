"""May this person's data be used for this purpose, on this channel? The rules, and nothing else.

The danger: a yes that nobody gave. What guards it: `no` is where every path ends that does not
find a reason for yes, a refusal outweighs a basis, and tests/desk/consents/test_gate.py holds a
table of all rules against the answers.

In this order:

1. `undeclared`   no activity of the policy has the purpose, or no such kind of message
2. `restriction`  the person had the use of their data restricted (a hold that a request set; a
                  legal hold keeps data and does not forbid its use)
3. `objection`    they objected or withdrew by a request, or refused where consent is not the basis
4. `terms`        the new terms count only for those who accepted, and they did not
5. `age`          a child, without a parent's consent, where the use rests on consent or interests
6. `basis`        yes: a contract, a law or interests carry it, and it is no marketing
7. `consent`      yes: given on this channel, and not over. Else no
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from servanda.desk.consents import standing
from servanda.desk.consents.acts import (
    COOKIES,
    EVERYWHERE,
    MARKETING,
    TERMS,
    categories,
    declared,
)
from servanda.desk.consents.standing import Standing, Word
from servanda.policy.differing import OBJECTED
from servanda.policy.published import CHANNELS
from servanda.policy.rules import Message, Policy

_CONSENT = ("consent", "consent_explicit")
Detail = Literal[
    "", "missing", "refused", "withdrawn", "expired", "invalidated", "channel", "unknown"
]


@dataclass(frozen=True, slots=True)
class Question:
    """`message`: a kind of message the policy declares, in place of the purpose. `asking`: may
    they be asked for this consent?"""

    purpose: str = ""
    channel: str = ""
    message: str = ""
    asking: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of somebody. `stopped`: purposes they objected to by a request; "" is all."""

    standing: str = ""
    stopped: frozenset[str] = frozenset()
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    may: bool
    reason: str
    detail: Detail = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A question held against the policy: the same for everybody. `bases`: of the activities with
    that purpose. `refused`: what ends it for everybody."""

    purpose: str
    channel: str
    bases: frozenset[str]
    needs_consent: bool
    point: bool
    refused: Answer | None = None
    terms: int | None = None
    asking: bool = False
    ask_once: bool = False
    cache: dict[str, Answer] = field(default_factory=dict, compare=False)


def rule(policy: Policy, asked: Question, terms: int | None = None) -> Rule:
    """`terms`: the number of the edition that must have been accepted."""
    message = next((each for each in policy.messages if each.id == asked.message), None)
    purpose = message.purpose if message else asked.purpose
    bases = frozenset(a.basis for a in policy.activities if purpose in a.purposes)
    return Rule(
        purpose=purpose,
        channel=asked.channel,
        bases=bases,
        needs_consent=_needs_consent(policy, purpose, message, bases),
        point=policy.consent(purpose) is not None or purpose in categories(),
        refused=_undeclared(policy, asked, purpose, message),
        terms=terms,
        asking=asked.asking,
        ask_once=any(each.partition("-")[0] == "JM" for each in policy.jurisdictions),
    )


def _needs_consent(
    policy: Policy, purpose: str, message: Message | None, bases: Iterable[str]
) -> bool:
    """A service message needs none where anything else carries its purpose; marketing always does,
    unless the policy rests it on interests and asks nobody (existing customers)."""
    carried = [each for each in bases if each not in _CONSENT]
    if message is not None and message.kind == "service":
        return not carried
    if message is not None or policy.consent(purpose) is not None or purpose in categories():
        return True
    return not carried or len(carried) < len(set(bases))


def _undeclared(
    policy: Policy, asked: Question, purpose: str, message: Message | None
) -> Answer | None:
    if asked.message and message is None:
        return _no("undeclared", f'The policy declares no message "{asked.message[:40]}".')
    if message is not None and asked.purpose and asked.purpose != purpose:
        return _no("undeclared", f"That message is sent for {purpose}, and nothing else.")
    if asked.channel and asked.channel not in CHANNELS:
        return _no("undeclared", "There is no such channel.")
    known = declared(policy) | {TERMS}
    if policy.cookies or policy.banner:
        known |= {*categories(), f"{COOKIES}necessary"}
    if purpose not in known:
        return _no("undeclared", f'No activity of the policy has the purpose "{purpose[:40]}".')
    return None


def answer(rule: Rule, known: Known, today: date) -> Answer:
    """The one place where it is decided."""
    if rule.refused is not None:
        return rule.refused
    if known.restricted:
        return _no("restriction", "The use of this person's data is restricted.")
    if known.stopped and _stopped(rule, known.stopped):
        return _no("objection", "This person objected to it, or withdrew.")
    found = rule.cache.get(known.standing)
    if found is None:
        found = _by_standing(rule, standing.load(known.standing), today)
        if len(rule.cache) < 10_000:
            rule.cache[known.standing] = found
    return found


def _stopped(rule: Rule, stopped: frozenset[str]) -> bool:
    """What names the purpose always stops it. One that names none stops what may be objected to
    and what rests on consent, not what a contract or a law demands."""
    if rule.purpose in stopped:
        return True
    return "" in stopped and (rule.needs_consent or not rule.bases - OBJECTED - set(_CONSENT))


def _by_standing(rule: Rule, has: Standing, today: date) -> Answer:
    if rule.purpose == f"{COOKIES}necessary":
        return Answer(True, "basis", says="What is necessary needs no consent.")
    if rule.terms is not None:
        accepted = standing.word(has, TERMS, EVERYWHERE)
        holds = accepted is not None and accepted.holds(today)
        if accepted is None or not holds or (accepted.edition or 0) < rule.terms:
            return _no("terms", f"This person has not accepted edition {rule.terms} of the policy.")
    child = standing.child_until(has)
    if child is not None and today < child and (rule.needs_consent or rule.bases & OBJECTED):
        return _no("age", "This person is a child, and no parent's consent is on record.")
    said = standing.said(has, rule.purpose, rule.channel)
    if rule.asking:
        return _asking(rule, has, said, today)
    if not rule.needs_consent:
        return _by_basis(rule, said)
    return _by_consent(rule, has, said, today)


def _by_basis(rule: Rule, said: Word | None) -> Answer:
    carried = sorted(rule.bases - set(_CONSENT))
    if not carried:
        return _no("basis", "Nothing in the policy carries this use.")
    refused = said is not None and said.state in standing.STOPPING
    if refused and (OBJECTED.issuperset(carried) or rule.purpose in MARKETING):
        return _no("objection", "This person said no to it.")
    return Answer(True, "basis", says=f"It rests on {carried[0].replace('_', ' ')}.")


def _by_consent(rule: Rule, has: Standing, said: Word | None, today: date) -> Answer:
    if said is not None and said.holds(today):
        return Answer(True, "consent", says="This person consented to it.")
    if said is not None and said.state in standing.HOLDING:
        return _no("consent", "This person's consent is over; ask again.", "expired")
    if said is not None and said.state == standing.EXPIRED:
        return _no("consent", "This person's consent is over; ask again.", "expired")
    if said is not None and said.state == standing.WITHDRAWN:
        return _no("consent", "This person withdrew their consent.", "withdrawn")
    if said is not None and said.state == standing.INVALIDATED:
        return _no("consent", "This person's consent was found not to count.", "invalidated")
    if said is not None and said.state == standing.REFUSED:
        return _no("consent", "This person refused.", "refused")
    others = (w for p, _, w in standing.words(has) if p == rule.purpose)
    if any(each.holds(today) for each in others):
        what = "on another channel" if rule.channel else "for single channels; name one"
        return _no("consent", f"This person consented {what}.", "channel")
    return _no("consent", "This person has not consented.", "missing")


def _asking(rule: Rule, has: Standing, said: Word | None, today: date) -> Answer:
    """Jamaica allows to ask once for marketing (Data Protection Act 2020, s. 10); nowhere is
    somebody asked again who said no to it for good."""
    if said is not None and said.holds(today):
        return _no("consent", "This person consented already; there is nothing to ask.")
    if rule.ask_once and rule.purpose in MARKETING and standing.asked(has, rule.purpose):
        return _no("asked", "This person was asked once, and the law allows no second time.")
    if said is not None and said.state in standing.STOPPING:
        return _no("objection", "This person said no to it.")
    return Answer(True, "asking", says="This person may be asked.")


def _no(reason: str, says: str, detail: Detail = "") -> Answer:
    return Answer(False, reason, detail, says)
