"""The facts of every place as Markdown, for the reference: nothing is shown without its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from servanda.kernel.markdown import table
from servanda.law.facts import MARKS, Fact, Jurisdiction
from servanda.law.notices import notices
from servanda.law.rights import RIGHTS
from servanda.law.tables import jurisdictions


def places() -> str:
    """A section for each place, after tables of the marks and of the names of rights."""
    parts = [
        "## Marks\n\n" + table(("mark", "how we know"), MARKS.items()),
        "## Names of rights\n\n" + table(("id", "the right"), RIGHTS.items()),
        *(_place(law) for law in jurisdictions().values()),
        _notices(),
    ]
    return "\n\n".join(parts) + "\n"


def _notices() -> str:
    """What a published policy must say, in each place."""
    parts = [
        "## What a policy must say",
        "`servanda publish` looks for these and names what lacks.",
    ]
    for place in dict.fromkeys(each.place for each in notices()):
        rows = (((f"`{each.id}`", each.says), each) for each in notices() if each.place == place)
        parts += _facts(f"In {jurisdictions()[place].name}", ("id", "what"), rows)
    return "\n\n".join(parts)


def _place(law: Jurisdiction) -> str:
    code = f"{law.place}: {law.name}"
    lines = [f"## {code}"]
    if law.parts:
        named = ", ".join(f"`{law.place}-{part}` {name}" for part, name in law.parts.items())
        lines.append(f"Parts with holidays of their own: {named}.")
    lines += list(_tables(law))
    return "\n\n".join(lines)


def _tables(law: Jurisdiction) -> Iterator[str]:
    yield from _facts(
        "Rights",
        ("right", "when", "fee"),
        (((f"`{f.id}`{_called(f.called)}", f.when, f.fee), f) for f in law.rights),
    )
    yield from _facts(
        "Rights it has not",
        ("right", "instead"),
        (((f"`{f.right}`", f"{f.says} (see {_ids(f.by)})"), f) for f in law.instead),
    )
    yield from _facts(
        "Time limits",
        ("of", "how long", "counted"),
        (((_ids(f.what), f.long, _counted(f.start, f.roll, f.less)), f) for f in law.clocks),
    )
    yield from _facts(
        "Without counting days", ("of", "what"), (((_ids(f.what), f.says), f) for f in law.prompt)
    )
    yield from _facts(
        "Grounds of refusal",
        ("ground", "of", "in the letter"),
        (((f"`{f.id}`", _ids(f.rights), f.says), f) for f in law.grounds),
    )
    yield from _facts(
        "What must be said",
        ("in", "ids"),
        (((f"`{f.to}`", _ids(f.states)), f) for f in law.replies),
    )
    yield from _facts(
        "Children",
        ("below", "may not alone", "where"),
        (((str(f.age), f.of, ", ".join(f.parts)), f) for f in law.ages),
    )
    yield from _facts(
        "Regulators", ("who", "route"), (((f.name, f.route), f) for f in law.regulators)
    )
    yield from _facts(
        "Whom it protects",
        ("by", "why"),
        (((f"our {f.by}" if f.by == "home" else f"their {f.by}", f.says), f) for f in law.reach),
    )


def _facts(
    heading: str, head: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], Fact]]
) -> Iterator[str]:
    """A table of facts: what they say, then where from, how sure, and since when."""
    told = [(*cells, *_proof(fact)) for cells, fact in rows]
    if told:
        yield f"### {heading}"
        yield table((*head, "source", "mark", "in force"), told)


def _proof(fact: Fact) -> tuple[str, str, str]:
    until = f"to {fact.until}" if fact.until else ""
    return fact.source, fact.mark, f"from {fact.since} {until}"


def _called(name: str) -> str:
    return f" ({name})" if name else ""


def _ids(names: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)


def _counted(start: str, roll: str, less: int) -> str:
    moved = {
        "none": "",
        "weekends": "; moves off weekends and holidays",
        "sundays": "; moves off Sundays and holidays",
    }[roll]
    early = "; the careful date is a day earlier" if less else ""
    return f"from {start.replace('_', ' ')}{moved}{early}"
