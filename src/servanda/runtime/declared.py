"""The policy's forms as people are shown them: what each takes, what was refused, and its HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from servanda.policy import vocabulary

if TYPE_CHECKING:
    from servanda.policy.rules import Field, Form
    from servanda.runtime.workspace import Workspace

DAYS = 30
_TYPES = {"contact.email": ("email", "email"), "contact.phone": ("tel", "tel")}


@dataclass(frozen=True, slots=True)
class Shown:
    """`taken`, `refused`: of the last days; `refused` by kind. `html`: the form, to be copied."""

    form: Form
    fields: tuple[tuple[Field, str, bool], ...]  # with the category in words; is it sensitive?
    taken: int
    refused: Mapping[str, int]
    html: str


def forms(workspace: Workspace) -> list[Shown]:
    """Every declared form, in the policy's order."""
    from servanda.desk.intake import counts
    from servanda.runtime import intake

    found = counts.since(DAYS)
    ours = intake.enquiry_form(workspace)
    shown = []
    for form in workspace.policy.forms:
        known = found.get(form.id, {})
        action = "/your/own/handler"
        if ours is not None and form.id == ours.id:
            action = f"{workspace.settings.web.address}/enquiry/"
        shown.append(
            Shown(
                form,
                tuple((e, _label(e), vocabulary.sensitive(e.category)) for e in form.fields),
                known.get(counts.TAKEN, 0),
                {kind: many for kind, many in sorted(known.items()) if kind != counts.TAKEN},
                html(form, action, workspace.policy.children_below),
            )
        )
    return shown


def elsewhere(workspace: Workspace) -> dict[str, int]:
    """Card numbers refused of late wherever text comes in without a declared form."""
    from servanda.desk.intake import counts

    declared = {form.id for form in workspace.policy.forms}
    found = counts.since(DAYS)
    return {
        each: found.get(each, {}).get("card", 0) for each in counts.PLACES if each not in declared
    }


def html(form: Form, action: str, children_below: int | None) -> str:
    """The form with the declared fields and no other: plain HTML, without a script."""
    lines = [f'<form method="post" action="{escape(action)}">']
    lines += [_field(each) for each in form.fields]
    if form.asks_age:
        years = f" (under {children_below} a parent has to agree)" if children_below else ""
        lines += [
            f'  <label>Your age{years} <input name="age" type="number" min="0" max="130" required>'
            "</label>",
            '  <label><input name="parent_consents" type="checkbox"> I am a parent or guardian, '
            "and agree</label>",
        ]
    return "\n".join([*lines, "  <button>Send</button>", "</form>"])


def _field(each: Field) -> str:
    label, name = escape(_label(each)), escape(each.name)
    required = " required" if each.required else ""
    if each.free:
        return f'  <label>{label} <textarea name="{name}"{required}></textarea></label>'
    kind, fill = _TYPES.get(each.category, ("text", ""))
    complete = f' autocomplete="{fill}"' if fill else ""
    return f'  <label>{label} <input name="{name}" type="{kind}"{complete}{required}></label>'


def _label(each: Field) -> str:
    found = vocabulary.terms("data").get(each.category)
    words = found.label if found else each.category
    return words[:1].upper() + words[1:]
