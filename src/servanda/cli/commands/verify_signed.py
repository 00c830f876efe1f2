"""What `servanda verify` says of a receipt, a package's manifest, or the proof of an entry."""

from __future__ import annotations

from typing import Any

from servanda.cli.output import counted, say
from servanda.kernel.errors import printable
from servanda.ledger.verify import Proven, Signed


def tell_signed(found: Signed) -> None:
    for finding in found.findings:
        say(f"✗ {printable(str(finding))}")
    if not found.ok:
        say("NOT GENUINE")
        return
    if found.kind == "consent":
        _tell_consent(found)
        return
    request = printable(str(found.statement.get("request")))
    if found.kind == "package":
        files = counted(found.files, "file")
        say(f"✓ genuine: the package for request {request}, {files} as packed")
        if not found.statement.get("complete"):
            say("  it is not complete: some systems had not answered when it was made")
        return
    say(f"✓ genuine: the receipt of request {request}")
    for place in found.entries:
        say(f"  in the ledger as entry {place}")
    if not found.entries:
        say("  it carries no proof of its place in the ledger")
    for each in found.statement.get("stores", ()):
        say(f"  {printable(_line(each))}")


def _tell_consent(found: Signed) -> None:
    record = found.statement.get("record")
    events = record.get("servanda:events", []) if isinstance(record, dict) else []
    say(f"✓ genuine: the receipt of a consent, {counted(len(events), 'event')}")
    for place in found.entries:
        say(f"  in the ledger as entry {place}")
    for each in events:
        what = [str(each.get(f"servanda:{name}")) for name in ("purpose", "channel")]
        state = str(each.get("dpv:hasConsentStatus")).removeprefix("dpv:")
        say(f"  {printable(str(each.get('dct:date')))}  {printable(' '.join(what))}: {state}")


def tell_proven(found: Proven) -> None:
    for finding in found.findings:
        say(f"✗ {printable(str(finding))}")
    if not found.ok:
        say("NOT PROVEN")
    elif found.kind == "consistency":
        say(f"✓ proven: the ledger of {found.size:,} entries begins with that of {found.old:,}")
    else:
        kind, at = (printable(str(found.entry.get(key))) for key in ("kind", "at"))
        say(f"✓ proven: entry {found.index} is in the ledger of {found.size:,} entries")
        say(f"  {kind}, of {at}")


def _line(each: dict[str, Any]) -> str:
    said = f"{each['store']}: {each['says']}, {counted(each['done'], 'record')}"
    for kept in each["kept"]:
        until = f" until {kept['until']}" if kept["until"] else ""
        said += f"; {counted(kept['count'], 'record')} kept{until}: {kept['why']}"
    return said
