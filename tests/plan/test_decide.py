"""The six rules of retention, one record at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from servanda.kernel.errors import ServandaError
from servanda.kernel.period import Period
from servanda.plan.decide import Moment, decide
from servanda.plan.retention import compile_rules
from servanda.stores.mapping import Consent, Tenant, Tightening
from tests.plan.builders import (
    at,
    ceiling,
    collection,
    field,
    floor,
    keep_at_most,
    keep_forever,
    policy,
    record,
    rules,
)

NOW = at("2026-03-04T12:00:00")
CALLS = collection(clocks=("recorded",), fields=(field("phone", "contact.phone"),))
CLIENTS = collection(
    clocks=("last_invoice", "closed"),
    fields=(field("name", "name"), field("email", "contact.email"), field("note", "comms")),
)
TWELVE_MONTHS = keep_at_most(ceiling("12 months", "recorded"))


def test_a_record_past_its_ceiling_goes_and_its_neighbour_stays() -> None:
    rule = rules(TWELVE_MONTHS, CALLS)
    gone = decide(record(recorded=at("2025-03-04T12:00:00")), rule, NOW)
    stays = decide(record(recorded=at("2025-03-04T12:00:01")), rule, NOW)
    assert (gone.outcome, gone.delete_at) == ("delete", NOW)
    assert (stays.outcome, stays.reason) == ("keep", None)
    assert stays.delete_at == NOW + timedelta(seconds=1)
    assert gone.because == ("due on 2026-03-04: at most 1 year after recorded, then deleted",)


def test_rule_1_a_hold_beats_everything_and_suspends() -> None:
    rule = rules(TWELVE_MONTHS, CALLS)
    held = decide(record(recorded=at("2024-01-01"), held_by=("H7",)), rule, NOW)
    assert (held.outcome, held.reason, held.suspended_by) == ("keep", "hold", ("H7",))
    assert held.because[0] == "suspended by hold H7"
    young = decide(record(recorded=at("2026-01-01"), held_by=("H7",)), rule, NOW)
    assert (young.outcome, young.reason, young.suspended_by) == ("keep", None, ())


def test_rule_2_a_floor_keeps_what_it_covers_and_the_rest_goes() -> None:
    audit = floor("10 years", "last_invoice", "audit of accounts", "name", "contact")
    rule = rules(keep_at_most(ceiling("1 year", "closed"), floors=[audit]), CLIENTS)
    kept = decide(
        record(closed=at("2024-01-01"), last_invoice=at("2021-03-04T09:00:00")), rule, NOW
    )
    assert (kept.outcome, kept.reason, kept.floors) == ("redact", "floor", (audit,))
    assert kept.keep_until == at("2031-03-05")
    assert kept.because[0] == (
        "kept until 2031-03-04: floor 10 years after last_invoice (audit of accounts), "
        "covers name and contact"
    )
    over = decide(record(closed=at("2024-01-01"), last_invoice=at("2016-03-03")), rule, NOW)
    assert (over.outcome, over.floors) == ("delete", ())


def test_rule_2_an_archive_waits_for_the_floor_to_end() -> None:
    rule = rules(
        keep_at_most(
            ceiling("1 year", "closed", "archive"),
            floors=[floor("10 years", "last_invoice", "audit", "name")],
        ),
        CLIENTS,
    )
    waiting = decide(record(closed=at("2024-01-01"), last_invoice=at("2020-01-01")), rule, NOW)
    assert (waiting.outcome, waiting.reason) == ("keep", "floor")
    free = decide(record(closed=at("2024-01-01"), last_invoice=at("2010-01-01")), rule, NOW)
    assert free.outcome == "archive"


def test_rule_3_the_latest_floor_and_the_earliest_ceiling_win_by_their_dates() -> None:
    rule = rules(
        keep_at_most(
            ceiling("2 years", "last_invoice"),
            ceiling("5 years", "closed"),
            floors=[floor("3 years", "closed", "short"), floor("1 year", "last_invoice", "long")],
        ),
        CLIENTS,
    )
    found = decide(
        record(closed=at("2020-06-01T10:00:00"), last_invoice=at("2025-06-01T10:00:00")),
        rule,
        NOW,
    )
    # The longer periods end first here: dates are compared, not periods.
    assert found.keep_until == at("2026-06-02")
    assert found.delete_at == at("2025-06-01T10:00:00")
    assert [f.ground for f in found.floors] == ["long"]


def test_rule_4_a_customer_may_lower_a_ceiling_never_raise_it_nor_break_a_floor() -> None:
    calls = collection(clocks=("recorded",), tenant="customer")
    kept = keep_at_most(ceiling("12 months", "recorded"), floors=[floor("1 month", "recorded")])
    shorter = Tightening("accounts", "recorded", Period.parse("3 months"))
    longer = Tightening("accounts", "recorded", Period.parse("5 years"))
    tenants = (Tenant("acme", "Acme", (shorter,)), Tenant("beta", "Beta", (longer,)))
    rule = rules(kept, calls, tenants=tenants)
    four_months = at("2025-11-01")
    assert decide(record("acme", recorded=four_months), rule, NOW).outcome == "delete"
    assert decide(record("other", recorded=four_months), rule, NOW).outcome == "keep"
    assert decide(record("beta", recorded=at("2024-01-01")), rule, NOW).outcome == "delete"
    young = decide(record("acme", recorded=at("2026-02-20")), rule, NOW)
    assert (young.outcome, young.reason) == ("keep", None)
    named = decide(record("acme", recorded=four_months), rule, NOW).because[0]
    assert named.endswith("then deleted (as Acme instructed)")


def test_rule_4_a_floor_stands_against_an_instruction() -> None:
    calls = collection(clocks=("recorded",), tenant="customer")
    kept = keep_at_most(ceiling("12 months", "recorded"), floors=[floor("6 months", "recorded")])
    shorter = Tightening("accounts", "recorded", Period.parse("3 months"))
    rule = rules(kept, calls, tenants=(Tenant("acme", "Acme", (shorter,)),))
    found = decide(record("acme", recorded=at("2025-11-01")), rule, NOW)
    assert found.reason == "floor"


def test_a_record_of_an_unknown_customer_is_not_touched() -> None:
    calls = collection(clocks=("recorded",), tenant="customer")
    rule = rules(TWELVE_MONTHS, calls)
    unknown = decide(record(recorded=at("2020-01-01")), rule, NOW)
    known = decide(record("acme", recorded=at("2020-01-01")), rule, NOW)
    assert (unknown.outcome, unknown.reason) == ("keep", "tenant")
    assert known.outcome == "delete"


def test_rule_5_an_event_that_has_not_happened_has_not_started_the_clock() -> None:
    rule = rules(TWELVE_MONTHS, CALLS)
    found = decide(record(), rule, NOW)
    assert (found.outcome, found.reason, found.delete_at) == ("keep", "event", None)
    assert found.because == (
        "recorded has not happened: at most 1 year after recorded, then deleted",
    )


def test_rule_5_a_floor_whose_event_has_not_happened_is_in_force() -> None:
    audit = floor("1 day", "last_invoice", "audit")
    rule = rules(keep_at_most(ceiling("1 year", "closed"), floors=[audit]), CLIENTS)
    found = decide(record(closed=at("2020-01-01")), rule, NOW)
    assert (found.reason, found.floors, found.keep_until) == ("floor", (audit,), None)
    assert found.because[0].startswith("kept, because last_invoice has not happened")


def test_rule_6_silence_is_not_a_rule() -> None:
    silent = policy({"accounts": None})
    with pytest.raises(ServandaError, match="no rule decides about"):
        compile_rules(silent, CALLS, timedelta(0))
    with pytest.raises(ServandaError, match="no rule decides about"):
        compile_rules(silent, collection(activity=None), timedelta(0))
    with pytest.raises(ServandaError, match="no clock for recorded"):
        rules(TWELVE_MONTHS, collection(clocks=("closed",)))


def test_consent_lifts_only_the_ceiling_that_says_so() -> None:
    enquiries = collection(
        clocks=("closed", "received"),
        fields=(field("box", "preference.privacy"),),
        consents=(Consent("marketing", "box", ("1",)),),
    )
    kept = keep_at_most(
        ceiling("0 days", "closed"), ceiling("12 months", "received", consent="marketing")
    )
    rule = rules(kept, enquiries)
    old = at("2024-01-01")
    said_yes = decide(record(consents=["marketing"], received=old), rule, NOW)
    said_no = decide(record(received=old), rule, NOW)
    dealt_with = decide(record(consents=["marketing"], received=old, closed=old), rule, NOW)
    assert (said_yes.outcome, said_yes.reason) == ("keep", "consent")
    assert said_no.outcome == dealt_with.outcome == "delete"
    with pytest.raises(ServandaError, match="which field records the consent for marketing"):
        rules(kept, collection(clocks=("closed", "received")))


def test_forever_keeps_and_says_why() -> None:
    found = decide(record(recorded=at("1990-01-01")), rules(keep_forever("an archive"), CALLS), NOW)
    assert (found.outcome, found.delete_at) == ("keep", None)
    assert found.because == ("kept without a limit: an archive",)


def test_what_lies_beyond_the_calendar_is_not_an_error() -> None:
    rule = rules(
        keep_at_most(ceiling("10 years", "closed"), floors=[floor("10 years", "last_invoice")]),
        CLIENTS,
    )
    never = datetime(9999, 12, 31, tzinfo=UTC)
    found = decide(record(closed=never, last_invoice=never), rule, NOW)
    assert found.outcome == "keep"
    assert found.because[0].startswith("kept until the end of time")


@pytest.mark.parametrize(
    ("recorded", "now", "outcome"),
    [
        # exactly, a second before, a second after
        ("2025-03-04T12:00:00", "2026-03-04T12:00:00", "delete"),
        ("2025-03-04T12:00:00", "2026-03-04T11:59:59", "keep"),
        ("2025-03-04T12:00:00", "2026-03-04T12:00:01", "delete"),
        # 29 February: a year later there is no such day, so the 28th counts
        ("2024-02-29T08:00:00", "2025-02-28T07:59:59", "keep"),
        ("2024-02-29T08:00:00", "2025-02-28T08:00:00", "delete"),
    ],
)
def test_the_instant_of_a_ceiling(recorded: str, now: str, outcome: str) -> None:
    rule = rules(TWELVE_MONTHS, CALLS)
    assert decide(record(recorded=at(recorded)), rule, at(now)).outcome == outcome


def test_a_month_after_31_january_ends_with_february() -> None:
    rule = rules(keep_at_most(ceiling("1 month", "recorded")), CALLS)
    late = record(recorded=at("2025-01-31T12:00:00"))
    assert decide(late, rule, at("2025-02-28T11:59:59")).outcome == "keep"
    assert decide(late, rule, at("2025-02-28T12:00:00")).outcome == "delete"


def test_a_floor_is_never_cut_short_by_a_shorter_month() -> None:
    rule = rules(
        keep_at_most(ceiling("0 days", "closed"), floors=[floor("1 month", "last_invoice")]),
        CLIENTS,
    )
    evening = record(closed=at("2025-01-01"), last_invoice=at("2025-01-29T23:00:00"))
    assert decide(evening, rule, at("2025-02-28T12:00:00")).reason == "floor"
    assert decide(evening, rule, at("2025-02-28T23:59:59")).reason == "floor"
    assert decide(evening, rule, at("2025-03-01")).outcome == "delete"


def test_a_date_is_its_start_for_ceilings_and_its_end_for_floors() -> None:
    day = Moment(at("2025-03-04"), at("2025-03-05"))
    ceiling_rule = rules(keep_at_most(ceiling("1 year", "closed")), CLIENTS)
    assert decide(record(closed=day), ceiling_rule, at("2026-03-04")).outcome == "delete"
    floor_rule = rules(
        keep_at_most(ceiling("0 days", "closed"), floors=[floor("1 year", "last_invoice")]),
        CLIENTS,
    )
    found = decide(record(closed=day, last_invoice=day), floor_rule, at("2026-03-04T23:59:59"))
    assert (found.reason, found.keep_until) == ("floor", at("2026-03-05"))
    ended = decide(record(closed=day, last_invoice=day), floor_rule, at("2026-03-05"))
    assert ended.outcome == "delete"


def test_the_calendar_is_that_of_the_policy() -> None:
    rule = rules(keep_at_most(ceiling("1 day", "recorded")), CALLS, zone="Europe/London")
    # The night the clocks go forward has 23 hours.
    evening = datetime(2026, 3, 28, 20, tzinfo=ZoneInfo("Europe/London"))
    assert decide(record(recorded=evening), rule, at("2026-03-29T18:59:59")).outcome == "keep"
    assert decide(record(recorded=evening), rule, at("2026-03-29T19:00:00")).outcome == "delete"


def test_the_lead_brings_a_ceiling_forward_and_leaves_floors_alone() -> None:
    day = timedelta(days=1)
    rule = rules(TWELVE_MONTHS, CALLS, lead=day)
    assert decide(record(recorded=at("2025-03-05T12:00:00")), rule, NOW).outcome == "delete"
    assert decide(record(recorded=at("2025-03-05T12:00:01")), rule, NOW).outcome == "keep"
    floored = rules(
        keep_at_most(ceiling("0 days", "closed"), floors=[floor("1 year", "last_invoice")]),
        CLIENTS,
        lead=day,
    )
    found = record(closed=at("2025-01-01"), last_invoice=at("2025-03-04T06:00:00"))
    assert decide(found, floored, NOW).reason == "floor"


def test_what_has_yet_to_happen_is_not_due_however_short_the_period() -> None:
    rule = rules(keep_at_most(ceiling("0 days", "closed")), CLIENTS, lead=timedelta(days=1))
    assert decide(record(closed=NOW), rule, NOW).outcome == "delete"
    assert decide(record(closed=NOW + timedelta(seconds=1)), rule, NOW).outcome == "keep"
