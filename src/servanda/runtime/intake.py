"""The intake gate of a workspace: with its policy, its keys, and its consents; and its census.

The danger: a gate that stands open, or has fallen down, and nobody notices. What guards it: at
least once a day it is asked as a stranger asks, and tried with what it must refuse; what was found
goes into the ledger (`intake.census`) with the counts. Tests: tests/runtime/test_intake.py.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from servanda import ledger

if TYPE_CHECKING:
    from servanda.desk.intake import Gate, Given
    from servanda.policy.rules import Form
    from servanda.runtime.workspace import Workspace

ENQUIRY = "enquiry"
CARD = "4111 1111 1111 1111"
"""A number that card networks set aside for tests."""
COUNTED = ("undeclared", "card", "sensitive", "age", "source", "missing")
_STARTING = timedelta(minutes=30)
_TIMEOUT_S = 20.0


def gate(workspace: Workspace) -> Gate:
    """`use_state` comes first."""
    from servanda.desk.intake import Gate

    return Gate(workspace.policy, workspace.master, partial(_recorded, workspace))


def _recorded(workspace: Workspace, given: Given) -> str:
    """An explicit consent, put on record; its id."""
    from servanda.desk.consents import Act, person, record

    choices = {given.purpose: {"": True}}
    who = person(*given.identities)
    act = Act(who, choices, "form", given.notice, language=given.language, at=given.at)
    return record(workspace.desk.book, act).id


def enquiry_form(workspace: Workspace) -> Form | None:
    """The declared form that the enquiry form is: the one of that name, or else the first of the
    activity that the enquiries' collection belongs to."""
    from servanda.runtime import enquiries

    named = workspace.policy.form(ENQUIRY)
    if named is not None:
        return named
    mapped = enquiries.collection(workspace)
    if mapped is None or mapped.activity is None:
        return None
    of = (form for form in workspace.policy.forms if form.activity == mapped.activity)
    return next((form for form in of if not form.third_party), None)


def census(workspace: Workspace, *, now: datetime | None = None) -> None:
    """As often as evidence wants it: whether the gate stands, and what it took and refused so far.
    Where it does not answer the server may be starting; only when that goes on is it put down."""
    moment = now or datetime.now(UTC)
    last = ledger.history.last("intake.census")
    often = workspace.settings.often(moment, workspace.zone)
    if last is not None and moment - last.at < often:
        return
    stands = up(workspace)
    if stands or (last is not None and moment - last.at > often + _STARTING):
        ledger.append([{"kind": "intake.census", "serves": stands, **found(workspace)}], now=now)


def found(workspace: Workspace) -> dict[str, Any]:
    """What was taken and refused so far: of each declared form, and wherever else text comes in."""
    from servanda.desk.intake import counts

    totals = counts.totals()
    names = dict.fromkeys([*(form.id for form in workspace.policy.forms), *counts.PLACES])
    names |= dict.fromkeys(each for each in sorted(totals) if each)

    def of(name: str) -> dict[str, Any]:
        known = totals.get(name, {})
        refused = {each: known.get(each, 0) for each in COUNTED}
        return {"taken": known.get(counts.TAKEN, 0), "refused": refused}

    def summed(outcome: str) -> int:
        return sum(each.get(outcome, 0) for each in totals.values())

    return {
        "forms": {name: of(name) for name in names},
        "unknown": totals.get("", {}).get(counts.UNKNOWN, 0),
        "unsourced": summed(counts.UNSOURCED),
        "children": summed(counts.CHILDREN),
    }


def up(workspace: Workspace) -> bool:
    """Whether it answers on this machine and lets nobody in without a token; and whether each form
    refuses what every form must."""
    return _guarded(workspace) and all(_refuses(workspace, each) for each in workspace.policy.forms)


def _refuses(workspace: Workspace, form: Form) -> bool:
    from servanda.desk.intake import Submission

    fields = {each.name: CARD for each in form.fields}
    told = Submission(form.id, {**fields, "-": CARD})
    kinds = {each.kind for each in gate(workspace).check(told)}
    cards = all(each.category == "pay.card_number" for each in form.fields)
    return "undeclared" in kinds and (cards or "card" in kinds)


def _guarded(workspace: Workspace) -> bool:
    from servanda.runtime.portal import here

    settings = workspace.settings.web
    address = urlsplit(settings.address)
    asked = urllib.request.Request(
        f"http://{here(settings.listen)}/v1/intake/{ENQUIRY}",
        data=b"{}",
        headers={
            "Host": address.netloc,
            "X-Forwarded-Proto": address.scheme,
            "Content-Type": "application/json",
        },
        method="POST",
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=_TIMEOUT_S):
            return False  # it took something from nobody
    except urllib.error.HTTPError as error:
        with error:
            return error.code == 401
    except OSError:
        return False
