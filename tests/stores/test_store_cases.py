"""Every diagnostic about stores.yaml and packs has a golden case, as in tests/policy."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from servanda import policy, stores
from servanda.policy.rules import Policy
from servanda.stores import packs
from tests.policy.test_cases import MADE, cases_cover, codes_in

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.yaml"))
TODAY = "2026-11-23"
_EXPECT = re.compile(
    r"# expect: (?:(?P<file>\S+\.yaml):)?(?P<line>\d+):(?P<column>\d+) (?P<code>[a-z-]+)"
)


@cache
def the_policy() -> Policy:
    return policy.load(HERE / "policy.yaml", today=TODAY).require()


def expected(path: Path) -> list[tuple[str, int, int, str]]:
    found = [_EXPECT.fullmatch(line) for line in path.read_text("utf-8").splitlines()]
    return [
        (m["file"] or path.name, int(m["line"]), int(m["column"]), m["code"]) for m in found if m
    ]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    loaded = stores.load(path, the_policy(), {}, shown=path.name, today=TODAY)
    assert [(d.file, d.line, d.column, d.code) for d in loaded.diagnostics] == expected(path)
    assert bool(loaded.diagnostics) != path.read_text("utf-8").startswith("# sound")
    errors = [d for d in loaded.diagnostics if d.severity == "error"]
    assert bool(loaded.configs) != bool(errors)
    for each in loaded.diagnostics:
        assert "hunter2" not in str(each)


def test_a_pack_of_the_workspace_may_not_hide_one_that_ships(tmp_path: Path) -> None:
    shipped = packs.names(tmp_path)[0]
    (tmp_path / "packs" / shipped).mkdir(parents=True)
    (tmp_path / "packs" / shipped / "pack.yaml").write_text("product: mine\ncollections: {}\n")
    (tmp_path / "stores.yaml").write_text("stores: {a: {connect: 'sqlite:///a.db'}}\n")
    loaded = stores.load(tmp_path / "stores.yaml", the_policy(), {}, today=TODAY)
    assert [d.code for d in loaded.diagnostics] == ["pack-shadowed"]
    assert loaded.configs == ()


def test_every_code_has_a_case() -> None:
    written = codes_in("policy", "stores") | {c for c in codes_in("kernel") if c[:5] == "yaml-"}
    assert {"activity-without-basis", "yaml-anchor", "literal-password"} <= written
    assert len(written) > 70
    covered = cases_cover(HERE.parent / "policy") | {
        code for path in CASES for *_, code in expected(path)
    }
    tested_elsewhere = {*MADE, "pack-shadowed"}
    never_seen = {"bad-value"}  # the net under kinds of error that no model has today
    assert written - covered - tested_elsewhere == never_seen
