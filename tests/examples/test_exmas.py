"""Exmas's policy on PostgreSQL and folders: each published period ends in what was promised."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from servanda.kernel.canonical import canonical
from servanda.ledger import history
from servanda.plan.steps import Archive, Delete, Keep, Redact
from servanda.runtime.workspace import Workspace
from tests.examples.office import (
    assert_done,
    assert_evidence_is_whole,
    assert_nothing_left_to_do,
    judged,
    office,
    sample,
    swept,
)

pytestmark = [pytest.mark.services]

NAIROBI = ZoneInfo("Africa/Nairobi")
KEPT = [*(f"EX-{n}" for n in range(21, 29)), "EX-42"]
TABLES = {
    "accounts": "id",
    "transactions": "id",
    "tickets": "number",
    "messages": "ticket || '/' || position",
    "subscribers": "id",
    "page_views": "id",
    "legal_records": "id",
}
Rows = dict[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Exmas:
    """The sample company as it was built at `now`, and eyes on all its stores."""

    workspace: Workspace
    engine: sa.Engine
    folder: Path
    now: datetime

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self.engine.begin() as connection:
            result = connection.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []

    def rows(self, table: str) -> Rows:
        """Every row as text by its key: equal only when each byte is."""
        found = self.query(f"SELECT {TABLES[table]}, t::text, t.* FROM {table} t")
        return {str(row[0]): row[1:] for row in found}

    def files(self) -> dict[str, bytes]:
        root = self.folder / "data" / "applications"
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file()
        }

    def clocks(self, statement: str) -> dict[str, datetime]:
        """Key and moment of each row whose clock has started."""
        return {str(key): moment for key, moment in self.query(statement) if moment is not None}

    def due(self, start: datetime, months: int) -> bool:
        """A sweep takes what will have expired by the next one, a day later."""
        return after(start, months) <= self.now + timedelta(days=1)

    def expired(self, table: str, clock: str, months: int) -> set[str]:
        found = self.clocks(f"SELECT {TABLES[table]}, {clock} FROM {table}")
        return {key for key, start in found.items() if self.due(start, months)}


def after(start: datetime, months: int) -> datetime:
    """The same wall clock in Nairobi so many calendar months later, the month's end at most."""
    local = start.astimezone(NAIROBI)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return local.replace(year=year, month=month + 1, day=min(local.day, last))


def day_of(moment: datetime) -> date:
    return moment.astimezone(NAIROBI).date()


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), NAIROBI)


@pytest.fixture
def exmas(postgres_db: str, tmp_path: Path) -> Iterator[Exmas]:
    now = datetime.now(UTC)
    sample("exmas-kenya").build(postgres_db, tmp_path, now)
    data = tmp_path / "data"
    env = {
        "EXMAS_PLATFORM": postgres_db,
        "EXMAS_APPLICATIONS": (data / "applications").as_uri(),
        "EXMAS_ARCHIVE": (data / "archive").as_uri(),
    }
    engine = sa.create_engine(postgres_db)
    with office("exmas-kenya", tmp_path / "exmas", env) as workspace:
        yield Exmas(workspace, engine, tmp_path, now)
    engine.dispose()


def assert_gone(before: Rows, after: Rows, expired: set[str]) -> None:
    """The expired and nobody else: those who stay are there byte for byte."""
    assert len(expired) > 10
    assert len(before) - len(expired) > 10
    assert expired <= before.keys()
    assert after == {key: row for key, row in before.items() if key not in expired}


def payment_expired(exmas: Exmas, paid: datetime) -> bool:
    """The law wants each payment until the end of its last day."""
    return day_of(after(paid, 84)) < day_of(exmas.now)


def test_every_period_ends_as_published(exmas: Exmas) -> None:
    before = {table: exmas.rows(table) for table in TABLES}
    files = exmas.files()
    paid = exmas.clocks("SELECT id, paid_at FROM transactions")
    expired = {
        "accounts": exmas.expired("accounts", "last_active", 24),
        "transactions": {key for key, at in paid.items() if payment_expired(exmas, at)},
        "messages": exmas.expired(
            "messages", "(SELECT closed FROM tickets WHERE number = ticket)", 24
        ),
        "subscribers": {key for key, row in before["subscribers"].items() if row[5]},
        "legal_records": exmas.expired(
            "legal_records", "closed::timestamp AT TIME ZONE 'Africa/Nairobi'", 120
        ),
    }
    old_views = exmas.expired("page_views", "to_timestamp(at_ms / 1000.0)", 26)
    active = exmas.clocks("SELECT id, last_active FROM accounts")
    never = before["accounts"].keys() - active.keys()
    assert len(never) == 20

    done = swept(exmas.workspace)

    assert_done(done)
    for table, gone in expired.items():
        assert_gone(before[table], exmas.rows(table), gone)
    assert exmas.rows("tickets") == before["tickets"]
    assert_views_anonymised(exmas, before["page_views"], old_views)
    assert_applications_gone(exmas, files)
    assert_archived(exmas, before["legal_records"], expired["legal_records"])
    assert done.counts == {
        "platform.accounts": len(expired["accounts"]),
        "platform.transactions": len(expired["transactions"]),
        "platform.support_mail": len(expired["messages"]),
        "platform.subscribers": len(expired["subscribers"]),
        "platform.page_views": len(old_views),
        "platform.legal_records": len(expired["legal_records"]),
        "applications.applications": (len(files) - len(exmas.files())) // 2,
    }

    recounts = {recount.collection: recount for recount in done.outcome.recounts}
    assert never <= exmas.rows("accounts").keys()
    assert recounts["platform.accounts"].unstarted == len(never)
    kept = [step for step in done.plan.steps if isinstance(step, Keep) and step.reason == "event"]
    assert {step.collection: step.tally.count for step in kept}["platform.accounts"] == len(never)

    verdict = judged(exmas.workspace)
    assert {id_: verdict[id_] for id_ in KEPT} == dict.fromkeys(KEPT, "kept")
    assert_evidence_is_whole(exmas.workspace)
    assert_nothing_left_to_do(exmas.workspace)


def assert_views_anonymised(exmas: Exmas, before: Rows, old: set[str]) -> None:
    """Old views keep page, moment and duration; who it was is gone, and young ones are as were."""
    after = exmas.rows("page_views")
    assert after.keys() == before.keys()
    assert 100 < len(old) < len(before) - 100
    for key, was in before.items():
        _, number, at_ms, ip, visitor, page, detail = was
        assert visitor
        assert detail["agent"]
        assert detail["from"]["city"]
        if key not in old:
            assert after[key] == was
            continue
        network = str(ip_network(f"{ip}/24", strict=False).network_address)
        assert after[key][1:3] == (number, at_ms)
        assert str(after[key][3]).partition("/")[0] == network
        assert after[key][4:6] == ("", page)
        gone = after[key][6]
        assert gone["ms"] == detail["ms"]
        assert gone.get("agent") is None
        assert gone.get("from", {}).get("city") is None


def assert_applications_gone(exmas: Exmas, before: dict[str, bytes]) -> None:
    """The folder's date is the start of that day in Nairobi; a card goes with its document."""
    dates = {name: midnight(date.fromisoformat(name[:10].replace("/", "-"))) for name in before}
    expired = {name for name, applied in dates.items() if exmas.due(applied, 12)}
    assert {Path(name).suffix for name in expired} == {".pdf", ".json"}
    assert 20 < len(expired) < len(before) - 20
    assert exmas.files() == {name: text for name, text in before.items() if name not in expired}


def assert_archived(exmas: Exmas, before: Rows, expired: set[str]) -> None:
    """Each record that went lies in the archive, whole, in a file whose digest is in evidence."""
    entries = [
        entry.data
        for entry in history.entries(("window.prepared",))
        if entry.data["collection"] == "platform.legal_records"
    ]
    files = {path.name: path for path in (exmas.folder / "data" / "archive").iterdir()}
    assert {f"{entry['batch']}.jsonl.gz" for entry in entries} == files.keys()
    archived: dict[str, dict[str, Any]] = {}
    for entry in entries:
        content = files[f"{entry['batch']}.jsonl.gz"].read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["copy"]
        for line in gzip.decompress(content).splitlines():
            record = json.loads(line)
            archived[str(record["id"])] = record
    assert archived.keys() == expired
    for key, record in archived.items():
        _, number, closed, name, address, official, matter, _ = before[key]
        assert record["closed"].startswith(f"{closed:%F}")
        assert [record[field] for field in ("id", "party_name", "party_address")] == [
            number,
            name,
            address,
        ]
        assert (record["official_id"], record["matter"]) == (official, matter)


def test_years_of_payments_that_wholly_expired_are_dropped(exmas: Exmas) -> None:
    def partitions() -> dict[str, int]:
        names = exmas.query(
            "SELECT 'public.' || c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
            " WHERE inhparent = 'transactions'::regclass"
        )
        return {name: exmas.query(f"SELECT count(*) FROM {name}")[0][0] for (name,) in names}

    before = partitions()
    # These are years of UTC: their last hours are the first day of the next year in Nairobi.
    limit = day_of(exmas.now - timedelta(days=1)).year - 7
    wholly = {name for name in before if int(name[-4:]) < limit}
    full = {name for name in wholly if before[name]}
    assert full
    assert before[f"public.transactions_{limit}"]
    paid = exmas.clocks(f"SELECT id, paid_at FROM transactions_{limit}").values()
    due = sum(payment_expired(exmas, at) for at in paid)

    done = swept(exmas.workspace)

    assert_done(done)
    step = next(
        step
        for step in done.plan.steps
        if isinstance(step, Delete) and step.collection == "platform.transactions"
    )
    assert full <= set(step.partitions) <= wholly
    remaining = partitions()
    assert remaining.keys() == before.keys() - full  # an empty one stays: it holds nobody's data
    # The year in which the period ends is cleared row by row, and later years are not touched.
    year = f"public.transactions_{limit}"
    assert remaining[year] == before[year] - due
    later = {name: count for name, count in before.items() if int(name[-4:]) > limit}
    assert {name: remaining[name] for name in later} == later
    assert {step.collection for step in done.plan.steps if isinstance(step, Redact)} == {
        "platform.page_views"
    }
    assert [step.to for step in done.plan.steps if isinstance(step, Archive)] == ["archive"]


def test_a_sweep_that_takes_most_of_a_collection_waits_for_a_person(exmas: Exmas) -> None:
    long_ago = exmas.now - timedelta(days=1_000)
    exmas.query(f"UPDATE tickets SET closed = '{long_ago}' WHERE number >= 'EX-00100'")
    messages = exmas.rows("messages")
    surely = {key for key in messages if key >= "EX-00100"}
    assert len(surely) > len(messages) / 2

    done = swept(exmas.workspace)

    assert done.waited
    assert_done(done)
    assert_gone(messages, exmas.rows("messages"), surely)
    kinds = [entry.data["kind"] for entry in history.entries(("census", "approval"))]
    assert kinds == ["census", "approval"]
    census = next(history.entries(("census",))).data
    assert (census["waiting"], census["removed"]) == ([done.plan.digest], 0)
    assert judged(exmas.workspace)["EX-23"] == "kept"
    assert_nothing_left_to_do(exmas.workspace)


def test_no_name_address_or_number_of_a_client_is_in_the_evidence(exmas: Exmas) -> None:
    person = r"client\.example|P\.O\. Box|\+2547001|203\.0\.113|Njoroge|Wanjiru|EX-\d{5}"
    tables = str([exmas.rows(table) for table in TABLES])
    assert len(set(re.findall(person, tables))) > 500
    done = swept(exmas.workspace)
    assert_done(done)
    kinds = ("policy", "plan", "inventory", "run.started", "window.prepared", "recount", "census")
    text = b"\n".join(
        canonical(entry.data) for entry in history.entries((*kinds, "residue", "run.ended"))
    ).decode()
    assert text.count("window.prepared") > 5
    assert re.findall(person, text) == []
