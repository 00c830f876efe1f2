"""Rights with each place's law and deadline, the right to object by itself, and complaints."""

from __future__ import annotations

from collections.abc import Iterator

from servanda import law
from servanda.law import Place
from servanda.law.facts import Deadline, Fact, in_force
from servanda.publish.policy.making import Making, points, table
from servanda.publish.policy.model import Block, Items, Paragraph, Section
from servanda.publish.policy.words import capital, title

_INTERESTS = ("legitimate_interest", "recognised_li", "public_task")
_HEADINGS = {
    "access": "See what we hold about you",
    "portability": "Take your data along",
    "rectification": "Have it corrected",
    "erasure": "Have it deleted",
    "restriction": "Have it kept but not used",
    "object": "Object to a use",
    "withdraw": "Withdraw your consent",
}


def deadline(place: Place, what: str, making: Making) -> Deadline | None:
    """The time the law of that place gives for an answer on that day."""
    return next(
        (each for each in in_force(place.law.clocks, making.today) if what in each.what), None
    )


def given(making: Making) -> list[str]:
    """Rights the policy promises or a law gives, complaints apart."""
    policy = making.policy
    lawful = {
        each
        for each in law.RIGHTS
        if any(law.right(place, each, making.today) for place in making.places)
    }
    return [e for e in law.RIGHTS if e != "complaint" and (e in lawful or policy.right(e))]


def rights(making: Making) -> Section:
    say, policy = making.wording.say, making.policy
    parts = tuple(
        Section(f"rights-{id_}", say(_HEADINGS[id_]), _right(making, id_)) for id_ in given(making)
    )
    text = say(
        "Write to %(contact)s. Where a law gives you more than is said here, or asks us to be "
        "quicker, the law counts."
    )
    return Section(
        "rights", say("Your rights"), (Paragraph(text % {"contact": policy.contact}),), parts
    )


def _right(making: Making, id_: str) -> tuple[Block, ...]:
    say, wording = making.wording.say, making.wording
    promised = making.policy.right(id_)
    within = promised.answer_within if promised else None
    said = ""
    if within:
        text = say("%(period)s, or sooner where a law says so")
        said = text % {"period": wording.period(within)}
    facts = points(
        (say("What it is"), say("The right %(what)s") % {"what": say(law.RIGHTS[id_])}),
        (say("How to ask"), (promised.through if promised else "") or making.policy.contact),
        (say("We answer within"), said),
        (say("Note"), promised.law_sooner if promised else ""),
    )
    rows = tuple(_laws(making, id_))
    if not rows:
        return (facts,)
    head = (say("Where"), say("When you have it"), say("How soon"), say("Fee"), say("Law"))
    title = say("%(right)s: what the law says") % {"right": say(_HEADINGS[id_])}
    return facts, table(title, head, rows)


def _laws(making: Making, id_: str) -> Iterator[tuple[str, ...]]:
    say, day = making.wording.say, making.today
    for place in making.places:
        right, other = law.right(place, id_, day), law.instead(place, id_, day)
        name = making.wording.place(place.code)
        if right is not None:
            rule, prompt = deadline(place, id_, making), law.prompt(place, id_, day)
            soon = [prompt.says] if prompt else []
            soon += [say("within %(time)s") % {"time": rule.long}] if rule else []
            sources = dict.fromkeys(each.source for each in (right, prompt, rule) if each)
            yield name, right.when, "; ".join(soon), right.fee, "; ".join(sources)
        elif other is not None:
            yield name, other.says, "", "", other.source
        elif making.policy.right(id_):
            yield name, say("no law there gives it; our promise does"), "", "", ""


def facts_shown(making: Making) -> list[tuple[str, Fact]]:
    """Every fact of a law that these sections show, with its place."""
    day, found = making.today, []
    for place in making.places:
        facts: list[Fact | None] = [law.prompt(place, "complaint_outcome", day)]
        for id_ in (*given(making), "complaint"):
            facts.append(law.right(place, id_, day) or law.instead(place, id_, day))
            facts += [law.prompt(place, id_, day), deadline(place, id_, making)]
        facts += law.regulators(place, day)
        found += [(place.code, each) for each in facts if each is not None]
    return found


def objecting(making: Making) -> Section | None:
    """By itself, as art. 21(4) of the GDPR wants it: clearly, and apart from everything else."""
    say, policy = making.wording.say, making.policy
    uses = [title(e.id) for e in policy.activities if e.basis in _INTERESTS]
    marketing = "marketing" in {p for e in policy.activities for p in e.purposes}
    blocks: list[Block] = []
    if uses:
        text = say(
            "You may object at any time to these uses, which rest on our own interests: %(uses)s."
        )
        blocks.append(Paragraph(text % {"uses": ", ".join(uses)}))
    if marketing:
        text = say("You may object to direct marketing at any time. We then stop at once.")
        blocks.append(Paragraph(text))
    if not blocks:
        return None
    promised = policy.right("object")
    how = promised.through if promised and promised.through else policy.contact
    blocks.append(Paragraph(say("How: %(how)s.") % {"how": how}))
    return Section("object", say("Your right to object"), tuple(blocks))


def complaints(making: Making) -> Section:
    say, policy, day = making.wording.say, making.policy, making.today
    promised = policy.right("complaint")
    ours = [say("To us: %(contact)s.") % {"contact": policy.contact}]
    if promised and promised.through:
        ours.append(say("How: %(how)s.") % {"how": promised.through})
    if promised and promised.answer_within:
        within = making.wording.period(promised.answer_within)
        ours.append(say("We answer within %(period)s.") % {"period": within})
    if promised and promised.law_sooner:
        ours.append(promised.law_sooner)
    for place in making.places:
        right, rule = law.right(place, "complaint", day), deadline(place, "complaint", making)
        if right is not None:
            text = say("%(place)s: you have a right to complain to us (%(source)s)")
            named = {"place": making.wording.place(place.code), "source": right.source}
            told = text % named
            if rule is not None:
                text = say("we confirm within %(time)s that it arrived (%(source)s)")
                told += "; " + text % {"time": rule.long, "source": rule.source}
            prompt = law.prompt(place, "complaint_outcome", day)
            ours.append(f"{told}; {say('we')} {prompt.says}." if prompt else f"{told}.")
    offices = tuple(
        f"{making.wording.place(place.code)}: {each.name}. {capital(each.route)} ({each.source})."
        for place in making.places
        for each in law.regulators(place, day)
    )
    blocks: list[Block] = [Items(tuple(ours))]
    if offices:
        text = say("You may complain to an authority, whether you complained to us or not:")
        blocks += [Paragraph(text), Items(offices)]
    return Section("complaints", say("Complaints"), tuple(blocks))
