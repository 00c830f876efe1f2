"""The page of the law shows every fact with its source, its mark and its dates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from servanda.law import jurisdictions, reference

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


@pytest.mark.parametrize("place", sorted(jurisdictions()))
def test_every_fact_is_one_row_with_its_proof(place: str) -> None:
    law = jurisdictions()[place]
    section = reference.places().split(f"\n## {place}: ")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    heads = [line for line in rows if line.endswith("| source | mark | in force |")]
    assert len(rows) - len(heads) == len(law.facts())
    for fact in law.facts():
        until = f" to {fact.until}" if fact.until else ""
        proof = f"| {fact.source} | {fact.mark} | from {fact.since}{until} |"
        assert any(row.endswith(proof) for row in rows), proof


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]*)\)", (REFERENCE / "law.md").read_text("utf-8"))
    assert links
    assert [link for link in links if not (REFERENCE / link).is_file()] == []
