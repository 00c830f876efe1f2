"""Older limits that still hold: of the edition before, for whoever has not accepted the newer one.

The danger: data of somebody who never agreed is kept longer than they were told; or data of
somebody who agreed goes too early. What guards it: an older limit is one more ceiling, so it can
only bring an end nearer; who accepted is read per record from the store; and where no field says
so, it binds everybody.
Tests: tests/plan/test_older.py, tests/desk/editions/test_retention.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from servanda.kernel.digest import digest_of
from servanda.kernel.errors import ServandaError
from servanda.kernel.predicate import NOTHING, OneOf, Predicate
from servanda.policy.differing import still_bound
from servanda.policy.rules import Ceiling, Retention
from servanda.stores.mapping import Collection


@dataclass(frozen=True, slots=True)
class Older:
    """A ceiling of `activity` that a newer `edition` raised (0: one that is not published yet).
    `free`: the numbers of editions whose acceptance frees from it, as text; none: it binds
    everybody for now. `collections`: where its data lay, if no activity has that name any more."""

    activity: str
    ceiling: Ceiling
    edition: int
    free: tuple[str, ...]
    collections: tuple[str, ...] = ()


def of_collection(
    collection: Collection, retention: Retention, older: Sequence[Older]
) -> tuple[Older, ...]:
    """Those that bind its records, and that its own rules do not keep anyway. ServandaError where
    one cannot be counted there: a limit that still holds must not be passed over."""
    found = tuple(
        each
        for each in older
        if (each.activity == collection.activity or collection.id in each.collections)
        and not still_bound(each.ceiling, retention)
    )
    for each in found:
        if collection.clock_named(each.ceiling.event) is None:
            raise ServandaError(
                f"{collection.id} has no clock for {each.ceiling.event}, from which an older limit "
                "still counts",
                f"keep it under `clocks` of {collection.id} until nobody is bound by it any more",
            )
    return found


def accepted(collection: Collection, each: Older) -> Predicate:
    """True for records whose person is free of it. Nobody is where no field says who accepted."""
    if collection.accepted is None or not each.free:
        return NOTHING
    return OneOf(collection.accepted, each.free)


def words(collection: Collection, each: Older) -> str:
    """For whom it holds."""
    if not each.edition:
        return "as published; what is written now is not published yet"
    if not each.free:
        return f"as before edition {each.edition}, which does not bind yet"
    if collection.accepted is None:
        return (
            f"as before edition {each.edition}; no field here says who accepted it, so it binds all"
        )
    return f"as before edition {each.edition}, for who has not accepted it"


def digest(older: Sequence[Older]) -> str:
    """What a plan was made by, as far as editions say it; blank where nothing older holds. What is
    only written stands in the policy's own digest."""
    known = sorted(_flat(each for each in older if each.edition))
    return digest_of(known) if known else ""


def _flat(older: Iterable[Older]) -> Iterator[list[str]]:
    for each in older:
        ceiling = asdict(each.ceiling)
        ceiling["period"] = str(each.ceiling.period)
        parts = [each.activity, str(each.edition), *(str(part) for part in ceiling.values())]
        yield [*parts, *each.free]
