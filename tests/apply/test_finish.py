"""After the steps: another reader, the residue, and the end on record."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import datetime

from servanda import apply
from servanda.apply.occasions import census
from servanda.stores.mapping import StoreConfig
from servanda.stores.port import Store
from tests.apply.spy import Witness, watched
from tests.apply.world import CALLS, GUESTS, NOTES, NOW, OLD, World, entries


def test_the_recount_uses_its_own_reader(world: World) -> None:
    world.make(30, 10)
    opened: list[tuple[str, bool]] = []
    site = world.site

    def open_(config: StoreConfig, read_only: bool) -> Store:
        opened.append((config.name, read_only))
        return site.open(config, read_only)

    run = apply.start(world.plan(world.delete()), site)
    opened.clear()
    outcome = apply.work(run, replace(site, open=open_))
    assert ("pbx", True) in opened
    assert outcome.recounts[0].reader == "same"  # no credential of its own was given
    world.recount = world.url
    world.execute(f"INSERT INTO calls (id, made) VALUES (9001, '{OLD:%Y-%m-%d %H:%M:%S}')")
    run = apply.start(world.plan(world.delete()), world.site)
    assert apply.work(run, world.site).recounts[0].reader == "recount"


def test_overdue_records_break_the_run(world: World) -> None:
    world.make(30, 10)

    def late(number: int) -> None:
        world.execute(f"INSERT INTO calls (id, made) VALUES (9001, '{OLD:%Y-%m-%d %H:%M:%S}')")

    run = apply.start(world.plan(world.delete()), world.site)
    outcome = apply.work(run, watched(world.site, "pbx", Witness(committed=late)))
    assert outcome.result == "broken"
    assert entries("recount")[0]["overdue"] == 1
    assert entries("run.ended")[0]["outcome"] == "broken"


def test_residue_of_erased_keys_in_other_fields_is_counted(world: World) -> None:
    """Two guests' addresses stay behind in the notes of guests that are not due, and in a dump."""
    world.make(30, 10)
    gone = [row[0] for row in world.rows("SELECT email FROM guests WHERE seen < '2025-03-01'")]
    kept = [row[0] for row in world.rows("SELECT email FROM guests WHERE seen > '2025-03-01'")]
    for trace, host in zip(gone[:2], kept[:2], strict=True):
        world.execute(f"UPDATE guests SET note = 'friend of {trace}' WHERE email = '{host}'")
    dumps = world.folder / "dumps"
    dumps.mkdir()
    (dumps / "clean.sql").write_text("nothing of anybody")
    with gzip.open(dumps / "night.sql.gz", "wt") as dump:
        dump.write(f"INSERT INTO guests VALUES ('{gone[3]}')")
    searched = replace(GUESTS, byproducts=("dumps/*",))
    configs = world.configs
    pbx = replace(configs["pbx"], collections=(CALLS, searched, NOTES))
    site = replace(world.site, configs={**configs, "pbx": pbx})
    run = apply.start(world.plan(world.delete("pbx.guests")), site)
    (found,) = apply.work(run, site).residues
    assert found.searched == 30
    assert found.found == 3
    assert found.statements
    (entry,) = entries("residue")
    assert (entry["searched"], entry["found"]) == (30, 3)
    assert "@" not in repr(entry)


def test_residue_after_redaction_looks_for_old_values_in_the_same_rows(world: World) -> None:
    world.make(30, 10)
    old = world.rows("SELECT email, name FROM guests WHERE seen < '2025-03-01' LIMIT 3")
    for email, name in old:
        world.execute(f"UPDATE guests SET note = 'Dear {name.upper()},' WHERE email = '{email}'")
    run = apply.start(world.plan(world.redact()), world.site)
    outcome = apply.work(run, world.site)
    (found,) = outcome.residues
    assert (found.searched, found.found) == (30, 3)
    assert "3 places still hold one of 30 erased values" in outcome.findings[0]
    assert "Guest" not in repr(entries())


def test_a_census_marks_an_occasion_with_nothing_to_do(world: World) -> None:
    census(NOW, {"pbx.calls": 10, "pbx.notes": 0}, unreachable=["tapes"], now=NOW)
    (entry,) = entries("census")
    assert entry["nothing_to_do"] is True
    assert entry["collections"] == {"pbx.calls": 10, "pbx.notes": 0}
    assert entry["unreachable"] == ["tapes"]
    assert datetime.fromisoformat(entry["occasion"]) == NOW
