"""Who speaks: the company, its officer and representatives, and how it changes its policy."""

from __future__ import annotations

from collections.abc import Iterator

from servanda.kernel.period import Period
from servanda.policy.differing.model import Difference, changed, gained, longer, place, told
from servanda.policy.rules import Changes, Named, Policy

_NO_PROMISE = Changes(None, Period(), (), False, None)


def compare(old: Policy, new: Policy) -> Iterator[Difference]:
    us = "organisation"
    yield from changed(us, "The company's name", old.organisation, new.organisation, us)
    home = place(old.country), place(new.country)
    yield from changed(us, "The company's country", *home, us)
    yield from changed(us, "The clock by which days are counted", old.zone, new.zone)
    yield from changed("contact", "The address for questions", old.contact, new.contact)
    yield from changed("contact", "The company's postal address", old.address, new.address)
    yield from changed("contact", "The company's telephone number", old.phone, new.phone)
    yield from _named("contact", "The data protection officer", old.officer, new.officer)
    before, after = dict(old.representatives), dict(new.representatives)
    for code in dict.fromkeys((*before, *after)):
        name = f"The representative for {place(code)}"
        yield from _named("contact", name, before.get(code), after.get(code))
    was, now = dict(old.registrations), dict(new.registrations)
    for code in dict.fromkeys((*was, *now)):
        name = f"The registration in {place(code)}"
        yield from changed("contact", name, was.get(code, ""), now.get(code, ""))
    yield from _places(old, new)
    yield from _changes(old.changes, new.changes)


def _named(about: str, name: str, old: Named | None, new: Named | None) -> Iterator[Difference]:
    was, now = (f"{each.name}, {each.contact}" if each else "" for each in (old, new))
    yield from changed(about, name, was, now)


def _places(old: Policy, new: Policy) -> Iterator[Difference]:
    for each in gained(old.jurisdictions, new.jurisdictions):
        yield Difference("places", f"We now also go by the law of {place(each)}.")
    for each in gained(new.jurisdictions, old.jurisdictions):
        words = f"We do not name the law of {place(each)} any more."
        yield Difference("places", words, (f"jurisdiction:{each}",))
    same = set(old.jurisdictions) == set(new.jurisdictions)
    if same and old.jurisdictions != new.jurisdictions:
        yield Difference("wording", "The places whose law counts stand in another order.")


def _changes(old: Changes | None, new: Changes | None) -> Iterator[Difference]:
    """What is promised about changes. Less of it is material: it was a promise, too."""
    before, after = old or _NO_PROMISE, new or _NO_PROMISE
    if before.review != after.review:
        was, now = told(before.review, "never"), told(after.review, "never")
        words = f"The policy was reviewed every: {was}. It is now reviewed every: {now}."
        yield Difference("changes", words, _if(longer(before.review, after.review)))
    if before.notice != after.notice:
        less = longer(after.notice, before.notice)
        words = f"Material changes were told {before.notice} ahead; it is now {after.notice}."
        yield Difference("changes", words, _if(less))
    for each in gained(before.tell, after.tell):
        yield Difference("changes", f"Material changes are now also told by {each}.")
    for each in gained(after.tell, before.tell):
        yield Difference("changes", f"Material changes are not told by {each} any more.", _if(True))
    if before.consent != after.consent:
        only = "only who accepted them" if after.consent else "everybody, accepted or not"
        yield Difference("changes", f"Material changes now bind {only}.", _if(not after.consent))
    if before.objection != after.objection:
        was, now = (told(each.objection, "no time") for each in (before, after))
        less = before.objection is not None and longer(
            after.objection or Period(), before.objection
        )
        words = f"To object to a new processor, customers had {was}; they now have {now}."
        yield Difference("changes", words, _if(less))
    if (old is None) != (new is None) and before == after:
        yield Difference("changes", "The policy says how it changes, or does so no more.")
    if set(before.tell) == set(after.tell) and before.tell != after.tell:
        yield Difference("wording", "The ways of telling changes stand in another order.")


def _if(material: bool) -> tuple[str, ...]:
    return ("changes",) if material else ()
