"""Cookies, consent, and the messages we send."""

from __future__ import annotations

from servanda.policy.published import COOKIE_CATEGORIES
from servanda.policy.rules import Cookie
from servanda.publish.policy.making import Making, table
from servanda.publish.policy.model import Block, Paragraph, Section
from servanda.publish.policy.words import capital

_CHANNELS = {
    "email": "e-mail",
    "phone": "telephone",
    "post": "post",
    "sms": "text message",
    "mms": "picture message",
}
_CATEGORIES = {
    "necessary": "Necessary: the site does not work without them, so they are set without asking",
    "functional": "Functional: they remember what you chose",
    "performance": "Performance: they tell how well the site works",
    "analytics": "Analytics: they tell how the site is used",
    "advertising": "Advertising: they show you advertising that fits",
}


def cookies(making: Making) -> Section | None:
    policy, say = making.policy, making.wording.say
    if not policy.cookies and policy.banner is None:
        return None
    blocks: list[Block] = [
        Paragraph(say("A cookie is a small text that a site keeps on your device."))
    ]
    if any(each.category != "necessary" for each in policy.cookies):
        text = say(
            "We set only the necessary ones until you choose. You may choose again at any time."
        )
        blocks.append(Paragraph(text))
    if policy.banner:
        text = say("We ask you in a banner, and again after %(period)s.")
        blocks.append(Paragraph(text % {"period": making.wording.period(policy.banner.asks_again)}))
        if policy.banner.sites:
            sites = ", ".join(policy.banner.sites)
            blocks.append(Paragraph(say("It is on these sites: %(sites)s.") % {"sites": sites}))
    head = (say("Name"), say("What for"), say("How long"), say("Who sets it"), say("Loaded from"))
    for category in COOKIE_CATEGORIES:
        rows = tuple(_cookie(making, c) for c in policy.cookies if c.category == category)
        if rows:
            blocks.append(table(say(_CATEGORIES[category]), head, rows))
    return Section("cookies", say("Cookies"), tuple(blocks))


def _cookie(making: Making, each: Cookie) -> tuple[str, ...]:
    wording = making.wording
    lasts = wording.period(each.lasts) if each.lasts else wording.say("until you close the browser")
    us = making.policy.organisation
    by = making.recipients([each.by]) if each.by else us
    return (each.name, each.purpose, lasts, by, ", ".join(each.hosts))


def consent(making: Making) -> Section | None:
    policy, say, wording = making.policy, making.wording.say, making.wording
    blocks: list[Block] = []
    if policy.consents:
        rows = tuple(
            (
                capital(wording.term("purpose", each.purpose)),
                each.point,
                ", ".join(say(_CHANNELS[channel]) for channel in each.channels),
                wording.period(each.asks_again)
                if each.asks_again
                else say("until you withdraw it"),
            )
            for each in policy.consents
        )
        head = (
            say("For"),
            say("Where we ask"),
            say("Ways you choose from"),
            say("How long it counts"),
        )
        blocks.append(table(say("Where we ask for your consent"), head, rows))
        text = say("You may withdraw a consent at any time, as easily as you gave it.")
        blocks.append(Paragraph(text))
    if policy.messages:
        kinds = {
            "service": say("service; it needs no consent to marketing"),
            "marketing": say("marketing; only with your consent"),
        }
        sent = tuple(
            (each.says, wording.term("purpose", each.purpose), kinds[each.kind])
            for each in policy.messages
        )
        columns = (say("What it tells"), say("For"), say("Kind"))
        blocks.append(table(say("Messages we send"), columns, sent))
    if not blocks:
        return None
    return Section("consent", say("Your consent, and what we send you"), tuple(blocks))
