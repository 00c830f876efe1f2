"""Answers from the command line: what a letter says is what was found, done and kept."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shop import Cli
from tests.cli.test_request_life import ADA, new


def decided(cli: Cli, ref: str) -> None:
    cli("request", "verify", ref, "--seen", "passport")
    assert cli("request", "decide", ref, "--act").code == 0


def said(cli: Cli, ref: str) -> str:
    answer = cli("request", "reply", ref, "--json").json()
    return " ".join(Path(answer["text"]).read_text(encoding="utf-8").split())


def test_what_a_hold_keeps_is_told_in_words_for_the_person(cli: Cli) -> None:
    assert cli("hold", "add", *ADA, "--reason", "dispute", "--by", "ann").code == 0
    new(cli, "erasure")
    new(cli, "erasure", "--email", "max@example.test")
    for ref in ("1", "2"):
        decided(cli, ref)
        cli("request", "act", ref, "--yes")
    held, gone = said(cli, "1"), said(cli, "2")
    assert "needed for a legal matter that is not over" in held
    assert "shop.messages" not in held, "the name of a table says nothing to her"
    assert "We have erased all that we had of you" in gone
    assert "What we keep" not in gone


def test_what_was_corrected_is_named_in_words(cli: Cli) -> None:
    new(cli, "correction", *ADA, "--correct", "contact.email=ada.new@example.test")
    decided(cli, "1")
    assert cli("request", "act", "1", "--yes").code == 0
    letter = said(cli, "1")
    assert "e-mail address: ada.new@example.test" in letter
    assert "contact.email" not in letter


def test_a_record_that_stays_in_part_is_not_told_as_unfinished(cli: Cli) -> None:
    """Found again with every answer, it is asked whether it is as it should be."""
    floor = "at_least: [{period: 30 days, after: received, ground: tax law, covers: [contact]}]"
    cli.change("policy.yaml", "then: delete}", f"then: delete, {floor}}}")
    cli.change("stores.yaml", "name: name,", "name: {is: name, erase: blank},")
    cli.add(50, 1, "eve@example.test")
    new(cli, "erasure", "--email", "eve@example.test")
    decided(cli, "1")
    cli("request", "act", "1", "--yes")
    answer = cli("request", "reply", "1", "--json").json()
    assert answer["finished"] is True
    letter = Path(answer["text"]).read_text(encoding="utf-8")
    assert "not finished" not in letter and "tax law" in letter
    assert 50 in cli.ids()


def test_what_came_back_is_told_as_unfinished(cli: Cli) -> None:
    cli.add(50, 1, "eve@example.test")
    new(cli, "erasure", "--email", "eve@example.test")
    decided(cli, "1")
    cli("request", "act", "1", "--yes")
    assert 50 not in cli.ids()
    cli.add(51, 1, "eve@example.test")
    assert cli("request", "reply", "1", "--json").json()["finished"] is False
