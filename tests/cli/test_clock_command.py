"""`servanda clock`: the arithmetic for people and for programs, without a workspace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from servanda.cli.main import main
from servanda.kernel.errors import Exit


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["clock", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_explains_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "GB-NIR", "access", "--received", "2026-02-17")
    assert code == Exit.OK
    assert "12A(1)-(6)" in out
    assert "which is a day off in Northern Ireland, so it ends Wed 2026-03-18" in out
    assert "Latest by law   Wed 2026-03-18" in out
    assert "Act by          Mon 2026-03-16" in out
    assert "Unverified" not in out


def test_events_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--event", "scope_asked=2026-03-05", "--event", "scope_answered=2026-03-12")
    code, out, _ = run(capsys, "GB-ENG", "access", "--received", "2026-03-02", *asked, "--json")
    found = json.loads(out)
    assert code == Exit.OK
    assert (found["statutory_due"], found["safe_due"]) == ("2026-04-10", "2026-04-01")
    assert found["verified"] is True


def test_what_is_not_certain_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "JM", "access", "--received", "2026-03-02")
    assert "sources disagree" in out
    assert "Unverified" in out


def test_places_and_what_they_have(capsys: pytest.CaptureFixture[str]) -> None:
    assert "GB-NIR   Northern Ireland" in run(capsys)[1]
    out = run(capsys, "KE", "--received", "2026-03-02")[1]
    assert "access: 7 days, General Regulations 2021 reg. 9; Cap. 2 s.57  (unverified)" in out
    moment = ("--received", "2026-11-20T16:40:00+00:00")
    assert "Mon 2026-11-23 16:40 UTC" in run(capsys, "EU-IE", "breach_regulator", *moment)[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("XX", "access"), 'no law is known for "XX"'),
        (("GB", "acces"), 'did you mean "access"?'),
        (("GB", "access", "--received", "tomorrow"), '"tomorrow" is not a date'),
        (("GB", "access", "--event", "fee_paid"), "write NAME=DATE"),
        (("GB", "access", "--event", "fee_paid=soon"), '"soon" is not a date'),
    ],
)
def test_mistakes(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    code, _, err = run(capsys, *arguments)
    assert code == Exit.USAGE
    assert said in err
