"""How long an activity's data is kept, in sentences: for the policy, the portal and records."""

from __future__ import annotations

from servanda.policy.rules import Activity, Ceiling, Floor
from servanda.publish.policy.words import Wording


def kept(activity: Activity, wording: Wording) -> list[str]:
    """Ceilings first, then floors with their grounds, then what has no end."""
    say = wording.say
    retention = activity.retention
    if retention is None:
        return [say("The policy names no period.")]
    said = [_ceiling(each, wording) for each in retention.ceilings]
    said += [_floor(each, wording) for each in retention.floors]
    if retention.forever:
        said.append(say("Without an end: %(reason)s") % {"reason": retention.forever.reason})
    return said


def _ceiling(rule: Ceiling, wording: Wording) -> str:
    say = wording.say
    named = {
        "period": wording.period(rule.period),
        "event": wording.term("event", rule.event),
        "outcome": wording.outcome(rule.outcome),
    }
    if not (rule.period.months or rule.period.days or rule.period.hours):
        text = say("As soon as %(event)s: %(outcome)s.") % named
    else:
        text = say("At most %(period)s after %(event)s, then %(outcome)s.") % named
    if rule.unless_consent:
        purpose = wording.term("purpose", rule.unless_consent)
        text += " " + say("Longer only if you agreed to %(purpose)s.") % {"purpose": purpose}
    return text


def _floor(rule: Floor, wording: Wording) -> str:
    say = wording.say
    covers = ", ".join(wording.term("data", each) for each in rule.covers) or say("all of it")
    text = say("At least %(period)s after %(event)s: %(covers)s (%(ground)s).") % {
        "period": wording.period(rule.period),
        "event": wording.term("event", rule.event),
        "covers": covers,
        "ground": rule.ground,
    }
    return f"{text} {rule.published_exception}" if rule.published_exception else text
