"""Plans made by hand, for the tests of files and explanations."""

from __future__ import annotations

from datetime import datetime

from servanda.kernel.predicate import (
    NOTHING,
    AnyOf,
    ClockBy,
    Compare,
    Contains,
    Erased,
    Everything,
    Missing,
    Not,
    OneOf,
    all_of,
)
from servanda.plan.file import sealed
from servanda.plan.steps import Archive, Delete, Keep, Plan, Redact, Return, Step, Verify
from servanda.stores.mapping import Generalise, Pseudonym, SetNull, SetText
from servanda.stores.port import Tally
from tests.plan.builders import at, policy, promise

MADE = at("2026-03-04T02:30:00")
POLICY = policy(
    {},
    [
        promise("JT-06", "Landline calls are kept for 12 months and then deleted automatically."),
        promise("EX-25", "Analytics are anonymised after 26 months."),
    ],
    zone="Europe/London",
)


def tally(count: int, oldest: str = "", newest: str = "") -> Tally:
    moments: list[datetime | None] = [at(day) if day else None for day in (oldest, newest)]
    return Tally(count, *moments)


def plan(*steps: Step, unreachable: tuple[str, ...] = ()) -> Plan:
    shapes = (("pbx", "a" * 64),)
    return sealed(Plan(MADE, MADE, "p" * 64, "m" * 64, shapes, steps, unreachable))


FULL = plan(
    Delete(
        "delete:disk.wav", "disk.wav", ClockBy("recorded", at("2025-03-05")), "recorded",
        tally(12_345, "2024-01-02", "2025-03-04"), 40_000,
        ("at most 1 year after recorded, then deleted: reaches what was recorded by 2025-03-05",),
        ("JT-06",),
    ),
    Delete(
        "delete:pbx.cdr", "pbx.cdr",
        all_of([ClockBy("recorded", at("2025-03-05"), "end"), Not(Missing("tenant"))]),
        "recorded", tally(1, "2025-01-02", "2025-01-02"), 1_200_000,
        ("at most 1 year after recorded, then deleted: reaches what was recorded by 2025-03-05",),
        ("JT-06", "XX-01"), ("delete:disk.wav",), ("cdr_2023", "cdr_2024"),
    ),
    Redact(
        "anonymise:web.visits", "web.visits",
        AnyOf((Not(Erased("ip", "ip")), Contains("page", "x"), OneOf("id", (1, 2.5, b"\x01")))),
        None, (("ip", Generalise("ip")), ("visitor", Pseudonym()), ("page", SetNull()),
               ("city", SetText("gone")), ("age", Generalise("number", 10))),
        "pseudonymised", tally(77, "2023-01-01", "2024-01-01"), 100,
        ("at most 26 months after visited, then anonymised",), ("EX-25",),
    ),
    Archive(
        "archive:crm.cases", "crm.cases", Compare("id", "=", 2**60), None, "archive", tally(3), 9,
        ("at most 5 years after closed, then archived",), (),
    ),
    Return(
        "return:crm.files", "crm.files", Everything(), "ended", "outbox", tally(3), 900,
        ("at most 30 days after ended, then returned",), (),
    ),
    Keep("keep:hold:pbx.cdr", "pbx.cdr", "hold", tally(4, "2020-01-01", "2020-06-01"),
         ("past a ceiling, but a legal hold covers them: suspended until it is released",),
         ("JT-06",)),
    Keep("keep:event:crm.people", "crm.people", "event", tally(1_000),
         ("last_invoice has not happened, so no clock is running",), ()),
    Keep("keep:shape:web.users", "web.users", "shape", tally(0),
         ("only read: web.users has no email",), ("XX-01",)),
    Verify("verify:pbx.cdr", "pbx.cdr", ClockBy("recorded", at("2025-03-04")), NOTHING, ("JT-06",)),
    Verify("verify:crm.people", "crm.people", NOTHING, NOTHING, ()),
    unreachable=("radius",),
)  # fmt: skip
EMPTY = plan(
    Verify("verify:crm.people", "crm.people", NOTHING, NOTHING, ()),
    Verify("verify:pbx.cdr", "pbx.cdr", NOTHING, NOTHING, ("JT-06",)),
)
