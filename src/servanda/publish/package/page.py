"""index.html: a person's data to read, offline, on a telephone, without script.

Everything that comes from a record or from the policy is escaped. Tables scroll by themselves, so
that the page never does sideways; on a narrow page their fields stand below each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape

from servanda import law
from servanda.kernel.htmlframe import frame
from servanda.law import Place
from servanda.law.rights import RIGHTS
from servanda.plan.words import count
from servanda.policy.rules import Policy
from servanda.policy.vocabulary import terms
from servanda.publish.package.about import label, points, title
from servanda.publish.package.choice import Given, LeftOut, Reason
from servanda.publish.package.files import Copied
from servanda.publish.package.tables import SHOWN, Table

NAME = "index.html"

_STYLE = """
:root { color-scheme: light; --ink: #1b1f24; --soft: #4b5563; --line: #d5d9df; --link: #1f5a8c; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; border-top: 1px solid var(--line);
  padding-top: 1rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
a { color: var(--link); }
dl { display: grid; grid-template-columns: minmax(7rem, 13rem) 1fr; gap: .25rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; } dd ul { margin: 0; padding-left: 1.1rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .25rem; }
.scroll:focus-visible, a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; font-size: .875rem; }
caption { text-align: left; padding: .5rem; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; min-width: 6rem;
  border-top: 1px solid var(--line); white-space: pre-wrap; }
th { background: #f3f5f7; }
.note { color: var(--soft); }
@media (max-width: 40rem) {
  .scroll { border: 0; } table, caption, tbody, tr, td { display: block; }
  caption { padding: .5rem 0; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border: 1px solid var(--line); border-radius: .25rem; margin: 0 0 .75rem; padding: .5rem; }
  td { border: 0; padding: .2rem 0; } td:empty { display: none; }
  td::before { content: attr(data-name); display: block; color: var(--soft); }
}
"""

_LEFT_OUT: dict[Reason, str] = {
    "customer": "We hold these for a customer, who decides about them. Ask that customer; we pass "
    "your request on where you wish.",
    "unknown-customer": "We could not yet tell on whose behalf we hold these. They are being "
    "looked into.",
    "contested": "An address in these belongs to several people, and it is not clear yet that "
    "they are yours.",
    "not-portable": "The right to data portability does not reach these. The right of access "
    "does: ask for it, and you get them too.",
}


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page tells."""

    ref: str
    right: Given
    made: datetime
    received: date | None
    policy: Policy
    places: tuple[Place, ...]
    tables: Sequence[Table]
    files: dict[str, Copied]
    left_out: Sequence[LeftOut]
    unread: Sequence[str]  # stores that did not answer


def render(page: Page) -> str:
    heading = f"Your data at {page.policy.organisation}"
    header = f"<h1>{escape(heading)}</h1>\n{_opening(page)}"
    sections = "".join(_section(page, each) for each in page.tables)
    main = f"{sections}\n{_missing(page)}\n{_rights(page)}\n{_files(page)}"
    return frame(heading, _STYLE, header, main)


def _opening(page: Page) -> str:
    total = sum(each.count for each in page.tables)
    asked = f" of {page.received.isoformat()}" if page.received else ""
    found = f"{count(total)} in {count(len(page.tables), 'collection')}" if total else "No records"
    incomplete = ""
    if page.unread:
        listed = ", ".join(page.unread)
        incomplete = (
            f"<p><strong>Not complete yet:</strong> these systems did not answer and are still to "
            f"come: {escape(listed)}.</p>"
        )
    return (
        f'<p class="note">The answer to your request {escape(page.ref)}{asked} '
        f"({escape(label('right', page.right))}), made on {page.made.date().isoformat()}. "
        f"{found}.</p>{incomplete}"
    )


def _section(page: Page, table: Table) -> str:
    activity = table.portion.activity
    heading = title(activity.id) if activity else title(table.portion.collection.name)
    told = ""
    if activity:
        lines = "".join(
            f"<dt>{escape(each.label)}</dt><dd>{_said(each.says)}</dd>"
            for each in points(page.policy, activity)
        )
        told = f"<dl>{lines}</dl>"
    name = escape(table.portion.collection.id)
    return f"""<section>
<h2>{escape(heading)} ({name})</h2>
{told}
{_table(table, name)}
{_attached(page.files.get(table.name))}
</section>
"""


def _said(lines: Sequence[str]) -> str:
    if len(lines) == 1:
        return escape(lines[0])
    return f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in lines)}</ul>"


def _table(table: Table, name: str) -> str:
    links = f'<a href="{table.json_name}">JSON</a> and <a href="{table.csv_name}">CSV</a>'
    if not table.count:
        return f'<p class="note">These records went since they were found. Files: {links}.</p>'
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in table.columns)
    rows = "".join(_row(table.columns, each) for each in table.shown)
    shown = f"{count(table.count)}."
    if table.count > SHOWN:
        shown = f"The first {SHOWN} of {count(table.count)}; all are in the files."
    hidden = ""
    if table.hidden:
        which = escape(", ".join(sorted(table.hidden)))
        hidden = f'<p class="note">Left out because it tells of other people: {which}.</p>'
    return f"""<div class="scroll" role="region" aria-label="Records of {name}" tabindex="0">
<table><caption>{shown}</caption>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}</tbody></table>
</div>
{hidden}<p class="note">All of them: {links}.</p>"""


def _row(columns: Sequence[str], row: Sequence[str]) -> str:
    """With the name of each cell, which a narrow page shows above it."""
    cells = (
        f'<td data-name="{escape(name)}">{escape(cell)}</td>'
        for name, cell in zip(columns, row, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>\n"


def _attached(copied: Copied | None) -> str:
    if copied is None:
        return ""
    said = ""
    if copied.names:
        shown = copied.names[:SHOWN]
        items = "".join(f'<li><a href="{each}">{each}</a></li>' for each in shown)
        more = f"<p>… and {len(copied.names) - SHOWN:,} more.</p>" if copied.names[SHOWN:] else ""
        said = f"<h3>Files</h3><ul>{items}</ul>{more}"
    if copied.kept_out:
        said += (
            f'<p class="note">{count(copied.kept_out, "file")} left out, because other people can '
            "be known from what is in them. Write to us if you need them.</p>"
        )
    return said


def _missing(page: Page) -> str:
    if not page.left_out:
        return ""
    items = "".join(
        f"<li>{escape(each.collection)}: {count(each.count)}. {escape(_LEFT_OUT[each.why])}</li>"
        for each in page.left_out
    )
    return f"<section><h2>Not in this package</h2><ul>{items}</ul></section>"


def _rights(page: Page) -> str:
    day = page.received or page.made.date()
    known = terms("right")
    rights = dict.fromkeys(
        RIGHTS.get(right.id, known[right.id].label)
        for place in page.places
        for right in place.rights(day)
        if right.id in known
    )
    lines = []
    if rights:
        lines.append(f"You have these rights: {escape('; '.join(rights))}.")
    lines.append(f"Write to us at {escape(page.policy.contact)}, also if you are not satisfied.")
    for place in page.places:
        for each in law.regulators(place, day):
            lines.append(f"{escape(each.name)}: you can {escape(each.route)}.")
    items = "".join(f"<li>{each}</li>" for each in lines)
    return f"<section><h2>Your rights</h2><ul>{items}</ul></section>"


def _files(page: Page) -> str:
    return f"""<section>
<h2>What is in this package</h2>
<ul>
<li>data/: every record, as JSON and as CSV (UTF-8; a text that a spreadsheet would take for a
formula has an apostrophe in front in the CSV, and only there). Times that end in Z are in UTC.</li>
<li><a href="schema.json">schema.json</a>: what each field of these files is.</li>
{_listed(page.files.values())}<li><a href="manifest.json">manifest.json</a>: the SHA-256 of every
file, signed by us.</li>
</ul>
</section>"""


def _listed(copies: Iterable[Copied]) -> str:
    if not any(each.names for each in copies):
        return ""
    return "<li>files/: recordings and messages as they are.</li>\n"
