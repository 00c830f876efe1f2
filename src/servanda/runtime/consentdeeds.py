"""What staff and programs do with consents: look somebody up, record a choice, export, ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from servanda.desk.consents import (
    Act,
    Recorded,
    counting,
    history,
    keeping,
    links,
    person,
    record,
    standing,
)
from servanda.desk.consents.acts import TERMS
from servanda.desk.consents.asking import known_kind
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import UsageError
from servanda.runtime import consents

if TYPE_CHECKING:
    from servanda.desk.consents.history import Kept
    from servanda.runtime.workspace import Workspace

BY_STAFF = ("phone", "paper", "in_person", "form", "parent", "requested", "invalidated")
"""How a choice that staff records was made."""


def shown(workspace: Workspace, kind: str, value: str) -> dict[str, Any] | None:
    """What holds for somebody, and all they said; None where nothing is kept."""
    book = workspace.desk.book
    mark = book.mark(kind, value)
    found = history.person(book, mark)
    if found is None:
        return None
    kept = history.of(found.subject, 200)
    return {
        "subject": found.subject,
        "identities": [list(pair) for pair in found.identities],
        "standing": [
            {
                "purpose": purpose,
                "channel": channel or None,
                "state": word.state,
                "until": word.until.isoformat() if word.until else None,
                "edition": word.edition,
                "holds": word.holds(book.today()),
            }
            for purpose, channel, word in standing.words(found.standing)
        ],
        "history": [told(workspace, each) for each in kept],
    }


def told(workspace: Workspace, kept: Kept) -> dict[str, Any]:
    """One record, with the words about how it was given."""
    data = kept.data
    return {
        "record": kept.id,
        "index": kept.index,
        "at": data["at"],
        "states": dict(kept.states),
        "how": data["how"],
        "by": data.get("by"),
        "edition": data.get("edition"),
        "notice": data.get("notice"),
        "language": data.get("language"),
        "source": data.get("source"),
        "note": history.note(workspace.desk.book, kept) if kept.noted else None,
        "receipt": f"{workspace.settings.web.address}/consent/receipt/{kept.id}",
    }


def put(
    workspace: Workspace,
    kind: str,
    value: str,
    choices: Mapping[str, Mapping[str, bool]],
    how: str,
    *,
    by: str,
    note: str = "",
    notice: str = "",
    age: int | None = None,
    edition: int | None = None,
    place: str = "",
    form: bool = False,
    source: str = "",
) -> Recorded:
    """Record somebody's choice. A yes needs words about how it was given: who asks later must be
    able to see it (GDPR art. 7(1))."""
    yes = any(True in channels.values() for each, channels in choices.items() if each != TERMS)
    if yes and how in BY_STAFF and not note.strip():
        raise UsageError(
            "say how the consent was given", "in a few words: when, and what was asked"
        )
    now = datetime.now(UTC)
    act = Act(
        person((kind, value)),
        choices,
        how,
        note=note.strip(),
        notice=notice,
        proof=sha256_hex(note.strip().encode()) if note.strip() else "",
        age=age,
        edition=edition or consents.edition(now),
        place=place,
        form=form,
        source=source,
        by=by,
    )
    return record(workspace.desk.book, act)


def changes(workspace: Workspace, since: int, limit: int) -> list[dict[str, Any]]:
    """Records of people from that place in the ledger on, with who they are."""
    kept = history.since(since, limit)
    who = history.identities(workspace.desk.book, [each.subject for each in kept])
    return [
        {**told(workspace, each), "identities": [list(pair) for pair in who.get(each.subject, ())]}
        for each in kept
    ]


def links_of(workspace: Workspace, subject: str, channel: str = "email") -> dict[str, str]:
    """Both links of somebody, and the two headers for a mail to them."""
    kind, _, value = known_kind(subject).partition(":")
    book = workspace.desk.book
    mark = book.mark(kind, value)
    return {
        "unsubscribe": links.unsubscribe(book, mark, channel),
        "preferences": links.preferences(book, mark),
        **links.headers(book, mark, channel),
    }


def counts() -> dict[str, Any]:
    """How many records there are, and what the gate said, of all processes."""
    records, people = keeping.kept()
    found = dict(counting.counted())
    no = {name[3:]: n for name, n in found.items() if name.startswith("no ")}
    yes = found.get("yes", 0)
    return {
        "records": records,
        "people": people,
        "asked": yes + sum(no.values()),
        "yes": yes,
        "no": no,
        "late": found.get("late", 0),
    }


def chosen(texts: list[str]) -> dict[str, dict[str, bool]]:
    """`marketing/email=yes` as choices; `improve=no` for all channels."""
    found: dict[str, dict[str, bool]] = {}
    for text in texts:
        name, equals, answer = text.partition("=")
        if not equals or answer.lower() not in ("yes", "no"):
            raise UsageError("a choice is PURPOSE/CHANNEL=yes or =no", "as in marketing/email=yes")
        purpose, _, channel = name.strip().partition("/")
        found.setdefault(purpose, {})[channel] = answer.lower() == "yes"
    return found
