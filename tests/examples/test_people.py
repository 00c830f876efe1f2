"""Each sample has people in it on purpose: what is found of them is what was put there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from servanda.plan.find import Subject, Tree, text
from servanda.runtime import finding
from servanda.runtime.workspace import Workspace
from tests.examples.office import EXAMPLES, build, office, sample

COMPANIES = [path.parent.name for path in sorted(EXAMPLES.glob("*/sample.py"))]
KINDS = ("email", "phone", "name", "cookie", "official_id")


@cache
def planted(company: str) -> dict[str, dict[str, Any]]:
    return dict(sample(company).PLANTED)


PEOPLE = [(company, name) for company in COMPANIES for name in planted(company)]


@pytest.fixture(scope="module", params=COMPANIES)
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Workspace]]:
    company: str = request.param
    folder: Path = tmp_path_factory.mktemp(company) / "office"
    with office(company, folder, {}) as workspace:
        build(company, folder)
        yield company, workspace


def subject(name: str, about: dict[str, Any]) -> Subject:
    identities = tuple((kind, each) for kind in KINDS for each in about.get(kind, ()))
    return Subject(name, identities, about.get("tenant"))


def counted(tree: Tree, *, goes: bool) -> dict[str, int]:
    found: dict[str, int] = {}
    for branch in tree.branches:
        if branch.goes == goes:
            found[branch.collection] = found.get(branch.collection, 0) + len(branch.keys)
    return found


def test_everybody_is_found_in_every_store_and_nobody_else(
    built: tuple[str, Workspace],
) -> None:
    """All of them in one pass, as requests are; each is told what they alone would take along."""
    company, workspace = built
    people = planted(company)
    assert len(people) > 3
    trees = finding.find(workspace, [subject(name, about) for name, about in people.items()])
    for (name, about), tree in zip(people.items(), trees, strict=True):
        assert tree.pending == (), name
        assert counted(tree, goes=True) == about.get("goes", {}), name
        assert counted(tree, goes=False) == about.get("stays", {}), name
        assert sum(len(each.keys) for each in tree.ambiguities) == about.get("shared", 0), name


def test_the_stores_are_declared_and_all_that_is_personal_is_somebodys(
    built: tuple[str, Workspace],
) -> None:
    from servanda import inventory
    from servanda.stores.ownership import unreached

    _, workspace = built
    found = inventory.take(workspace.policy, workspace.configs, workspace.stores)
    assert found.complete, found.entry()
    collections = [each for config in workspace.configs for each in config.collections]
    assert unreached(collections) == []


def test_what_is_a_customers_is_drawn_below_that_customers(tmp_path: Path) -> None:
    company, folder = "r3comm-puerto-rico", tmp_path / "office"
    with office(company, folder, {}) as workspace:
        build(company, folder)
        (tree,) = finding.find(workspace, [subject("x", planted(company)["Ivette Cruz"])])
    drawn = [re.search(r"(users|sign_ins):.* of (\w+)", line) for line in text(tree).splitlines()]
    assert [found.groups() for found in drawn if found] == [
        ("users", "coqui"),
        ("sign_ins", "coqui"),
        ("users", "delmar"),
        ("sign_ins", "delmar"),
    ]


def test_a_specific_call_is_one_call_and_its_recording(tmp_path: Path) -> None:
    """The caller named one of her calls: nothing else of hers is touched."""
    company = "england-it-support"
    module = sample(company)
    grace = planted(company)["Grace Hopewell"]
    identities = tuple(("phone", each) for each in grace["phone"])
    only = (("portal.calls", (module.SPECIFIC_CALL,)),)
    folder = tmp_path / "office"
    with office(company, folder, {}) as workspace:
        build(company, folder)
        whole, one = finding.find(
            workspace,
            [Subject("all of it", identities), Subject("one call", identities, only=only)],
        )
    assert counted(whole, goes=True)["portal.calls"] == 3
    keys = {each.collection: each.keys for each in one.branches if each.goes}
    assert keys["portal.calls"] == ((module.SPECIFIC_CALL,),)
    ((path,),) = keys["recordings.files"]
    assert f"/{module.SPECIFIC_CALL}-" in str(path)


def test_the_page_of_the_examples_names_each_and_finds_who_is_there() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| \[([a-z0-9-]+)\]\(\1\) \|", page, re.MULTILINE)) == set(COMPANIES)
    (told,) = re.findall(r"cd examples/(\S+)", page)
    named = re.findall(r'--(?:email|phone) "?([^"\n ]+(?: \d+)*)', page)
    known = {
        each for about in planted(told).values() for kind in KINDS for each in about.get(kind, ())
    }
    assert len(named) > 2
    assert set(named) <= known
