"""Who we are, which version this is, and how the policy changes."""

from __future__ import annotations

from collections.abc import Iterator

from servanda.policy.rules import Named
from servanda.publish.policy.making import Making, points, table
from servanda.publish.policy.model import Block, Items, Paragraph, Section

_WAYS = {
    "banner": "by a notice on our sites",
    "email": "by e-mail",
    "portal": "in the portal where you follow your requests",
}


def introduction(making: Making) -> Section:
    say, day = making.wording.say, making.wording.day
    policy, edition = making.policy, making.edition
    version = say("A draft of %(day)s, not yet published") % {"day": day(making.today)}
    binds = ""
    if edition is not None:
        named = {"number": edition.number, "day": day(edition.published)}
        version = say("%(number)d, published on %(day)s") % named
        binds = day(edition.binds)
    what = say(
        "%(organisation)s (“we”) says here which personal data it uses and what for, who gets it, "
        "how long it is kept, and what you can ask for."
    )
    return Section(
        "introduction",
        say("About this policy"),
        (
            Paragraph(what % {"organisation": policy.organisation}),
            points((say("Version"), version), (say("In force from"), binds)),
        ),
    )


def who(making: Making) -> Section:
    say, policy, place = making.wording.say, making.policy, making.wording.place
    officer = policy.officer
    facts = points(
        (say("Company"), policy.organisation),
        (say("Address"), policy.address),
        (say("Country"), place(policy.country)),
        (say("Questions of privacy"), policy.contact),
        (say("Telephone"), policy.phone),
        (say("Data protection officer"), _named(officer) if officer else ""),
        *(
            (say("Our representative in: %(place)s") % {"place": place(code)}, _named(each))
            for code, each in policy.representatives
        ),
        *(
            (say("Registered with the authority of: %(place)s") % {"place": place(code)}, number)
            for code, number in policy.registrations
        ),
        (say("Whose law we go by"), ", ".join(place(code) for code in policy.jurisdictions)),
        (say("Dates and periods"), say("By the calendar of %(zone)s") % {"zone": policy.zone}),
    )
    return Section("who", say("Who we are"), (facts, *_roles(making)))


def _named(each: Named) -> str:
    return f"{each.name}, {each.contact}"


def _roles(making: Making) -> Iterator[Block]:
    say = making.wording.say
    if any(each.role == "processor" for each in making.policy.activities):
        yield Paragraph(
            say(
                "Where we work on behalf of a customer, the customer decides about the data. Ask "
                "that customer, or ask us."
            )
        )


def changes(making: Making) -> Section:
    say, day, period = making.wording.say, making.wording.day, making.wording.period
    found, edition = making.policy.changes, making.edition
    said = []
    if found is not None:
        if found.review:
            said.append(
                say("We review this policy every %(period)s.")
                % {"period": _every(period(found.review))}
            )
        ways = ", ".join(say(_WAYS[each]) for each in found.tell)
        if found.notice.months or found.notice.days or found.notice.hours:
            text = say("We tell you of a material change %(period)s before it binds: %(ways)s.")
        else:
            text = say("We tell you of a material change before it binds: %(ways)s.")
        said.append(text % {"period": period(found.notice), "ways": ways})
        if found.consent:
            said.append(say("A material change binds you only if you accepted it."))
        if found.objection:
            text = say(
                "Customers may object to a new processor for %(period)s before it gets data."
            )
            said.append(text % {"period": period(found.objection)})
    blocks: list[Block] = [Items(tuple(said))] if said else []
    blocks.append(Paragraph(say("Each version has a number and a date, and stays readable.")))
    if edition is not None and edition.earlier:
        rows = tuple((str(e.number), day(e.published), day(e.binds)) for e in edition.earlier)
        head = (say("Version"), say("Published"), say("In force from"))
        blocks.append(table(say("Earlier versions"), head, rows))
    elif edition is not None:
        blocks.append(Paragraph(say("There is no earlier version.")))
    return Section("changes", say("Changes and earlier versions"), tuple(blocks))


def _every(period: str) -> str:
    """`1 year` is said as `year`."""
    return period.removeprefix("1 ")
