"""Who gets data, where, and what protects it there."""

from __future__ import annotations

from datetime import date

from servanda.kernel.period import Period
from servanda.policy.rules import Recipient
from servanda.policy.transfers import adequacy, same_area
from servanda.policy.vocabulary import country_of
from servanda.publish.policy.making import Making, table
from servanda.publish.policy.model import Block, Paragraph, Section
from servanda.publish.policy.words import title


def sharing(making: Making) -> Section:
    say, policy = making.wording.say, making.policy
    blocks: list[Block] = []
    if not any("sell" in each.purposes for each in policy.activities):
        blocks.append(Paragraph(say("We sell no personal data.")))
    if policy.recipients:
        rows = tuple(_row(making, each) for each in policy.recipients)
        head = (
            *(say("Who"), say("What it is to us"), say("Country")),
            *(say("For"), say("What protects a transfer abroad"), say("Contract")),
        )
        blocks.append(table(say("Who gets data"), head, rows))
    else:
        blocks.append(Paragraph(say("Nobody outside our company gets data.")))
    return Section("sharing", say("Who gets it"), tuple(blocks))


def _row(making: Making, each: Recipient) -> tuple[str, ...]:
    wording = making.wording
    return (
        each.name,
        wording.term("recipient", each.kind),
        wording.place(each.country),
        ", ".join(title(name) for name in used_by(making, each.id)),
        protection(making, each),
        _contract(making, each.contract_signed, each.contract_review),
    )


def used_by(making: Making, id_: str) -> list[str]:
    """Activities that give it data, and `cookies` where it sets some."""
    found = [each.id for each in making.policy.activities if id_ in each.recipients]
    if any(each.by == id_ for each in making.policy.cookies):
        found.append("cookies")
    return found


def protection(making: Making, each: Recipient) -> str:
    """What allows data to leave for it: a mechanism, a decision, or that it does not leave."""
    say = making.wording.say
    home, there = country_of(making.policy.country), country_of(each.country)
    if each.transfer:
        return making.wording.term("transfer", each.transfer)
    if home is None or there is None or same_area(home, there):
        return say("not needed")
    found = adequacy(home, there, making.today.isoformat())
    return found.ground if found else say("none")


def _contract(making: Making, signed: str | None, review: Period | None) -> str:
    wording = making.wording
    if signed is None:
        return ""
    text = wording.say("signed on %(day)s") % {"day": _day(making, signed)}
    if review:
        text += ", " + wording.say("reviewed every %(period)s") % {"period": wording.period(review)}
    return text


def _day(making: Making, iso: str) -> str:
    return making.wording.day(date.fromisoformat(iso))
