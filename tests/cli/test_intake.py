"""An import goes through the gate: refused rows are named, taken ones carry a receipt."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servanda import state
from servanda.cli.main import main
from servanda.desk.intake import counts, receipts
from servanda.runtime.workspace import Workspace
from tests.desk.intake_world import POLICY

CARD = "4111 1111 1111 1111"
STORES = """\
stores:
  enquiries:
    connect: sqlite:///.servanda/enquiries.sqlite3
    pack: servanda-enquiries
    with: {activity: enquiries}
"""
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


Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def check(firm: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    """The command on a file of the firm: its exit code, and what it said."""

    def run(*more: str, file: str = "people.csv", form: str = "contact") -> tuple[int, str, str]:
        told = ["intake", "check", str(firm / file), "--form", form, "-C", str(firm), *more]
        with pytest.raises(SystemExit) as ended:
            main(told)
        state.close()
        assert isinstance(ended.value.code, int)
        return (ended.value.code, *capsys.readouterr())

    return run


def test_refused_rows_are_named_and_nothing_of_them_is_said(firm: Path, check: Said) -> None:
    code, out, err = check()
    assert code == 1 and not err
    lines = out.splitlines()
    assert lines[0].startswith("row 3: message: it holds what looks like the number")
    assert lines[1] == "row 4: email: it is empty; fill it in"
    assert lines[2] == "2 of 4 rows would be taken; refused: card 1, missing 1"
    for piece in ("4111", "Bob", "bob@", "No address"):
        assert piece not in out
    assert not (firm / ".servanda").exists(), "looking leaves nothing behind"


def test_what_is_taken_is_written_with_a_receipt(firm: Path, tmp_path: Path, check: Said) -> None:
    target = tmp_path / "taken.csv"
    code, out, _ = check("--out", str(target))
    assert code == 1 and "2 of 4 rows taken" in out
    with target.open(newline="") as file:
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
    state.close()
    code, _, err = check("--out", str(target))
    assert code == 2 and "is there already" in err


def test_a_column_nobody_declared_refuses_every_row(firm: Path, check: Said) -> None:
    path = firm / "people.csv"
    path.write_text("name,email,religion\nAnn,ann@example.test,x\nBob,bob@example.test,\n")
    told = json.loads(check("--json")[1])
    assert (told["rows"], told["taken"]) == (2, 0)
    assert {(each["row"], each["refused"][0]["field"]) for each in told["refused"]} == {
        (2, "religion"),
        (3, "religion"),
    }


def test_json_lines_and_what_else_the_gate_asks_for(
    firm: Path, tmp_path: Path, check: Said
) -> None:
    lines = [
        {"name": "Ann", "email": "ann@example.test", "_source": "Fair", "_basis": "consent"},
        {"name": "Bob", "email": "bob@example.test"},
        {"name": "Cid", "email": "cid@example.test", "_source": f"{CARD}", "_basis": "consent"},
    ]
    path = firm / "leads.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    _, said, _ = check("--json", file="leads.jsonl", form="leads")
    assert [each["row"] for each in json.loads(said)["refused"]] == [2, 3]
    out = tmp_path / "out.jsonl"
    more = ("--json", "--source", "a partner", "--basis", "consent", "--out", str(out))
    _, said, _ = check(*more, file="leads.jsonl", form="leads")
    assert [each["row"] for each in json.loads(said)["refused"]] == [3]
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
def test_what_cannot_be_read(
    firm: Path, check: Said, name: str, content: str, form: str, said: str
) -> None:
    (firm / name).write_text(content)
    code, out, err = check(file=name, form=form)
    assert code != 0
    assert said in err
    assert "Ann" not in out + err
