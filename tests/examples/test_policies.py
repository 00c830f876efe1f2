"""The five published policies as rules: each checks clean and accounts for all it promises."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from servanda import policy
from servanda.policy.rules import Policy
from servanda.runtime.workspace import check
from servanda.status.checks import checker

EXAMPLES = Path(__file__).parents[2] / "examples"
PROMISES = {
    "r3tek-jamaica": ("RT", 22),
    "jtec-northern-ireland": ("JT", 17),
    "r3comm-puerto-rico": ("RC", 23),
    "england-it-support": ("EN", 16),
    "exmas-kenya": ("EX", 42),
}


def loaded(company: str) -> Policy:
    found = policy.load(EXAMPLES / company / "policy.yaml").policy
    assert found is not None
    return found


def test_these_are_all_the_examples() -> None:
    assert {path.parent.name for path in EXAMPLES.glob("*/policy.yaml")} == set(PROMISES)
    assert {path.parent.name for path in EXAMPLES.glob("*/stores.yaml")} == set(PROMISES)


@pytest.mark.parametrize("company", PROMISES)
def test_a_policy_checks_without_a_finding(company: str) -> None:
    found = check(EXAMPLES / company, env={})
    assert found.diagnostics == ()
    assert found.policy is not None
    assert found.stores is not None


@pytest.mark.parametrize("company", PROMISES)
def test_a_mistake_in_a_policy_is_found(company: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / company, tmp_path / company)
    file = tmp_path / company / "policy.yaml"
    text = file.read_text(encoding="utf-8")
    assert "at_most: " in text
    file.write_text(text.replace("at_most: ", "at_mots: ", 1), encoding="utf-8")
    found = check(tmp_path / company, env={})
    assert not found.sound
    assert "at_most" in " ".join(map(str, found.diagnostics))


@pytest.mark.parametrize("company", PROMISES)
def test_every_promise_is_declared_once_and_kept_or_planned(company: str) -> None:
    prefix, count = PROMISES[company]
    promises = loaded(company).promises
    declared = Counter(promise.id for promise in promises)
    assert declared == Counter(f"{prefix}-{n:02d}" for n in range(1, count + 1))
    for promise in promises:
        assert promise.says.strip(), promise.id
        assert bool(promise.kept_by) != promise.planned, promise.id
        unknown = [control for control in promise.kept_by if checker(control) is None]
        assert not unknown, promise.id


def test_the_five_make_120_promises_and_none_shares_a_name() -> None:
    every = Counter(promise.id for company in PROMISES for promise in loaded(company).promises)
    assert len(every) == 120
    assert set(every.values()) == {1}


@pytest.mark.parametrize("company", PROMISES)
def test_what_a_company_promises_to_delete_has_a_place_in_a_store(company: str) -> None:
    """A retention control without a mapped collection could never become *kept*."""
    found = check(EXAMPLES / company, env={})
    assert found.stores is not None
    assert found.policy is not None
    mapped = {c.activity for config in found.stores.configs for c in config.collections}
    wanted = {
        control.split(".")[1]
        for promise in found.policy.promises
        for control in promise.kept_by
        if control.startswith("activities.")
    }
    assert wanted
    assert wanted <= mapped
