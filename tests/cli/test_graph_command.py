"""`servanda inventory --graph`: who owns what, as text, JSON and a picture."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shop import Cli


def test_the_graph_of_a_sound_workspace(cli: Cli, tmp_path: Path) -> None:
    picture = tmp_path / "graph.svg"
    found = cli("inventory", "--graph", "--svg", picture)
    assert found.code == 0
    assert "a person is recognised by email: email" in found.out
    assert f"drawn: {picture}" in found.out
    assert picture.read_text(encoding="utf-8").startswith("<svg ")
    told = cli("inventory", "--graph", "--json").json()
    assert told["complete"] is True
    assert told["collections"][0]["identify"] == {"email": ["email"]}


def test_fields_nobody_is_led_to_are_an_error_and_still_drawn(cli: Cli) -> None:
    cli.change("stores.yaml", "identify:", "# identify:")
    checked = cli("check")
    assert checked.code == 1
    assert "error: no person can be led to the personal fields of shop.messages" in checked.out
    found = cli("inventory", "--graph")
    assert found.code == 1
    assert "UNREACHED: no person can be led to these fields" in found.out
    assert cli("inventory").code == 1


def test_mistakes_are_told(cli: Cli) -> None:
    refused = cli("inventory", "--svg", "no/such/folder/x.svg")
    assert refused.code == 2
    assert "cannot be written" in refused.err
    cli.file("stores.yaml").unlink()
    assert cli("inventory", "--graph").code == 2


def test_finding_a_person_tells_what_goes_and_changes_nothing(cli: Cli) -> None:
    before = cli.file("shop.sqlite3").read_bytes()
    found = cli("find", "--email", "Ada@Example.test")
    assert found.code == 0
    assert "5 records in 1 collection; 1 collection searched" in found.out
    assert "shop.messages: 5 records, found by email; goes" in found.out
    told = cli("find", "--email", "ada@example.test", "--json").json()
    assert (told["complete"], told["records"]) == (True, 5)
    assert told["branches"][0]["keys"] == [[1], [3], [11], [13], [15]]  # and none of Max's
    nobody = cli("find", "--email", "stranger@example.test")
    assert "nothing found; 1 collection searched" in nobody.out
    assert cli.file("shop.sqlite3").read_bytes() == before


def test_finding_needs_somebody_and_stores_that_answer(cli: Cli) -> None:
    assert cli("find").code == 2
    cli.file("shop.sqlite3").unlink()
    lost = cli("find", "--email", "ada@example.test")
    assert lost.code == 3
    assert "shop did not answer, pending: shop.messages" in lost.out
