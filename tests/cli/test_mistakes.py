"""What a person does wrong is said once: where, what, what next, and never as a traceback."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

import pytest

from tests.cli.shop import Cli


def test_no_workspace_here(cli: Cli, tmp_path: Path) -> None:
    for command in ("check", "inventory", "plan", "status", "verify", "run"):
        words = [command, "--once"] if command == "run" else [command]
        found = cli(*words, "-C", tmp_path, here=False)
        assert found.code == 2, command
        assert "there is no policy.yaml" in found.err and "servanda init" in found.err


def test_a_misspelt_word_has_file_line_and_column(cli: Cli) -> None:
    cli.change("policy.yaml", "then: delete", "then: delte")
    found = cli("check")
    line = (
        cli.file("policy.yaml")
        .read_text()
        .split("\n")
        .index("    retain: {at_most: 30 days, after: received, then: delte}")
    )
    assert found.code == 1
    assert f'policy.yaml:{line + 1}:55  error: "delte"' in found.out
    assert 'did you mean "delete"?' in found.out
    assert found.out.endswith("1 error\n")
    (finding,) = cli("check", "--json").json()["findings"]
    assert (finding["line"], finding["column"], finding["severity"]) == (line + 1, 55, "error")


@pytest.mark.parametrize("words", [["plan"], ["inventory"], ["run", "--once"], ["status"]])
def test_nothing_starts_on_an_unsound_workspace(cli: Cli, words: list[str]) -> None:
    cli.change("stores.yaml", "clocks:", "clock:")
    found = cli(*words)
    assert found.code == 1
    assert "stores.yaml:" in found.err and "clock" in found.err
    assert not cli.file(".servanda").exists()


def test_a_password_written_out_is_refused_and_not_repeated(cli: Cli) -> None:
    secret = "postgresql://servanda:hunter2@127.0.0.1/shop"
    cli.change("stores.yaml", "sqlite:///shop.sqlite3", secret)
    found = cli("check")
    assert found.code == 1
    assert "${NAME}" in found.out
    assert "hunter2" not in found.out + found.err


def test_a_plan_file_that_is_none(cli: Cli) -> None:
    missing = cli("apply", cli.file("nowhere.json"), "--yes")
    assert (missing.code, "servanda plan -o" in missing.err) == (2, True)
    for content in (b"", b"{}", b"\xff\xfe", b"[]", b'{"steps": 3}'):
        cli.file("bad.json").write_bytes(content)
        found = cli("apply", cli.file("bad.json"), "--yes")
        assert found.code in (1, 2), content
        assert found.err.startswith("servanda: ")


def test_a_tampered_plan_is_refused(cli: Cli) -> None:
    plan = cli.plan()
    data = json.loads(plan.read_text(encoding="utf-8"))
    (step,) = [each for each in data["steps"] if each["step"] == "delete"]
    step["where"] = {"everything": True}
    plan.write_text(json.dumps(data), encoding="utf-8")
    found = cli("apply", plan, "--yes")
    assert found.code in (1, 2)
    assert "servanda plan" in found.err
    assert len(cli.ids()) == 8


def test_a_plan_for_another_policy_is_refused(cli: Cli) -> None:
    plan = cli.plan()
    cli.change("policy.yaml", "30 days", "31 days")
    found = cli("apply", plan, "--yes")
    assert found.code == 1
    assert "the policy changed" in found.err
    assert len(cli.ids()) == 8


def test_a_wrong_date(cli: Cli) -> None:
    for date in ("tomorrow", "2026-13-01", "01.02.2026"):
        found = cli("status", "--as-of", date)
        assert found.code == 2
        assert f'"{date}" is not a date' in found.err and "2026-03-01" in found.err


def test_an_unknown_collection_has_a_near_miss(cli: Cli) -> None:
    for words in (
        ["explain", "shop.mesages", "1"],
        ["hold", "add", "--collection", "shop.mesages", "--key", "1", "--reason", "x"],
    ):
        found = cli(*words)
        assert found.code == 2
        assert 'did you mean "shop.messages"?' in found.err


def test_an_unreachable_store_ends_with_3(cli: Cli) -> None:
    plan = cli.plan()
    cli.file("shop.sqlite3").rename(cli.file("gone.sqlite3"))
    for words in (["inventory"], ["plan"], ["apply", plan, "--yes"], ["run", "--once"]):
        found = cli(*words)
        assert found.code == 3, words
        assert "shop" in found.out + found.err
    cli.file("gone.sqlite3").rename(cli.file("shop.sqlite3"))
    assert len(cli.ids()) == 8
    assert cli("status").code == 0  # it opens no store


def test_settings_that_make_no_sense(cli: Cli) -> None:
    cli.file("servanda.toml").write_text('[schedule]\nswep = "0 2 * * *"\n', encoding="utf-8")
    found = cli("plan")
    assert found.code == 2
    assert "schedule.swep" in found.err and "sweep" in found.err


@pytest.mark.parametrize(
    "words",
    [
        ["chek"],
        ["check", "--jsn"],
        ["apply"],
        ["hold", "add", "--email", "a@example.test"],
        ["hold", "drop"],
        ["schema", "polcy"],
        ["approve", "plan.json"],
        ["evidence", "export"],
    ],
    ids=" ".join,
)
def test_a_command_called_wrongly(cli: Cli, words: list[str]) -> None:
    found = cli(*words, here=False)
    assert found.code == 2
    assert found.err.startswith("servanda: ") and found.err.rstrip().endswith("see --help")
    assert found.out == ""


@pytest.mark.parametrize("words", [[], ["hold"], ["evidence"]])
def test_without_a_command_help_is_shown(cli: Cli, words: list[str]) -> None:
    found = cli(*words, here=False)
    assert found.code == 2
    assert "Usage: servanda" in found.out + found.err


def test_an_account_that_no_shell_names_is_known_all_the_same(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    found = cli("hold", "add", "--email", "ada@example.test", "--reason", "dispute")
    assert found.code == 0, found.err
    account = pwd.getpwuid(os.getuid()).pw_name
    assert account in cli("hold", "list", "--json").out


def test_nobody_decides_without_a_name(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr("getpass.getuser", nameless)
    found = cli("hold", "add", "--email", "ada@example.test", "--reason", "dispute")
    assert found.code == 2
    assert "--by" in found.err or "who" in found.err.lower()


def test_a_file_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    nowhere = tmp_path / "no" / "such" / "folder" / "file"
    for words in (["plan", "-o"], ["status", "--html"], ["evidence", "export", "-o"]):
        found = cli(*words, nowhere)
        assert found.code == 2, words
        assert "cannot be written" in found.err
