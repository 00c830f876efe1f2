"""The small firm of tests/apply/requests for the commands: every right promised, dates of late.

`Firm` is `Cli`, and looks after each command whether an error names one of its people.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pyzipper

from tests.apply.requests.house import build_house, rows, tapes
from tests.cli.shop import Cli, Result
from tests.plan.requests.reading import sql

RIGHTS = (
    *("access", "portability", "rectification", "erasure"),
    *("restriction", "object", "withdraw", "complaint"),
)
CONTROLS = (*(f"rights.{each}" for each in RIGHTS), "requests.refusals", "requests.complaints")
ANN = ("--email", "ann@example.test", "--phone", "028 9000 0001")
BOB = ("--email", "bob@example.test", "--phone", "028 9000 0002")
CID = ("--email", "cid@example.test", "--phone", "028 9000 0003")
TRACES = ("ann@", "bob@", "cid@", "office@", "90000001", "9000 0001", "90000002", "Ann", "Anne")
YEAR = datetime.now(UTC).year
FLOOR = f"15 January {YEAR + 4}"  # of the newer orders, in letters


class Firm(Cli):
    def __call__(self, *words: str | Path, here: bool = True) -> Result:
        found = super().__call__(*words, here=here)
        assert not [each for each in TRACES if each in found.err], found.err
        return found

    def ok(self, *words: str | Path) -> Result:
        found = self(*words)
        assert found.code == 0, found.out + found.err
        return found

    def new(self, right: str, who: tuple[str, ...], *more: str) -> str:
        """A request taken in; its number."""
        told = self.ok("request", "new", "--right", right, *who, *more, "--json").json()
        assert told["state"] == "received"
        ref = told["request"]
        assert isinstance(ref, str)
        return ref

    def decided(self, right: str, who: tuple[str, ...], *more: str) -> str:
        """A request of somebody who was verified, decided to be done."""
        ref = self.new(right, who, *more)
        self.ok("request", "verify", ref, "--seen", "passport")
        assert self.ok("request", "decide", ref, "--act", "--json").json()["decision"] == "act"
        return ref

    def act(self, ref: str) -> dict[str, Any]:
        done: dict[str, Any] = self.ok("request", "act", ref, "--yes", "--json").json()
        assert done["requests"] == [ref]
        return done

    def reply(self, ref: str, *more: str) -> dict[str, Any]:
        """The answer as JSON, with `said`: the letter's text in one line."""
        made: dict[str, Any] = self.ok("request", "reply", ref, *more, "--json").json()
        assert Path(made["pdf"]).read_bytes().startswith(b"%PDF")
        made["said"] = " ".join(Path(made["text"]).read_text().split())
        return made

    def receipt(self, made: dict[str, Any]) -> dict[str, Any]:
        """The statement of a genuine receipt that has its place in the ledger."""
        told = self.ok("verify", made["receipt"])
        assert "✓ genuine" in told.out and "in the ledger as entry" in told.out
        statement: dict[str, Any] = self.ok("verify", made["receipt"], "--json").json()["statement"]
        return statement

    def verdicts(self) -> dict[str, str]:
        """By control, after somebody has looked."""
        self("run", "--once")
        found = self("status", "--json").json()
        return {row["says"].rstrip("."): row["verdict"] for row in found["promises"]}

    def rows(self, query: str, store: str = "crm") -> list[tuple[object, ...]]:
        return rows(self.folder, store, query)

    def tapes(self) -> list[str]:
        return tapes(self.folder)


def unpacked(made: dict[str, Any]) -> dict[str, bytes]:
    """Every member of a package, as any program opens it with the passphrase."""
    with pyzipper.AESZipFile(io.BytesIO(Path(made["package"]).read_bytes())) as archive:
        archive.setpassword(made["passphrase"].encode())
        return {name: archive.read(name) for name in archive.namelist()}


def records(members: dict[str, bytes], collection: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(members[f"data/{collection}.json"])
    return found


def build_firm(folder: Path, capsys: pytest.CaptureFixture[str]) -> Firm:
    build_house(folder)
    recent = (datetime.now(UTC) - timedelta(days=40)).strftime("%Y-%m-%d %H:%M:%S")
    sql(
        folder,
        "crm",
        f"UPDATE clients SET created = '{YEAR - 2}-01-15 10:00:00'",
        f"UPDATE orders SET created = '{YEAR - 2}-01-15 10:00:00' WHERE id IN (11, 21)",
        f"UPDATE orders SET created = '{YEAR - 8}-01-15 10:00:00' WHERE id IN (12, 22)",
    )
    sql(folder, "pbx", f"UPDATE calls SET made = '{recent}'")
    promised = "".join(f"  {each}: {{through: e-mail}}\n" for each in RIGHTS)
    kept = "".join(
        f"  F-{n}: {{says: {each}., kept_by: [{each}]}}\n" for n, each in enumerate(CONTROLS, 1)
    )
    policy = (folder / "policy.yaml").read_text()
    (folder / "policy.yaml").write_text(f"{policy}rights:\n{promised}promises:\n{kept}")
    return Firm(folder, capsys)
