"""`servanda editions`: record, list, show, diff, review, and who gets data."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda import state
from tests.cli.shop import Cli, build

CHANGES = "changes: {review: 12 months, notice: 14 days, tell: [portal], objection: 30 days}\n"
CLOUD = "recipients:\n  cloud: {name: Example Cloud, kind: subprocessor, country: GB}\n"


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    folder = tmp_path / "acme"
    build(folder)
    found = Cli(folder, capsys)
    found.change("policy.yaml", "promises:\n", f"{CHANGES}promises:\n")
    return found


@pytest.fixture(autouse=True)
def _closed() -> object:
    yield
    state.close()


def test_from_the_first_edition_to_the_next(shop: Cli) -> None:
    assert "nothing is published yet" in shop("editions", "list").out
    assert shop("editions", "record", "--confirm", "big").code == 2
    assert "edition 1 is published" in shop("editions", "record", "--confirm", "minor").out
    assert "1, published on" in shop("editions", "show", "1").out
    assert "<!doctype html>" in shop("editions", "show", "1", "--kind", "html").out
    assert "nothing differs" in shop("editions", "diff").out
    shop.change("policy.yaml", "at_most: 30 days", "at_most: 90 days")
    found = shop("editions", "diff", "--json").json()
    assert found["material"] and found["reasons"] == ["ceiling:contact-form"]
    refused = shop("editions", "record", "--confirm", "minor")
    assert refused.code == 2 and "correction" in refused.err
    early = shop("editions", "record", "--confirm", "material", "--binds", "2020-01-01")
    assert early.code == 2 and "before it is published" in early.err
    assert shop("editions", "record", "--confirm", "material", "--binds", "soon").code == 2
    done = shop("editions", "record", "--confirm", "material", "--by", "ann", "--json").json()
    assert (done["number"], done["bound"]) == (2, False)
    listed = shop("editions", "list", "--json").json()
    assert [each["number"] for each in listed] == [2, 1]
    assert "90 days" in shop("editions", "diff", "1", "2").out
    assert shop("editions", "verify").out == "2 as published\n"
    assert "next review is due" in shop("editions", "review", "--no-changes").out
    assert shop("editions", "show", "7").code == 2


def test_a_recipient_waits(shop: Cli) -> None:
    shop("editions", "record", "--confirm", "minor")
    shop.change("policy.yaml", "promises:\n", f"{CLOUD}promises:\n")
    assert shop("editions", "record", "--confirm", "material").code == 0
    (line,) = shop("editions", "recipients", "list", "--json").json()
    assert (line["name"], line["state"]) == ("Example Cloud", "untold")
    number = str(line["number"])
    refused = shop("editions", "recipients", "activate", number)
    assert refused.code == 2 and "not told yet" in refused.err
    assert shop("editions", "recipients", "object", number, "--customer", "9").code == 2
    assert shop("editions", "recipients", "settle", "9", "--outcome", "withdrawn").code == 2
