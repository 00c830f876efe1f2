"""The names behind `member 7`, for many at once."""

from __future__ import annotations

from collections.abc import Iterable

from servanda.web.models import Member


def named(found: Iterable[str]) -> dict[str, str]:
    """By how evidence names them. One question to the database, however many there are."""
    wanted = set(found)
    numbers = [
        int(number)
        for word, _, number in (each.partition(" ") for each in wanted)
        if word == "member" and number.isdecimal()
    ]
    names = dict(Member.objects.filter(pk__in=numbers).values_list("pk", "name"))
    known = {f"member {pk}": name for pk, name in names.items()}
    return {by: "changed on the machine" if by == "disk" else known.get(by, by) for by in wanted}
