"""`servanda publish`: files of every form, what is hard to read, and what the law wants besides."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shop import Cli
from tests.publish.policy.world import ROOT

FORMS = {"policy.html", "policy.css", "policy.txt", "policy.md", "policy.jsonld", "policy.pdf"}


@pytest.fixture
def company(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return Cli(tmp_path / "examples" / "r3tek-jamaica", capsys)


def test_every_form_is_written_into_the_workspace(company: Cli) -> None:
    found = company("publish")
    assert found.code == 0
    folder = company.folder / "published"
    assert {path.name for path in folder.iterdir()} == FORMS
    text = (folder / "policy.txt").read_bytes()
    assert hashlib.sha256(text).hexdigest() in found.out
    assert b"a draft of" in b" ".join(text.lower().split())
    assert "nothing is recorded" in found.out
    assert "reading: grade" in found.out
    assert "JM: lacks nothing" in found.out


def test_one_form_into_a_folder_of_ones_own(company: Cli, tmp_path: Path) -> None:
    assert company("publish", "--format", "text", "--out", tmp_path / "out").code == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["policy.txt"]


def test_what_lacks_is_named_with_its_article_and_how_sure_it_is(company: Cli) -> None:
    company.change("policy.yaml", "  officer: {", "  # officer: {")
    found = company("publish", "--format", "text")
    assert "JM: lacks 1" in found.out
    assert "n.dpo_contact" in found.out
    assert "not read in the law itself" in found.out
    told = json.loads(company("publish", "--format", "text", "--json").out)
    assert [(e["place"], e["id"], e["verified"]) for e in told["missing"]] == [
        ("JM", "n.dpo_contact", False)
    ]
    assert told["places"] == ["JM", "US"]
    assert told["reading"]["hardest"]


def test_records_go_beside_it(company: Cli) -> None:
    assert company("publish", "--format", "html", "--records").code == 0
    names = {path.name for path in (company.folder / "published").iterdir()}
    assert {"records.html", "records.xlsx", "records-controller.csv"} <= names
    assert "records-jamaica.csv" in names


def test_the_standards_of_a_law_show_the_promises_that_carry_them(company: Cli) -> None:
    told = json.loads(company("publish", "--report", "standards", "--json").out)
    assert [each["standard"] for each in told] == [str(n) for n in range(1, 9)]
    by_id = {each["standard"]: [p["id"] for p in each["promises"]] for each in told}
    assert "RT-13" in by_id["5"]
    assert "RT-12" in by_id["8"]
    assert not (company.folder / "published").exists()
    assert "RT-12 not judged yet" in company("publish", "--report", "standards").out


def test_verdicts_of_the_standards_come_from_the_ledger(company: Cli) -> None:
    subprocess.run([sys.executable, "sample.py"], cwd=company.folder, check=True)
    assert company("run", "--once").code in (0, 1)
    told = json.loads(company("publish", "--report", "standards", "--json").out)
    verdicts = {p["id"]: p["verdict"] for each in told for p in each["promises"]}
    board = {row["id"]: row["verdict"] for row in company("status", "--json").json()["promises"]}
    assert verdicts
    assert verdicts == {id_: board[id_] for id_ in verdicts}
    assert verdicts["RT-12"] == "kept"


def test_facts_of_the_law_that_nobody_verified_are_listed(company: Cli) -> None:
    told = json.loads(company("publish", "--format", "text", "--json").out)
    assert {"place": "JM", "source": "Data Protection Act 2020 s.13"} in told["unverified"]
    assert "have them checked" in company("publish", "--format", "text").out


def test_a_template_with_a_mistake_is_refused_with_its_line(company: Cli) -> None:
    (company.folder / "published.yaml").write_text("title: Hello\nsections: [who]\n", "utf-8")
    found = company("publish")
    assert found.code == 1
    assert "published.yaml:2" in found.err
    assert "left out: introduction" in found.err
    assert not (company.folder / "published").exists()


def test_a_policy_with_a_mistake_is_not_published(company: Cli) -> None:
    company.change("policy.yaml", "basis: contract", "basis: contarct")
    found = company("publish")
    assert found.code == 1
    assert "contarct" in found.err
    assert not (company.folder / "published").exists()


def test_a_folder_that_cannot_be_made_is_said(company: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here", "utf-8")
    found = company("publish", "--out", tmp_path / "file")
    assert found.code == 2
    assert "cannot be written" in found.err
