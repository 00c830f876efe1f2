"""`servanda consent`: record, show, ask, import; by its exit code a script knows the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.firm import Firm, build_firm
from tests.web.consent.world import asks

JO, KIM = "jo@example.test", "kim@example.test"


@pytest.fixture
def firm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Firm:
    found = build_firm(tmp_path / "firm", capsys)
    asks(found.folder)
    return found


def test_a_life(firm: Firm, tmp_path: Path) -> None:
    ask = ("consent", "may", "--purpose", "marketing", "--channel", "email", "--email")
    assert firm(*ask, JO).code == 1
    told = ("consent", "record", "--how", "phone", "--email", JO)
    bare = firm(*told, "--choice", "marketing/email=yes")
    assert bare.code == 2 and "how the consent was given" in bare.err
    firm.ok(*told, "--choice", "marketing/email=yes", "--note", "rang on Monday")
    assert firm.ok(*ask, JO).out.startswith("yes: ")
    assert firm(*ask, KIM).code == 1
    shown = firm.ok("consent", "show", "--email", JO, "--json").json()
    assert [e["state"] for e in shown["standing"]] == ["given"]
    assert shown["history"][0]["note"] == "rang on Monday"
    firm.ok(*told, "--choice", "marketing=no")
    assert "withdrew" in firm(*ask, JO).out


def test_an_import(firm: Firm, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_text(
        "email,purpose,channel,choice,at,evidence\n"
        f"{JO},marketing,email,yes,2026-01-02,ticked\n{KIM},marketing,email,no,,\n"
    )
    done = firm.ok("consent", "import", file, "--source", "old-list", "--json").json()
    assert done == {"rows": 2, "yes": 1, "no": 1}
    file.write_text(f"email,purpose,channel,choice\n{JO},marketing,email,yes\n")
    assert firm("consent", "import", file).code == 2


def test_mistakes_are_told(firm: Firm) -> None:
    for words in (
        ("consent", "may", "--email", JO),
        ("consent", "may", "--purpose", "marketing"),
        ("consent", "record", "--email", JO, "--choice", "marketing", "--how", "phone"),
        ("consent", "record", "--email", JO, "--choice", "marketing=no", "--how", "hearsay"),
        ("consent", "import", "nowhere.csv"),
    ):
        found = firm(*words)
        assert found.code == 2 and "Traceback" not in found.err, words
        assert "jo@" not in found.err
