"""Names behind `member 7`, of a whole list with one question."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from servanda.web.models import Member


def names(bys: Iterable[str]) -> Callable[[str], str]:
    """What gives the name of each; anything that is no member stays as it is."""
    numbers = {number for by in bys if (number := _number(by)) is not None}
    found = dict(Member.objects.filter(pk__in=numbers).values_list("pk", "name")) if numbers else {}

    def name(by: str) -> str:
        number = _number(by)
        if number is None:
            return by
        return found.get(number, f"{by} (gone)")

    return name


def _number(by: str) -> int | None:
    word, _, number = by.partition(" ")
    return int(number) if word == "member" and number.isdigit() else None


def table(bys: Iterable[str]) -> dict[str, str]:
    """The same, for templates that look names up."""
    wanted = set(bys)
    name = names(wanted)
    return {by: "changed on the machine" if by == "disk" else name(by) for by in wanted}
