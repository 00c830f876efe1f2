"""How long data is kept: what became longer, what shorter, and which old limit still has to hold.

The danger: data kept longer than somebody agreed to. A limit counts as kept only where a new one
is never later, whatever day both begin, and leaves no more behind.
"""

from __future__ import annotations

from collections.abc import Iterator

from servanda.kernel.period import Period
from servanda.policy.differing.model import Difference, names, term, title
from servanda.policy.rules import Ceiling, Floor, Outcome, Retention

_KEEPS: dict[Outcome, frozenset[Outcome]] = {
    "delete": frozenset(("delete",)),
    "return": frozenset(("delete", "return")),
    "archive": frozenset(("delete", "return", "archive")),
    "anonymise": frozenset(("delete", "return", "anonymise")),
}
"""What may come in place of an outcome, and leaves nobody worse off. An archive keeps whom a record
is about, and what was made anonymous stays where it is: neither stands for the other."""
_DONE: dict[Outcome, str] = {
    "delete": "deleted",
    "anonymise": "made anonymous",
    "archive": "archived",
    "return": "given back",
}


def still_bound(old: Ceiling, new: Retention | None) -> bool:
    """Whether the new rules keep what the old ceiling promised, so that nobody misses it."""
    return new is not None and any(
        each.event == old.event
        and each.outcome in _KEEPS[old.outcome]
        and old.period.at_least_as_long_as(each.period)
        and each.unless_consent in (None, old.unless_consent)
        for each in new.ceilings
    )


def compare(id_: str, old: Retention | None, new: Retention | None) -> Iterator[Difference]:
    before, after = old or Retention(()), new or Retention(())
    yield from _ceilings(id_, before, after)
    yield from _floors(id_, before, after)
    if before.forever != after.forever:
        what = f"Data of {title(id_)}"
        if after.forever is None:
            yield Difference("retention", f"{what} is not kept without an end any more.")
        elif before.forever is None:
            words = f"{what} is now kept without an end: {after.forever.reason}"
            yield Difference("retention", f"{words.rstrip('.')}.", (f"ceiling:{id_}",))
        else:
            words = f"Why data of {title(id_)} is kept without an end now reads"
            yield Difference("retention", f"{words}: {after.forever.reason.rstrip('.')}.")
    if (old is None) != (new is None) and before == after:
        yield Difference("retention", f"{title(id_)} names a rule for how long, or no more.")


def _ceilings(id_: str, old: Retention, new: Retention) -> Iterator[Difference]:
    gone = [each for each in old.ceilings if each not in new.ceilings]
    come = [each for each in new.ceilings if each not in old.ceilings]
    for each in gone:
        partner = next((c for c in come if c.event == each.event), None)
        reasons = () if still_bound(each, new) else (f"ceiling:{id_}",)
        if partner is None:
            words = f"Data of {title(id_)} is not {said(each)} any more."
        else:
            come.remove(partner)
            words = f"Data of {title(id_)} was {said(each)}; it is now {said(partner)}."
        yield Difference("retention", words, reasons)
    for each in come:
        yield Difference("retention", f"Data of {title(id_)} is now {said(each)}.")


def said(rule: Ceiling) -> str:
    """`deleted 18 months after a call was recorded`."""
    when = "as soon as" if rule.period == Period() else f"{rule.period} after"
    words = f"{_DONE[rule.outcome]} {when} {term('event', rule.event)}"
    if rule.unless_consent:
        words += f" (unless the person agreed to {term('purpose', rule.unless_consent)})"
    return words


def _floors(id_: str, old: Retention, new: Retention) -> Iterator[Difference]:
    gone = [each for each in old.floors if each not in new.floors]
    come = [each for each in new.floors if each not in old.floors]
    for each in gone:
        yield Difference("retention", f"Data of {title(id_)} is not {_floor(each)} any more.")
    for each in come:
        kept = any(_no_more(each, before) for before in old.floors)
        reasons = () if kept else (f"floor:{id_}",)
        yield Difference("retention", f"Data of {title(id_)} is now {_floor(each)}.", reasons)


def _no_more(new: Floor, old: Floor) -> bool:
    """The new floor keeps nothing that the old one did not keep as long."""
    narrower = not old.covers or (
        bool(new.covers) and all(old.covers_category(each) for each in new.covers)
    )
    return new.event == old.event and narrower and old.period.at_least_as_long_as(new.period)


def _floor(rule: Floor) -> str:
    covers = names(term("data", each) for each in rule.covers) if rule.covers else "all of it"
    words = f"kept at least {rule.period} after {term('event', rule.event)}"
    exception = f"; {rule.published_exception.rstrip('.')}" if rule.published_exception else ""
    return f"{words} ({covers}, because of {rule.ground}{exception})"
