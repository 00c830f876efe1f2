"""Exmas's policy on PostgreSQL and folders: each published period ends in what was promised."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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

    def ids(self, table: str, where: str) -> set[str]:
        return {str(key) for (key,) in self.query(f"SELECT {TABLES[table]} FROM {table} {where}")}

    def before(self, months: int) -> datetime:
        """The same wall clock in Nairobi so many calendar months ago."""
        local = self.now.astimezone(NAIROBI)
        count = local.year * 12 + local.month - 1 - months
        first = local.replace(year=count // 12, month=count % 12 + 1, day=1)
        month_end = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        return first.replace(day=min(local.day, month_end.day))

    def ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)


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


def test_every_period_ends_as_published(exmas: Exmas) -> None:
    before = {table: exmas.rows(table) for table in TABLES}
    files = exmas.files()
    month = {months: exmas.before(months) for months in (12, 24, 26, 84, 120)}
    day = timedelta(days=1)  # a sweep takes what will have expired by the next one
    expired = {
        "accounts": exmas.ids("accounts", f"WHERE last_active <= '{month[24] + day}'"),
        # The law wants each payment until the end of its last day.
        "transactions": exmas.ids(
            "transactions",
            f"WHERE (paid_at AT TIME ZONE 'Africa/Nairobi')::date < '{month[84]:%F}'",
        ),
        "messages": exmas.ids(
            "messages",
            f"WHERE ticket IN (SELECT number FROM tickets WHERE closed <= '{month[24] + day}')",
        ),
        "subscribers": exmas.ids("subscribers", "WHERE opted_out IS NOT NULL"),
        "legal_records": exmas.ids("legal_records", f"WHERE closed <= '{month[120] + day:%F}'"),
    }
    never = exmas.ids("accounts", "WHERE last_active IS NULL")
    assert len(never) == 20

    done = swept(exmas.workspace)

    assert_done(done)
    for table, gone in expired.items():
        assert_gone(before[table], exmas.rows(table), gone)
    assert exmas.rows("tickets") == before["tickets"]
    assert_views_anonymised(exmas, before["page_views"], month[26] + day)
    assert_applications_gone(files, exmas.files(), month[12] + day)
    assert_archived(exmas, before["legal_records"], expired["legal_records"])
    assert done.counts == {
        "platform.accounts": len(expired["accounts"]),
        "platform.transactions": len(expired["transactions"]),
        "platform.support_mail": len(expired["messages"]),
        "platform.subscribers": len(expired["subscribers"]),
        "platform.page_views": sum(
            int(row[2]) <= (month[26] + day).timestamp() * 1_000
            for row in before["page_views"].values()
        ),
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


def assert_views_anonymised(exmas: Exmas, before: Rows, cutoff: datetime) -> None:
    """Old views keep page, moment and duration; who it was is gone, and young ones are as were."""
    after = exmas.rows("page_views")
    assert after.keys() == before.keys()
    old = {key for key, row in before.items() if int(row[2]) <= cutoff.timestamp() * 1_000}
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


def assert_applications_gone(
    before: dict[str, bytes], after: dict[str, bytes], cutoff: datetime
) -> None:
    """The folder's date is the start of that day in Nairobi; a card goes with its document."""
    expired = {name for name in before if name[:10] <= f"{cutoff.astimezone(NAIROBI):%Y/%m/%d}"}
    assert {Path(name).suffix for name in expired} == {".pdf", ".json"}
    assert 20 < len(expired) < len(before) - 20
    assert after == {name: text for name, text in before.items() if name not in expired}


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
        _, number, closed, name, address, official, matter = before[key]
        assert record["closed"].startswith(f"{closed:%F}")
        assert [record[field] for field in ("id", "party_name", "party_address")] == [
            number,
            name,
            address,
        ]
        assert (record["official_id"], record["matter"]) == (official, matter)


def test_years_of_payments_that_wholly_expired_are_dropped(exmas: Exmas) -> None:
    limit = exmas.before(84)

    def partitions() -> dict[str, int]:
        names = exmas.query(
            "SELECT 'public.' || c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
            " WHERE inhparent = 'transactions'::regclass"
        )
        return {name: exmas.query(f"SELECT count(*) FROM {name}")[0][0] for (name,) in names}

    before = partitions()
    wholly = {name for name in before if int(name[-4:]) < limit.year}
    full = {name for name in wholly if before[name]}
    assert full
    assert before[f"public.transactions_{limit.year}"]

    done = swept(exmas.workspace)

    assert_done(done)
    step = next(
        step
        for step in done.plan.steps
        if isinstance(step, Delete) and step.collection == "platform.transactions"
    )
    assert full <= set(step.partitions) <= wholly
    after = partitions()
    assert after.keys() == before.keys() - full  # an empty one stays: it holds nobody's data
    # The year in which the period ends is cleared row by row, and later years are not touched.
    assert after[f"public.transactions_{limit.year}"] < before[f"public.transactions_{limit.year}"]
    later = {name: count for name, count in before.items() if int(name[-4:]) > limit.year}
    assert {name: after[name] for name in later} == later
    assert {step.collection for step in done.plan.steps if isinstance(step, Redact)} == {
        "platform.page_views"
    }
    assert [step.to for step in done.plan.steps if isinstance(step, Archive)] == ["archive"]


def test_a_sweep_that_takes_most_of_a_collection_waits_for_a_person(exmas: Exmas) -> None:
    exmas.query(f"UPDATE tickets SET closed = '{exmas.ago(1_000)}' WHERE number >= 'EX-00100'")
    messages = exmas.rows("messages")
    surely = exmas.ids("messages", "WHERE ticket >= 'EX-00100'")
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
