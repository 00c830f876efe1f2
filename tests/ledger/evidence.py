"""A small ledger with two runs, sealed manifests and several checkpoints; and ways to alter it."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from servanda import ledger, state
from servanda.ledger.signer import Signer
from servanda.ledger.verify import Report, layout, verify_bundle
from servanda.stores.port import Keys

MASTER = bytes(range(32))
NOW = datetime(2026, 3, 1, 8, 15, tzinfo=UTC)


def keys(window: int) -> Keys:
    """Three keys of two people."""
    lines = [f'["alice@example.test",{window}]', f'["alice@example.test",{window + 1}]']
    return Keys("json", "\n".join([*lines, f'["bob@example.test",{window}]']).encode(), 3)


@dataclass
class Evidence:
    signer: Signer
    notes: list[str] = field(default_factory=list)

    def window(self, run: str, number: int, now: datetime) -> None:
        given = keys(number)
        with state.transaction():
            digest, row = ledger.manifests.seal(MASTER, run, "crm.people:delete", number, given)
            row.save(force_insert=True)
            entry = {
                "kind": "window.prepared",
                "run": run,
                "step": "crm.people:delete",
                "window": number,
                "collection": "crm.people",
                "action": "delete",
                "count": given.count,
                "encoding": given.encoding,
                "manifest": digest,
            }
            ledger.append([entry], now=now)

    def fill(self) -> None:
        """23 entries, 6 of them with manifests, checkpoints at 9, 20 and 23."""
        for run, day in (("r1", 0), ("r2", 1)):
            now = NOW + timedelta(days=day)
            ledger.append([{"kind": "run.started", "run": run}], now=now)
            for number in range(3):
                self.window(run, number, now + timedelta(minutes=number))
            ledger.append([{"kind": "recount", "run": run, "overdue": 0}] * 5, now=now)
            if day:
                self.notes.append(ledger.checkpoint.make(self.signer, now=now))
            else:
                self.notes.append(ledger.checkpoint.make(self.signer, now=now))
                ledger.append([{"kind": "census"}] * 2, now=now + timedelta(hours=1))
        ledger.append([{"kind": "census"}] * 3, now=NOW + timedelta(days=2))
        self.notes.append(ledger.checkpoint.make(self.signer, now=NOW + timedelta(days=2)))

    def export(self, path: Path, **options: object) -> Path:
        ledger.bundle.export(path, self.signer, **options)  # type: ignore[arg-type]
        return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def pack(path: Path, content: dict[str, bytes]) -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        for name, data in content.items():
            bundle.writestr(name, data)
    path.write_bytes(buffer.getvalue())
    return path


def altered(
    source: Path, target: Path, name: str, change: Callable[[bytes], bytes], signer: Signer | None
) -> Path:
    """The bundle with one member changed; with a signer, its table of contents is forged to fit."""
    content = members(source)
    before = content[name]
    content[name] = change(before)
    assert content[name] != before
    if signer is not None:
        content[layout.CONTENTS] = contents(content, signer)
    return pack(target, content)


def contents(content: dict[str, bytes], signer: Signer) -> bytes:
    from servanda.kernel.digest import sha256_hex

    table = [(sha256_hex(content[name]), len(content[name]), name) for name in layout.MEMBERS]
    return signer.sign(layout.contents_text(signer.name, table)).encode()


def lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")[:-1]


def joined(parts: list[bytes]) -> bytes:
    return b"".join(part + b"\n" for part in parts)


def edited(line: bytes, **fields: object) -> bytes:
    from servanda.kernel.canonical import canonical

    return canonical({**json.loads(line), **fields})


def verified(path: Path, evidence: Evidence, since: str | None = None) -> Report:
    return verify_bundle(path, evidence.signer.vkey, since)


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}
