"""A store that does not answer: what can be given is given, and the rest is still owed."""

from __future__ import annotations

import shutil

from tests.cli.shop import Cli
from tests.cli.test_request_life import new


def _answered(cli: Cli, number: str) -> tuple[str, str, bool]:
    """The kind of letter, its text, and whether that was all."""
    found = cli("request", "reply", number, "--json")
    assert found.code == 0, found.err
    told = found.json()
    letter = cli.file(f"replies/{number}/request-{number}-letter.txt").read_text()
    return told["letter"], " ".join(letter.split()), told["finished"]


def test_the_rest_is_given_when_the_store_answers(cli: Cli) -> None:
    shutil.copy(cli.file("shop.sqlite3"), cli.file("desk.sqlite3"))
    stores = cli.file("stores.yaml").read_text()
    second = stores.replace("stores:\n", "").replace("shop", "desk")
    cli.file("stores.yaml").write_text(stores + second)
    new(cli, "access", "--email", "ada@example.test")
    new(cli, "access", "--email", "nobody@example.test")
    new(cli, "access", "--email", "max@example.test")
    for number in "123":
        cli("request", "verify", number, "--seen", "passport")
        assert cli("request", "decide", number, "--act").code == 0
    cli.file("desk.sqlite3").rename(cli.file("away"))
    for number, kind in (("1", "access"), ("2", "nothing-found")):
        told, letter, finished = _answered(cli, number)
        assert (told, finished) == (kind, False)
        assert "We looked everywhere" not in letter
        assert cli("request", "show", number, "--json").json()["state"] == "decided"
    cli.file("away").rename(cli.file("desk.sqlite3"))
    for number, kind in (("1", "access"), ("2", "nothing-found"), ("3", "access")):
        told, letter, finished = _answered(cli, number)
        assert (told, finished) == (kind, True)
        assert "not complete" not in letter
        assert cli("request", "show", number, "--json").json()["state"] == "replied"
