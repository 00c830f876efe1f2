"""A request from the command line: taken in, listed, verified, decided, ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.shop import Cli, Result

ADA = ("--email", "ada@example.test")


def new(cli: Cli, right: str = "access", *more: str) -> Result:
    found = cli("request", "new", "--right", right, *(more or ADA))
    assert found.code == 0, found.err
    return found


def test_the_most_urgent_is_listed_first_without_names(cli: Cli) -> None:
    today = datetime.now(UTC).date()
    for days in (1, 60, 20):
        received = (today - timedelta(days=days)).isoformat()
        new(cli, "access", *ADA, "--name", "Ada Lovelace", "--received", received)
    listed = cli("request", "list")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["2", "3", "1"]
    assert listed.out.splitlines()[0].split()[4].startswith("-")
    assert "Ada" not in listed.out
    assert "ada@" not in listed.out
    assert cli("request", "list", "--who").out.count("Ada Lovelace") == 3
    rows = cli("request", "list", "--json").json()
    assert [row["request"] for row in rows] == ["2", "3", "1"]
    assert rows[0]["days_left"] < 0 < rows[2]["days_left"]
    assert "name" not in rows[0]


def test_from_intake_to_cancel(cli: Cli) -> None:
    told = new(cli, "deletion", *ADA, "--jurisdiction", "KE", "--via", "post", "--text", "Erase me")
    assert "request 1 (erasure) is received; act by" in told.out
    shown = cli("request", "show", "1")
    assert "Erase me" in shown.out
    assert "Kenya" in shown.out
    refused = cli("request", "decide", "1", "--act")
    assert refused.code == 2
    assert "not verified" in refused.err
    seen = cli("request", "verify", "1", "--seen", "passport", "--note", "name and photo fit")
    assert (seen.code, "is verified" in seen.out) == (0, True)
    wrong = cli("request", "decide", "1", "--refuse", "--ground", "too_busy")
    assert wrong.code == 2
    assert "legal_claims" in wrong.err
    assert "legal_claims" in cli("request", "decide", "1").out
    assert cli("request", "decide", "1", "--act").code == 0
    assert cli("request", "cancel", "1").code == 0
    assert cli("request", "list").out == "no open requests\n"
    assert cli("request", "show", "1", "--json").json()["outcome"] == "withdrawn"


def test_a_code_is_written_to_a_file_where_no_mail_server_is(cli: Cli) -> None:
    new(cli)
    sent = cli("request", "verify", "1", "--sent")
    assert sent.code == 0
    (letter,) = cli.file(".servanda/letters").glob("*.eml")
    assert str(letter) in sent.out
    assert letter.stat().st_mode & 0o077 == 0
    text = letter.read_text()
    code = next(line.strip() for line in text.splitlines() if line.startswith("    "))
    assert code not in sent.out
    wrong = cli("request", "verify", "1", "--code", "AAAAA-AAAAA")
    assert (wrong.code, "4 tries" in wrong.err) == (2, True)
    assert cli("request", "verify", "1", "--code", code.lower()).code == 0
    assert cli("request", "mail").out == "no mail is waiting\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "--right", "erasur", *ADA), 'did you mean "erasure"?'),
        (("new", "--right", "erasure"), "needs an identity"),
        (("new", "--right", "erasure", *ADA, "--received", "soon"), "is not a date"),
        (("new", "--right", "erasure", *ADA, "--tenant", "x"), "no tenant"),
        (("show", "9"), "no request"),
        (("verify", "1"), "one way at a time"),
        (("event", "1", "extnded"), 'did you mean "extended"?'),
        (("event", "1", "told_before_lifting"), "restricts nothing"),
        (("lift", "1", "--reason", "x"), "restricts nothing"),
        (("edit", "1"), "nothing was given"),
        (("choose", "1", "shop.messages"), "COLLECTION=KEY"),
        (("choose", "1", "shop.message=1"), 'did you mean "shop.messages"?'),
        (("route", "1", "x"), "no tenant"),
        (("close", "1"), "possible now"),
        (("intake",), "no mail to read"),
        (("intake", "nothing.eml"), "cannot be read"),
        (("mail", "--again", "7"), "no mail 7"),
    ],
)
def test_mistakes_are_explained(cli: Cli, words: tuple[str, ...], said: str) -> None:
    new(cli)
    found = cli("request", *words)
    assert found.code == 2, found.out
    assert said in found.err
    assert "ada@" not in found.err


def test_the_scheduled_run_counts_and_the_inventory_tells(cli: Cli) -> None:
    new(cli)
    assert cli("run", "--once").code == 0
    assert "requests.census" in cli.kinds()
    told = cli("inventory")
    assert "Requests (name, contact details" in told.out
    assert cli("inventory", "--json").json()["own"]["Person"]["kept"].startswith("[requests]")


def test_a_restriction_stops_a_sweep_until_it_is_lifted(cli: Cli) -> None:
    new(cli, "restriction")
    cli("request", "verify", "1", "--seen", "passport")
    assert cli("request", "decide", "1", "--act").code == 0
    assert cli("run", "--once").code == 0
    assert cli.ids() == [1, 3, 11, 12, 13, 14, 15], "Ada's old messages stay, Max's are gone"
    assert cli("request", "lift", "1", "--reason", "over").code == 2
    assert cli("request", "event", "1", "told_before_lifting").code == 0
    assert cli("request", "lift", "1", "--reason", "over").code == 0
    assert cli("run", "--once").code == 0
    assert cli.ids() == [11, 12, 13, 14, 15]


def test_a_mail_becomes_a_request_once(cli: Cli) -> None:
    mail = cli.file("letter.eml")
    mail.write_text("From: Ada <ada@example.test>\nMessage-ID: <a@b>\n\nPlease delete my data.\n")
    opened = cli("request", "intake", mail)
    assert (opened.code, "request 1 (erasure) opened" in opened.out) == (0, True)
    assert "it is request 1 already" in cli("request", "intake", mail).out
    assert cli("request", "edit", "1", "--right", "access").code == 0
    assert cli("request", "list", "--json").json()[0]["right"] == "access"


def test_who_is_not_known_is_told_so_not_that_it_was_done(cli: Cli) -> None:
    """A restriction of nobody's data: the letter does not say that something is restricted."""
    new(cli, "restriction", "--email", "nobody@elsewhere.test")
    new(cli, "restriction")
    for ref in ("1", "2"):
        cli("request", "verify", ref, "--seen", "passport")
        assert cli("request", "decide", ref, "--act").code == 0
    unknown, known = (cli("request", "reply", ref, "--json").json() for ref in ("1", "2"))
    assert unknown["letter"] == "nothing-found"
    assert known["letter"] == "restricted"
    again = cli("request", "reply", "1")
    assert again.code == 2 and "answered already" in again.err
