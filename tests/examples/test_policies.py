"""The five published policies as rules: each checks clean and accounts for all it promises."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from servanda import policy
from servanda.policy.due import due
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
# Promises about requests, access, callers and the portal, and what keeps each: the live rows.
SEVEN = tuple(
    f"rights.{each}"
    for each in (
        "access",
        "rectification",
        "erasure",
        "restriction",
        "object",
        "portability",
        "withdraw",
    )
)
KEPT_BY_PEOPLE = (
    "rights.",
    "requests.",
    "access.",
    "callers.",
    "enquiries.",
    "portal.",
    "incidents.",
    "publish.",
    "consent.",
    "intake.",
)
LIVE = {
    "RT-01": ("inventory.declared", "intake.declared"),
    "RT-02": ("inventory.declared", "consent.banner"),
    "RT-03": ("intake.sources",),
    "RT-04": ("policy.basis", "consent.gate"),
    "RT-05": ("publish.standards",),
    "RT-06": ("access.purpose",),
    "RT-07": ("consent.gate", "consent.unsubscribe"),
    "RT-08": ("consent.banner",),
    "RT-15": SEVEN,
    "RT-16": ("requests.refusals",),
    "RT-17": ("requests.complaints",),
    "RT-18": ("requests.children", "intake.age"),
    "RT-20": ("access.purpose",),
    "RT-21": ("publish.notices", "publish.current"),
    "RT-22": ("incidents.register",),
    "JT-03": ("activities.client-accounts.retain", "requests.refusals"),
    "JT-07": ("rights.access",),
    "JT-08": ("rights.rectification",),
    "JT-09": ("activities.enquiries.retain", "enquiries.erased"),
    "JT-11": ("rights.erasure",),
    "JT-12": ("consent.gate", "consent.records"),
    "JT-13": ("callers.verified",),
    "JT-15": ("publish.review", "publish.archive"),
    "JT-17": ("consent.banner",),
    "RC-01": ("policy.roles", "requests.routing"),
    "RC-06": ("requests.replay",),
    "RC-12": ("access.purpose", "policy.no-sale"),
    "RC-13": ("access.roles", "access.second-factor", "access.purpose"),
    "RC-19": (*SEVEN, "rights.complaint"),
    "RC-21": ("requests.children", "intake.age"),
    "EN-01": ("policy.basis", "consent.gate"),
    "EN-02": ("consent.gate",),
    "EN-05": ("activities.client-accounts.retain", "activities.correspondence.retain"),
    "EN-07": ("intake.cards",),
    "EN-12": ("access.recordings", "access.second-factor", "access.roles"),
    "EN-13": ("rights.erasure", "requests.refusals"),
    "EN-15": ("publish.review", "publish.current"),
    "EX-01": SEVEN,
    "EX-03": ("intake.sensitive",),
    "EX-05": ("portal.corrections", "rights.rectification"),
    "EX-06": ("consent.gate", "consent.unsubscribe"),
    "EX-07": ("consent.banner", "consent.gate"),
    "EX-14": ("access.second-factor", "access.roles"),
    "EX-17": ("intake.cards",),
    "EX-29": ("rights.erasure",),
    "EX-30": SEVEN,
    "EX-31": ("rights.rectification",),
    "EX-32": ("rights.restriction",),
    "EX-33": ("rights.object",),
    "EX-34": ("rights.portability",),
    "EX-35": ("rights.withdraw",),
    "EX-36": ("consent.banner",),
    "EX-37": ("publish.notices",),
    "EX-38": ("publish.acceptance",),
    "EX-39": ("publish.archive",),
    "EX-40": ("publish.officer",),
    "EX-41": ("rights.rectification", "rights.erasure"),
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


def test_the_promises_about_people_who_ask_and_staff_who_read_are_live() -> None:
    every = {each.id: each for company in PROMISES for each in loaded(company).promises}
    kept = {id_: every[id_].kept_by for id_ in LIVE}
    assert kept == LIVE
    about = {
        id_
        for id_, each in every.items()
        if any(control.startswith(KEPT_BY_PEOPLE) for control in each.kept_by)
    }
    assert about == set(LIVE) - {"EN-05"}  # kept by the retention of what is no longer needed


@pytest.mark.parametrize("company", PROMISES)
def test_every_right_promised_says_how_to_ask_and_some_promise_rests_on_it(company: str) -> None:
    policy = loaded(company)
    controls = {control for each in policy.promises for control in each.kept_by}
    for right in policy.rights:
        assert right.through
        named = f"rights.{right.id}" in controls
        assert named or (right.id == "complaint" and "requests.complaints" in controls)


def test_in_kenya_the_law_is_sooner_than_the_thirty_days_of_the_policy() -> None:
    policy = loaded("exmas-kenya")
    arrived = date(2026, 11, 2)
    kenyan = due(policy, "KE", "access", arrived)
    assert (kenyan.due, kenyan.promised) == (date(2026, 11, 9), date(2026, 12, 2))
    assert due(policy, "KE", "portability", arrived).due == date(2026, 12, 2)
    # The firm is in Kenya, so its law protects people in the Union as well.
    assert due(policy, "DE", "access", arrived).places == ("KE", "EU-DE")


def test_the_residence_decides_between_the_promise_and_the_law() -> None:
    policy = loaded("r3comm-puerto-rico")
    arrived = date(2026, 11, 2)
    found = {place: due(policy, place, "access", arrived).due for place in ("PR", "US-TX", "FR")}
    assert found == {"PR": None, "US-TX": None, "FR": date(2026, 12, 2)}
    assert due(policy, "US-CA", "access", arrived).due == date(2026, 12, 17)
