"""An engineer's import goes through the gate: refused rows are named, taken ones carry a receipt."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from servanda import state
from servanda.cli.main import app
from servanda.desk.intake import counts, receipts
from servanda.runtime.workspace import Workspace
from tests.desk.intake_world import POLICY

CARD = "4111 1111 1111 1111"
STORES = "servanda: 1\nstores: {}\n"
ROWS = f"""\
name,email,phone,message
Ann,ann@example.test,028 9018 0001,Hello
Bob,bob@example.test,,I paid with {CARD}
Cid,,,No address
Dee,dee@example.test,,"Two
lines"
"""


@pytest.fixture(autouse=True)
def _no_state_left() -> Iterator[None]:
    yield
    state.close()


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    folder = tmp_path / "firm"
    folder.mkdir()
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "stores.yaml").write_text(STORES)
    (folder / "people.csv").write_text(ROWS)
    return folder


def run(firm: Path, *more: str) -> Result:
    told = ["intake", "check", str(firm / "people.csv"), "--form", "contact", "-C", str(firm)]
    return CliRunner().invoke(app, [*told, *more])


def test_refused_rows_are_named_and_nothing_of_them_is_said(firm: Path) -> None:
    done = run(firm)
    assert done.exit_code == 1, done.output
    lines = done.output.splitlines()
    assert lines[0].startswith("row 3: message: it holds what looks like the number")
    assert lines[1] == "row 4: email: it is empty; fill it in"
    assert lines[2] == "2 of 4 rows would be taken; refused: card 1, missing 1"
    for piece in ("4111", "Bob", "bob@", "No address"):
        assert piece not in done.output
    assert not (firm / ".servanda").exists(), "looking leaves nothing behind"


def test_what_is_taken_is_written_with_a_receipt(firm: Path, tmp_path: Path) -> None:
    out = tmp_path / "taken.csv"
    done = run(firm, "--out", str(out))
    assert done.exit_code == 1 and "2 of 4 rows taken" in done.output
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["Ann", "Dee"]
    assert rows[1]["message"] == "Two\nlines"
    with Workspace.open(firm) as opened:
        opened.use_state()
        assert counts.totals() == {"contact": {"taken": 2, "card": 1, "missing": 1}}
        key = receipts.public(opened.master)
    for row in rows:
        receipt = row.pop("_receipt")
        now, hour = datetime.now(UTC), timedelta(hours=1)
        assert receipts.verified(key, receipt, row, now, hour) is not None
        assert receipts.verified(key, receipt, {**row, "name": "Eve"}, now, hour) is None
    again = run(firm, "--out", str(out))
    assert again.exit_code == 2 and "is there already" in str(again.exception)


def test_a_column_nobody_declared_refuses_every_row(firm: Path) -> None:
    path = firm / "people.csv"
    path.write_text("name,email,religion\nAnn,ann@example.test,x\nBob,bob@example.test,\n")
    done = run(firm, "--json")
    told = json.loads(done.output)
    assert (told["rows"], told["taken"]) == (2, 0)
    assert {(each["row"], each["refused"][0]["field"]) for each in told["refused"]} == {
        (2, "religion"),
        (3, "religion"),
    }


def test_json_lines_and_what_else_the_gate_asks_for(firm: Path, tmp_path: Path) -> None:
    lines = [
        {"name": "Ann", "email": "ann@example.test", "_source": "Fair", "_basis": "consent"},
        {"name": "Bob", "email": "bob@example.test"},
        {"name": "Cid", "email": "cid@example.test", "_source": f"{CARD}", "_basis": "consent"},
    ]
    path = firm / "leads.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    told = ["intake", "check", str(path), "--form", "leads", "-C", str(firm), "--json"]
    done = CliRunner().invoke(app, told)
    assert [each["row"] for each in json.loads(done.output)["refused"]] == [2, 3]
    out = tmp_path / "out.jsonl"
    more = [*told, "--source", "a partner", "--basis", "consent", "--out", str(out)]
    done = CliRunner().invoke(app, more)
    assert [each["row"] for each in json.loads(done.output)["refused"]] == [3]
    taken = [json.loads(line) for line in out.read_text().splitlines()]
    assert [each["name"] for each in taken] == ["Ann", "Bob"]
    assert all(each["_receipt"] for each in taken)


@pytest.mark.parametrize(
    ("name", "content", "form", "said"),
    [
        ("x.csv", "name\nAnn\n", "contakt", 'did you mean "contact"'),
        ("x.csv", "name,name\nAnn,Bob\n", "contact", "two columns"),
        ("x.csv", 'name\n"Ann\n', "contact", "no CSV"),
        ("x.jsonl", "[1]\n", "contact", "line 1 is no JSON object"),
        ("x.jsonl", '{"name": "Ann"}\nnot\n', "contact", "line 2 is no JSON object"),
        ("x.csv", "name,_age\nAnn,old\n", "club", "row 2: its age"),
    ],
)
def test_what_cannot_be_read(firm: Path, name: str, content: str, form: str, said: str) -> None:
    (firm / name).write_text(content)
    told = ["intake", "check", str(firm / name), "--form", form, "-C", str(firm)]
    done = CliRunner().invoke(app, told)
    assert done.exit_code != 0
    assert said in f"{done.output} {done.exception}"
    assert "Ann" not in str(done.exception)
