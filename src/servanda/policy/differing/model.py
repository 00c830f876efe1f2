"""One difference, and the words all comparisons share."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from servanda.kernel.period import Period
from servanda.policy.vocabulary import Kind, countries, country_of, terms

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Difference:
    """One change as a sentence. `about`: which part of the policy. `reasons`: why it is material,
    as tokens such as `purpose:marketing`; empty where it is not."""

    about: str
    says: str
    reasons: tuple[str, ...] = ()

    @property
    def material(self) -> bool:
        return bool(self.reasons)


def term(kind: Kind, id_: str) -> str:
    found = terms(kind).get(id_)
    return found.label if found else id_.replace("_", " ").replace("-", " ")


def title(id_: str) -> str:
    """An id as a person says it: `call-recording` reads `call recording`."""
    return id_.replace("-", " ").replace("_", " ")


def place(code: str) -> str:
    """The name of a country; of a part of one, with its code."""
    if code in countries():
        return countries()[code].name
    found = country_of(code)
    return f"{found.name} ({code})" if found else code


def names(items: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`; `nothing` of none."""
    *most, last = list(items) or ["nothing"]
    return f"{', '.join(most)} and {last}" if most else last


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def gained(old: Sequence[K], new: Sequence[K]) -> list[K]:
    known = set(old)
    return [each for each in dict.fromkeys(new) if each not in known]


def longer(old: Period | None, new: Period | None) -> bool:
    """Whether it may take longer than before. None: without an end."""
    if new is None:
        return old is not None
    return old is not None and not old.at_least_as_long_as(new)


def told(period: Period | None, without: str) -> str:
    return without if period is None else str(period)


def changed(about: str, name: str, old: str, new: str, *reasons: str) -> Iterator[Difference]:
    """One plain value."""
    if old == new:
        return
    if not old:
        yield Difference(about, f"{name} is now named: {new}.", reasons)
    elif not new:
        yield Difference(about, f"{name} is not named any more; it was {old}.", reasons)
    else:
        yield Difference(about, f"{name} changed from {old} to {new}.", reasons)
