"""Security and children."""

from __future__ import annotations

from servanda.publish.policy.making import Making
from servanda.publish.policy.model import Items, Paragraph, Section


def security(making: Making) -> Section | None:
    if not making.policy.security:
        return None
    say = making.wording.say
    return Section("security", say("How we protect it"), (Items(making.policy.security),))


def children(making: Making) -> Section | None:
    below, say = making.policy.children_below, making.wording.say
    if below is None:
        return None
    text = say("We take no data of children under %(age)d without the consent of a parent.")
    return Section("children", say("Children"), (Paragraph(text % {"age": below}),))
