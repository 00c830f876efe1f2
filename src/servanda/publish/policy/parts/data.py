"""What we collect, activity by activity; what forms ask; what machines decide; how long."""

from __future__ import annotations

from servanda.policy.rules import Activity, Form
from servanda.publish.policy.keeping import kept
from servanda.publish.policy.making import Making, points, table
from servanda.publish.policy.model import Block, Items, Paragraph, Points, Section
from servanda.publish.policy.words import title

_ROLES = {
    "controller": "We decide about it",
    "processor": "We act for a customer, who decides about it",
    "joint_controller": "We decide about it together with others",
}


def data(making: Making) -> Section:
    say = making.wording.say
    parts = tuple(
        Section(f"data-{each.id}", title(each.id), (_points(making, each),))
        for each in making.policy.activities
    )
    return Section(
        "data",
        say("What we collect, and what for"),
        (Paragraph(say("These are our uses of personal data, one by one.")),),
        parts,
    )


def _points(making: Making, each: Activity) -> Points:
    say, wording = making.wording.say, making.wording
    basis = wording.term("basis", each.basis)
    purposes = making.terms("purpose", each.purposes)
    if each.basis == "legitimate_interest":
        basis = say("%(basis)s: our interest in %(what)s") % {"basis": basis, "what": purposes}
    return points(
        (say("What for"), purposes),
        (say("Whose data"), making.terms("subject", each.subjects)),
        (say("Which data"), making.terms("data", each.data)),
        (say("What makes it lawful"), basis),
        (
            say("Where it comes from"),
            each.source or say("from you, and from your use of our services"),
        ),
        (
            say("Who gets it"),
            making.recipients(each.recipients) or say("nobody outside our company"),
        ),
        (say("Who decides"), say(_ROLES[each.role])),
        (say("Decided by machines alone"), each.automated),
    )


def retention(making: Making) -> Section:
    say = making.wording.say
    rows = tuple(
        (title(each.id), " ".join(kept(each, making.wording))) for each in making.policy.activities
    )
    made = table(say("How long we keep each kind of data"), (say("What"), say("How long")), rows)
    return Section("retention", say("How long we keep it"), (made,))


def automated(making: Making) -> Section:
    say = making.wording.say
    found = tuple(
        f"{title(each.id)}: {each.automated}" for each in making.policy.activities if each.automated
    )
    none = Paragraph(say("No decision about you is made by machines alone."))
    block: Block = Items(found) if found else none
    return Section("automated", say("Decisions by machines"), (block,))


def forms(making: Making) -> Section | None:
    policy, say = making.policy, making.wording.say
    if not policy.forms:
        return None
    rows = tuple(_form(making, each) for each in policy.forms)
    head = (say("Form"), say("For"), say("You must tell us"), say("You may tell us"), say("Notes"))
    text = say(
        "Our forms take these data and no others. Where something that you must tell us is "
        "missing, we cannot take the form; the rest is yours to give or not."
    )
    return Section(
        "forms",
        say("What you must tell us"),
        (Paragraph(text), table(say("Our forms"), head, rows)),
    )


def _form(making: Making, form: Form) -> tuple[str, ...]:
    say = making.wording.say
    notes = []
    if free := [title(each.name) for each in form.fields if each.free]:
        notes.append(say("You write what you like in: %(fields)s.") % {"fields": ", ".join(free)})
    if form.third_party:
        notes.append(say("It comes from somebody else; each record names its source and basis."))
    if form.asks_age:
        notes.append(say("It asks your age."))
    return (
        title(form.id),
        title(form.activity),
        _fields(making, form, required=True) or say("nothing"),
        _fields(making, form, required=False) or say("nothing"),
        " ".join(notes),
    )


def _fields(making: Making, form: Form, required: bool) -> str:
    """Each field by what it holds; by its name as well where that says something else."""
    said = []
    for each in form.fields:
        if each.required == required:
            holds = making.wording.term("data", each.category)
            name = title(each.name)
            said.append(holds if name.lower() == holds.lower() else f"{name} ({holds})")
    return ", ".join(said)
