"""The first commands of a newcomer: init, check, schema, demo."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests.cli.shop import Cli

ROOT = Path(__file__).parents[2]


def test_a_new_workspace_is_sound(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "new"
    made = cli("init", folder, here=False)
    assert made.code == 0
    assert f"servanda check -C {folder}" in made.out
    assert (folder / ".gitignore").read_text() == ".servanda/\n"
    checked = cli("check", "-C", folder, here=False)
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.startswith("sound: 2 promises (1 not yet built), 1 activity")
    assert cli("inventory", "-C", folder, here=False).code == 3  # its database is an example


def test_settings_of_a_new_workspace_show_the_defaults(cli: Cli, tmp_path: Path) -> None:
    from servanda.runtime import config

    cli("init", tmp_path / "new", here=False)
    file = tmp_path / "new" / "servanda.toml"
    text = file.read_text(encoding="utf-8")
    assert config.load(tmp_path / "new") == config.Settings()
    shown = [
        line.removeprefix("# ") for line in text.split("\n") if line[:3] == "# [" or "=" in line
    ]
    names = {line.strip("[]") for line in shown if line.startswith("[")}
    assert names == {each.name for each in dataclasses.fields(config.Settings)}
    for name in names - {"keys"}:  # whose other sources have settings of their own
        kind = type(getattr(config.Settings(), name))
        assert all(any(line.startswith(f"{each.name} = ") for line in shown)
                   for each in dataclasses.fields(kind)), name  # fmt: skip
    file.write_text("\n".join(shown), encoding="utf-8")
    assert config.load(tmp_path / "new") == config.Settings()


def test_init_overwrites_nothing(cli: Cli) -> None:
    before = cli.file("policy.yaml").read_bytes()
    found = cli("init", cli.folder, here=False)
    assert found.code == 2
    assert "already has policy.yaml, stores.yaml" in found.err
    assert cli.file("policy.yaml").read_bytes() == before
    assert not cli.file("servanda.toml").exists()


@pytest.mark.parametrize("which", ["policy", "stores"])
def test_schema_accepts_what_check_accepts(cli: Cli, which: str) -> None:
    schema = cli("schema", which, here=False).json()
    validator = jsonschema.Draft202012Validator(schema)
    document = YAML(typ="safe").load(cli.file(f"{which}.yaml"))
    assert list(validator.iter_errors(document)) == []
    assert list(validator.iter_errors({"nonsense": 1})) != []


@pytest.mark.slow
def test_the_demo_keeps_its_policy(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    found = cli("demo", "--once", "--dir", folder, here=False)
    assert found.code == 0
    assert f"board: {folder / 'board.html'}" in found.out
    assert "JTec IT Solutions" in (folder / "board.html").read_text(encoding="utf-8")
    assert "✓ whole" in found.out
    assert "could not be recounted" not in found.out
    promises = cli("status", "-C", folder, "--json", here=False).json()["promises"]
    verdicts = {each["id"]: each["verdict"] for each in promises}
    assert set(verdicts.values()) == {"kept", "not yet built", "unproven"}
    # Nobody has served console and portal here, and silence is never taken for kept.
    served = {"JT-09", "JT-12", "JT-13", "JT-15", "JT-17"}
    assert {id_ for id_, each in verdicts.items() if each == "unproven"} == served
    assert list(verdicts.values()).count("kept") >= 4
    again = cli("demo", "--once", "--dir", folder, here=False)
    assert again.code == 2
    assert "--fresh" in again.err
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious").touch()
    refused = cli("demo", "--fresh", "--dir", tmp_path / "mine", here=False)
    assert refused.code == 2
    assert (tmp_path / "mine" / "precious").exists()


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "sys.argv = ['servanda', '--help']\n"
        "from servanda.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'django', 'sqlalchemy', 'pydantic', 'cryptography', 'rich'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "verify" in done.stdout
    assert json.loads(done.stderr.replace("'", '"')) == []


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "gen-cli-reference", "--print"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert done.stdout == page, "run tools/gen-cli-reference"
