"""Plans from real stores: what is planned, what is kept, in which order, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from servanda.connectors.sql.store import SqlStore
from servanda.kernel.errors import ServandaError, StoreUnreachable, UsageError
from servanda.kernel.predicate import Compare
from servanda.plan.build import build
from servanda.plan.file import dump, parse
from servanda.plan.steps import Delete, Keep, Plan, Redact, Verify
from servanda.policy.rules import Policy
from servanda.stores.mapping import (
    Collection,
    Consent,
    Exemption,
    Generalise,
    Link,
    Pseudonym,
    SetText,
    StoreConfig,
)
from tests.plan import database
from tests.plan.builders import (
    DAY,
    at,
    ceiling,
    collection,
    field,
    floor,
    keep_at_most,
    policy,
    promise,
)

NOW = at("2026-03-04T12:00:00")
CDR = replace(
    collection(
        "cdr", "pbx", "calls", clocks=("recorded",),
        fields=[field("src", "contact.phone"), field("linked"), field("file")],
    ),
    identify=(("phone", ("src",)),),
)  # fmt: skip
CALLS = policy(
    {"calls": keep_at_most(ceiling("12 months", "recorded"))},
    [
        promise("JT-06", "Calls go after 12 months.", "activities.calls.retain"),
        promise("JT-99", "Something else.", "inventory.declared"),
    ],
)
PEOPLE_TABLE = (
    "CREATE TABLE people (id INTEGER PRIMARY KEY, closed TEXT, last_invoice TEXT, name TEXT, "
    "email TEXT, ip TEXT, note TEXT, box TEXT, customer TEXT)"
)


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    path = database.make(tmp_path / "pbx.sqlite", database.CALLS)
    database.insert(path, "cdr", [
        (1, "2025-03-04 12:00:00", "111111", "A", "a.wav"),  # reaches its ceiling exactly now
        (2, "2025-03-04 11:59:59", "222222", "B", "b.wav"),  # a second ago
        (3, "2025-03-04 12:00:01", "333333", "C", "c.wav"),  # in a second
        (4, None, "444444", "D", ""),  # never recorded
    ])  # fmt: skip
    return path


class Site:
    """One store and what a plan of it needs."""

    def __init__(self, policy: Policy, config: StoreConfig) -> None:
        self.policy, self.config = policy, config
        self.store = database.open_store(config)

    def plan(self, now_is: str = "", lead: timedelta = timedelta(0), **more: object) -> Plan:
        return build(
            self.policy, [self.config], {self.config.name: self.store},
            at(now_is) if now_is else NOW, lead, mapping="m" * 64, **more,  # type: ignore[arg-type]
        )  # fmt: skip


@pytest.fixture
def pbx(calls: Path) -> Iterator[Site]:
    site = Site(CALLS, database.config(calls, CDR))
    yield site
    site.store.close()


def one(plan: Plan, kind: type) -> object:
    (found,) = [step for step in plan.steps if isinstance(step, kind)]
    return found


def test_what_has_expired_to_the_second_is_planned(pbx: Site) -> None:
    plan = pbx.plan()
    step = one(plan, Delete)
    assert isinstance(step, Delete)
    assert (step.id, step.tally.count, step.total) == ("delete:pbx.cdr", 2, 4)
    assert (step.tally.oldest, step.tally.newest) == (
        at("2025-03-04T11:59:59"), at("2025-03-04T12:00:00"),
    )  # fmt: skip
    assert (step.clock, step.promises) == ("recorded", ("JT-06",))
    assert step.because == (
        "at most 1 year after recorded, then deleted: reaches what was recorded by 2025-03-04",
    )
    kept = one(plan, Keep)
    assert isinstance(kept, Keep)
    assert (kept.reason, kept.tally.count) == ("event", 1)
    assert [s.id for s in plan.steps if isinstance(s, Verify)] == ["verify:pbx.cdr"]


def test_after_it_is_carried_out_the_next_plan_is_empty(pbx: Site, calls: Path) -> None:
    assert database.carry_out(pbx.plan(), pbx.store, pbx.config) == 2
    assert [row[0] for row in database.read(calls, "SELECT id FROM cdr ORDER BY id")] == [3, 4]
    again = pbx.plan()
    assert not [s for s in again.steps if isinstance(s, Delete | Redact)]


def test_the_lead_takes_what_will_have_expired(pbx: Site) -> None:
    step = one(pbx.plan(lead=DAY), Delete)
    assert isinstance(step, Delete)
    assert step.tally.count == 3
    check = one(pbx.plan(lead=DAY), Verify)
    assert isinstance(check, Verify)
    assert pbx.store.tally(CDR, check.overdue).count == 2  # overdue knows no lead


def test_held_records_are_not_counted_but_shown(pbx: Site) -> None:
    plan = pbx.plan(held={"pbx.cdr": Compare("id", "=", 1)})
    step = one(plan, Delete)
    assert isinstance(step, Delete)
    assert step.tally.count == 1
    held = [s for s in plan.steps if isinstance(s, Keep) and s.reason == "hold"]
    assert [s.tally.count for s in held] == [1]
    # The hold itself is in no step: it may be released before the plan is applied.
    assert pbx.store.tally(CDR, step.where).count == 2
    everything = {"pbx.cdr": Compare("id", ">", 0)}
    assert not [s for s in pbx.plan(held=everything).steps if isinstance(s, Delete)]


def test_a_store_in_verify_mode_is_measured_and_never_written(pbx: Site) -> None:
    pbx.config = replace(pbx.config, mode="verify")
    plan = pbx.plan()
    assert not [s for s in plan.steps if isinstance(s, Delete)]
    reasons = {s.reason: s.tally.count for s in plan.steps if isinstance(s, Keep)}
    assert reasons == {"verify": 2, "event": 1}
    assert one(plan, Verify)


def test_a_renamed_column_makes_the_collection_read_only(pbx: Site, calls: Path) -> None:
    pbx.config = replace(
        pbx.config, collections=(replace(CDR, fields=(*CDR.fields, field("gone", "name"))),)
    )
    plan = pbx.plan()
    assert not [s for s in plan.steps if isinstance(s, Delete | Verify)]
    kept = [s for s in plan.steps if isinstance(s, Keep) and s.reason == "shape"]
    assert [s.because for s in kept] == [("only read: cdr has no gone",)]


def test_a_store_that_does_not_answer_is_named_and_left_alone(pbx: Site) -> None:
    silent = {"pbx": StoreUnreachable("pbx", "refused")}
    plan = build(CALLS, [pbx.config], silent, NOW, DAY, mapping="m")
    assert (plan.unreachable, plan.steps, plan.shapes) == (("pbx",), (), ())


def test_an_exempt_collection_is_shown_and_silence_is_an_error(pbx: Site) -> None:
    exempt = replace(CDR, activity=None, exempt=Exemption("to be decided", "Jo", "2027-01-01"))
    pbx.config = replace(pbx.config, collections=(exempt,))
    kept = one(pbx.plan(), Keep)
    assert isinstance(kept, Keep)
    assert (kept.reason, kept.tally.count) == ("exempt", 4)
    assert kept.because == ("no rule until 2027-01-01: to be decided (Jo)",)
    pbx.config = replace(pbx.config, collections=(replace(CDR, activity=None),))
    with pytest.raises(ServandaError, match="no rule decides"):
        pbx.plan()


def test_floors_keep_what_they_cover_and_a_second_plan_is_empty(tmp_path: Path) -> None:
    people = collection(
        clocks=("closed", "last_invoice"),
        fields=[field("name", "name"), field("email", "contact.email"), field("note", "comms"),
                field("ip", "device.ip", erase=Generalise("ip"))],
    )  # fmt: skip
    floors = [
        floor("10 years", "last_invoice", "audit", "name", "contact"),
        floor("3 years", "last_invoice", "disputes", "comms"),
    ]
    kept = policy({"accounts": keep_at_most(ceiling("1 year", "closed"), floors=floors)})
    path = database.make(tmp_path / "crm.sqlite", PEOPLE_TABLE)
    old, mid, new = "2012-01-01 00:00:00", "2020-01-01 00:00:00", "2025-06-01 00:00:00"
    row = ("Ada", "a@b.test", "203.0.113.7", "hello", None, None)
    database.insert(path, "people", [
        (1, old, old, *row),  # no floor left: goes
        (2, mid, mid, *row),  # audit only: note and ip go
        (3, mid, new, *row),  # both floors: only the ip goes
        (4, mid, None, *row),  # never invoiced: both floors
        (5, NOW.isoformat(" ")[:19], new, *row),  # not due
    ])  # fmt: skip
    site = Site(kept, database.config(path, people))
    plan = site.plan()
    found = {s.id: s.tally.count for s in plan.steps if isinstance(s, Delete | Redact)}
    assert found == {
        "delete:crm.people": 1, "redact:1:crm.people": 1, "redact:1+2:crm.people": 2,
    }  # fmt: skip
    assert {s.kind for s in plan.steps if isinstance(s, Redact)} == {"redacted"}
    waiting = next(s for s in plan.steps if isinstance(s, Keep) and s.reason == "floor")
    assert waiting.tally.count == 3
    assert waiting.because[-1] == "of 1 record among them last_invoice has not happened"
    assert database.carry_out(plan, site.store, site.config) == 4
    assert database.read(path, "SELECT id, name, note, ip FROM people ORDER BY id") == [
        (2, "Ada", None, "203.0.113.0"),
        (3, "Ada", "hello", "203.0.113.0"),
        (4, "Ada", "hello", "203.0.113.0"),
        (5, "Ada", "hello", "203.0.113.7"),
    ]
    again = site.plan()
    assert not [s for s in again.steps if isinstance(s, Delete | Redact)]
    check = one(again, Verify)
    assert isinstance(check, Verify)
    assert site.store.tally(people, check.overdue).count == 0
    site.store.close()


def test_anonymising_says_what_it_may_claim_and_happens_once(tmp_path: Path) -> None:
    erasures = {
        "anonymised": field("name", "name", erase=SetText("someone")),
        "pseudonymised": field("name", "name", erase=Pseudonym()),
    }
    for kind, name in erasures.items():
        people = collection(clocks=("closed",), fields=[name, field("email", "contact.email")])
        kept = policy({"accounts": keep_at_most(ceiling("1 year", "closed", "anonymise"))})
        path = database.make(tmp_path / f"{kind}.sqlite", PEOPLE_TABLE)
        rest = ("203.0.113.7", "hello", None, None)
        database.insert(path, "people", [
            (1, "2020-01-01 00:00:00", None, "Ada", "a@b.test", *rest),
            (2, "2020-01-01 00:00:00", None, None, None, *rest),  # nothing left to erase
            (3, "2026-01-01 00:00:00", None, "ps_mith", "c@d.test", *rest),
            (4, "2020-01-01 00:00:00", None, "ps_mith", None, *rest),  # looks like a pseudonym
        ])  # fmt: skip
        site = Site(kept, database.config(path, people))
        step = one(site.plan(), Redact)
        assert isinstance(step, Redact)
        assert (step.kind, step.tally.count) == (kind, 2)
        assert database.carry_out(site.plan(), site.store, site.config) == 2
        names = [r[0] for r in database.read(path, "SELECT name FROM people ORDER BY id")]
        assert names[0] not in ("Ada", None)
        assert names[1:3] == [None, "ps_mith"]
        assert names[3] != "ps_mith"
        assert not [s for s in site.plan().steps if isinstance(s, Redact)]
        site.store.close()


def test_consent_and_unknown_customers_stay(tmp_path: Path) -> None:
    people = collection(
        clocks=("closed",),
        fields=[field("name", "name"), field("box"), field("customer")],
        consents=[Consent("marketing", "box", ("1",))],
        tenant="customer",
    )
    kept = policy({"accounts": keep_at_most(ceiling("1 year", "closed", consent="marketing"))})
    path = database.make(tmp_path / "crm.sqlite", PEOPLE_TABLE)
    middle = ("2020-01-01 00:00:00", None, "Ada", None, None, None)
    database.insert(path, "people", [
        (1, *middle, "0", "acme"), (2, *middle, "1", "acme"), (3, *middle, "0", None),
        (4, *middle, None, "beta"), (5, *middle, "0", " "),
    ])  # fmt: skip
    site = Site(kept, database.config(path, people))
    plan = site.plan()
    reasons = {s.reason: s.tally.count for s in plan.steps if isinstance(s, Keep)}
    assert reasons == {"consent": 1, "tenant": 2}
    assert database.carry_out(plan, site.store, site.config) == 2
    assert [r[0] for r in database.read(path, "SELECT id FROM people")] == [2, 3, 5]
    check = one(site.plan(), Verify)
    assert isinstance(check, Verify)
    # Unknown customers' records are past their ceiling all the same: that is said.
    assert site.store.tally(people, check.overdue).count == 2
    site.store.close()


# ── links ─────────────────────────────────────────────────────────────────────────────────────

OWNER = replace(CDR, links=(Link("disk.wav", (("file", "name"),), "owns"),))
WAV = collection("wav", "disk", "calls", clocks=("recorded",), fields=[field("name", "comms")])


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SqlStore]:
    table = "CREATE TABLE wav (id INTEGER PRIMARY KEY, recorded TEXT, name TEXT)"
    path = database.make(tmp_path / "disk.sqlite", table)
    database.insert(path, "wav", [(1, "2020-01-01 10:00:00", "a.wav")])
    store = database.open_store(database.config(path, WAV))
    yield store
    store.close()


def _pair(
    pbx: Site, disk: SqlStore | StoreUnreachable, wav: Collection = WAV, **more: object
) -> Plan:
    configs = [
        replace(pbx.config, collections=(OWNER,)),
        StoreConfig("disk", "", collections=(wav,)),
    ]
    stores = {"pbx": pbx.store, "disk": disk}
    return build(CALLS, configs, stores, NOW, DAY, mapping="m", **more)  # type: ignore[arg-type]


def test_the_owned_goes_before_its_owner(pbx: Site, disk: SqlStore) -> None:
    plan = _pair(pbx, disk)
    writes = [(s.id, s.after) for s in plan.steps if isinstance(s, Delete)]
    assert writes == [("delete:disk.wav", ()), ("delete:pbx.cdr", ("delete:disk.wav",))]


def test_an_owner_waits_where_the_owned_cannot_go(pbx: Site, disk: SqlStore) -> None:
    silent = _pair(pbx, StoreUnreachable("disk", "refused"))
    renamed = _pair(pbx, disk, replace(WAV, fields=(*WAV.fields, field("gone", "name"))))
    for plan in (silent, renamed):
        assert not [s for s in plan.steps if isinstance(s, Delete)]
        (kept,) = [s for s in plan.steps if isinstance(s, Keep) and s.reason == "partner"]
        assert (kept.collection, kept.tally.count) == ("pbx.cdr", 3)


def test_a_part_of_the_stores_takes_along_what_it_owns(pbx: Site, disk: SqlStore) -> None:
    both = {s.collection for s in _pair(pbx, disk, only=["pbx.cdr"]).steps}
    assert both == {"pbx.cdr", "disk.wav"}
    assert {s.collection for s in _pair(pbx, disk, only=["disk"]).steps} == {"disk.wav"}
    with pytest.raises(UsageError, match="there is no store or collection"):
        _pair(pbx, disk, only=["dsik"])


def test_a_circle_of_links_is_cut_the_same_way_every_time(pbx: Site, disk: SqlStore) -> None:
    back = replace(WAV, links=(Link("pbx.cdr", (("name", "file"),), "owns"),))
    plans = [_pair(pbx, disk, back) for _ in range(2)]
    assert dump(plans[0]) == dump(plans[1])
    deletes = [(s.id, s.after) for s in plans[0].steps if isinstance(s, Delete)]
    assert deletes == [("delete:disk.wav", ()), ("delete:pbx.cdr", ("delete:disk.wav",))]


def test_a_plan_survives_its_file(pbx: Site, disk: SqlStore) -> None:
    plan = _pair(pbx, disk)
    assert plan.digest
    assert parse(dump(plan)) == plan
