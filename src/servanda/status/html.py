"""The board as one HTML file: no script, no outside resource, readable at 360 px and by keyboard.

Verdicts are told by word, icon and colour together; nothing depends on colour alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from servanda.kernel.htmlframe import frame
from servanda.status.board import Board, Row
from servanda.status.verdict import Check, Verdict

_CLASS = {
    Verdict.BROKEN: "broken",
    Verdict.UNPROVEN: "unproven",
    Verdict.SUSPENDED: "suspended",
    Verdict.ATTESTED: "attested",
    Verdict.KEPT: "kept",
    Verdict.PLANNED: "planned",
}

_STYLE = """
:root { color-scheme: light; --ink: #1b1f24; --soft: #4b5563; --line: #d5d9df; --paper: #fff;
  --broken: #a31621; --unproven: #8a4b00; --suspended: #5b3a96; --attested: #1f5a8c;
  --kept: #1c6b3a; --planned: #5a6270; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1rem; margin: 0; font-weight: 600; }
.sum { font-size: 1.15rem; margin: .5rem 0 0; }
.when { color: var(--soft); margin: .25rem 0 1.5rem; }
ol { list-style: none; margin: 0; padding: 0; }
.row { border-top: 1px solid var(--line); padding: .75rem 0; }
.head { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; }
.mark { font-weight: 700; min-width: 7.5rem; }
.id { color: var(--soft); font-variant-numeric: tabular-nums; }
.says { flex: 1 1 18rem; }
.age { color: var(--soft); font-size: .875rem; margin: .25rem 0 0; }
.broken { color: var(--broken); } .unproven { color: var(--unproven); }
.suspended { color: var(--suspended); } .attested { color: var(--attested); }
.kept { color: var(--kept); } .planned { color: var(--planned); }
svg { display: block; width: 100%; max-width: 32rem; height: .75rem; margin: .4rem 0; }
rect.broken { fill: var(--broken); } rect.unproven { fill: #d9a05b; }
rect.suspended { fill: #9a80c9; }
rect.attested { fill: #6d9fcb; } rect.kept { fill: #4ea36f; } rect.planned { fill: #dfe3e8; }
rect.none { fill: #f0f2f4; }
details { margin: .25rem 0 0; } summary { cursor: pointer; color: var(--soft); font-size: .875rem; }
summary:focus-visible { outline: 3px solid var(--attested); outline-offset: 2px; }
details ul { margin: .25rem 0; padding-left: 1.2rem; font-size: .9rem; overflow-wrap: anywhere; }
"""


def render(board: Board) -> str:
    """The whole page."""
    rows = "\n".join(_row(row, board.as_of) for row in board.rows)
    title = f"Promises of {board.organisation}"
    header = f"""<h1>{escape(title)}</h1>
<p class="sum">{escape(board.sentence)}</p>
<p class="when">As of {_moment(board.as_of)}, from evidence that anyone who holds the public key
can check.</p>"""
    return frame(title, _STYLE, header, f"<ol>\n{rows}\n</ol>")


def _row(row: Row, as_of: datetime) -> str:
    name = _CLASS[row.verdict]
    checks = "".join(_check(check) for check in row.checks)
    changes = "".join(
        f"<li>{_moment(since)}: {verdict.icon} {verdict}</li>" for since, verdict in row.history
    )
    details = ""
    if checks:
        details += (
            f"<details><summary>Evidence of {escape(row.id)}</summary><ul>{checks}</ul></details>"
        )
    if len(row.history) > 1:
        details += (
            f"<details><summary>History of {escape(row.id)}</summary><ul>{changes}</ul></details>"
        )
    strip = "" if row.verdict is Verdict.PLANNED else _strip(row)
    return f"""<li class="row">
<div class="head"><span class="mark {name}">{row.verdict.icon} {row.verdict}</span>
<span class="id">{escape(row.id)}</span>
<h2 class="says">{escape(row.says)}</h2></div>
{strip}<p class="age">{_age(row, as_of)}{_owner(row)}</p>
{details}
</li>"""


def _owner(row: Row) -> str:
    return f" · answers for it: {escape(row.owner)}" if row.owner else ""


def _check(check: Check) -> str:
    entry = f" (ledger entry {check.entry})" if check.entry is not None else ""
    return (
        f'<li><span class="{_CLASS[check.verdict]}">{check.verdict.icon} {check.verdict}</span> '
        f"{escape(check.subject)}: {escape(check.why)}{entry}</li>"
    )


def _strip(row: Row) -> str:
    bars = "".join(
        f'<rect class="{_CLASS[v] if v else "none"}" x="{i * 4}" width="3" height="10"/>'
        for i, v in enumerate(row.strip)
    )
    days = sum(v is Verdict.KEPT for v in row.strip)
    label = f"Last {len(row.strip)} days: kept on {days}"
    width = len(row.strip) * 4
    return (
        f'<svg viewBox="0 0 {width} 10" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}">{bars}</svg>\n'
    )


def _age(row: Row, as_of: datetime) -> str:
    if row.verdict is Verdict.PLANNED:
        return "The control behind this promise is not built yet."
    if row.at is None:
        return "No evidence yet."
    due = f"; next due {_moment(row.due)}" if row.due else ""
    return f"Oldest proof {age_words(row.at, as_of)}{due}"


def age_words(at: datetime, as_of: datetime) -> str:
    """`5 minutes old`, `3 hours old`, `12 days old`."""
    seconds = max(0, int((as_of - at).total_seconds()))
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            n = seconds // size
            return f"{n} {word}{'s' if n != 1 else ''} old"
    return "just made"


def _moment(moment: datetime) -> str:
    return f"<time>{moment.astimezone(UTC).strftime('%Y-%m-%d %H:%M')} UTC</time>"
