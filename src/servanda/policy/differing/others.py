"""Recipients, consents, rights, promises, and what own events mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from servanda.policy.differing.model import (
    Difference,
    capital,
    changed,
    gained,
    longer,
    names,
    place,
    term,
    told,
)
from servanda.policy.rules import ConsentPoint, Policy, Promise, Recipient, Right


def compare(old: Policy, new: Policy) -> Iterator[Difference]:
    yield from _recipients(old, new)
    yield from _consents(old, new)
    yield from _rights(old, new)
    yield from _promises(old, new)
    yield from _events(old, new)


# ── recipients ────────────────────────────────────────────────────────────────────────────────


def _recipients(old: Policy, new: Policy) -> Iterator[Difference]:
    before, after = ({each.id: each for each in some.recipients} for some in (old, new))
    for id_, each in after.items():
        if id_ not in before:
            kind, where = term("recipient", each.kind), place(each.country)
            words = f"New recipient: {each.name}, {kind}, in {where}."
            yield Difference("recipients", words, (f"recipient:{id_}",))
        else:
            yield from _recipient(before[id_], each)
    for id_, each in before.items():
        if id_ not in after:
            yield Difference("recipients", f"{each.name} is no recipient any more.")


def _recipient(old: Recipient, new: Recipient) -> Iterator[Difference]:
    id_ = new.id
    yield from changed("recipients", "A recipient's name", old.name, new.name, f"recipient:{id_}")
    if old.kind != new.kind:
        was, now = term("recipient", old.kind), term("recipient", new.kind)
        words = f"{new.name} was a {was} and is now a {now}."
        yield Difference("recipients", words, (f"recipient:{id_}",))
    if old.country != new.country:
        words = f"{new.name} keeps data in {place(new.country)}; before, in {place(old.country)}."
        yield Difference("countries", words, (f"country:{new.country}@{id_}",))
    if old.transfer != new.transfer:
        was = term("transfer", old.transfer) if old.transfer else "nothing, for none was needed"
        now = term("transfer", new.transfer) if new.transfer else "nothing, for none is needed"
        words = f"What allows {new.name} to get data abroad changed from {was} to {now}."
        yield Difference("countries", words, (f"transfer:{id_}",))
    contract = f"When the contract with {new.name} was signed"
    yield from changed("recipients", contract, old.contract_signed or "", new.contract_signed or "")
    if old.contract_review != new.contract_review:
        every = told(new.contract_review, "never")
        yield Difference("recipients", f"The contract with {new.name} is reviewed: {every}.")


# ── consents ──────────────────────────────────────────────────────────────────────────────────


def _consents(old: Policy, new: Policy) -> Iterator[Difference]:
    before, after = ({each.purpose: each for each in some.consents} for some in (old, new))
    for purpose, each in after.items():
        what = term("purpose", purpose)
        if purpose not in before:
            yield Difference("consents", f"We now ask for consent to {what}: {each.point}.")
        else:
            yield from _consent(before[purpose], each, what)
    for purpose in before:
        if purpose not in after:
            words = f"We do not ask for consent to {term('purpose', purpose)} any more."
            yield Difference("consents", words, (f"consent:{purpose}",))


def _consent(old: ConsentPoint, new: ConsentPoint, what: str) -> Iterator[Difference]:
    yield from changed("consents", f"Where we ask for consent to {what}", old.point, new.point)
    for each in gained(old.channels, new.channels):
        words = f"Consent to {what} now also covers {each}."
        yield Difference("consents", words, (f"consent:{new.purpose}",))
    for each in gained(new.channels, old.channels):
        yield Difference("consents", f"Consent to {what} does not cover {each} any more.")
    if old.asks_again != new.asks_again:
        was, now = (told(each.asks_again, "until it is withdrawn") for each in (old, new))
        later = longer(old.asks_again, new.asks_again)
        words = f"Consent to {what} counted {was}; it now counts {now}."
        yield Difference("consents", words, (f"consent:{new.purpose}",) if later else ())


# ── rights ────────────────────────────────────────────────────────────────────────────────────


def _rights(old: Policy, new: Policy) -> Iterator[Difference]:
    before, after = ({each.id: each for each in some.rights} for some in (old, new))
    for id_, each in after.items():
        if id_ not in before:
            yield Difference("rights", f"New right: {term('right', id_)}.")
        else:
            yield from _right(before[id_], each)
    for id_ in before:
        if id_ not in after:
            words = f"This right is not promised any more: {term('right', id_)}."
            yield Difference("rights", words, (f"right:{id_}",))


def _right(old: Right, new: Right) -> Iterator[Difference]:
    name, unsaid = term("right", new.id), "what the law says"
    if old.answer_within != new.answer_within:
        was, now = told(old.answer_within, unsaid), told(new.answer_within, unsaid)
        later = longer(old.answer_within, new.answer_within)
        words = f"The time for an answer ({name}) was {was}; it is now {now}."
        yield Difference("rights", words, (f"deadline:{new.id}",) if later else ())
    yield from changed("rights", f"The way to ask ({name})", old.through, new.through)
    sooner = f"What is said of laws that want an answer sooner ({name})"
    yield from changed("rights", sooner, old.law_sooner, new.law_sooner)


# ── promises ──────────────────────────────────────────────────────────────────────────────────


def _promises(old: Policy, new: Policy) -> Iterator[Difference]:
    before, after = ({each.id: each for each in some.promises} for some in (old, new))
    for id_, each in after.items():
        if id_ not in before:
            yield Difference("promises", f"New promise {id_}: {each.says}")
        else:
            yield from _promise(before[id_], each)
    for id_, each in before.items():
        if id_ not in after:
            words = f"Promise {id_} is gone. It said: {each.says}"
            yield Difference("promises", words, (f"promise:{id_}",))


def _promise(old: Promise, new: Promise) -> Iterator[Difference]:
    if old.says != new.says:
        words = f'Promise {new.id} said: "{old.says}" It now says: "{new.says}"'
        yield Difference("promises", words)
    about = f"promise {new.id}"
    for what, was, now in (
        (f"The section of {about}", old.section, new.section),
        (f"Who answers for {about}", old.owner, new.owner),
        (f"How {about} is checked", old.how, new.how),
        (f"What keeps {about}", names(old.kept_by), names(new.kept_by)),
    ):
        yield from changed("promises", what, was, now)
    if old.planned != new.planned:
        state = "only planned" if new.planned else "in force"
        reasons = (f"promise:{new.id}",) if new.planned else ()
        yield Difference("promises", f"{capital(about)} is now {state}.", reasons)
    same = replace(new, place=old.place)
    if old != same and set(old.kept_by) == set(new.kept_by) and old.kept_by != new.kept_by:
        yield Difference("wording", f"What keeps {about} stands in another order.")


# ── events ────────────────────────────────────────────────────────────────────────────────────


def _events(old: Policy, new: Policy) -> Iterator[Difference]:
    """Another meaning may start a clock later, so it is material."""
    before, after = dict(old.events), dict(new.events)
    for name, meaning in after.items():
        if name not in before:
            yield Difference("events", f'A new event: "{name}" means {meaning.rstrip(".")}.')
        elif meaning != before[name]:
            words = f'"{name}" means something else now: {meaning.rstrip(".")}.'
            yield Difference("events", words, (f"event:{name}",))
    for name in before.keys() - after.keys():
        yield Difference("events", f'The event "{name}" is not used any more.')
    if before == after and old.events != new.events:
        yield Difference("wording", "Events stand in another order.")
