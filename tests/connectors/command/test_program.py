"""Calling a program: no shell, a small environment, an end to everything."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from servanda.connectors.command import CommandStore, program
from servanda.kernel.errors import StoreBusy, StoreRefused, StoreUnreachable, UsageError
from servanda.kernel.predicate import Compare, Everything
from servanda.stores.mapping import Limit
from servanda.stores.port import Window, Work
from tests.connectors.command.customers import Crm, customer, deletion

OLD = datetime(2024, 3, 1, tzinfo=UTC)
QUICK = Limit(statement_timeout_s=0.7)


@pytest.fixture
def crm(tmp_path: Path) -> Crm:
    return Crm.make(tmp_path, [customer(n, OLD, f"Person {n}") for n in range(3)])


def count(crm: Crm, *words: str, **options: Any) -> int:
    return crm.store(**options).tally(crm.collection(*words), Everything()).count


def window(crm: Crm, work: Work) -> Window:
    (bounds,) = crm.store().split(work, 100)
    return crm.store().open(work, bounds, work.target)


@pytest.mark.parametrize("delete", [("delete",), ("remove", "--", "{id}")])
def test_values_are_never_words_of_a_shell(crm: Crm, delete: tuple[str, ...]) -> None:
    trap = crm.folder / "trap"
    evil = [f"; touch {trap}", f"$(touch {trap})", f"`touch {trap}`", "-rf", "--help", "*", "a\nb"]
    crm.file.write_text(json.dumps([customer(key, OLD) for key in [*evil, "kept"]]))
    work = deletion(crm.collection(delete=delete), Compare("id", "!=", "kept"))
    with window(crm, work) as opened:
        assert opened.keys.count == len(evil)
        opened.commit()
    assert [each["id"] for each in crm.raw()] == ["kept"]
    assert not trap.exists()


def test_a_key_that_looks_like_an_option_is_refused_without_dashes(crm: Crm) -> None:
    crm.file.write_text(json.dumps([customer("-x", OLD), customer("y", OLD)]))
    work = deletion(crm.collection(delete=("remove", "{id}")))
    with window(crm, work) as opened, pytest.raises(StoreRefused, match="for an option"):
        opened.commit()
    assert len(crm.raw()) == 2


def test_it_sees_only_the_variables_that_are_named(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_TOKEN", "token")
    monkeypatch.setenv("SHOP_PASSWORD", "secret")
    collection = crm.collection("fault", "environment")
    (found,) = program.Program("crm", str(crm.program), 5).lines(
        collection.command.list if collection.command else (), ("CRM_TOKEN", "ABSENT")
    )
    seen = json.loads(found)
    assert seen["CRM_TOKEN"] == "token"
    assert set(seen) <= {"CRM_TOKEN", "PATH", "LC_ALL", "LC_CTYPE"}


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ("slow", StoreBusy, "did not end in 0.7 seconds"),
        ("child", StoreBusy, "did not end in 0.7 seconds"),
        ("75", StoreBusy, "try again later"),
        ("69", StoreUnreachable, "its program says so"),
        ("7", StoreRefused, "exit code 7"),
        ("secret", StoreRefused, "exit code 3"),
        ("words", StoreRefused, "no JSON object"),
    ],
)
def test_faults(crm: Crm, fault: str, kind: type[Exception], words: str) -> None:
    began = time.monotonic()
    with pytest.raises(kind, match=words) as error:
        count(crm, "fault", fault, limit=QUICK)
    assert time.monotonic() - began < 10
    assert "ann@" not in str(error.value)
    assert "Dear" not in str(error.value)
    assert len(crm.raw()) == 3


def test_output_has_a_limit(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "LONGEST_LINE", 100_000)
    with pytest.raises(StoreRefused, match="more than we take"):
        count(crm, "fault", "endless")
    monkeypatch.setattr(program, "MOST_OUTPUT", 200)
    with pytest.raises(StoreRefused, match="more than we take"):
        count(crm)


def test_a_program_that_is_left_early_ends(crm: Crm) -> None:
    crm.file.write_text(json.dumps([customer(n, OLD, "x" * 1000) for n in range(2_000)]))
    stream = crm.store().rows(crm.collection(), Everything(), ["id"])
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert count(crm) == 2_000  # it let its lock go


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    crm = Crm(tmp_path)
    with pytest.raises(StoreUnreachable, match="no such file"):
        count(crm)


def test_objects_inside_and_letters_of_all_kinds(crm: Crm) -> None:
    crm.file.write_text(json.dumps([{"id": 1, "person": "Ødegård 王", "note": ["a", {"b": None}]}]))
    collection = crm.collection("list", "plain")
    (row,) = crm.store().rows(collection, Everything(), ["person", "note", "recorded"])
    assert row == ("Ødegård 王", '["a", {"b": null}]', None)


@pytest.mark.parametrize(
    "url",
    ["command:crm", "command://host/usr/bin/crm", "command:///usr/../bin/sh", "command:///a?b=c"],
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(UsageError, match="not the address of a program"):
        CommandStore("crm", url, zone="UTC", read_only=True, limit=Limit())
